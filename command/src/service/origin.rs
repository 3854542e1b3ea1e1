//! Where a command comes from, and its refusals before it reaches a mailbox.

use std::time::Duration;

use events::hashing::InputHash;
use events::{Actor, CommandId};
use serde::Serialize;

use super::CommandService;
use super::rate::rate_limited;
use crate::parse;
use crate::ports::Claim;
use crate::rejection::{Code, Rejection};

/// A client's command on its way.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) id: CommandId,
    named_by: NamedBy,
    pub(super) actor: Actor,
    pub(super) input_hash: InputHash,
    pub(super) trace_parent: Option<String>,
    /// The actor has asked for too much lately: when it is worth asking again.
    limited: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NamedBy {
    Client,
    Server,
}

impl Origin {
    pub(super) fn new(
        id: Option<&str>,
        actor: Actor,
        input_hash: InputHash,
        trace_parent: Option<String>,
    ) -> Result<Self, Rejection> {
        let (id, named_by) = match id {
            Some(id) => (parse::command_id(id)?, NamedBy::Client),
            None => (CommandId::generate(), NamedBy::Server),
        };
        Ok(Self { id, named_by, actor, input_hash, trace_parent, limited: None })
    }
}

impl Origin {
    /// Of an actor who has asked for too much lately, if that is so.
    pub(super) fn limited(self, limited: Option<Duration>) -> Self {
        Self { limited, ..self }
    }

    /// Whether it may come again under its id.
    pub(super) fn is_named_by_client(&self) -> bool {
        self.named_by == NamedBy::Client
    }
}

impl CommandService {
    /// The claim of a first try of this command, as far as there is one.
    pub(super) async fn first_try(&self, origin: &Origin) -> Result<Option<Claim>, Rejection> {
        if origin.named_by == NamedBy::Server {
            return Ok(None);
        }
        let claim = self.claims.find(origin.id).await.map_err(|error| {
            tracing::warn!(%error, "a claim can't be read");
            Rejection::new(Code::Unavailable, "A store can't be reached. Try again.")
        })?;
        let is_same =
            |claim: &Claim| claim.actor == origin.actor && claim.input_hash == origin.input_hash;
        Ok(claim.filter(is_same))
    }

    /// Names an input without its secrets. A tuple of its fields is the canonical form: an array
    /// has one order.
    pub(super) fn input_hash(&self, input: &impl Serialize) -> InputHash {
        // Strings and options of strings always have a JSON form.
        let canonical = serde_json::to_vec(input).unwrap_or_default();
        self.hash_key.input(&canonical)
    }

    /// What was parsed; or why not, in the order of refusals: bad input, then too much of it,
    /// then what isn't there.
    pub(super) async fn parsed<T>(
        &self,
        origin: &Origin,
        parsed: Result<T, Rejection>,
    ) -> Result<T, Rejection> {
        match parsed {
            Err(rejection) if is_bad_input(&rejection) => {
                Err(self.refuse_early(origin, rejection).await)
            }
            Err(rejection) => {
                self.admit(origin).await?;
                Err(self.refuse_early(origin, rejection).await)
            }
            Ok(parsed) => self.admit(origin).await.map(|()| parsed),
        }
    }

    /// Refuses who has asked for too much lately; but a repeat gets its first answer.
    pub(super) async fn admit(&self, origin: &Origin) -> Result<(), Rejection> {
        match origin.limited {
            Some(rest) if self.first_try(origin).await?.is_none() => Err(rate_limited(rest)),
            _ => Ok(()),
        }
    }

    /// The first answer of a repeat comes before a refusal: an id that stands for another input
    /// of the same actor is told first.
    pub(super) async fn refuse_early(&self, origin: &Origin, rejection: Rejection) -> Rejection {
        if origin.named_by == NamedBy::Server {
            return rejection;
        }
        match self.claims.find(origin.id).await {
            Ok(Some(claim))
                if claim.actor == origin.actor && claim.input_hash != origin.input_hash =>
            {
                let message = "This command id stands for another input.";
                Rejection::new(Code::IdempotencyConflict, message)
            }
            Ok(_) => rejection,
            Err(error) => {
                tracing::warn!(%error, "a claim can't be read");
                rejection
            }
        }
    }
}

/// Codes of bad input stand together in the order of refusals.
fn is_bad_input(rejection: &Rejection) -> bool {
    rejection.code.status() == Code::InvalidInput.status()
}
