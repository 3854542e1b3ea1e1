//! Claiming new commands, and searching the stream for those that were claimed before.

use events::{CommandId, LogError, Recorded, Revision};

use super::answer::{self, Answer};
use super::deciding::searched_up_to;
use super::effect::{Effect, Reply, Request, Serial, Ticket};
use super::op::{Hold, Op, Stage, Then};
use super::recent::Found;
use super::{Mailbox, corrupt, unavailable};
use crate::execution::aggregate::Aggregate;
use crate::execution::ask::Policy;
use crate::execution::limits::CLAIMS_LEN_MAX;
use crate::ports::{Claim, Claimed, NewClaim, StoreError};

impl<A: Aggregate> Mailbox<A> {
    /// Claims what is new, while an append may be under way.
    pub(super) fn claim(&mut self) {
        let Some(entity) = &self.entity else { return };
        if self.must_sync || self.queue.new_ones().is_empty() {
            return;
        }
        let from_revision = entity.core.revision;
        let new: Vec<Serial> = self.queue.new_ones().iter().copied().collect();
        let (mut claims, busy) = (Vec::new(), !self.claiming.is_empty());
        for serial in new {
            let Some(op) = self.queue.get_mut(serial) else { continue };
            match &op.ask.policy {
                Policy::Natural => {
                    op.hold = Hold::Natural;
                    self.queue.set_stage(serial, Stage::Ready);
                }
                _ if busy || claims.len() == CLAIMS_LEN_MAX => {}
                Policy::Claimed { input_hash, things } | Policy::Attempt { input_hash, things } => {
                    claims.push(NewClaim {
                        id: op.ask.id,
                        actor: op.ask.actor.clone(),
                        input_hash: input_hash.clone(),
                        stream: self.stream.clone(),
                        from_revision,
                        things: things.clone(),
                        at: self.now,
                    });
                    self.queue.set_stage(serial, Stage::Claiming);
                    self.claiming.push((serial, from_revision));
                }
            }
        }
        if !claims.is_empty() {
            self.effects.push(Effect::Io(Ticket::Claims, Request::Claim(claims)));
        }
    }

    pub(super) fn claimed(&mut self, result: Result<Vec<Claimed>, StoreError>) {
        let asked = std::mem::take(&mut self.claiming);
        match result {
            Ok(claims) => {
                for ((serial, from), claimed) in asked.into_iter().zip(claims) {
                    self.judge(serial, from, claimed);
                }
            }
            Err(_) => {
                for (serial, _) in asked {
                    self.finish(serial, Err(unavailable().into()));
                }
            }
        }
    }

    fn judge(&mut self, serial: Serial, from: Option<Revision>, claimed: Claimed) {
        match claimed {
            Claimed::New => {
                if let Some(op) = self.queue.get_mut(serial) {
                    op.hold = Hold::Claimed { from, attempt: 1, checked: from };
                    self.queue.set_stage(serial, Stage::Ready);
                }
            }
            Claimed::Existing(claim) => self.follow(serial, &claim, Then::TakeUp(claim.attempt)),
        }
    }

    /// A claim that was there before. Another actor's bars the command; one's own has its answer,
    /// or the stream is searched for its events.
    pub(super) fn follow(&mut self, serial: Serial, claim: &Claim, then: Then) {
        let fresh_from = self.requests + 1;
        let Some(op) = self.queue.get_mut(serial) else { return };
        if claim.actor != op.ask.actor {
            op.hold = Hold::Barred;
            return self.queue.set_stage(serial, Stage::Ready);
        }
        let same_input = Some(&claim.input_hash) == op.ask.policy.input_hash();
        if !same_input || claim.stream != self.stream {
            return self.refuse(serial, answer::other_input());
        }
        if let Some(stored) = &claim.answer {
            let answer = Answer::from_value(stored).ok_or_else(answer::unreadable);
            return self.finish(serial, answer.and_then(|answer| answer.repeat(0)));
        }
        op.hold = Hold::of(claim);
        self.queue.set_stage(serial, Op::<A>::seek(fresh_from, then));
    }

    /// Goes on with every search that can go on.
    pub(super) fn seek(&mut self) {
        let serials: Vec<Serial> = self.queue.seeking().iter().copied().collect();
        for serial in serials {
            self.seek_one(serial);
        }
    }

    fn seek_one(&mut self, serial: Serial) {
        let (Some(op), Some(entity)) = (self.queue.get_mut(serial), &self.entity) else { return };
        let Hold::Claimed { from, checked, .. } = &mut op.hold else { return };
        let Stage::Seeking(seek) = &mut op.stage else { return };
        if seek.reading || self.must_sync || seek.fresh_from > self.fresh {
            return;
        }
        if let Some(found) = entity.recent.find(op.ask.id, *from) {
            let answer = found.tell(&op.ask);
            return self.finish(serial, answer);
        }
        let exhausted = searched_up_to(*from, *checked, &self.limits).is_some();
        let covered = entity.recent.covers(*checked);
        // What was found at the end of a page may go on behind it, whatever the entity knows.
        if seek.found.is_none() && (exhausted || covered) {
            // Where the claim allowed no events nothing was looked at. Should it turn out to have
            // been moved meanwhile, the search goes on there.
            if covered {
                *checked = (*checked).max(entity.core.revision);
            }
            let then = seek.then;
            return self.not_found(serial, then);
        }
        seek.reading = true;
        let from = checked.map_or(0, |revision| revision + 1);
        let limit = self.limits.page_events;
        self.ask_for(serial, Request::Read { from, limit });
    }

    fn not_found(&mut self, serial: Serial, then: Then) {
        match then {
            Then::Decide => self.queue.set_stage(serial, Stage::Ready),
            Then::TakeUp(seen) => {
                let Some(op) = self.queue.get(serial) else { return };
                let id = op.ask.id;
                self.queue.set_stage(serial, Stage::TakingUp);
                self.ask_for(serial, Request::TakeUp { id, seen });
            }
            Then::Watch { since } => self.watch_on(serial, since),
        }
    }

    /// Takes in a page of the stream that was read for one command.
    fn searched(&mut self, serial: Serial, result: Result<Vec<Recorded>, LogError>) {
        let page = match result {
            Ok(page) => page,
            Err(LogError::Unavailable(_)) => {
                return self.finish(serial, Err(unavailable().into()));
            }
            Err(LogError::Corrupt(_)) => return self.finish(serial, Err(corrupt().into())),
        };
        let Some(op) = self.queue.get_mut(serial) else { return };
        let id = op.ask.id;
        let (Hold::Claimed { checked, .. }, Stage::Seeking(seek)) = (&mut op.hold, &mut op.stage)
        else {
            return;
        };
        seek.reading = false;
        let is_end = page.len() < self.limits.page_events;
        let Some(last) = page.last() else {
            // The log holds what the entity holds: without events it has lost them.
            let answer =
                seek.found.take().map_or_else(|| Err(corrupt().into()), |it| it.tell(&op.ask));
            return self.finish(serial, answer);
        };
        *checked = (*checked).max(Some(last.revision));
        if let Some(event) = page.iter().rev().find(|event| is_of(event, id)) {
            seek.found = Some(Found::of(event));
        }
        if let Some(found) = seek.found.take_if(|_| is_end || !is_of(last, id)) {
            let answer = found.tell(&op.ask);
            self.finish(serial, answer);
        }
    }

    pub(super) fn op_replied(&mut self, serial: Serial, reply: Reply) {
        let Some(op) = self.queue.get(serial) else { return };
        match (op.stage.clone(), reply) {
            (Stage::Seeking(_), Reply::Read(result)) => self.searched(serial, result),
            (Stage::TakingUp, Reply::TakeUp(result)) => self.taken_up(serial, result),
            (Stage::Finding { since }, Reply::Find(result)) => {
                self.claim_read(serial, since, result);
            }
            (Stage::Closing(closing), Reply::Held(result)) => {
                self.closed(serial, closing, result.ok());
            }
            (Stage::Advancing(revision), Reply::Held(result)) => {
                self.claim_moved(serial, revision, result.ok());
            }
            _ => debug_assert!(false, "a reply that the command doesn't wait for"),
        }
    }
}

fn is_of(event: &Recorded, id: CommandId) -> bool {
    event.event.metadata.causation == id
}
