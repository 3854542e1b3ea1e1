//! Reacting to messages, and taking it back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use events::UserId;
use events::channel::{ReactionAdded, ReactionRemoved};
use imbl::{OrdMap, OrdSet};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use uuid::Uuid;

use super::messages::seen_by;
use super::{Channel, Decided, Reaction};
use crate::execution::aggregate::{Decision, View};
use crate::rejection::{Code, Rejection};

/// Different emojis on one message; another one is refused.
pub const EMOJIS_LEN_MAX: usize = 50;
/// Reactions to one message, as many as a channel may have members; another one is refused.
/// A snapshot holds 22 bytes of each.
pub const REACTIONS_LEN_MAX: usize = 10_000;

/// Bytes of a user's id.
const ID_BYTES_LEN: usize = size_of::<uuid::Bytes>();

/// Who has reacted to a message, and how. Cheap to clone and to change, however many they are;
/// stored without waste, because a hot message is in every snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reactions(OrdMap<String, OrdSet<UserId>>);

impl Reactions {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn len(&self) -> usize {
        self.0.values().map(OrdSet::len).sum()
    }

    fn contains(&self, user: UserId, emoji: &str) -> bool {
        self.0.get(emoji).is_some_and(|users| users.contains(&user))
    }

    pub(super) fn has_room(&self, emoji: &str) -> Result<(), Rejection> {
        let new_emoji = !self.0.contains_key(emoji);
        if self.len() >= REACTIONS_LEN_MAX || new_emoji && self.0.len() >= EMOJIS_LEN_MAX {
            let message = "This message has no room for another reaction.";
            return Err(Rejection::new(Code::Forbidden, message));
        }
        Ok(())
    }

    pub(super) fn insert(&mut self, user: UserId, emoji: &str) {
        self.0.entry(emoji.to_owned()).or_default().insert(user);
    }

    pub(super) fn remove(&mut self, user: UserId, emoji: &str) {
        let Some(users) = self.0.get_mut(emoji) else { return };
        users.remove(&user);
        if users.is_empty() {
            self.0.remove(emoji);
        }
    }
}

/// By emoji, the ids of the users as bytes, one after another, in base64.
impl Serialize for Reactions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let packed = self.0.iter().map(|(emoji, users)| {
            let bytes: Vec<u8> = users.iter().flat_map(|user| user.0.into_bytes()).collect();
            (emoji, STANDARD_NO_PAD.encode(bytes))
        });
        serializer.collect_map(packed)
    }
}

impl<'de> Deserialize<'de> for Reactions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let packed = BTreeMap::<String, String>::deserialize(deserializer)?;
        let unpacked = packed.into_iter().map(|(emoji, users)| {
            let bytes = STANDARD_NO_PAD.decode(users).map_err(D::Error::custom)?;
            let (ids, rest) = bytes.as_chunks::<ID_BYTES_LEN>();
            if !rest.is_empty() {
                return Err(D::Error::custom("half a user id"));
            }
            let users: OrdSet<UserId> =
                ids.iter().map(|id| UserId(Uuid::from_bytes(*id))).collect();
            Ok((emoji, users))
        });
        unpacked.collect::<Result<_, _>>().map(Self)
    }
}

/// Adding what is there changes nothing.
pub(super) fn add(view: &View<'_, Channel>, new: &Reaction) -> Decided {
    let message = seen_by(view, new.user, new.message)?;
    let (reactions, emoji) = (&message.reactions, new.emoji.as_str());
    let is_there = reactions.contains(new.user, emoji);
    if !is_there {
        reactions.has_room(emoji)?;
    }
    message.is_there()?;
    if is_there {
        return Ok(Decision::Accept(Vec::new()));
    }
    let (seq, emoji) = (message.seq, emoji.to_owned());
    let added = ReactionAdded { message: new.message, seq, user: new.user, emoji };
    Ok(Decision::Accept(vec![added.into()]))
}

/// Taking back what isn't there changes nothing.
pub(super) fn remove(view: &View<'_, Channel>, old: &Reaction) -> Decided {
    let message = seen_by(view, old.user, old.message)?;
    message.is_there()?;
    if !message.reactions.contains(old.user, old.emoji.as_str()) {
        return Ok(Decision::Accept(Vec::new()));
    }
    let (seq, emoji) = (message.seq, old.emoji.as_str().to_owned());
    let removed = ReactionRemoved { message: old.message, seq, user: old.user, emoji };
    Ok(Decision::Accept(vec![removed.into()]))
}
