//! Carrying out what was decided: the append, and what follows from how it ends.

use std::sync::Arc;

use events::{Append, AppendError, Appended, NewEvent, Recorded, Revision};

use super::answer::Answer;
use super::deciding::{Batch, Verdict};
use super::effect::{Request, Serial};
use super::line::Line;
use super::op::{Closing, Hold, Op, Stage};
use super::{Mailbox, unavailable};
use crate::execution::aggregate::Aggregate;
use crate::execution::ask::{Refused, Settled};
use crate::execution::limits::DECISIONS_MAX;
use crate::rejection::{Code, Rejection};

/// A batch whose events are being appended.
pub(super) struct Appending<A: Aggregate> {
    batch: Batch<A>,
    number: u64,
}

impl<A: Aggregate> Mailbox<A> {
    /// Appends a batch's events. Without any, answers are good where the state is proved to be the
    /// stream's end; for the others the tail is read, and they are decided anew.
    pub(super) fn carry_out(&mut self, batch: Batch<A>) -> bool {
        if batch.draft.events.is_empty() {
            let (old, good): (Vec<_>, Vec<_>) =
                batch.verdicts.into_iter().partition(|verdict| self.rests_on_old_state(verdict));
            self.close_all(good, &[], Vec::new());
            if !old.is_empty() {
                self.read_tail();
            }
            return old.is_empty();
        }
        for (serial, _) in &batch.verdicts {
            self.queue.set_stage(*serial, Stage::Appending);
        }
        let (stream, expected) = (self.stream.clone(), batch.draft.expected());
        let events = batch.draft.events.clone();
        self.ask_line(Request::Append(Append { stream, expected, events }));
        self.requests += 1;
        self.line = Line::Appending(Appending { batch, number: self.requests });
        false
    }

    fn rests_on_old_state(&self, (serial, verdict): &(Serial, Verdict)) -> bool {
        let fresh_from = self.queue.get(*serial).map_or(0, |op| op.fresh_from);
        verdict.is_eventless() && fresh_from > self.fresh
    }

    pub(super) fn appended(
        &mut self,
        appending: Appending<A>,
        result: Result<Appended, AppendError>,
    ) {
        let Appending { batch: Batch { draft, verdicts }, number } = appending;
        let seen = draft.expected().last();
        match result {
            Ok(_) if self.may_repeat(&verdicts) => {
                self.must_sync = true;
                self.look_again(verdicts);
            }
            Ok(Appended { positions, .. }) => {
                let Some(entity) = &mut self.entity else { return };
                let events = draft.commit(entity, &positions);
                entity.items.sweep();
                self.fresh = number;
                self.close_all(verdicts, &positions, events);
            }
            Err(AppendError::Conflict { current }) => {
                self.must_sync = true;
                if current < seen {
                    tracing::error!(stream = %self.stream, "the log has lost events");
                    self.drop_entity();
                }
                self.decide_again(verdicts, seen, Doubt::None);
            }
            Err(AppendError::Unknown(_)) => {
                self.must_sync = true;
                self.decide_again(verdicts, seen, Doubt::MayBeWritten);
            }
            Err(AppendError::Unavailable(_)) => {
                for (serial, _) in verdicts {
                    self.finish(serial, Err(unavailable().into()));
                }
            }
            Err(AppendError::TooLarge { what, size, limit }) => {
                tracing::error!(stream = %self.stream, what, size, limit, "an append was refused");
                let refused = Refused::new(Code::Internal, "an append was refused as too large");
                for (serial, _) in verdicts {
                    self.finish(serial, Err(refused.clone()));
                }
            }
        }
    }

    fn may_repeat(&self, verdicts: &[(Serial, Verdict)]) -> bool {
        let mut ops = verdicts.iter().filter_map(|(serial, _)| self.queue.get(*serial));
        ops.any(Op::may_repeat)
    }

    /// The events are in the log, but perhaps not these very ones: reads what is there.
    fn look_again(&mut self, verdicts: Vec<(Serial, Verdict)>) {
        for (serial, verdict) in verdicts {
            self.await_logged(serial, verdict);
            self.queue.set_stage(serial, Stage::Ready);
        }
    }

    /// An event under the fresh id may turn up: then this refusal is the answer.
    fn await_logged(&mut self, serial: Serial, verdict: Verdict) {
        if let Verdict::Freed { rejection, logged: true } = verdict
            && let (Some(op), Some(entity)) = (self.queue.get_mut(serial), &mut self.entity)
        {
            entity.recent.await_event(op.ask.fresh_id);
            op.logged = Some(rejection);
        }
    }

    fn decide_again(
        &mut self,
        verdicts: Vec<(Serial, Verdict)>,
        seen: Option<Revision>,
        doubt: Doubt,
    ) {
        for (serial, verdict) in verdicts {
            let Some(op) = self.queue.get_mut(serial) else { continue };
            op.decisions += 1;
            if let Hold::Claimed { checked, .. } = &mut op.hold {
                *checked = (*checked).max(seen);
            }
            let again = op.decisions < DECISIONS_MAX;
            if doubt == Doubt::MayBeWritten {
                op.uncertain = true;
                self.await_logged(serial, verdict);
            }
            if again {
                self.queue.set_stage(serial, Stage::Ready);
            } else {
                self.lose(serial);
            }
        }
    }

    /// Gives a command up that lost too many races.
    fn lose(&mut self, serial: Serial) {
        let Some(op) = self.queue.get(serial) else { return };
        if op.uncertain {
            return self.finish(serial, Err(unavailable().into()));
        }
        let rejection = Rejection::new(Code::Conflict, "others were faster each time");
        self.free(serial, rejection.into());
    }

    /// The batch is in the log: answers its commands, or ends their claims first.
    fn close_all(
        &mut self,
        verdicts: Vec<(Serial, Verdict)>,
        positions: &[u64],
        events: Vec<NewEvent>,
    ) {
        let at = self.entity.as_ref().map_or(0, |entity| entity.core.position);
        let next = self.entity.as_ref().map_or(0, |entity| entity.core.next());
        let (first_revision, stream) = (next - events.len() as u64, self.stream.clone());
        let done = |index: usize| positions.get(index).copied().unwrap_or(at);
        let mut events: Vec<_> = events.into_iter().map(Some).collect();
        // Each event is the last of one command at most.
        let mut taken = |index: usize| {
            let event = events.get_mut(index)?.take()?;
            let (revision, position) = (first_revision + index as u64, done(index));
            Some(Arc::new(Recorded { stream: stream.clone(), revision, position, event }))
        };
        for (serial, verdict) in verdicts {
            match verdict {
                Verdict::Done(index) => {
                    let (position, event) = (done(index), taken(index));
                    self.finish(serial, Ok(Settled { position, repeated: false, event }));
                }
                Verdict::Fenced(index, answer) => {
                    self.finish(serial, first(answer, done(index)));
                }
                Verdict::Unchanged => {
                    self.settle(serial, Answer::Done { position: Some(at) });
                }
                Verdict::Kept(rejection) => self.settle(serial, Answer::Refused(rejection)),
                Verdict::Freed { rejection, .. } => self.free(serial, rejection.into()),
                Verdict::Stale => self.free(serial, Refused::Stale),
            }
        }
    }

    /// Stores an answer in the command's claim, if it has one, and gives it then.
    fn settle(&mut self, serial: Serial, answer: Answer) {
        let Some(op) = self.queue.get(serial) else { return };
        let Hold::Claimed { attempt, .. } = op.hold else {
            return self.finish(serial, first(answer, 0));
        };
        let (id, stored) = (op.ask.id, answer.to_value());
        self.queue.set_stage(serial, Stage::Closing(Closing::Settle(answer)));
        self.ask_for(serial, Request::Settle { id, attempt, answer: stored });
    }

    /// Refuses a command and frees its id. Where another attempt may still append, the claim stays
    /// for a repeat to take up: only from its `from_revision` on are such events found.
    fn free(&mut self, serial: Serial, refused: Refused) {
        let Some(op) = self.queue.get(serial) else { return };
        let Hold::Claimed { attempt, .. } = op.hold else {
            return self.refuse(serial, refused);
        };
        if op.must_fence() {
            return self.refuse(serial, refused);
        }
        let id = op.ask.id;
        self.queue.set_stage(serial, Stage::Closing(Closing::Release(refused)));
        self.ask_for(serial, Request::Release { id, attempt });
    }
}

/// Whether an append that gave no positions may have been written all the same.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doubt {
    None,
    MayBeWritten,
}

/// An answer when it is given for the first time.
pub(super) fn first(answer: Answer, at: u64) -> Result<Settled, Refused> {
    answer.repeat(at).map(|settled| Settled { repeated: false, ..settled })
}
