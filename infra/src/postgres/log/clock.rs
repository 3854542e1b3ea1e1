//! The node's clock against PostgreSQL's: a node that is far off appends nothing, because the
//! times it gives to events would be wrong for good.

use std::time::{Duration, Instant};

use events::{AppendError, Timestamp};
use sqlx::PgPool;
use tokio::sync::watch;

use super::sql;
use crate::postgres::pool::{CallError, call};

/// Beyond this a node appends nothing.
pub const CLOCK_OFFSET_MAX: Duration = Duration::from_secs(1);
const CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// How far this node's clock is from PostgreSQL's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockOffset {
    /// The node's clock less PostgreSQL's, in microseconds.
    pub micros: i64,
    /// The answer's way back and forth leaves it open by this much, either way.
    pub error: Duration,
}

impl ClockOffset {
    /// Whether it is certainly more than [`CLOCK_OFFSET_MAX`].
    pub fn is_too_far(self) -> bool {
        Duration::from_micros(self.micros.unsigned_abs()) > CLOCK_OFFSET_MAX + self.error
    }
}

/// The newest comparison; clones share it.
#[derive(Debug, Clone)]
pub(super) struct Clock(watch::Sender<ClockOffset>);

impl Clock {
    pub(super) fn new(offset: ClockOffset) -> Self {
        Self(watch::Sender::new(offset))
    }

    pub(super) fn offset(&self) -> ClockOffset {
        *self.0.borrow()
    }

    pub(super) fn set(&self, offset: ClockOffset) {
        if self.0.send_replace(offset).is_too_far() != offset.is_too_far() {
            let micros = offset.micros;
            if offset.is_too_far() {
                tracing::error!(micros, "this clock is off PostgreSQL's: nothing is appended");
            } else {
                tracing::info!(micros, "this clock agrees with PostgreSQL's again");
            }
        }
    }

    /// Refuses appends while the clock is off.
    pub(super) fn check(&self) -> Result<(), AppendError> {
        let offset = self.offset();
        if offset.is_too_far() {
            let micros = offset.micros;
            return Err(AppendError::Unavailable(format!("clock off by {micros} µs")));
        }
        Ok(())
    }
}

/// Compares the clocks.
pub(super) async fn compare(pool: &PgPool) -> Result<ClockOffset, CallError> {
    let (sent, start) = (Timestamp::now(), Instant::now());
    let theirs = call!(pool, |connection| sql::clock_us(connection))?;
    // Somewhere between sending and receiving the server looked at its clock.
    let error = start.elapsed() / 2;
    let ours = sent.plus(error);
    Ok(ClockOffset { micros: ours.as_micros() - theirs, error })
}

/// Compares the clocks now and then; a server that is away says nothing about them.
pub(super) async fn watch(pool: PgPool, clock: Clock) {
    loop {
        tokio::time::sleep(CHECK_INTERVAL).await;
        match compare(&pool).await {
            Ok(offset) => clock.set(offset),
            Err(error) => tracing::debug!(%error, "the clocks can't be compared"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_counts_beyond_a_second_and_its_own_error() {
        let offset = |micros, error_ms| {
            ClockOffset { micros, error: Duration::from_millis(error_ms) }.is_too_far()
        };
        assert!(!offset(1_000_000, 0) && !offset(-1_000_000, 0));
        assert!(offset(1_000_001, 0) && offset(-1_000_001, 0));
        assert!(!offset(1_500_000, 600) && offset(1_500_000, 400));
    }

    #[test]
    fn a_clock_that_is_off_refuses_until_it_agrees_again() {
        let offset = |micros| ClockOffset { micros, error: Duration::ZERO };
        let clock = Clock::new(offset(0));
        assert!(clock.check().is_ok());
        clock.set(offset(-2_000_000));
        assert!(matches!(clock.check(), Err(AppendError::Unavailable(_))));
        clock.set(offset(10));
        assert!(clock.check().is_ok());
    }
}
