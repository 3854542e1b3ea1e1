//! Answers without events, as they are stored: in the claim, or in [`CommandSettled`].

use events::settled::CommandSettled;
use events::{LogPosition, NewEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::execution::ask::{Refused, Settled};
use crate::rejection::{Code, Rejection};

/// The kind under which [`CommandSettled`] stands in every category.
const SETTLED_KIND: &str = "CommandSettled";

/// An answer that left no event of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// Accepted, but there was nothing to change.
    Done {
        /// Where the log stood; in an event, that event's own position counts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        position: Option<LogPosition>,
    },
    /// Refused for good.
    Refused(Rejection),
}

impl Answer {
    /// As it is stored.
    pub(super) fn to_value(&self) -> Value {
        // Strings and numbers under string keys always have a JSON form.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// From what is stored.
    pub(super) fn from_value(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    /// The answer in an event, if it is one that holds an answer.
    pub(super) fn in_event(event: &NewEvent) -> Option<Self> {
        if event.kind != SETTLED_KIND {
            return None;
        }
        let settled: CommandSettled = serde_json::from_str(&event.data).ok()?;
        Self::from_value(&settled.answer)
    }

    /// What a repeat is told; `at` where the answer names no position itself.
    pub(super) fn repeat(self, at: LogPosition) -> Result<Settled, Refused> {
        match self {
            Self::Done { position } => {
                let position = position.unwrap_or(at);
                Ok(Settled { position, repeated: true, event: None })
            }
            Self::Refused(rejection) => Err(rejection.into()),
        }
    }
}

/// The refusal that is stored as an answer, if it is one.
pub fn stored_refusal(answer: &Value) -> Option<Rejection> {
    match Answer::from_value(answer) {
        Some(Answer::Refused(rejection)) => Some(rejection),
        _ => None,
    }
}

/// The refusal for a stored answer that can't be read.
pub(super) fn unreadable() -> Refused {
    Refused::new(Code::Internal, "the first answer can't be read")
}

/// The refusal of a command whose id is another actor's.
pub(super) fn taken() -> Rejection {
    Rejection::new(Code::IdTaken, "this command id is taken")
}

/// The refusal of a command whose id was used for another one by the same actor.
pub(super) fn other_input() -> Refused {
    Refused::new(Code::IdempotencyConflict, "this command id was used with other input")
}
