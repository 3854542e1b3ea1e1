//! What an aggregate is to the execution: pure functions over a bounded core and paged items.

use events::codec::CategoryEvent;
use events::personal::KeyRing;
use events::settled::CommandSettled;
use events::{Actor, CommandId, Fact, StreamName, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use uuid::Uuid;

use crate::rejection::Rejection;

/// Pure rules of one kind of entity. Nothing here waits, reads a clock or draws a number.
pub trait Aggregate: Sized + Send + Sync + 'static {
    /// What happens to it.
    type Event: CategoryEvent + From<CommandSettled>;
    /// What can be asked of it, parsed.
    type Command: Send + Sync + 'static;
    /// Its bounded core. Cheap to clone (`imbl`), because a batch is decided on a copy.
    type State: Default + Clone + Send + Sync + Serialize + DeserializeOwned + 'static;
    /// One of its items without number (a message), loaded by key when a command needs it.
    type Item: Clone + Send + Sync + Serialize + DeserializeOwned + 'static;

    /// Version of core and items as snapshots hold them; others are ignored.
    const SCHEMA: u16;

    /// Whether a refusal that leaves the id free may come out otherwise at another time, be there
    /// a stream or not. If so, a further attempt at a command puts an event even into a stream
    /// without events, so that an earlier attempt can no longer append what it decided.
    const REFUSALS_VARY: bool = false;

    /// The items that deciding this command looks at.
    fn needs(command: &Self::Command) -> Vec<Uuid>;

    /// The items that an event creates or changes: none or one of most, whose aggregates give an
    /// `Option`. Those that one event creates start alike.
    fn touches(event: &Self::Event) -> impl IntoIterator<Item = Touch>;

    /// The core after an event.
    fn evolve(state: Self::State, fact: &Fact<Self::Event>) -> Self::State;

    /// A touched item after an event; `None` if the event makes no sense for it.
    fn evolve_item(item: Option<Self::Item>, fact: &Fact<Self::Event>) -> Option<Self::Item>;

    /// What the command does. On a stream without events, a refusal that leaves the id free must
    /// not depend on time or secrets unless [`Self::REFUSALS_VARY`]: it isn't fenced there against
    /// an earlier attempt.
    fn decide(
        view: &View<'_, Self>,
        context: &Context<'_>,
        command: &Self::Command,
    ) -> Decision<Self::Event>;
}

/// How an event bears on an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// The item starts with this event: nothing need be loaded.
    Creates(Uuid),
    /// The item was there before.
    Changes(Uuid),
}

impl Touch {
    /// The item's key.
    pub const fn key(self) -> Uuid {
        match self {
            Self::Creates(key) | Self::Changes(key) => key,
        }
    }
}

/// What deciding sees.
pub struct View<'a, A: Aggregate> {
    /// The core.
    pub state: &'a A::State,
    /// The items that the command needs, as far as they exist.
    pub items: &'a HashMap<Uuid, A::Item>,
}

/// What comes in with a command.
pub struct Context<'a> {
    /// The time of the decision, and of its events.
    pub now: Timestamp,
    /// The command's id.
    pub id: CommandId,
    /// On whose behalf.
    pub actor: &'a Actor,
    /// The stream that it is put to.
    pub stream: &'a StreamName,
    /// Keys of the users whose sealed texts the command has to read or write.
    pub ring: &'a KeyRing,
}

/// What comes of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision<E> {
    /// These events; none if nothing changes.
    Accept(Vec<E>),
    /// Nothing, and why.
    Refuse(Rejection),
    /// A wrong try: refused, and counted by an event under a fresh command id.
    CountAndRefuse(E, Rejection),
    /// A secret was verified against a hash that is no longer the current one: verify again.
    Stale,
}
