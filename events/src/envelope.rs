//! What surrounds every event: who, when, because of what.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::hashing::{EmailHash, InputHash};
use crate::id::{self, CommandId, EventId, UserId};
use crate::log::Revision;
use crate::position::LogPosition;
use crate::stream::StreamName;
use crate::time::Timestamp;

/// On whose behalf something happened; written `user:<id>`, `email:<hmac>` or `system`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A signed-in user.
    User(UserId),
    /// Somebody who signs up: there is no user yet, only the address.
    Email(EmailHash),
    /// Moim itself.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Email(hash) => write!(f, "email:{hash}"),
            Self::System => f.write_str("system"),
        }
    }
}

/// A text that names no actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an actor")]
pub struct BadActor;

impl FromStr for Actor {
    type Err = BadActor;

    fn from_str(text: &str) -> Result<Self, BadActor> {
        match text.split_once(':') {
            Some(("user", id)) => id.parse().map(Self::User).map_err(|_| BadActor),
            Some(("email", hash)) => {
                let json = serde_json::Value::String(hash.to_owned());
                serde_json::from_value(json).map(Self::Email).map_err(|_| BadActor)
            }
            None if text == "system" => Ok(Self::System),
            _ => Err(BadActor),
        }
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Stored beside the payload, the same on every engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// A hash of (stream, actor, command id, ordinal).
    pub event_id: EventId,
    /// The client's command at the root of all this.
    #[serde(rename = "$correlationId")]
    pub correlation: CommandId,
    /// The command that was decided.
    #[serde(rename = "$causationId")]
    pub causation: CommandId,
    /// HMAC of the command's input without secrets; none for commands that we derive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_hash: Option<InputHash>,
    /// On whose behalf.
    pub actor: Actor,
    /// When it was decided; never falls within a stream or along a cause.
    pub recorded_at: Timestamp,
    /// Version of the payload's schema, from 1.
    pub version: u16,
    /// W3C trace context of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_parent: Option<String>,
}

/// The id of a command's event in a stream; `ordinal` tells it from the command's other ones.
pub fn event_id(stream: &StreamName, actor: &Actor, command: CommandId, ordinal: u32) -> EventId {
    let actor = actor.to_string();
    let parts: [&[u8]; 4] =
        [b"event", stream.as_str().as_bytes(), actor.as_bytes(), &ordinal.to_be_bytes()];
    EventId(id::derive(command.0, &parts))
}

/// An event ready to be appended: kind, payload and metadata as they will be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The event's name, such as `MessageSent`.
    pub kind: String,
    /// The payload, JSON.
    pub data: String,
    /// What surrounds it.
    pub metadata: Metadata,
}

impl NewEvent {
    /// Its id.
    pub fn id(&self) -> EventId {
        self.metadata.event_id
    }

    /// What its payload and metadata weigh, in bytes, at least.
    pub fn size(&self) -> usize {
        // The metadata's own length varies by little; 512 bounds it but for the trace parent.
        self.kind.len() + self.data.len() + 512
    }
}

/// An event as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the log.
    pub position: LogPosition,
    /// The stream that it belongs to.
    pub stream: StreamName,
    /// Its place in that stream, from 0.
    pub revision: Revision,
    /// What was appended.
    pub event: NewEvent,
}

/// A decoded event with what a state or a projector may know of its surroundings.
#[derive(Debug, Clone)]
pub struct Fact<E> {
    /// The event's id: what sealed texts in it were sealed for.
    pub id: EventId,
    /// Its place in its stream, from 0.
    pub revision: Revision,
    /// When it was decided: the only time that folding knows.
    pub at: Timestamp,
    /// What happened.
    pub event: E,
}
