//! What goes into a mailbox and what it asks for.

use events::{Append, AppendError, Appended, CommandId, LogError, Recorded, Revision};
use serde_json::Value;
use uuid::Uuid;

use crate::execution::aggregate::Aggregate;
use crate::execution::ask::{Ask, Peek, Refused, Settled};
use crate::ports::{Claim, Claimed, NewClaim, Snapshot, SnapshotItem, StoreError};
use crate::rejection::Rejection;

/// Names someone who waits for an answer; the shell's own number.
pub type Token = u64;

/// Names an operation within its mailbox.
pub type Serial = u64;

/// What a request belongs to: its reply comes back with it. Of each there is one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ticket {
    /// Reading and writing the stream.
    Line,
    /// Claiming new commands.
    Claims,
    /// Saving a snapshot.
    Save,
    /// What one operation needs for itself.
    Op(Serial),
}

/// What a mailbox is told.
pub enum Input<A: Aggregate> {
    /// A command.
    Ask(Token, Box<Ask<A>>),
    /// The current state is asked for, with these items.
    Peek(Token, Vec<Uuid>),
    /// What came of a request.
    Reply(Ticket, Reply),
    /// Time has passed.
    Wake,
    /// It is about to be dropped: what is worth saving should be saved.
    Retire,
}

/// What a mailbox wants done.
pub enum Effect<A: Aggregate> {
    /// Carry this out and reply.
    Io(Ticket, Request),
    /// Answer who waits for a command.
    Answer(Token, Result<Settled, Refused>),
    /// Answer who waits for the state.
    Show(Token, Result<Peek<A>, Rejection>),
}

/// One call of a port, for the mailbox's stream.
#[derive(Debug, Clone)]
pub enum Request {
    /// The core of its snapshot.
    Core,
    /// Items of its snapshot.
    Items(Vec<Uuid>),
    /// Its events from a revision on.
    Read {
        /// The first one's revision.
        from: Revision,
        /// How many at most.
        limit: usize,
    },
    /// Appends to it.
    Append(Append),
    /// Saves a snapshot.
    Save(Snapshot, Vec<SnapshotItem>),
    /// Claims command ids.
    Claim(Vec<NewClaim>),
    /// Takes up a claim.
    TakeUp {
        /// Whose.
        id: CommandId,
        /// The attempt that it was seen at.
        seen: u32,
    },
    /// Stores an answer without events.
    Settle {
        /// Whose.
        id: CommandId,
        /// The caller's attempt.
        attempt: u32,
        /// What to store.
        answer: Value,
    },
    /// Frees an id.
    Release {
        /// Which.
        id: CommandId,
        /// The caller's attempt.
        attempt: u32,
    },
    /// Moves a claim's `from_revision`.
    Advance {
        /// Whose.
        id: CommandId,
        /// The caller's attempt.
        attempt: u32,
        /// Where to.
        revision: Revision,
    },
    /// Reads a claim.
    Find {
        /// Whose.
        id: CommandId,
    },
}

/// What came of a [`Request`].
#[derive(Debug, Clone)]
pub enum Reply {
    /// Of [`Request::Core`].
    Core(Result<Option<Snapshot>, StoreError>),
    /// Of [`Request::Items`].
    Items(Result<Vec<SnapshotItem>, StoreError>),
    /// Of [`Request::Read`].
    Read(Result<Vec<Recorded>, LogError>),
    /// Of [`Request::Append`].
    Append(Result<Appended, AppendError>),
    /// Of [`Request::Save`].
    Save(Result<(), StoreError>),
    /// Of [`Request::Claim`].
    Claim(Result<Vec<Claimed>, StoreError>),
    /// Of [`Request::TakeUp`].
    TakeUp(Result<Option<(Claim, bool)>, StoreError>),
    /// Of [`Request::Settle`], [`Request::Release`] and [`Request::Advance`]: whether the claim
    /// still was the caller's.
    Held(Result<bool, StoreError>),
    /// Of [`Request::Find`].
    Find(Result<Option<Claim>, StoreError>),
}
