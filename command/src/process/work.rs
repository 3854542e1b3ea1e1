//! All processes: what each makes of events, and what is to be carried out.

use events::codec::DecodeError;
use events::{Recorded, StreamName};
use uuid::Uuid;

use super::deletion::{self, Deletion, Departure};
use super::rules::{Change, Rules};
use super::{address, sign_up};
use crate::domain::email::AddressChange;

/// What is left to be finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// An account, committed to on the stream of its address.
    Registration(StreamName),
    /// An address that is exchanged for another.
    AddressChange(Box<AddressChange>),
    /// An account that ends.
    Deletion(Deletion),
    /// A channel that was joined after the account's end.
    Departure(Departure),
}

/// The rules of all of them.
pub fn rules() -> Rules<Work> {
    Rules { follow, derive }
}

fn follow(event: &Recorded) -> Result<Vec<Change>, DecodeError> {
    let mut changes = sign_up::follow(event)?;
    changes.extend(address::follow(event)?);
    changes.extend(deletion::follow(event)?);
    Ok(changes)
}

fn derive(key: Uuid, event: &Recorded) -> Result<Option<Work>, DecodeError> {
    if let Some(stream) = sign_up::derive(key, event)? {
        return Ok(Some(Work::Registration(stream)));
    }
    if let Some(change) = address::derive(key, event)? {
        return Ok(Some(Work::AddressChange(Box::new(change))));
    }
    if let Some(deletion) = deletion::derive(key, event) {
        return Ok(Some(Work::Deletion(deletion)));
    }
    Ok(deletion::derive_departure(key, event)?.map(Work::Departure))
}
