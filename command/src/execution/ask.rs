//! What is asked of the execution, and what it answers.

use std::collections::HashMap;
use std::sync::Arc;

use events::hashing::InputHash;
use events::personal::KeyRing;
use events::{Actor, CommandId, LogPosition, Recorded, Revision, Timestamp};
use uuid::Uuid;

use crate::execution::aggregate::Aggregate;
use crate::rejection::{Code, Rejection};

/// One parsed command, put to one stream.
pub struct Ask<A: Aggregate> {
    /// The command's id: causation of its events, and what a repeat is recognised by.
    pub id: CommandId,
    /// The client's command at the root; `id` itself where that is a client's.
    pub correlation: CommandId,
    /// On whose behalf.
    pub actor: Actor,
    /// How a repeat is recognised.
    pub policy: Policy,
    /// Keys of the users whose sealed texts the command reads or writes.
    pub ring: KeyRing,
    /// When the event was recorded that this follows from.
    pub cause_at: Option<Timestamp>,
    /// W3C trace context.
    pub trace_parent: Option<String>,
    /// A new id, under which a wrong try is counted should it come to that.
    pub fresh_id: CommandId,
    /// What is asked for.
    pub command: A::Command,
}

/// How a repeat of a command is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Policy {
    /// By a claim on its id, made before it is decided.
    Claimed {
        /// Of its input without secrets.
        input_hash: InputHash,
        /// Ids besides the command's own by which what it makes can be named.
        things: Vec<Uuid>,
    },
    /// By a claim on its id, as above; and every refusal that says something of it is its answer
    /// for good: an attempt that was refused never comes about, whoever makes it again.
    Attempt {
        /// Of what is attempted.
        input_hash: InputHash,
        /// As above.
        things: Vec<Uuid>,
    },
    /// By its decider, from the state: commands that we derive.
    Natural,
}

impl Policy {
    /// The input's hash, where there is one.
    pub fn input_hash(&self) -> Option<&InputHash> {
        match self {
            Self::Claimed { input_hash, .. } | Self::Attempt { input_hash, .. } => Some(input_hash),
            Self::Natural => None,
        }
    }

    /// Whether a refusal leaves the command's id free.
    pub fn leaves_id_free(&self, refused: Code) -> bool {
        match self {
            Self::Attempt { .. } => !refused.is_final(),
            Self::Claimed { .. } | Self::Natural => refused.leaves_id_free(),
        }
    }
}

/// A command that was carried out, now or earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Position of its last event; without events, of the last one that was folded.
    pub position: LogPosition,
    /// It was carried out by an earlier try: this is the first answer again.
    pub repeated: bool,
    /// Its last event, where it was appended just now: whoever goes on from there needn't read it.
    pub event: Option<Arc<Recorded>>,
}

/// A command that was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Why.
    #[error(transparent)]
    Rejection(#[from] Rejection),
    /// A secret was verified against a hash that is no longer the current one: verify again and
    /// ask again under the same id.
    #[error("verified against an old hash")]
    Stale,
}

impl Refused {
    /// A refusal with that code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self::Rejection(Rejection::new(code, message))
    }
}

/// A stream's state as it was when nothing lay behind it.
pub struct Peek<A: Aggregate> {
    /// The core.
    pub state: A::State,
    /// Revision of the last event; `None` if there is none.
    pub revision: Option<Revision>,
    /// Position of that event; 0 if there is none.
    pub position: LogPosition,
    /// The items that were asked for, as far as they exist.
    pub items: HashMap<Uuid, A::Item>,
}
