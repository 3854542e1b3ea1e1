//! Works the list off: for each entry that is due, the command that its event calls for.

use std::collections::HashMap;
use std::time::Duration;

use events::{Recorded, Revision, Timestamp};
use uuid::Uuid;

use super::Effect;
use crate::ports::{StoreError, Todo};
use crate::process::limits::{
    DUE_EVERY_MS, RETRY_FIRST_MS, RETRY_LAST_MS, RUNNING_LEN_MAX, TRIES_LEN_MAX,
};
use crate::process::rules::Rules;
use crate::rejection::Rejection;

/// The half that works the list off.
pub(super) struct Waker<C> {
    rules: Rules<C>,
    /// Under way, with the revision of the event that opened each.
    running: HashMap<Uuid, Revision>,
    /// How often each has failed in a row.
    tries: HashMap<Uuid, u32>,
    asking: bool,
    ask_at: Timestamp,
}

impl<C> Waker<C> {
    pub(super) fn new(rules: Rules<C>) -> Self {
        let (running, tries) = (HashMap::new(), HashMap::new());
        Self { rules, running, tries, asking: false, ask_at: Timestamp::default() }
    }

    pub(super) fn drive(&mut self, now: Timestamp, effects: &mut Vec<Effect<C>>) {
        let room = RUNNING_LEN_MAX.saturating_sub(self.running.len());
        if self.asking || room == 0 || now < self.ask_at {
            return;
        }
        self.asking = true;
        // Those under way are due, too, and come first.
        effects.push(Effect::Due { now, limit: RUNNING_LEN_MAX + self.running.len() });
    }

    pub(super) fn wake_at(&self) -> Option<Timestamp> {
        (!self.asking && self.running.len() < RUNNING_LEN_MAX).then_some(self.ask_at)
    }

    pub(super) fn due(
        &mut self,
        now: Timestamp,
        result: Result<Vec<Todo>, StoreError>,
        effects: &mut Vec<Effect<C>>,
    ) {
        self.asking = false;
        let due = result.unwrap_or_default();
        // What fills a page has more behind it: there is no pause as long as there is room.
        let is_full = due.len() >= RUNNING_LEN_MAX + self.running.len();
        let pause_ms = if is_full { 0 } else { DUE_EVERY_MS };
        self.ask_at = now.plus(Duration::from_millis(pause_ms));
        for Todo { key, stream, revision, .. } in due {
            if self.running.len() < RUNNING_LEN_MAX && !self.running.contains_key(&key) {
                self.running.insert(key, revision);
                effects.push(Effect::Read { key, stream, revision });
            }
        }
    }

    pub(super) fn read(
        &mut self,
        now: Timestamp,
        key: Uuid,
        event: Option<&Recorded>,
        effects: &mut Vec<Effect<C>>,
    ) {
        match event.map_or(Ok(None), |event| (self.rules.derive)(key, event)) {
            Ok(Some(command)) => effects.push(Effect::Run { key, command }),
            Ok(None) => self.fail(now, key, effects),
            Err(error) => {
                tracing::error!(%error, %key, "the process can't read what it has to finish");
                self.fail(now, key, effects);
            }
        }
    }

    pub(super) fn done(
        &mut self,
        now: Timestamp,
        key: Uuid,
        result: Result<(), Rejection>,
        effects: &mut Vec<Effect<C>>,
    ) {
        match result {
            Ok(()) => {
                self.tries.remove(&key);
                // What the log has opened anew meanwhile stays.
                let revision = self.running.get(&key).copied().unwrap_or_default();
                effects.push(Effect::Remove { key, revision });
            }
            Err(rejection) => {
                tracing::warn!(%key, %rejection, "what is to be finished was refused");
                self.fail(now, key, effects);
            }
        }
    }

    pub(super) fn put_away(&mut self, key: Uuid) {
        self.running.remove(&key);
    }

    fn fail(&mut self, now: Timestamp, key: Uuid, effects: &mut Vec<Effect<C>>) {
        if self.tries.len() >= TRIES_LEN_MAX {
            self.tries.clear();
        }
        let tries = self.tries.entry(key).or_insert(0);
        let pause_ms = RETRY_FIRST_MS.saturating_mul(1 << (*tries).min(16)).min(RETRY_LAST_MS);
        *tries += 1;
        // What the log has opened anew meanwhile has a time of its own.
        let revision = self.running.get(&key).copied().unwrap_or_default();
        let until = now.plus(Duration::from_millis(pause_ms));
        effects.push(Effect::Postpone { key, revision, until });
    }
}
