//! Answers, and the refusals that many commands share.

use events::personal::KeysUnavailable;

use super::origin::Origin;
use crate::bus::{Done, Outcome};
use crate::execution::{Refused, Settled};
use crate::rejection::{Code, Rejection};

pub(super) fn done(origin: &Origin, settled: &Settled, outcome: Outcome) -> Done {
    Done { id: origin.id, position: settled.position, outcome }
}

/// A refusal as the client gets it; a decision that went stale can't be repeated here.
pub(super) fn refused(refused: Refused) -> Rejection {
    match refused {
        Refused::Rejection(rejection) => rejection,
        Refused::Stale => lost_race(),
    }
}

pub(super) fn lost_race() -> Rejection {
    Rejection::new(Code::Conflict, "It is being changed by another request. Try again.")
}

pub(super) fn unauthenticated() -> Rejection {
    Rejection::new(Code::Unauthenticated, "Log in first.")
}

pub(super) fn keys_unavailable(error: &KeysUnavailable) -> Rejection {
    tracing::warn!(%error, "user keys can't be read");
    unreachable_store()
}

/// A store can't be reached; what it was is logged where that was found.
pub(super) fn unreachable_store() -> Rejection {
    Rejection::new(Code::Unavailable, "A store can't be reached. Try again.")
}
