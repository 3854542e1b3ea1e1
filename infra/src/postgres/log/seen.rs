//! What this node has seen of streams: a lower bound of each one's revision.
//!
//! A stream only grows, so a bound stays true whatever other nodes do; an append that expects
//! exactly the bound can be sent, and `UNIQUE (stream, revision)` tells if the stream went on.

use events::{Append, EventId, Revision, StreamName};
use moka::sync::Cache;

const STREAMS_MAX: u64 = 100_000;

/// The newest that is known of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Last {
    /// It has an event with this revision.
    pub(super) revision: Revision,
    /// The first event of this node's last append to it.
    first: Option<(Revision, EventId)>,
}

impl Last {
    /// Whether `append`, which expects less than this, is surely no repeat of what is there.
    pub(super) fn rules_out(&self, append: &Append) -> bool {
        let id = append.events.first().map(events::NewEvent::id);
        self.first.is_some_and(|(revision, there)| {
            revision == append.expected.next() && id != Some(there)
        })
    }
}

/// Streams by name, the most used ones.
#[derive(Debug, Clone)]
pub(super) struct Seen(Cache<StreamName, Last>);

impl Seen {
    pub(super) fn new() -> Self {
        Self(Cache::new(STREAMS_MAX))
    }

    /// What is known of a stream.
    pub(super) fn last(&self, stream: &StreamName) -> Option<Last> {
        self.0.get(stream)
    }

    /// An event with that revision was read.
    pub(super) fn read(&self, stream: &StreamName, revision: Revision) {
        if self.last(stream).is_none_or(|last| last.revision < revision) {
            self.0.insert(stream.clone(), Last { revision, first: None });
        }
    }

    /// An append was written, its last event at that revision.
    pub(super) fn appended(&self, append: &Append, revision: Revision) {
        let first = append.events.first().map(|event| (append.expected.next(), event.id()));
        if self.last(&append.stream).is_none_or(|last| last.revision < revision) {
            self.0.insert(append.stream.clone(), Last { revision, first });
        }
    }

    /// Nothing is known of the stream any more.
    pub(super) fn forget(&self, stream: &StreamName) {
        self.0.invalidate(stream);
    }
}
