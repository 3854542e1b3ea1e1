//! A change of address that is committed to.

use events::codec::{self, DecodeError};
use events::hashing::EmailHash;
use events::personal::{Kept, KeyRing, OpenError, Personal};
use events::{CommandId, EmailEvent, EventId, Recorded, StreamName, Timestamp, UserId};

use crate::domain::user;

/// What a reservation commits to: an account's own stream has to change its address to this one;
/// then the one before is released. If that account has another address by now, or is over, this
/// one is released instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressChange {
    /// Whose.
    pub user: UserId,
    /// The address's stream.
    pub stream: StreamName,
    /// The reservation.
    pub reservation: EventId,
    /// When it was committed to.
    pub at: Timestamp,
    /// The client's command.
    pub correlation: CommandId,
    /// The address that it replaces.
    pub replaces: EmailHash,
    /// The event that came with that one.
    pub since: EventId,
    email: Kept,
    username: Option<Kept>,
}

impl AddressChange {
    /// What follows from an event, if it is that.
    pub fn of(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        let fact = codec::decode::<EmailEvent>(event)?;
        let EmailEvent::EmailReserved(reserved) = fact.event else { return Ok(None) };
        let keep = |sealed: Personal| Kept { sealed, event: fact.id };
        Ok(reserved.change.map(|change| Self {
            user: reserved.user,
            stream: event.stream.clone(),
            reservation: fact.id,
            at: fact.at,
            correlation: event.event.metadata.correlation,
            replaces: change.replaces,
            since: change.since,
            email: keep(change.email),
            username: change.username.map(keep),
        }))
    }

    /// The id of the command that carries it out.
    pub fn command_id(&self) -> CommandId {
        CommandId(self.reservation.0).derived("exchange")
    }

    /// The command that carries it out; `None` where the user's key is destroyed.
    pub fn open(&self, ring: &KeyRing) -> Result<Option<user::Exchange>, OpenError> {
        let Some(email) = self.email.open(ring, &self.stream)? else { return Ok(None) };
        let username = match &self.username {
            Some(username) => username.open(ring, &self.stream)?,
            None => None,
        };
        Ok(Some(user::Exchange { user: self.user, email, username, since: self.since }))
    }
}
