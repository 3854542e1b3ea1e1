//! Sign-up: `EmailReserved` commits to an account, `UserRegistered` is its end. The node that
//! reserved the address registers the account at once; this finishes what a crash left open.

use events::codec::{self, DecodeError};
use events::{EmailEvent, Recorded, StreamName};
use uuid::Uuid;

use super::rules::Change;

pub(super) fn follow(event: &Recorded) -> Result<Vec<Change>, DecodeError> {
    Ok(match event.event.kind.as_str() {
        "EmailReserved" => reserved_for(event)?.map(Change::Open).into_iter().collect(),
        "UserRegistered" => event.stream.entity().parse().map(Change::Close).into_iter().collect(),
        _ => Vec::new(),
    })
}

pub(super) fn derive(key: Uuid, event: &Recorded) -> Result<Option<StreamName>, DecodeError> {
    let is_it = reserved_for(event)? == Some(key);
    Ok(is_it.then(|| event.stream.clone()))
}

/// The account that an event commits to.
fn reserved_for(event: &Recorded) -> Result<Option<Uuid>, DecodeError> {
    if event.event.kind != "EmailReserved" {
        return Ok(None);
    }
    match codec::decode::<EmailEvent>(event)?.event {
        EmailEvent::EmailReserved(reserved) => Ok(reserved.registration.map(|_| reserved.user.0)),
        _ => Ok(None),
    }
}
