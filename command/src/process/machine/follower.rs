//! Follows the log and keeps the list. The list and the checkpoint move together, so that
//! nothing is missed and nothing done comes back; who finds the checkpoint elsewhere starts anew
//! from there.

use std::time::Duration;

use events::{LogError, LogPosition, Recorded, Timestamp};

use super::Effect;
use super::changes::Changes;
use crate::process::limits::{CHECKPOINT_EVERY_EVENTS, STORE_RETRY_MS};
use crate::process::rules::Rules;

/// The half that follows the log.
pub(super) struct Follower<C> {
    rules: Rules<C>,
    /// Where the checkpoint is, as far as is known.
    checkpoint: LogPosition,
    /// Up to here events were looked at.
    seen: LogPosition,
    stage: Stage,
}

enum Stage {
    /// Start from the checkpoint, not before this time.
    Lost(Timestamp),
    /// The checkpoint is being read.
    Finding,
    /// There is nothing to move.
    Ready,
    /// Waits for events.
    Following,
    /// To be moved.
    Changed(Changes),
    /// Being moved.
    Advancing,
}

impl<C> Follower<C> {
    pub(super) fn new(rules: Rules<C>) -> Self {
        let stage = Stage::Lost(Timestamp::default());
        Self { rules, checkpoint: 0, seen: 0, stage }
    }

    pub(super) fn drive(&mut self, now: Timestamp, effects: &mut Vec<Effect<C>>) {
        match &mut self.stage {
            Stage::Lost(not_before) if *not_before <= now => {
                self.stage = Stage::Finding;
                effects.push(Effect::Checkpoint);
            }
            Stage::Ready => {
                self.stage = Stage::Following;
                effects.push(Effect::Follow { after: self.seen });
            }
            Stage::Changed(changes) => {
                let step = std::mem::take(changes).into_step(self.checkpoint, self.seen);
                self.stage = Stage::Advancing;
                effects.push(Effect::Advance(Box::new(step)));
            }
            _ => {}
        }
    }

    pub(super) fn wake_at(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Lost(not_before) => Some(not_before),
            _ => None,
        }
    }

    pub(super) fn found(&mut self, now: Timestamp, checkpoint: Option<LogPosition>) {
        match checkpoint {
            Some(position) => {
                (self.checkpoint, self.seen) = (position, position);
                self.stage = Stage::Ready;
            }
            None => self.lose(now),
        }
    }

    pub(super) fn read(&mut self, now: Timestamp, result: Result<Vec<Recorded>, LogError>) {
        let Ok(batch) = result else { return self.lose(now) };
        let Some(last) = batch.last() else {
            self.stage = Stage::Ready;
            return;
        };
        let mut changes = Changes::default();
        for event in &batch {
            match (self.rules.follow)(event) {
                Ok(all) => all.into_iter().for_each(|change| changes.note(event, change)),
                Err(error) => {
                    // Nothing is skipped: what it opens would never be done.
                    let (stream, revision) = (&event.stream, event.revision);
                    tracing::error!(%error, %stream, revision, "the process can't read an event");
                    return self.lose(now);
                }
            }
        }
        self.seen = last.position;
        if changes.is_empty() && self.seen - self.checkpoint < CHECKPOINT_EVERY_EVENTS {
            self.stage = Stage::Ready;
            return;
        }
        self.stage = Stage::Changed(changes);
    }

    pub(super) fn advanced(&mut self, now: Timestamp, moved: Option<bool>) {
        if moved == Some(true) {
            self.checkpoint = self.seen;
            self.stage = Stage::Ready;
        } else {
            // Another node has moved it, or that is not known: see where it is.
            self.lose(now);
        }
    }

    fn lose(&mut self, now: Timestamp) {
        self.stage = Stage::Lost(now.plus(Duration::from_millis(STORE_RETRY_MS)));
    }
}
