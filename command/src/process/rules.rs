//! What a process makes of events: pure, and the same whoever finds them.

use events::codec::DecodeError;
use events::{ChannelId, Recorded, Timestamp, UserId};
use uuid::Uuid;

/// What an event means for the to-do list and for the index of memberships.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Something is to be done, named by this key, if whoever opened it doesn't do it at once.
    Open(Uuid),
    /// Something is to be done when its time has come.
    Schedule {
        /// Names it.
        key: Uuid,
        /// When.
        due_at: Timestamp,
    },
    /// It was done.
    Close(Uuid),
    /// Somebody came into a channel. Should the account be over by then, something is to be done,
    /// named by this key.
    Joined {
        /// Who.
        user: UserId,
        /// Where.
        channel: ChannelId,
        /// Names what is to be done.
        key: Uuid,
    },
    /// Somebody left a channel.
    Left {
        /// Who.
        user: UserId,
        /// Which.
        channel: ChannelId,
    },
    /// A channel is gone, and its members with it.
    Gone(ChannelId),
    /// An account is over.
    Ended(UserId),
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
