//! What this node has seen of streams: a lower bound of each one's revision.
//!
//! A stream only grows, so a bound stays true whatever other nodes do; an append that expects
//! exactly the bound can be sent, and `UNIQUE (stream, revision)` tells if the stream went on.

use std::time::Instant;

use events::{Append, EventId, Revision, StreamName};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

const STREAMS_MAX: u64 = 100_000;

/// The newest that is known of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Last {
    /// It has an event with this revision.
    pub(super) revision: Revision,
    /// That of this node's last append to it.
    written: Option<Written>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Written {
    /// Revision and id of its first event.
    first: (Revision, EventId),
    at: Instant,
}

impl Last {
    /// Whether `append`, made at `since` and expecting less than this, surely conflicts with it:
    /// the stream's last event was written while it waited, and is not its own.
    pub(super) fn beat(&self, append: &Append, since: Instant) -> bool {
        let id = append.events.first().map(events::NewEvent::id);
        self.written.is_some_and(|written| {
            let (revision, there) = written.first;
            written.at >= since && revision == append.expected.next() && id != Some(there)
        })
    }
}

/// Streams by name, the most used ones.
#[derive(Debug, Clone)]
pub(super) struct Seen(Cache<StreamName, Last>);

impl Seen {
    pub(super) fn new() -> Self {
        // By default a full cache refuses newcomers until they were asked for often.
        let newest = EvictionPolicy::lru();
        Self(Cache::builder().max_capacity(STREAMS_MAX).eviction_policy(newest).build())
    }

    /// What is known of a stream.
    pub(super) fn last(&self, stream: &StreamName) -> Option<Last> {
        self.0.get(stream)
    }

    /// An event with that revision was read.
    pub(super) fn read(&self, stream: &StreamName, revision: Revision) {
        if self.last(stream).is_none_or(|last| last.revision < revision) {
            self.0.insert(stream.clone(), Last { revision, written: None });
        }
    }

    /// An append was written, its last event at that revision.
    pub(super) fn appended(&self, append: &Append, revision: Revision) {
        let first = append.events.first().map(|event| (append.expected.next(), event.id()));
        let written = first.map(|first| Written { first, at: Instant::now() });
        if self.last(&append.stream).is_none_or(|last| last.revision < revision) {
            self.0.insert(append.stream.clone(), Last { revision, written });
        }
    }

    /// Nothing is known of the stream any more.
    pub(super) fn forget(&self, stream: &StreamName) {
        self.0.invalidate(stream);
    }
}
