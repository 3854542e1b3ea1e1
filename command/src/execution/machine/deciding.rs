//! Deciding all commands that are ready, one after another on a draft.

use events::settled::CommandSettled;
use events::{CommandId, Revision, StreamName, Timestamp};
use uuid::Uuid;

use super::answer::{self, Answer};
use super::draft::{Caused, Draft, Misfit};
use super::effect::Serial;
use super::entity::Entity;
use super::op::{Hold, Op};
use super::queue::Queue;
use crate::execution::aggregate::{Aggregate, Context, Decision, View};
use crate::execution::ask::{Refused, Settled};
use crate::execution::limits::Limits;
use crate::rejection::{Code, Rejection};

/// What was decided about one command. It holds once the batch's events are in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its last event is the batch's event with this index.
    Done(usize),
    /// There is nothing to change.
    Unchanged,
    /// Refused for good.
    Kept(Rejection),
    /// A `CommandSettled` with this answer is the batch's event with this index.
    Fenced(usize, Answer),
    /// Refused, and the id stays free; `logged` if an event under the fresh id goes with it.
    Freed {
        /// Why.
        rejection: Rejection,
        /// Whether it has an event.
        logged: bool,
    },
    /// To be verified again.
    Stale,
}

impl Verdict {
    /// Whether it rests on the state alone, no event of it going into the log.
    pub(super) fn is_eventless(&self) -> bool {
        !matches!(
            self,
            Self::Done(_) | Self::Fenced(..) | Self::Freed { logged: true, .. } | Self::Stale
        )
    }
}

/// Commands that were decided together.
pub(super) struct Batch<A: Aggregate> {
    /// Their events, and the state after them.
    pub(super) draft: Draft<A>,
    /// What was decided about each.
    pub(super) verdicts: Vec<(Serial, Verdict)>,
}

/// What came of looking at all ready commands.
pub(super) struct Round<A: Aggregate> {
    /// What was decided.
    pub(super) batch: Batch<A>,
    /// Items that are missing: nothing else counts before they are loaded.
    pub(super) missing: Vec<Uuid>,
    /// Commands whose answer was found in the stream.
    pub(super) found: Vec<(Serial, Result<Settled, Refused>)>,
    /// Commands whose events have to be searched for in the log.
    pub(super) unsure: Vec<Serial>,
    /// Commands whose claim has to be moved to here before they may append.
    pub(super) behind: Vec<(Serial, Revision)>,
}

/// What came of one command.
enum Step {
    Verdict(Verdict),
    Missing(Vec<Uuid>),
    Found(Result<Settled, Refused>),
    Unsure,
    Behind(Revision),
    /// It has to wait for the next batch, and so have all after it.
    Full,
}

/// Decides what is ready, until the batch is full.
pub(super) fn decide<A: Aggregate>(
    queue: &Queue<A>,
    entity: &mut Entity<A>,
    stream: &StreamName,
    now: Timestamp,
    limits: &Limits,
) -> Round<A> {
    let batch = Batch { draft: Draft::of(entity), verdicts: Vec::new() };
    let (missing, found, unsure, behind) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut round = Round { batch, missing, found, unsure, behind };
    for serial in queue.ready() {
        let Some(op) = queue.get(*serial) else { continue };
        let draft = &mut round.batch.draft;
        match (Decider { op, entity, stream, now, limits }).step(draft) {
            Step::Verdict(verdict) => round.batch.verdicts.push((*serial, verdict)),
            Step::Missing(keys) => round.missing.extend(keys),
            Step::Found(answer) => round.found.push((*serial, answer)),
            Step::Unsure => round.unsure.push(*serial),
            Step::Behind(revision) => round.behind.push((*serial, revision)),
            Step::Full => break,
        }
    }
    round
}

/// One command with all that deciding it takes.
struct Decider<'a, A: Aggregate> {
    op: &'a Op<A>,
    entity: &'a mut Entity<A>,
    stream: &'a StreamName,
    now: Timestamp,
    limits: &'a Limits,
}

impl<A: Aggregate> Decider<'_, A> {
    fn step(mut self, draft: &mut Draft<A>) -> Step {
        if let Some(step) = self.past() {
            return step;
        }
        let keys = A::needs(&self.op.ask.command);
        let unknown = |key: &Uuid| !self.entity.items.knows(*key);
        let missing: Vec<Uuid> = keys.iter().copied().filter(unknown).collect();
        if !missing.is_empty() {
            return Step::Missing(missing);
        }
        let at = draft.core.at.max(self.now).max(self.op.ask.cause_at.unwrap_or_default());
        let items = draft.items(self.entity, &keys);
        let view = View { state: &draft.core.state, items: &items };
        let ask = &self.op.ask;
        let (actor, ring) = (&ask.actor, &ask.ring);
        let context = Context { now: at, id: ask.id, actor, stream: self.stream, ring };
        let decision = A::decide(&view, &context, &ask.command);
        self.write(draft, at, decision)
    }

    /// What the stream already tells of the command.
    fn past(&self) -> Option<Step> {
        let (op, recent) = (self.op, &self.entity.recent);
        let (from, checked) = match op.hold {
            Hold::Claimed { from, checked, .. } => (from, checked),
            // Its decider knows, but not its position.
            Hold::Natural => (None, self.entity.core.revision),
            Hold::Barred | Hold::Unclaimed => return self.logged(),
        };
        if let Some(found) = recent.find(op.ask.id, from) {
            return Some(Step::Found(found.tell(&op.ask)));
        }
        if !recent.covers(checked) && searched_up_to(from, checked, self.limits).is_none() {
            return Some(Step::Unsure);
        }
        self.logged()
    }

    fn logged(&self) -> Option<Step> {
        let rejection = self.op.logged.as_ref()?;
        self.entity.recent.awaited(self.op.ask.fresh_id)?;
        Some(Step::Verdict(Verdict::Freed { rejection: rejection.clone(), logged: false }))
    }

    fn write(&mut self, draft: &mut Draft<A>, at: Timestamp, decision: Decision<A::Event>) -> Step {
        let (id, fresh) = (self.op.ask.id, self.op.ask.fresh_id);
        let barred = self.op.hold == Hold::Barred;
        match decision {
            Decision::Stale => Step::Verdict(Verdict::Stale),
            Decision::CountAndRefuse(event, rejection) => {
                let verdict = |_| Verdict::Freed { rejection, logged: true };
                self.add(draft, at, fresh, vec![event], verdict)
            }
            Decision::Refuse(rejection) if self.op.ask.policy.leaves_id_free(rejection.code) => {
                self.free(draft, at, rejection)
            }
            _ if barred => self.free(draft, at, answer::taken()),
            Decision::Refuse(rejection) => self.keep(draft, at, Answer::Refused(rejection)),
            Decision::Accept(events) if events.is_empty() => {
                self.keep(draft, at, Answer::Done { position: None })
            }
            Decision::Accept(events) => self.add(draft, at, id, events, Verdict::Done),
        }
    }

    /// A refusal that leaves the id free. While an earlier append may still come to be, an event
    /// under the fresh id takes the revision that it expects. A stream without events is not made
    /// for that where every attempt is refused alike.
    fn free(&mut self, draft: &mut Draft<A>, at: Timestamp, rejection: Rejection) -> Step {
        let is_empty = self.entity.core.revision.is_none();
        if !self.op.must_fence() || is_empty && !A::REFUSALS_VARY {
            return Step::Verdict(Verdict::Freed { rejection, logged: false });
        }
        let answer = Answer::Refused(rejection.clone()).to_value();
        let event = CommandSettled { answer }.into();
        let verdict = |_| Verdict::Freed { rejection, logged: true };
        self.add(draft, at, self.op.ask.fresh_id, vec![event], verdict)
    }

    /// An answer without events that is kept.
    fn keep(&mut self, draft: &mut Draft<A>, at: Timestamp, answer: Answer) -> Step {
        let natural = self.op.hold == Hold::Natural;
        match answer {
            Answer::Refused(rejection) if natural => self.free(draft, at, rejection),
            answer if self.op.must_fence() && !natural => {
                let event = CommandSettled { answer: answer.to_value() }.into();
                let verdict = |index| Verdict::Fenced(index, answer);
                self.add(draft, at, self.op.ask.id, vec![event], verdict)
            }
            Answer::Refused(rejection) => Step::Verdict(Verdict::Kept(rejection)),
            Answer::Done { .. } => Step::Verdict(Verdict::Unchanged),
        }
    }

    fn add(
        &mut self,
        draft: &mut Draft<A>,
        at: Timestamp,
        command: CommandId,
        events: Vec<A::Event>,
        verdict: impl FnOnce(usize) -> Verdict,
    ) -> Step {
        if let Some(step) = self.beyond_claim(draft, events.len()) {
            return step;
        }
        let caused = Caused { command, attempt: self.op.attempt(), at, events };
        match draft.add(self.entity, self.stream, &self.op.ask, caused) {
            Ok(()) => Step::Verdict(verdict(draft.events.len() - 1)),
            Err(Misfit::Full) => Step::Full,
            Err(Misfit::Missing(keys)) => Step::Missing(keys),
            Err(Misfit::TooLarge) => internal("the command's events don't fit into one append"),
            Err(Misfit::Unwritable(error)) => {
                tracing::error!(%error, stream = %self.stream, "an event can't be written");
                internal("an event can't be written")
            }
        }
    }

    /// A repeat looks for the command's events only so far behind its claim.
    fn beyond_claim(&self, draft: &Draft<A>, len: usize) -> Option<Step> {
        let Hold::Claimed { from, .. } = self.op.hold else { return None };
        let end = draft.core.next() + len as u64;
        if end <= next_after(from) + self.limits.claim_revisions {
            return None;
        }
        match self.entity.core.revision {
            Some(revision) if Some(revision) > from => Some(Step::Behind(revision)),
            // Its claim is as near as can be: the batch's other events are what makes it far.
            _ => (!draft.events.is_empty()).then_some(Step::Full),
        }
    }
}

fn internal(message: &str) -> Step {
    let rejection = Rejection::new(Code::Internal, message);
    Step::Verdict(Verdict::Freed { rejection, logged: false })
}

fn next_after(revision: Option<Revision>) -> Revision {
    revision.map_or(0, |revision| revision + 1)
}

/// `Some` once as much of the stream was searched as a command's events may lie behind `from`.
pub(super) fn searched_up_to(
    from: Option<Revision>,
    checked: Option<Revision>,
    limits: &Limits,
) -> Option<Revision> {
    checked.filter(|_| next_after(checked) >= next_after(from) + limits.claim_revisions)
}
