//! What a process makes of events: pure, and the same whoever finds them.

use events::Recorded;
use events::codec::DecodeError;
use uuid::Uuid;

/// What an event means for the to-do list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Something is to be done, named by this key.
    Open(Uuid),
    /// It was done.
    Close(Uuid),
}

/// The rules of what has to be finished. `C` is a derived command with the stream that it goes
/// to, as whoever carries it out needs it.
pub struct Rules<C> {
    /// What an event opens and closes.
    pub follow: fn(&Recorded) -> Result<Vec<Change>, DecodeError>,
    /// The command that finishes what the event with this key opened; `None` if it opened
    /// nothing of the kind.
    pub derive: fn(Uuid, &Recorded) -> Result<Option<C>, DecodeError>,
}

impl<C> Clone for Rules<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Rules<C> {}
