//! What execution needs of the world besides the event log and the reading of users' keys (both
//! in `events`): claims, snapshots, the list of what is to be done, and the end of keys. `infra`
//! implements these on PostgreSQL, tests and the simulation in memory.

use async_trait::async_trait;
use events::hashing::InputHash;
use events::personal::{Keys, KeysUnavailable};
use events::{
    Actor, ChannelId, CommandId, LogId, LogPosition, Revision, StreamName, Timestamp, UserId,
};
use serde_json::Value;
use uuid::Uuid;

/// A store can't be reached, or the outcome of a write to it is unknown. Every write of these
/// ports may be repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a store of the write side can't be reached: {0}")]
pub struct StoreError(pub String);

/// A command id that is to be claimed before its command is decided.
#[derive(Debug, Clone)]
pub struct NewClaim {
    /// The id.
    pub id: CommandId,
    /// Who runs it.
    pub actor: Actor,
    /// Of its input without secrets.
    pub input_hash: InputHash,
    /// The stream that its events will stand in.
    pub stream: StreamName,
    /// Its events will have revisions above this; `None`: from 0.
    pub from_revision: Option<Revision>,
    /// Ids besides the command's own by which things that it makes can be named; they get a row
    /// in `things` in the same transaction.
    pub things: Vec<Uuid>,
    /// When.
    pub at: Timestamp,
}

/// A claim as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The id.
    pub id: CommandId,
    /// Who runs it.
    pub actor: Actor,
    /// Of its input without secrets.
    pub input_hash: InputHash,
    /// The stream that its events stand in.
    pub stream: StreamName,
    /// Its events have revisions above this; `None`: from 0.
    pub from_revision: Option<Revision>,
    /// Counts those who took it up, from 1.
    pub attempt: u32,
    /// The answer, if it was one without events.
    pub answer: Option<Value>,
    /// When it was made.
    pub at: Timestamp,
}

/// What became of a [`NewClaim`].
#[derive(Debug, Clone, PartialEq)]
pub enum Claimed {
    /// The id was free and is now the caller's, attempt 1.
    New,
    /// It was claimed before, by whomever.
    Existing(Claim),
}

/// Claims of command ids, table `command.claims`, and named things, table `command.things`.
#[async_trait]
pub trait Claims: Send + Sync {
    /// Claims ids; one result each, in the order asked. Calls from many tasks share a
    /// transaction.
    async fn claim(&self, claims: Vec<NewClaim>) -> Result<Vec<Claimed>, StoreError>;

    /// Takes up an unanswered claim: adds one to `attempt` if it still is `seen`. Gives the claim
    /// as it stands afterwards, and whether this call raised it; `None` if it is gone.
    async fn take_up(&self, id: CommandId, seen: u32) -> Result<Option<(Claim, bool)>, StoreError>;

    /// Stores an eventless answer if the claim is at `attempt` and has none. False if not.
    async fn settle(&self, id: CommandId, attempt: u32, answer: Value) -> Result<bool, StoreError>;

    /// Frees an id: deletes the claim if it is at `attempt` and has no answer. False if not.
    async fn release(&self, id: CommandId, attempt: u32) -> Result<bool, StoreError>;

    /// Says that the command has no events up to `revision`. False if the claim is not at
    /// `attempt` any more.
    async fn advance(
        &self,
        id: CommandId,
        attempt: u32,
        revision: Revision,
    ) -> Result<bool, StoreError>;

    /// The claim of an id, as far as there is one.
    async fn find(&self, id: CommandId) -> Result<Option<Claim>, StoreError>;

    /// Names things without a claim of their own, as far as they aren't named.
    async fn name(&self, things: Vec<(Uuid, StreamName)>) -> Result<(), StoreError>;

    /// The stream of a thing that has a row of its own, or else is named by a claim.
    async fn stream_of(&self, thing: Uuid) -> Result<Option<StreamName>, StoreError>;

    /// Deletes answers without events that are older than `before`. Gives how many.
    async fn prune(&self, before: Timestamp) -> Result<u64, StoreError>;
}

/// The bounded core of a stream's state at a revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Revision of the last event folded into it.
    pub revision: Revision,
    /// Position of that event.
    pub position: LogPosition,
    /// When that event was recorded.
    pub recorded_at: Timestamp,
    /// The state, as the aggregate writes it.
    pub core: Value,
}

/// One item of a stream's state (a message's author and flags) at a revision.
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotItem {
    /// Its key within the stream.
    pub key: Uuid,
    /// Events up to this revision are folded into it.
    pub revision: Revision,
    /// The item, as the aggregate writes it.
    pub value: Value,
}

/// Paged snapshots, tables `command.snapshots` and `command.snapshot_items`. Those of another
/// log or schema are never given out.
#[async_trait]
pub trait Snapshots: Send + Sync {
    /// The core of a stream's newest snapshot.
    async fn core(&self, stream: &StreamName, of: Schema) -> Result<Option<Snapshot>, StoreError>;

    /// Items by key, as far as they are there. Calls from many tasks share a query.
    async fn items(
        &self,
        stream: &StreamName,
        of: Schema,
        keys: &[Uuid],
    ) -> Result<Vec<SnapshotItem>, StoreError>;

    /// Writes core and items in one transaction, unless a newer snapshot is there.
    async fn save(
        &self,
        stream: &StreamName,
        of: Schema,
        snapshot: Snapshot,
        items: Vec<SnapshotItem>,
    ) -> Result<(), StoreError>;
}

/// What a snapshot has to match to be of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// The log that was folded.
    pub log: LogId,
    /// Version of the aggregate's state.
    pub version: u16,
}

/// Something that the process role may have to finish. It only wakes: streams decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Todo {
    /// Names it; the same for whoever finds it.
    pub key: Uuid,
    /// The stream whose event called for it.
    pub stream: StreamName,
    /// Revision of that event.
    pub revision: Revision,
    /// When to look at it.
    pub due_at: Timestamp,
}

/// Somebody who came into a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// Who.
    pub user: UserId,
    /// Where.
    pub channel: ChannelId,
    /// What is to be done if the account is over already.
    pub then: Todo,
}

/// A step of the process along the log: what it means for the list and for the index of
/// memberships. Each channel and member, and each key, stands in one of its lists only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// Where the checkpoint has to be.
    pub from: LogPosition,
    /// Where it goes.
    pub to: LogPosition,
    /// What is to be done.
    pub added: Vec<Todo>,
    /// What was done.
    pub removed: Vec<Uuid>,
    /// Who came into channels.
    pub joined: Vec<Joined>,
    /// Who left them.
    pub left: Vec<(UserId, ChannelId)>,
    /// Channels that are gone, and their members with them.
    pub gone: Vec<ChannelId>,
    /// Users whose accounts are over.
    pub ended: Vec<UserId>,
}

/// The to-do list, table `command.todo`, with its place in the log, and the index of who is in
/// which channel, which moves along with it.
#[async_trait]
pub trait Todos: Send + Sync {
    /// The log is worked off up to here.
    async fn checkpoint(&self, log: LogId) -> Result<LogPosition, StoreError>;

    /// In one transaction: moves the checkpoint and does all else that the step says. False (and
    /// nothing done) if the checkpoint isn't where it has to be.
    async fn advance(&self, log: LogId, step: Step) -> Result<bool, StoreError>;

    /// Up to `limit` that are due, oldest first.
    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Todo>, StoreError>;

    /// Puts one off, unless a later event has opened it anew: that has a time of its own.
    async fn postpone(
        &self,
        key: Uuid,
        revision: Revision,
        until: Timestamp,
    ) -> Result<(), StoreError>;

    /// Removes one that was done, unless a later event has opened it anew.
    async fn remove(&self, key: Uuid, revision: Revision) -> Result<(), StoreError>;

    /// Whether something is to be done that an event of this stream called for, as the log tells
    /// up to the checkpoint.
    async fn is_open_in(&self, stream: &StreamName) -> Result<bool, StoreError>;

    /// Up to `limit` channels that a user is in, by id, those after `after`, as the log tells up
    /// to the checkpoint.
    async fn channels_of(
        &self,
        user: UserId,
        after: Option<ChannelId>,
        limit: usize,
    ) -> Result<Vec<ChannelId>, StoreError>;
}

/// Users' keys, and their end.
#[async_trait]
pub trait Vault: Keys {
    /// Destroys a user's key for good and leaves a tombstone, whether there was a key or not.
    async fn destroy(&self, user: UserId) -> Result<(), KeysUnavailable>;
}
