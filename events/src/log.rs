//! The port of the event log. Two engines implement it; one contract suite holds both to it.

use async_trait::async_trait;
use futures::stream::BoxStream;

use crate::envelope::{NewEvent, Recorded};
use crate::position::{LogId, LogPosition};
use crate::stream::StreamName;

/// Place of an event in its stream, from 0.
pub type Revision = u64;

/// The most that one event may weigh, payload and metadata, on every engine.
pub const EVENT_BYTES_MAX: usize = 256 * 1024;
/// The most that one append may weigh.
pub const APPEND_BYTES_MAX: usize = 768 * 1024;
/// The most events of one append.
pub const APPEND_EVENTS_MAX: usize = 500;

/// What the writer takes the stream's state to be. There is no "any": only with an expectation
/// is a repeated append recognised for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The stream has no event.
    NoStream,
    /// Its last event has this revision.
    Exact(Revision),
}

impl Expected {
    /// The expectation of someone who has seen the stream up to `last`.
    pub fn after(last: Option<Revision>) -> Self {
        last.map_or(Self::NoStream, Self::Exact)
    }

    /// The last revision that the writer knows.
    pub fn last(self) -> Option<Revision> {
        match self {
            Self::NoStream => None,
            Self::Exact(revision) => Some(revision),
        }
    }

    /// The revision that the first appended event gets.
    pub fn next(self) -> Revision {
        self.last().map_or(0, |revision| revision + 1)
    }
}

/// Events to be appended to one stream, all or none.
#[derive(Debug, Clone)]
pub struct Append {
    /// Where.
    pub stream: StreamName,
    /// What the writer takes to be there.
    pub expected: Expected,
    /// What; not empty.
    pub events: Vec<NewEvent>,
}

impl Append {
    /// Refuses what no engine takes.
    pub fn check_size(&self) -> Result<(), AppendError> {
        let too_large = |what, size, limit| Err(AppendError::TooLarge { what, size, limit });
        if self.events.len() > APPEND_EVENTS_MAX {
            return too_large("events of an append", self.events.len(), APPEND_EVENTS_MAX);
        }
        let largest = self.events.iter().map(NewEvent::size).max().unwrap_or(0);
        if largest > EVENT_BYTES_MAX {
            return too_large("bytes of an event", largest, EVENT_BYTES_MAX);
        }
        let total = self.events.iter().map(NewEvent::size).sum();
        if total > APPEND_BYTES_MAX {
            return too_large("bytes of an append", total, APPEND_BYTES_MAX);
        }
        Ok(())
    }
}

/// An append that is in the log, now or since an earlier try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Revision of its last event.
    pub revision: Revision,
    /// Positions of its events, in order.
    pub positions: Vec<LogPosition>,
}

/// Why an append gave no positions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The stream is not as expected; nothing was written.
    #[error("the stream is at {current:?}")]
    Conflict {
        /// Revision of its last event.
        current: Option<Revision>,
    },
    /// Beyond a limit; nothing was written.
    #[error("{size} {what}, at most {limit}")]
    TooLarge {
        /// What is too many.
        what: &'static str,
        /// How much it is.
        size: usize,
        /// How much it may be.
        limit: usize,
    },
    /// The log can't be reached; nothing was written.
    #[error("the log can't be reached: {0}")]
    Unavailable(String),
    /// It may have been written or not: read the stream before deciding anything.
    #[error("the outcome of an append is unknown: {0}")]
    Unknown(String),
}

/// Why the log can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// It can't be reached.
    #[error("the log can't be reached: {0}")]
    Unavailable(String),
    /// What was read is no event of ours.
    #[error("the log holds what can't be read: {0}")]
    Corrupt(String),
}

/// Which way to read a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From old to new.
    Forwards,
    /// From new to old.
    Backwards,
}

/// The log's newest events in batches, oldest first. It ends after an error; subscribe again
/// after the last position that was seen.
pub type Tail = BoxStream<'static, Result<Vec<Recorded>, LogError>>;

/// An append-only log of streams with one order over all of them.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Which log this is.
    fn id(&self) -> LogId;

    /// Appends all events or none. A repeat of an append (same stream, revisions and event ids)
    /// gives the first answer.
    async fn append(&self, append: Append) -> Result<Appended, AppendError>;

    /// Up to `limit` events of a stream, the first of which has revision `from`.
    async fn read(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Recorded>, LogError>;

    /// Revision of a stream's last event.
    async fn last_revision(&self, stream: &StreamName) -> Result<Option<Revision>, LogError>;

    /// Position of the newest event; 0 when there is none.
    async fn head(&self) -> Result<LogPosition, LogError>;

    /// Up to `limit` events of all streams after a position, in log order.
    async fn read_all(&self, after: LogPosition, limit: usize) -> Result<Vec<Recorded>, LogError>;

    /// All events after a position in log order: first those that are there, then those that
    /// come, without a gap or repeat in between.
    fn subscribe(&self, after: LogPosition) -> Tail;
}
