//! Wrong passwords within a window of time: so many, and the right one is locked out too.

use std::time::Duration;

use events::Timestamp;
use imbl::Vector;
use serde::{Deserialize, Serialize};

/// How many wrong tries lock, and how long each counts.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// So many lock.
    pub tries_max: usize,
    /// After this time a try no longer counts.
    pub window: Duration,
}

/// When wrong passwords were tried, the oldest first; no more than lock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WrongTries(Vector<Timestamp>);

impl WrongTries {
    /// One more.
    pub fn count(&mut self, at: Timestamp, allowance: Allowance) {
        self.0.push_back(at);
        while self.0.len() > allowance.tries_max {
            self.0.pop_front();
        }
    }

    /// Locked at `now`: for how long still.
    pub fn locked_for(&self, now: Timestamp, allowance: Allowance) -> Option<Duration> {
        if self.0.len() < allowance.tries_max {
            return None;
        }
        let oldest = self.0.front()?;
        allowance.window.checked_sub(now.since(*oldest)).filter(|rest| !rest.is_zero())
    }
}
