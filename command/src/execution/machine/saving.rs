//! Snapshots, written now and then beside all else.

use std::time::Duration;

use events::{Revision, Timestamp};

use super::Mailbox;
use super::effect::{Effect, Request, Ticket};
use crate::execution::aggregate::Aggregate;
use crate::execution::limits::SNAPSHOT_RETRY_MS;

/// How it stands with snapshots.
#[derive(Debug, Default)]
pub(super) struct Saving {
    /// Up to which revision one is being saved.
    under_way: Option<Revision>,
    /// The entity that is being saved was dropped.
    disowned: bool,
    /// Not before this time, after one has failed.
    not_before: Timestamp,
    /// One is wanted at the next chance, however little there is to save.
    pub(super) wanted: bool,
}

impl Saving {
    /// Whether one is being saved.
    pub(super) fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// The entity that is being saved is given up.
    pub(super) fn disown(&mut self) {
        self.disowned = self.is_under_way();
    }
}

impl<A: Aggregate> Mailbox<A> {
    /// Saves when there is enough to save.
    pub(super) fn save(&mut self) {
        let wanted = std::mem::take(&mut self.saving.wanted);
        let Some(entity) = &self.entity else { return };
        let enough = if wanted { 1 } else { self.limits.snapshot_every_events };
        let pause = self.saving.is_under_way() || self.now < self.saving.not_before;
        if pause || entity.foreign || entity.unproved || entity.unsaved_events() < enough {
            return;
        }
        match entity.snapshot() {
            Ok(None) => {}
            Ok(Some((snapshot, items))) => {
                self.saving.under_way = Some(snapshot.revision);
                self.effects.push(Effect::Io(Ticket::Save, Request::Save(snapshot, items)));
            }
            Err(error) => {
                tracing::error!(%error, stream = %self.stream, "a snapshot can't be written");
                self.put_off_saving();
            }
        }
    }

    pub(super) fn saved(&mut self, is_done: bool) {
        let Some(revision) = self.saving.under_way.take() else { return };
        if std::mem::take(&mut self.saving.disowned) {
            return;
        }
        match &mut self.entity {
            Some(entity) if is_done => entity.saved(revision),
            _ => self.put_off_saving(),
        }
    }

    fn put_off_saving(&mut self) {
        self.saving.not_before = self.now.plus(Duration::from_millis(SNAPSHOT_RETRY_MS));
    }

    /// Whether so much is unsaved that nothing goes on before it is: what is not saved stays in
    /// memory.
    pub(super) fn must_save_first(&self) -> bool {
        self.entity.as_ref().is_some_and(|entity| {
            !entity.foreign && entity.unsaved_events() >= self.limits.unsaved_events
        })
    }

    /// When saving is to be tried again, if that is what all wait for.
    pub(super) fn next_save(&self) -> Option<Timestamp> {
        let waits = self.must_save_first() && !self.saving.is_under_way();
        waits.then_some(self.saving.not_before)
    }
}
