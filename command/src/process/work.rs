//! All processes: what each makes of events, and what is to be carried out.

use events::codec::DecodeError;
use events::{Recorded, StreamName};
use uuid::Uuid;

use super::deletion::{self, Deletion, Departure};
use super::due::{self, Due};
use super::leaving::{self, Leaving};
use super::notice::{self, Notice};
use super::rules::{Change, Rules};
use super::transfer::{self, Debit, Hold};
use super::wallet::{self, Closing, Opening};
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
    /// Who has left a channel, or a channel that is gone, that its wallets may not know of yet.
    Leaving(Leaving),
    /// A wallet, committed to by its parent.
    Opening(Box<Opening>),
    /// A closed wallet that its parent isn't told of yet.
    Closing(Closing),
    /// A transfer whose amount was taken from the payer.
    Debit(Box<Debit>),
    /// A transfer that has waited too long.
    Hold(Hold),
    /// What scheduled payments and dues leave to be done.
    Due(Due),
    /// What a channel is to be told of its money.
    Notice(Box<Notice>),
}

/// The rules of all of them.
pub fn rules() -> Rules<Work> {
    Rules { follow, derive }
}

fn follow(event: &Recorded) -> Result<Vec<Change>, DecodeError> {
    let mut changes = sign_up::follow(event)?;
    changes.extend(address::follow(event)?);
    changes.extend(deletion::follow(event)?);
    changes.extend(leaving::follow(event)?);
    changes.extend(wallet::follow(event)?);
    changes.extend(transfer::follow(event)?);
    changes.extend(due::follow(event)?);
    changes.extend(notice::follow(event)?);
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
    if let Some(departure) = deletion::derive_departure(key, event)? {
        return Ok(Some(Work::Departure(departure)));
    }
    if let Some(leaving) = leaving::derive(key, event)? {
        return Ok(Some(Work::Leaving(leaving)));
    }
    if let Some(opening) = wallet::derive_opening(key, event)? {
        return Ok(Some(Work::Opening(Box::new(opening))));
    }
    if let Some(closing) = wallet::derive_closing(key, event) {
        return Ok(Some(Work::Closing(closing)));
    }
    if let Some(debit) = transfer::derive_debit(key, event)? {
        return Ok(Some(Work::Debit(Box::new(debit))));
    }
    if let Some(hold) = transfer::derive_hold(key, event)? {
        return Ok(Some(Work::Hold(hold)));
    }
    if let Some(due) = due::derive(key, event)? {
        return Ok(Some(Work::Due(due)));
    }
    Ok(notice::derive(key, event)?.map(|notice| Work::Notice(Box::new(notice))))
}
