//! What scheduled payments and dues leave to be done: to be woken when something falls due, to be
//! debited, to be told how it ended. Pure; whoever carries it out puts it to the streams, which
//! decide.

mod dues;
mod payment;
mod settlement;

use events::Recorded;
use events::codec::DecodeError;
use uuid::Uuid;

use super::rules::Change;

pub use self::dues::{CycleDue, Reservation};
pub use self::payment::{Occurrence, Wake};
pub use self::settlement::{Settlement, Told};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// Wake a payment.
    Wake(Wake),
    /// Debit an occurrence.
    Occurrence(Box<Occurrence>),
    /// Open the cycle after one, for the wallet's members of now.
    Cycle(CycleDue),
    /// Debit a payment of dues.
    Reservation(Box<Reservation>),
    /// Tell a payment or a plan what has become of a transfer.
    Settlement(Settlement),
}

/// What an event opens and closes.
pub fn follow(event: &Recorded) -> Result<Vec<Change>, DecodeError> {
    let mut changes = payment::follow(event)?;
    changes.extend(dues::follow(event)?);
    changes.extend(settlement::follow(event)?);
    Ok(changes)
}

/// What the event with this key opened, if it is one of these.
pub fn derive(key: Uuid, event: &Recorded) -> Result<Option<Due>, DecodeError> {
    if let Some(wake) = payment::derive_wake(key, event)? {
        return Ok(Some(Due::Wake(wake)));
    }
    if let Some(occurrence) = payment::derive_occurrence(key, event)? {
        return Ok(Some(Due::Occurrence(Box::new(occurrence))));
    }
    if let Some(cycle) = dues::derive_cycle(key, event)? {
        return Ok(Some(Due::Cycle(cycle)));
    }
    if let Some(reservation) = dues::derive_reservation(key, event)? {
        return Ok(Some(Due::Reservation(Box::new(reservation))));
    }
    Ok(settlement::derive(key, event)?.map(Due::Settlement))
}

#[cfg(test)]
mod tests;
