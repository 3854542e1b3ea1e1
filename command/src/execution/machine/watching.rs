//! Claims that somebody else may hold: taking them up, and waiting for who did.

use std::time::Duration;

use events::Timestamp;

use super::effect::{Request, Serial};
use super::op::{Hold, Stage, Then};
use super::{Mailbox, unavailable};
use crate::execution::aggregate::Aggregate;
use crate::execution::ask::Refused;
use crate::execution::limits::{WATCH_EVERY_MS, WATCH_MS};
use crate::ports::{Claim, StoreError};
use crate::rejection::Code;

impl<A: Aggregate> Mailbox<A> {
    pub(super) fn taken_up(
        &mut self,
        serial: Serial,
        result: Result<Option<(Claim, bool)>, StoreError>,
    ) {
        match result {
            Err(_) => self.finish(serial, Err(unavailable().into())),
            // Its owner has given the id up meanwhile.
            Ok(None) => self.queue.set_stage(serial, Stage::New),
            // Not while it may be somebody else's: the id may have been freed and claimed since.
            Ok(Some((claim, true))) if self.owns(serial, &claim) => {
                if let Some(op) = self.queue.get_mut(serial)
                    && let Hold::Claimed { from, attempt, .. } = &mut op.hold
                {
                    (*from, *attempt) = (claim.from_revision, claim.attempt);
                }
                self.queue.set_stage(serial, Stage::Ready);
            }
            Ok(Some((claim, _))) => {
                self.follow(serial, &claim, Then::Watch { since: self.now });
            }
        }
    }

    fn owns(&self, serial: Serial, claim: &Claim) -> bool {
        self.queue.get(serial).is_some_and(|op| {
            let same_input = Some(&claim.input_hash) == op.ask.policy.input_hash();
            same_input && claim.actor == op.ask.actor && claim.stream == self.stream
        })
    }

    /// The claim is another attempt's now: looks at once, then again and again.
    pub(super) fn lost_claim(&mut self, serial: Serial) {
        let stage = Stage::Watching { since: self.now, next_at: self.now };
        self.queue.set_stage(serial, stage);
    }

    /// Nothing has come of it yet: looks again later, or gives up.
    pub(super) fn watch_on(&mut self, serial: Serial, since: Timestamp) {
        if self.now >= since.plus(Duration::from_millis(WATCH_MS)) {
            let message = "the same command is still running";
            return self.finish(serial, Err(Refused::new(Code::InProgress, message)));
        }
        let next_at = self.now.plus(Duration::from_millis(WATCH_EVERY_MS));
        self.queue.set_stage(serial, Stage::Watching { since, next_at });
    }

    /// Reads the claims for which it is time.
    pub(super) fn watch(&mut self) {
        let serials: Vec<Serial> = self.queue.watching().iter().copied().collect();
        for serial in serials {
            let Some(op) = self.queue.get(serial) else { continue };
            let id = op.ask.id;
            if let Stage::Watching { since, next_at } = op.stage
                && next_at <= self.now
            {
                self.queue.set_stage(serial, Stage::Finding { since });
                self.ask_for(serial, Request::Find { id });
            }
        }
    }

    /// When the next claim has to be read.
    pub(super) fn next_watch(&self) -> Option<Timestamp> {
        let ops = self.queue.watching().iter().filter_map(|serial| self.queue.get(*serial));
        ops.filter_map(|op| match op.stage {
            Stage::Watching { next_at, .. } => Some(next_at),
            _ => None,
        })
        .min()
    }

    pub(super) fn claim_read(
        &mut self,
        serial: Serial,
        since: Timestamp,
        result: Result<Option<Claim>, StoreError>,
    ) {
        match result {
            Err(_) => self.finish(serial, Err(unavailable().into())),
            Ok(None) => match self.queue.get_mut(serial).and_then(|op| op.freed.take()) {
                Some(refused) => self.refuse(serial, refused),
                None => self.queue.set_stage(serial, Stage::New),
            },
            Ok(Some(claim)) => self.follow(serial, &claim, Then::Watch { since }),
        }
    }
}
