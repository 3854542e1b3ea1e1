//! Places in the log. A [`LogPosition`] orders events; a [`Position`] is what clients hold: it
//! names the log too, and which of an event's pushes it stands behind.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// Place of an event in the log; 0 lies before the first event.
pub type LogPosition = u64;

/// Which log it is: a copy or a fresh log has another id, and foreign positions are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogId(pub Uuid);

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// Opaque to clients: log, position, ordinal of the push within the event at that position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// The log that it belongs to.
    pub log: LogId,
    /// Place in that log.
    pub at: LogPosition,
    /// The push of that event; [`Position::LAST`] lies behind all of them.
    pub ordinal: u16,
}

impl Position {
    /// Behind every push of its event.
    pub const LAST: u16 = u16::MAX;

    /// The place behind all that the event at `at` gives rise to.
    pub const fn after(log: LogId, at: LogPosition) -> Self {
        Self { log, at, ordinal: Self::LAST }
    }
}

const BYTES_LEN: usize = 16 + 8 + 2;

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0u8; BYTES_LEN];
        bytes[..16].copy_from_slice(self.log.0.as_bytes());
        bytes[16..24].copy_from_slice(&self.at.to_be_bytes());
        bytes[24..].copy_from_slice(&self.ordinal.to_be_bytes());
        let mut text = [0u8; 40];
        let len = URL_SAFE_NO_PAD.encode_slice(bytes, &mut text).map_err(|_| fmt::Error)?;
        f.write_str(std::str::from_utf8(&text[..len]).map_err(|_| fmt::Error)?)
    }
}

/// A text that this API did not give out as a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a position of this API")]
pub struct BadPosition;

impl FromStr for Position {
    type Err = BadPosition;

    fn from_str(text: &str) -> Result<Self, BadPosition> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadPosition)?;
        let bytes: [u8; BYTES_LEN] = bytes.try_into().map_err(|_| BadPosition)?;
        let (log, rest) = bytes.split_first_chunk::<16>().ok_or(BadPosition)?;
        let (at, rest) = rest.split_first_chunk::<8>().ok_or(BadPosition)?;
        let (ordinal, _) = rest.split_first_chunk::<2>().ok_or(BadPosition)?;
        let at = u64::from_be_bytes(*at);
        // Positions are signed 64-bit numbers in the store.
        if i64::try_from(at).is_err() {
            return Err(BadPosition);
        }
        let log = LogId(Uuid::from_bytes(*log));
        Ok(Self { log, at, ordinal: u16::from_be_bytes(*ordinal) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            log: u128,
            at in 0..=i64::MAX.unsigned_abs(),
            ordinal: u16,
        ) {
            let position = Position { log: LogId(Uuid::from_u128(log)), at, ordinal };
            prop_assert_eq!(position.to_string().parse(), Ok(position));
        }

        #[test]
        fn other_texts_are_refused(text in ".{0,60}") {
            if let Ok(position) = text.parse::<Position>() {
                prop_assert_eq!(position.to_string(), text);
            }
        }
    }
}
