//! Personal data in events: encrypted under the person's own key, which can be destroyed.
//!
//! XChaCha20-Poly1305; associated data is the stream and the event's id, so that a ciphertext
//! can't be moved to another event.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::XNonce;
use chacha20poly1305::aead::{Aead, Payload};
use hmac::{Hmac, KeyInit, Mac};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::id::{EventId, UserId};
use crate::stream::StreamName;

pub use crate::keys::{KeyRing, KeyState, Keys, KeysUnavailable, UserKey};

/// Why a sealed value can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The ring has no row for the user: the reader has to stop.
    #[error("the vault has no key of this user")]
    KeyMissing,
    /// Another key, another event, or altered bytes.
    #[error("sealed under another key or for another event")]
    Broken,
    /// It was not sealed yet.
    #[error("not sealed")]
    NotSealed,
}

/// A sealed text as it is stored: `{"enc":1,"key":"<user id>","n":…,"c":…}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sealed {
    /// Version of the scheme: 1.
    enc: u8,
    /// Whose key it is under.
    key: UserId,
    /// Nonce, base64.
    n: String,
    /// Ciphertext with its tag, base64.
    c: String,
}

impl Sealed {
    fn seal(user: UserId, key: &UserKey, stream: &StreamName, event: EventId, text: &str) -> Self {
        let nonce = synthetic_nonce(key, stream, event, text);
        let aad = associated_data(stream, event);
        let payload = Payload { msg: text.as_bytes(), aad: &aad };
        // The cipher refuses only texts beyond 256 GiB.
        let Ok(sealed) = key.cipher().encrypt(&XNonce::from(nonce), payload) else {
            unreachable!("an event is at most 256 KiB")
        };
        let (n, c) = (STANDARD_NO_PAD.encode(nonce), STANDARD_NO_PAD.encode(sealed));
        Self { enc: 1, key: user, n, c }
    }

    fn open(&self, key: &UserKey, stream: &StreamName, event: EventId) -> Option<String> {
        let nonce: [u8; 24] = STANDARD_NO_PAD.decode(&self.n).ok()?.try_into().ok()?;
        let sealed = STANDARD_NO_PAD.decode(&self.c).ok()?;
        let aad = associated_data(stream, event);
        let payload = Payload { msg: &sealed, aad: &aad };
        let text = key.cipher().decrypt(&XNonce::from(nonce), payload).ok()?;
        String::from_utf8(text).ok()
    }
}

/// A nonce from what is sealed: the machines that seal have no randomness, and a repeated append
/// must give the same bytes. Two texts never share a nonce under one key (as in SIV modes).
fn synthetic_nonce(key: &UserKey, stream: &StreamName, event: EventId, text: &str) -> [u8; 24] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose()) else {
        unreachable!("HMAC-SHA-256 takes keys of any length")
    };
    mac.update(b"nonce\0");
    mac.update(&associated_data(stream, event));
    mac.update(text.as_bytes());
    let mut nonce = [0u8; 24];
    nonce.copy_from_slice(&mac.finalize().into_bytes()[..24]);
    nonce
}

fn associated_data(stream: &StreamName, event: EventId) -> Vec<u8> {
    let mut data = Vec::with_capacity(80);
    data.extend_from_slice(stream.as_str().as_bytes());
    data.push(b'\n');
    data.extend_from_slice(event.to_string().as_bytes());
    data
}

/// A personal text in an event: plain from the decision until it is sealed for the log. Only a
/// sealed one can be serialised.
#[derive(Clone, PartialEq, Eq)]
pub enum Personal {
    /// Decided, not yet sealed.
    Plain {
        /// Whose key shall seal it.
        user: UserId,
        /// The text.
        text: Zeroizing<String>,
    },
    /// As stored.
    Sealed(Sealed),
}

impl Personal {
    /// A text to be sealed under the user's key.
    pub fn plain(user: UserId, text: impl Into<String>) -> Self {
        Self::Plain { user, text: Zeroizing::new(text.into()) }
    }

    /// Whose key it is under.
    pub fn user(&self) -> UserId {
        match self {
            Self::Plain { user, .. } | Self::Sealed(Sealed { key: user, .. }) => *user,
        }
    }

    /// Seals it for this event. A user whose key is destroyed or unknown can't be written about.
    pub fn seal(
        &mut self,
        ring: &KeyRing,
        stream: &StreamName,
        event: EventId,
    ) -> Result<(), OpenError> {
        if let Self::Plain { user, text } = self {
            let Some(KeyState::Live(key)) = ring.get(user) else {
                return Err(OpenError::KeyMissing);
            };
            *self = Self::Sealed(Sealed::seal(*user, key, stream, event, text));
        }
        Ok(())
    }

    /// The text; `None` where its key was destroyed.
    pub fn open(
        &self,
        ring: &KeyRing,
        stream: &StreamName,
        event: EventId,
    ) -> Result<Option<Zeroizing<String>>, OpenError> {
        let Self::Sealed(sealed) = self else {
            return Err(OpenError::NotSealed);
        };
        match ring.get(&sealed.key) {
            None => Err(OpenError::KeyMissing),
            Some(KeyState::Destroyed) => Ok(None),
            Some(KeyState::Live(key)) => {
                let text = sealed.open(key, stream, event).ok_or(OpenError::Broken)?;
                Ok(Some(Zeroizing::new(text)))
            }
        }
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Personal(of {})", self.user())
    }
}

impl Serialize for Personal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain { .. } => Err(ser::Error::custom("personal data is stored sealed only")),
            Self::Sealed(sealed) => sealed.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Personal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let sealed = Sealed::deserialize(deserializer)?;
        if sealed.enc != 1 {
            return Err(de::Error::custom("sealed by a scheme that this version does not know"));
        }
        Ok(Self::Sealed(sealed))
    }
}

impl JsonSchema for Personal {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Sealed".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Sealed::json_schema(generator)
    }
}

/// A sealed text in a state or snapshot, with the event that it was sealed for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// As stored.
    pub sealed: Personal,
    /// The event that it came with.
    pub event: EventId,
}

impl Kept {
    /// The text; `None` where its key was destroyed.
    pub fn open(
        &self,
        ring: &KeyRing,
        stream: &StreamName,
    ) -> Result<Option<Zeroizing<String>>, OpenError> {
        self.sealed.open(ring, stream, self.event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed_name() -> (Personal, KeyRing, StreamName, EventId) {
        let user = UserId::generate();
        let (stream, event) = (StreamName::user(user), EventId::generate());
        let ring = KeyRing::from([(user, KeyState::Live(UserKey::new([7; 32])))]);
        let mut name = Personal::plain(user, "김민지");
        assert!(serde_json::to_string(&name).is_err(), "a plain text must never be written");
        name.seal(&ring, &stream, event).unwrap();
        (name, ring, stream, event)
    }

    #[test]
    fn is_sealed_for_its_event_and_stream() {
        let (name, ring, stream, event) = sealed_name();
        let json = serde_json::to_string(&name).unwrap();
        assert!(json.starts_with(r#"{"enc":1,"key":""#) && !json.contains("김민지"), "{json}");
        let read: Personal = serde_json::from_str(&json).unwrap();
        let text = read.open(&ring, &stream, event).unwrap().unwrap();
        assert_eq!(text.as_str(), "김민지");
        let elsewhere = StreamName::user(UserId::generate());
        assert_eq!(read.open(&ring, &elsewhere, event), Err(OpenError::Broken));
        assert_eq!(read.open(&ring, &stream, EventId::generate()), Err(OpenError::Broken));
    }

    #[test]
    fn a_tombstone_reads_as_erased_and_a_missing_key_as_an_error() {
        let (name, _, stream, event) = sealed_name();
        let tombstone = KeyRing::from([(name.user(), KeyState::Destroyed)]);
        assert_eq!(name.open(&tombstone, &stream, event), Ok(None));
        assert_eq!(name.open(&KeyRing::new(), &stream, event), Err(OpenError::KeyMissing));
    }

    #[test]
    fn sealing_again_gives_the_same_bytes() {
        let (first, ring, stream, event) = sealed_name();
        let mut again = Personal::plain(first.user(), "김민지");
        again.seal(&ring, &stream, event).unwrap();
        assert_eq!(again, first);
    }
}
