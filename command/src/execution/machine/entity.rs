//! An entity as the log has it: core, items, and which commands its newest events came from.
//! Only events that are in the log for certain are folded here.

use events::codec::{self, DecodeError};
use events::{CommandId, Fact, LogPosition, Recorded, Revision, Timestamp};

use super::items::Items;
use super::recent::{Found, Recent};
use crate::execution::aggregate::Aggregate;
use crate::execution::limits::Limits;
use crate::ports::{Snapshot, SnapshotItem};

/// The core of a state with its place.
pub(super) struct Core<A: Aggregate> {
    /// The state.
    pub(super) state: A::State,
    /// Revision of the last event in it.
    pub(super) revision: Option<Revision>,
    /// Position of that event; 0 without one.
    pub(super) position: LogPosition,
    /// When that event was recorded.
    pub(super) at: Timestamp,
}

impl<A: Aggregate> Clone for Core<A> {
    fn clone(&self) -> Self {
        Self { state: self.state.clone(), ..*self }
    }
}

impl<A: Aggregate> Default for Core<A> {
    fn default() -> Self {
        let (state, at) = (A::State::default(), Timestamp::default());
        Self { state, revision: None, position: 0, at }
    }
}

impl<A: Aggregate> Core<A> {
    /// The revision of the event to come.
    pub(super) fn next(&self) -> Revision {
        self.revision.map_or(0, |revision| revision + 1)
    }

    /// Folds the stream's next event.
    pub(super) fn fold(&mut self, fact: &Fact<A::Event>) {
        self.state = A::evolve(std::mem::take(&mut self.state), fact);
        self.revision = Some(fact.revision);
        self.at = self.at.max(fact.at);
    }
}

/// An event of the stream with what the entity keeps of its surroundings.
pub(super) struct Told<A: Aggregate> {
    /// What happened.
    pub(super) fact: Fact<A::Event>,
    /// The command that it came from.
    pub(super) command: CommandId,
    /// Its place, and the answer in it.
    pub(super) found: Found,
}

impl<A: Aggregate> Told<A> {
    /// Of an event that was read.
    pub(super) fn of(recorded: &Recorded) -> Result<Self, DecodeError> {
        let fact = codec::decode(recorded)?;
        let command = recorded.event.metadata.causation;
        Ok(Self { fact, command, found: Found::of(recorded) })
    }
}

/// What is known of an entity.
pub(super) struct Entity<A: Aggregate> {
    /// Its core.
    pub(super) core: Core<A>,
    /// Its items, as far as they are in memory.
    pub(super) items: Items<A>,
    /// Its newest events by command.
    pub(super) recent: Recent,
    /// Its core came from a snapshot whose last event was not yet seen in the log.
    pub(super) unproved: bool,
    /// There is a snapshot of another past: nothing is taken from it, and none is written.
    pub(super) foreign: bool,
    saved: Option<Revision>,
}

impl<A: Aggregate> Entity<A> {
    /// From a snapshot; from nothing if there is none or it can't be read.
    pub(super) fn load(snapshot: Option<Snapshot>, limits: &Limits) -> Self {
        let Some(Snapshot { revision, position, recorded_at, core }) = snapshot else {
            return Self::at(Core::default(), limits);
        };
        match serde_json::from_value(core) {
            Ok(state) => {
                let revision = Some(revision);
                let core = Core { state, revision, position, at: recorded_at };
                Self { unproved: true, saved: revision, ..Self::at(core, limits) }
            }
            Err(error) => {
                tracing::warn!(%error, "a snapshot can't be read and is left aside");
                Self::at(Core::default(), limits)
            }
        }
    }

    /// From nothing, because the snapshot that is there tells of events which the log has not.
    pub(super) fn without_snapshot(limits: &Limits) -> Self {
        Self { foreign: true, ..Self::at(Core::default(), limits) }
    }

    fn at(core: Core<A>, limits: &Limits) -> Self {
        let recent = Recent::starting(core.revision, limits.recent_events);
        let items = Items::new(limits.items_len);
        Self { core, items, recent, unproved: false, foreign: false, saved: None }
    }

    /// Folds the stream's next event. The item that it changes is known.
    pub(super) fn fold(&mut self, told: Told<A>) {
        let Told { fact, command, found } = told;
        self.core.fold(&fact);
        self.core.position = found.position;
        for touch in A::touches(&fact.event) {
            self.items.fold(touch, &fact);
        }
        self.recent.record(command, found);
    }

    /// Whether an item tells of an event that the core doesn't know yet: another node has saved
    /// it meanwhile. Together they are the state of no moment, so nobody is shown them, and
    /// nothing is decided on them.
    pub(super) fn is_torn(&self) -> bool {
        self.items.reach() > self.core.revision
    }

    /// How many events are in no snapshot.
    pub(super) fn unsaved_events(&self) -> u64 {
        self.core.next() - self.saved.map_or(0, |revision| revision + 1)
    }

    /// What a snapshot of now has to hold; `None` without events.
    pub(super) fn snapshot(&self) -> serde_json::Result<Option<(Snapshot, Vec<SnapshotItem>)>> {
        let Some(revision) = self.core.revision else { return Ok(None) };
        let core = serde_json::to_value(&self.core.state)?;
        let (position, recorded_at) = (self.core.position, self.core.at);
        let snapshot = Snapshot { revision, position, recorded_at, core };
        Ok(Some((snapshot, self.items.unsaved()?)))
    }

    /// A snapshot up to that revision was saved.
    pub(super) fn saved(&mut self, revision: Revision) {
        self.saved = self.saved.max(Some(revision));
        self.items.saved(revision);
    }
}
