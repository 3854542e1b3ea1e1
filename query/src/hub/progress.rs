//! How far this node knows what happened: rows, caches, ended sessions and pushes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use events::LogPosition;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

/// The longest that a request waits for a position.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(2);

/// A node that has not read its feed for so long doesn't rely on what it remembers.
const CURRENT_MAX: Duration = Duration::from_secs(4);

/// Of one projection's feed. Moved by its reader, watched by everybody.
#[derive(Debug)]
pub(crate) struct Progress {
    /// `None` until the feed was read for the first time.
    passed: watch::Sender<Option<LogPosition>>,
    read_at: Mutex<Option<Instant>>,
    is_stopped: AtomicBool,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            passed: watch::Sender::new(None),
            read_at: Mutex::new(None),
            is_stopped: AtomicBool::new(false),
        }
    }

    /// The position up to which everything is known here.
    pub(crate) fn passed(&self) -> Option<LogPosition> {
        *self.passed.borrow()
    }

    /// Tells when that moves.
    pub(crate) fn watch(&self) -> watch::Receiver<Option<LogPosition>> {
        self.passed.subscribe()
    }

    /// Everything up to `position` is known as of now.
    pub(crate) fn pass(&self, position: LogPosition) {
        *self.read_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.passed.send_if_modified(|passed| {
            let moved = *passed < Some(position);
            if moved {
                *passed = Some(position);
            }
            moved
        });
    }

    /// Waits until `position` is passed. False if that takes longer than `within`.
    pub(crate) async fn reached(&self, position: LogPosition, within: Duration) -> bool {
        let mut passed = self.passed.subscribe();
        let reached = passed.wait_for(|passed| *passed >= Some(position));
        matches!(timeout(within, reached).await, Ok(Ok(_)))
    }

    /// Whether the projection came upon an event that it can't take, and stands still.
    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// What the feed's reader last saw of that.
    pub(crate) fn set_stopped(&self, is_stopped: bool) {
        self.is_stopped.store(is_stopped, Ordering::Relaxed);
    }

    /// Whether the feed was read a short while ago.
    pub(crate) fn is_current(&self) -> bool {
        let read_at = *self.read_at.lock().unwrap_or_else(PoisonError::into_inner);
        read_at.is_some_and(|read_at| read_at.elapsed() < CURRENT_MAX)
    }
}
