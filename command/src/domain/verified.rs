//! Passwords are verified outside of the mailbox, because that takes long, and decided on in it.

use events::EventId;

/// What came of verifying a password against a stored hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// The event that the hash came with: its version.
    pub against: EventId,
    /// What came of it.
    pub verdict: Verdict,
}

/// Whether a password is the one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Right,
    /// It isn't.
    Wrong,
}
