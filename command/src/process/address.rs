//! A change of address: `EmailReserved` commits to it. The node that reserved the address finishes
//! it at once; this finishes what a crash left open, and finds nothing to do where none was.

use events::Recorded;
use events::codec::DecodeError;
use uuid::Uuid;

use super::rules::Change;
use crate::domain::email::AddressChange;

pub(super) fn follow(event: &Recorded) -> Result<Vec<Change>, DecodeError> {
    Ok(committed(event)?.map(|change| Change::Open(key(&change))).into_iter().collect())
}

pub(super) fn derive(wanted: Uuid, event: &Recorded) -> Result<Option<AddressChange>, DecodeError> {
    Ok(committed(event)?.filter(|change| key(change) == wanted))
}

fn committed(event: &Recorded) -> Result<Option<AddressChange>, DecodeError> {
    if event.event.kind != "EmailReserved" {
        return Ok(None);
    }
    AddressChange::of(event)
}

fn key(change: &AddressChange) -> Uuid {
    change.command_id().0
}
