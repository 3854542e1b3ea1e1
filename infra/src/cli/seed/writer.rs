//! Appends what a stream's events are to be, in large batches, once however often it is run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::bail;
use events::codec::{self, CategoryEvent};
use events::envelope::event_id;
use events::log::{APPEND_BYTES_MAX, APPEND_EVENTS_MAX};
use events::personal::KeyRing;
use events::{
    Actor, Append, AppendError, Appended, CommandId, EventLog, Expected, LogPosition, Metadata,
    NewEvent, StreamName, Timestamp,
};

use crate::postgres::PostgresLog;

/// How often an append is tried whose outcome was lost or that could not be sent.
const TRIES_MAX: u32 = 10;
const RETRY_WAIT: Duration = Duration::from_millis(500);

/// The log, and what was written to it.
pub(super) struct Writer {
    log: PostgresLog,
    /// What was in the log before.
    head: LogPosition,
    appended: AtomicU64,
    first: AtomicU64,
}

/// What an event is surrounded by.
pub(super) struct Cause {
    pub(super) actor: Actor,
    pub(super) command: CommandId,
    pub(super) correlation: CommandId,
    pub(super) at: Timestamp,
}

impl Writer {
    pub(super) fn new(log: PostgresLog, head: LogPosition) -> Self {
        Self { log, head, appended: AtomicU64::new(0), first: AtomicU64::new(u64::MAX) }
    }

    /// How many events were written that were not there before.
    pub(super) fn appended(&self) -> u64 {
        self.appended.load(Ordering::Relaxed)
    }

    /// The lowest position of all that was written, now or before.
    pub(super) fn first(&self) -> LogPosition {
        self.first.load(Ordering::Relaxed)
    }

    /// Appends, or finds that it has been appended before. False if the stream has gone another
    /// way: others have written to it.
    pub(super) async fn append(&self, append: Append) -> anyhow::Result<bool> {
        for _ in 0..TRIES_MAX {
            match self.log.append(append.clone()).await {
                Ok(Appended { positions, .. }) => {
                    let new = positions.iter().filter(|position| **position > self.head).count();
                    self.appended.fetch_add(new as u64, Ordering::Relaxed);
                    let first = positions.first().copied().unwrap_or(u64::MAX);
                    self.first.fetch_min(first, Ordering::Relaxed);
                    return Ok(true);
                }
                Err(AppendError::Conflict { .. }) => return Ok(false),
                Err(error @ AppendError::TooLarge { .. }) => return Err(error.into()),
                Err(AppendError::Unavailable(_) | AppendError::Unknown(_)) => {
                    tokio::time::sleep(RETRY_WAIT).await;
                }
            }
        }
        bail!("the log can't be written: it did not answer {TRIES_MAX} times")
    }
}

/// An event as it will be stored. No client's command stands behind it, so that it has no hash of
/// an input.
pub(super) fn event<E: CategoryEvent>(
    mut event: E,
    stream: &StreamName,
    cause: Cause,
    ring: &KeyRing,
) -> Result<NewEvent, codec::EncodeError> {
    let Cause { actor, command, correlation, at } = cause;
    let metadata = Metadata {
        event_id: event_id(stream, &actor, command, 0),
        correlation,
        causation: command,
        input_hash: None,
        actor,
        recorded_at: at,
        version: 0,
        trace_parent: None,
    };
    codec::encode(&mut event, stream, metadata, ring)
}

/// Cuts a stream's events into appends. The cuts are the same at every run, so that an append of
/// an earlier run is recognised as a whole.
pub(super) struct Cut {
    stream: StreamName,
    expected: Expected,
    events: Vec<NewEvent>,
    bytes: usize,
}

impl Cut {
    pub(super) fn new(stream: StreamName) -> Self {
        Self { stream, expected: Expected::NoStream, events: Vec::new(), bytes: 0 }
    }

    /// Takes an event; gives what is full without it.
    pub(super) fn push(&mut self, event: NewEvent) -> Option<Append> {
        let size = event.size();
        let is_full =
            self.events.len() == APPEND_EVENTS_MAX || self.bytes + size > APPEND_BYTES_MAX;
        let full = if is_full { self.take() } else { None };
        self.bytes += size;
        self.events.push(event);
        full
    }

    /// Gives what there is.
    pub(super) fn take(&mut self) -> Option<Append> {
        if self.events.is_empty() {
            return None;
        }
        let (events, expected) = (std::mem::take(&mut self.events), self.expected);
        self.bytes = 0;
        self.expected = Expected::Exact(expected.next() + events.len() as u64 - 1);
        Some(Append { stream: self.stream.clone(), expected, events })
    }
}
