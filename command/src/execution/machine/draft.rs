//! A copy of the entity on which a batch is decided, with the events decided so far.

use std::collections::{BTreeMap, HashMap, HashSet};

use events::codec::{self, EncodeError};
use events::envelope::event_id;
use events::log::{APPEND_BYTES_MAX, APPEND_EVENTS_MAX, EVENT_BYTES_MAX};
use events::{CommandId, Expected, Fact, Metadata, NewEvent, Revision, StreamName, Timestamp};
use uuid::Uuid;

use super::entity::{Core, Entity};
use super::recent::Found;
use crate::execution::aggregate::{Aggregate, Touch};
use crate::execution::ask::Ask;

/// State after the events that are about to be appended.
pub(super) struct Draft<A: Aggregate> {
    /// The core.
    pub(super) core: Core<A>,
    /// The events, as they will be stored.
    pub(super) events: Vec<NewEvent>,
    expected: Expected,
    /// In order, so that a run can be reproduced.
    touched: BTreeMap<Uuid, (Option<A::Item>, Revision)>,
    bytes: usize,
}

/// Why a command's events are not in the draft.
pub(super) enum Misfit {
    /// There is no room for them beside the others.
    Full,
    /// There is no room for them even alone.
    TooLarge,
    /// These items have to be loaded first.
    Missing(Vec<Uuid>),
    /// They can't be written.
    Unwritable(EncodeError),
}

impl<A: Aggregate> Draft<A> {
    /// Starts from what is in the log.
    pub(super) fn of(entity: &Entity<A>) -> Self {
        let core = entity.core.clone();
        let expected = Expected::after(core.revision);
        Self { core, events: Vec::new(), expected, touched: BTreeMap::new(), bytes: 0 }
    }

    /// What the draft expects to be in the stream.
    pub(super) fn expected(&self) -> Expected {
        self.expected
    }

    /// The items under these keys, as far as they exist.
    pub(super) fn items(&self, entity: &mut Entity<A>, keys: &[Uuid]) -> HashMap<Uuid, A::Item> {
        let item = |key: &Uuid| {
            let value = match self.touched.get(key) {
                Some((value, _)) => value.clone(),
                None => entity.items.get(*key).cloned(),
            };
            value.map(|value| (*key, value))
        };
        keys.iter().filter_map(item).collect()
    }

    /// Adds a command's events and folds them. Nothing is changed when they don't fit.
    pub(super) fn add(
        &mut self,
        entity: &mut Entity<A>,
        stream: &StreamName,
        ask: &Ask<A>,
        caused: Caused<A>,
    ) -> Result<(), Misfit> {
        let Caused { command, attempt, at, events } = caused;
        let (mut new, mut facts) = (Vec::with_capacity(events.len()), Vec::new());
        let ordinals = first_ordinal(attempt)..;
        for ((mut event, ordinal), revision) in
            events.into_iter().zip(ordinals).zip(self.core.next()..)
        {
            let metadata = Metadata {
                event_id: event_id(stream, &ask.actor, command, ordinal),
                correlation: ask.correlation,
                causation: command,
                input_hash: ask.policy.input_hash().cloned(),
                actor: ask.actor.clone(),
                recorded_at: at,
                version: 0,
                trace_parent: ask.trace_parent.clone(),
            };
            let id = metadata.event_id;
            let encoded = codec::encode(&mut event, stream, metadata, &ask.ring);
            new.push(encoded.map_err(Misfit::Unwritable)?);
            facts.push(Fact { id, revision, at, event });
        }
        let bytes = self.room_for(&new)?;
        self.know_touched(entity, &facts)?;
        for fact in facts {
            self.fold(entity, &fact);
        }
        self.bytes = bytes;
        self.events.extend(new);
        Ok(())
    }

    fn room_for(&self, new: &[NewEvent]) -> Result<usize, Misfit> {
        let sizes = || new.iter().map(NewEvent::size);
        let alone: usize = sizes().sum();
        let largest = sizes().max().unwrap_or(0);
        let too_many = new.len() > APPEND_EVENTS_MAX;
        if too_many || alone > APPEND_BYTES_MAX || largest > EVENT_BYTES_MAX {
            return Err(Misfit::TooLarge);
        }
        let bytes = self.bytes + alone;
        if self.events.len() + new.len() > APPEND_EVENTS_MAX || bytes > APPEND_BYTES_MAX {
            return Err(Misfit::Full);
        }
        Ok(bytes)
    }

    /// Items that events change have to be known, even if their decider didn't need them.
    fn know_touched(&self, entity: &Entity<A>, facts: &[Fact<A::Event>]) -> Result<(), Misfit> {
        let (mut created, mut missing) = (HashSet::new(), Vec::new());
        for touch in facts.iter().flat_map(|fact| A::touches(&fact.event)) {
            match touch {
                Touch::Creates(key) => _ = created.insert(key),
                Touch::Changes(key) => {
                    let known = self.touched.contains_key(&key) || entity.items.knows(key);
                    if !known && !created.contains(&key) {
                        missing.push(key);
                    }
                }
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(Misfit::Missing(missing)) }
    }

    fn fold(&mut self, entity: &mut Entity<A>, fact: &Fact<A::Event>) {
        self.core.fold(fact);
        for touch in A::touches(&fact.event) {
            let key = touch.key();
            let before = match self.touched.remove(&key) {
                Some((value, _)) => value,
                None => entity.items.get(key).cloned(),
            };
            let value = A::evolve_item(before, fact);
            self.touched.insert(key, (value, fact.revision));
        }
    }

    /// Its events are in the log, at these positions: the entity is what the draft was. Gives
    /// them back.
    pub(super) fn commit(self, entity: &mut Entity<A>, positions: &[u64]) -> Vec<NewEvent> {
        let first = self.expected.next();
        entity.core = self.core;
        for (key, (value, revision)) in self.touched {
            entity.items.put(key, value, revision);
        }
        for ((event, revision), position) in self.events.iter().zip(first..).zip(positions) {
            let found = Found::at(revision, *position, event);
            entity.recent.record(event.metadata.causation, found);
            entity.core.position = *position;
        }
        self.events
    }
}

/// An append has fewer events.
const ATTEMPT_ORDINALS: u32 = 1 << 16;
const _: () = assert!(APPEND_EVENTS_MAX < ATTEMPT_ORDINALS as usize);

/// Each attempt's events have ids of their own. Another attempt decides at another time; were its
/// events taken for these, the mailbox that was overtaken would go on with a state that isn't in
/// the log. As it is, its append conflicts, and it reads what is there.
fn first_ordinal(attempt: u32) -> u32 {
    attempt.wrapping_sub(1).wrapping_mul(ATTEMPT_ORDINALS)
}

/// What a command brings about, and under which id.
pub(super) struct Caused<A: Aggregate> {
    /// Causation of the events: the command, or the fresh id of a counted try.
    pub(super) command: CommandId,
    /// Which attempt at the command this is, from 1.
    pub(super) attempt: u32,
    /// When it was decided.
    pub(super) at: Timestamp,
    /// What happens.
    pub(super) events: Vec<A::Event>,
}
