//! Ids. Clients name their commands with UUIDs of version 4 or 7, our own new ids are version 7,
//! and ids that we derive are version 8, so that no client can name one.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A text that is no id of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct BadId;

macro_rules! id {
    ($(#[$doc:meta] $name:ident),* $(,)?) => {$(
        #[$doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive(Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id of version 7: it grows with time, which indexes like.
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                parse_hyphenated(text).map(Self)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }
    )*};
}

id! {
    /// A person's account.
    UserId,
    /// A channel.
    ChannelId,
    /// A message; the id of the command that sent it, where a client sent one.
    MessageId,
    /// One log-in of a user, until it is ended.
    SessionId,
    /// A wallet.
    WalletId,
    /// A transfer; the id of the command that asked for it.
    TransferId,
    /// A scheduled payment.
    PaymentId,
    /// A plan of dues.
    PlanId,
    /// A cycle of such a plan.
    CycleId,
    /// A command, and thereby the thing that it makes.
    CommandId,
    /// An event: a hash of (stream, actor, command id, ordinal).
    EventId,
}

impl CommandId {
    /// Reads a client's command id: a UUID of version 4 or 7.
    pub fn from_client(text: &str) -> Result<Self, BadId> {
        let id = parse_hyphenated(text)?;
        match id.get_version_num() {
            4 | 7 => Ok(Self(id)),
            _ => Err(BadId),
        }
    }

    /// The id of a command that follows from this one, the same at every attempt.
    #[must_use]
    pub fn derived(self, step: &str) -> Self {
        Self(derive(self.0, &[b"command", step.as_bytes()]))
    }
}

impl MessageId {
    /// The id of a message that the command brings about beside what it names (ENTER, LEAVE).
    #[must_use]
    pub fn derived(command: CommandId, role: &str) -> Self {
        Self(derive(command.0, &[b"message", role.as_bytes()]))
    }
}

/// Only the hyphenated form counts: one thing has one name.
fn parse_hyphenated(text: &str) -> Result<Uuid, BadId> {
    if text.len() != 36 {
        return Err(BadId);
    }
    Uuid::try_parse(text).map_err(|_| BadId)
}

/// A UUID of version 8 from the SHA-256 of its parts. It keeps the parent's first 48 bits, so
/// that it lies near its parent in an index.
pub fn derive(parent: Uuid, parts: &[&[u8]]) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(parent.as_bytes());
    for part in parts {
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[..6].copy_from_slice(&parent.as_bytes()[..6]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_are_version_8_near_their_parent_and_repeatable() {
        let parent = CommandId::generate();
        let child = parent.derived("register");
        assert_eq!(child.0.get_version_num(), 8);
        assert_eq!(child.0.as_bytes()[..6], parent.0.as_bytes()[..6]);
        assert_eq!(child, parent.derived("register"));
        assert_ne!(child, parent.derived("other"));
    }

    #[test]
    fn a_client_names_version_4_or_7_only() {
        assert!(CommandId::from_client(&Uuid::new_v4().to_string()).is_ok());
        assert!(CommandId::from_client(&Uuid::now_v7().to_string()).is_ok());
        let derived = CommandId::generate().derived("x").to_string();
        assert_eq!(CommandId::from_client(&derived), Err(BadId));
        assert_eq!(CommandId::from_client("nonsense"), Err(BadId));
        let simple = Uuid::new_v4().simple().to_string();
        assert_eq!(CommandId::from_client(&simple), Err(BadId));
    }
}
