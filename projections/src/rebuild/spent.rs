//! What a rebuild takes its time for.

use std::ops::AddAssign;
use std::time::Duration;

/// Where a rebuild's time went. Reading and the lanes run side by side: what they spent adds up
/// to more than `filling`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Reading the log.
    pub read: Duration,
    /// Decoding events, all lanes together.
    pub decode: Duration,
    /// Folding events and writing rows, all lanes together.
    pub write: Duration,
    /// All of that, by the clock.
    pub filling: Duration,
    /// Making indexes and statistics.
    pub index: Duration,
}

impl AddAssign for Spent {
    fn add_assign(&mut self, more: Self) {
        self.read += more.read;
        self.decode += more.decode;
        self.write += more.write;
        self.filling += more.filling;
        self.index += more.index;
    }
}
