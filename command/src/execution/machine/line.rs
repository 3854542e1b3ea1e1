//! The line: loading the entity, reading the stream's tail, fetching items, one request at a
//! time, and what is done whenever the line is free.

use std::collections::HashSet;

use events::{LogError, Recorded};
use uuid::Uuid;

use super::appending::Appending;
use super::deciding::{self, Round};
use super::effect::{Effect, Reply, Request};
use super::entity::{Entity, Told};
use super::op::{Op, Stage, Then};
use super::{Look, Mailbox, corrupt, unavailable};
use crate::execution::aggregate::{Aggregate, Touch};
use crate::execution::ask::Peek;
use crate::ports::{Snapshot, SnapshotItem, StoreError};
use crate::rejection::Rejection;

/// What is under way along the line.
pub(super) enum Line<A: Aggregate> {
    /// Nothing is known of the entity.
    Cold,
    /// Its snapshot is being loaded.
    Core,
    /// The stream is being read, by the request with this number.
    Reading(u64),
    /// Items are being loaded that a page changes.
    Folding {
        /// The page.
        page: Vec<Told<A>>,
        /// The items.
        keys: Vec<Uuid>,
        /// The number of the request that read it, if it was the last page.
        end: Option<u64>,
    },
    /// Items are being loaded that commands need.
    Fetching(Vec<Uuid>),
    /// Nothing.
    Ready,
    /// A batch is being appended.
    Appending(Appending<A>),
}

impl<A: Aggregate> Mailbox<A> {
    /// Takes the line one step further. False if there is nothing to do but wait.
    pub(super) fn advance(&mut self) -> bool {
        let has_work = !self.queue.is_empty() || !self.looks.is_empty();
        match self.line {
            Line::Cold if has_work => {
                self.line = Line::Core;
                self.ask_line(Request::Core);
                false
            }
            Line::Ready if has_work && !self.must_save_first() => self.work(),
            _ => false,
        }
    }

    fn work(&mut self) -> bool {
        if self.wants_sync() {
            self.read_tail();
            return false;
        }
        let wanted = self.looks.iter().flat_map(|look| look.items.iter().copied()).collect();
        if self.fetch(wanted) {
            return false;
        }
        self.show();
        self.decide()
    }

    /// Whether somebody needs to know that the entity is the stream's end.
    fn wants_sync(&self) -> bool {
        let seeks = |op: &Op<A>| match &op.stage {
            Stage::Seeking(seek) => seek.fresh_from > self.fresh,
            _ => false,
        };
        let mut seeking = self.queue.seeking().iter().filter_map(|serial| self.queue.get(*serial));
        let looks = self.looks.iter().any(|look| look.fresh_from > self.fresh);
        let torn = self.entity.as_ref().is_some_and(Entity::is_torn);
        self.must_sync || torn || looks || seeking.any(seeks)
    }

    pub(super) fn read_tail(&mut self) {
        let Some(entity) = &self.entity else { return };
        // What came from a snapshot is read once more: only then is it of this log's past.
        let back = u64::from(entity.unproved);
        let (from, limit) = (entity.core.next() - back, self.limits.page_events);
        self.requests += 1;
        self.line = Line::Reading(self.requests);
        self.ask_line(Request::Read { from, limit });
    }

    pub(super) fn line_replied(&mut self, reply: Reply) {
        match (std::mem::replace(&mut self.line, Line::Ready), reply) {
            (Line::Core, Reply::Core(result)) => self.core_loaded(result),
            (Line::Reading(number), Reply::Read(result)) => self.page_read(number, result),
            (Line::Folding { page, keys, end }, Reply::Items(result)) => {
                if self.items_loaded(&keys, result) {
                    self.fold(page, end);
                }
            }
            (Line::Fetching(keys), Reply::Items(result)) => {
                self.items_loaded(&keys, result);
            }
            (Line::Appending(appending), Reply::Append(result)) => self.appended(appending, result),
            _ => debug_assert!(false, "a reply that nothing along the line waits for"),
        }
    }

    fn core_loaded(&mut self, result: Result<Option<Snapshot>, StoreError>) {
        match result {
            Ok(snapshot) => {
                self.entity = Some(Entity::load(snapshot, &self.limits));
                self.must_sync = true;
            }
            Err(_) => self.give_up(&unavailable(), Line::Cold),
        }
    }

    fn page_read(&mut self, number: u64, result: Result<Vec<Recorded>, LogError>) {
        let page = match result {
            Ok(page) => page,
            Err(LogError::Unavailable(_)) => return self.give_up(&unavailable(), Line::Ready),
            Err(LogError::Corrupt(_)) => return self.forget(),
        };
        let end = (page.len() < self.limits.page_events).then_some(number);
        let Some(entity) = &mut self.entity else { return };
        let mut unread = page.as_slice();
        if entity.unproved {
            let proof = unread.split_off_first();
            let matches = |event: &Recorded| {
                Some(event.revision) == entity.core.revision
                    && event.position == entity.core.position
            };
            if !proof.is_some_and(matches) {
                tracing::warn!(stream = %self.stream, "a snapshot of another past is left aside");
                self.entity = Some(Entity::without_snapshot(&self.limits));
                return;
            }
            entity.unproved = false;
        }
        let reached = page.last().map(|event| event.revision).or(entity.core.revision);
        if end.is_some() && entity.items.reach() > reached {
            tracing::error!(stream = %self.stream, "items tell of events which the log has not");
            return self.drop_entity();
        }
        let told: Result<Vec<_>, _> = unread.iter().map(Told::of).collect();
        match told {
            Ok(told) => self.take_page(told, end),
            Err(error) => {
                tracing::error!(%error, stream = %self.stream, "an event can't be read");
                self.forget();
            }
        }
    }

    /// Folds a page once the items that it changes are known.
    fn take_page(&mut self, page: Vec<Told<A>>, end: Option<u64>) {
        let Some(entity) = &self.entity else { return };
        let (mut created, mut keys) = (HashSet::new(), Vec::new());
        for touch in page.iter().flat_map(|told| A::touches(&told.fact.event)) {
            match touch {
                Touch::Creates(key) => _ = created.insert(key),
                Touch::Changes(key) => {
                    if !entity.items.knows(key) && !created.contains(&key) && !keys.contains(&key) {
                        keys.push(key);
                    }
                }
            }
        }
        if keys.is_empty() {
            self.fold(page, end);
        } else if entity.foreign {
            self.items_loaded(&keys, Ok(Vec::new()));
            self.fold(page, end);
        } else {
            self.ask_line(Request::Items(keys.clone()));
            self.line = Line::Folding { page, keys, end };
        }
    }

    fn fold(&mut self, page: Vec<Told<A>>, end: Option<u64>) {
        let Some(entity) = &mut self.entity else { return };
        for told in page {
            if told.fact.revision != entity.core.next() {
                tracing::error!(stream = %self.stream, "the stream was read with a gap");
                return self.forget();
            }
            entity.fold(told);
        }
        entity.items.sweep();
        if let Some(number) = end {
            self.fresh = number;
            self.must_sync = false;
        } else {
            self.must_sync = true;
        }
    }

    /// Asks for those of the items that are not known. False if all are.
    fn fetch(&mut self, mut keys: Vec<Uuid>) -> bool {
        let Some(entity) = &self.entity else { return false };
        keys.retain(|key| !entity.items.knows(*key));
        keys.sort_unstable();
        keys.dedup();
        if keys.is_empty() {
            return false;
        }
        if entity.foreign {
            self.items_loaded(&keys, Ok(Vec::new()));
            return false;
        }
        self.ask_line(Request::Items(keys.clone()));
        self.line = Line::Fetching(keys);
        true
    }

    fn items_loaded(
        &mut self,
        keys: &[Uuid],
        result: Result<Vec<SnapshotItem>, StoreError>,
    ) -> bool {
        let Some(entity) = &mut self.entity else { return false };
        match result.map(|found| entity.items.loaded(keys, found)) {
            Ok(Ok(())) => return true,
            Ok(Err(error)) => {
                tracing::error!(%error, stream = %self.stream, "an item can't be read");
                self.give_up(&corrupt(), Line::Ready);
            }
            Err(_) => self.give_up(&unavailable(), Line::Ready),
        }
        self.must_sync = true;
        false
    }

    fn show(&mut self) {
        let Some(entity) = &mut self.entity else { return };
        for Look { token, items, .. } in self.looks.drain(..) {
            let item = |key: &Uuid| Some((*key, entity.items.get(*key)?.clone()));
            let items = items.iter().filter_map(item).collect();
            let core = entity.core.clone();
            let (revision, position) = (core.revision, core.position);
            let peek = Peek { state: core.state, revision, position, items };
            self.effects.push(Effect::Show(token, Ok(peek)));
        }
    }

    fn decide(&mut self) -> bool {
        let Some(entity) = &mut self.entity else { return false };
        if self.queue.ready().is_empty() {
            return false;
        }
        let round = deciding::decide(&self.queue, entity, &self.stream, self.now, &self.limits);
        let Round { batch, missing, found, unsure, behind } = round;
        if !missing.is_empty() {
            return !self.fetch(missing);
        }
        let moved = !found.is_empty() || !unsure.is_empty();
        for (serial, answer) in found {
            self.finish(serial, answer);
        }
        for serial in unsure {
            self.queue.set_stage(serial, Op::<A>::seek(0, Then::Decide));
        }
        for (serial, revision) in behind {
            self.move_claim(serial, revision);
        }
        let carried = !batch.verdicts.is_empty() && self.carry_out(batch);
        moved || carried
    }

    /// Answers all who wait for the line: it can't go on.
    pub(super) fn give_up(&mut self, why: &Rejection, line: Line<A>) {
        self.line = line;
        let stuck = [self.queue.new_ones(), self.queue.seeking(), self.queue.ready()];
        let stuck: Vec<_> = stuck.into_iter().flatten().copied().collect();
        for serial in stuck {
            self.finish(serial, Err(why.clone().into()));
        }
        for look in std::mem::take(&mut self.looks) {
            self.effects.push(Effect::Show(look.token, Err(why.clone())));
        }
    }

    /// What is known of the entity doesn't fit the log: load it anew for whoever asks next.
    fn forget(&mut self) {
        self.drop_entity();
        self.give_up(&corrupt(), Line::Cold);
    }

    pub(super) fn drop_entity(&mut self) {
        self.entity = None;
        self.must_sync = true;
        self.saving.disown();
        self.line = Line::Cold;
    }
}
