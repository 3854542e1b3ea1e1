//! The one event that every category has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::Payload;

/// A command that a second attempt found to change nothing. It stands in the stream so that the
/// first attempt, should it still be under way, can no longer append at the revision it knew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommandSettled {
    /// The answer that was given, as `command` writes it.
    pub answer: serde_json::Value,
}

impl Payload for CommandSettled {}
