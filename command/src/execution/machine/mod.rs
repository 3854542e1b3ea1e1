//! The mailbox: one entity's commands, claimed, decided on the state in memory, and appended in
//! batches. A machine: it is told what happened and says what it wants done.
//!
//! Two things go on at once. Along the *line* (`line`, `appending`) the stream is loaded, read,
//! and appended to, one request at a time. Beside it commands are claimed and their claims
//! settled (`claiming`, `closing`), each command by itself. A command passes through `Stage`s.
//!
//! Invariants: the entity holds only what is in the log for certain; all that is decided beyond
//! it lies in a draft that is dropped unless its append succeeds. No answer is given that rests
//! on a draft. Core and items are those of one moment. An answer without events is given only
//! after a request that began when the command was there already has proved the state to be the
//! stream's end.

mod answer;
mod appending;
mod claiming;
mod closing;
mod deciding;
mod draft;
pub mod effect;
mod entity;
mod items;
mod line;
mod op;
mod queue;
mod recent;
mod saving;
mod watching;

use std::time::Duration;

use events::{Revision, StreamName, Timestamp};
use uuid::Uuid;

pub use self::answer::stored_refusal;
use self::effect::{Effect, Input, Reply, Request, Serial, Ticket, Token};
use self::entity::Entity;
use self::line::Line;
use self::op::{Follower, Shared};
use self::queue::Queue;
use self::saving::Saving;
use crate::execution::aggregate::Aggregate;
use crate::execution::ask::{Ask, Refused, Settled};
use crate::execution::limits::{ANSWER_WITHIN_MS, Limits, OVERLOADED_RETRY_MS};
use crate::rejection::{Code, Rejection};

/// One entity's commands.
pub struct Mailbox<A: Aggregate> {
    stream: StreamName,
    limits: Limits,
    now: Timestamp,
    queue: Queue<A>,
    looks: Vec<Look>,
    entity: Option<Entity<A>>,
    line: Line<A>,
    /// Number of the last request along the line.
    requests: u64,
    /// The newest of them that proved the entity to be the stream's end.
    fresh: u64,
    /// The stream has to be read before anything is decided.
    must_sync: bool,
    /// What is being claimed, from which revision on.
    claiming: Vec<(Serial, Option<Revision>)>,
    saving: Saving,
    effects: Vec<Effect<A>>,
}

/// Somebody waits for the current state.
struct Look {
    token: Token,
    items: Vec<Uuid>,
    fresh_from: u64,
    deadline: Timestamp,
}

impl<A: Aggregate> Mailbox<A> {
    /// Of a stream about which nothing is known yet.
    pub fn new(stream: StreamName, limits: Limits) -> Self {
        Self {
            stream,
            limits,
            now: Timestamp::default(),
            queue: Queue::new(),
            looks: Vec::new(),
            entity: None,
            line: Line::Cold,
            requests: 0,
            fresh: 0,
            must_sync: true,
            claiming: Vec::new(),
            saving: Saving::default(),
            effects: Vec::new(),
        }
    }

    /// Takes in what happened, and says what is to be done.
    pub fn step(
        &mut self,
        now: Timestamp,
        inputs: impl IntoIterator<Item = Input<A>>,
    ) -> Vec<Effect<A>> {
        self.now = now;
        for input in inputs {
            match input {
                Input::Ask(token, ask) => self.admit(token, ask),
                Input::Peek(token, items) => self.look(token, items),
                Input::Reply(ticket, reply) => self.replied(ticket, reply),
                Input::Wake => {}
                Input::Retire => self.saving.wanted = true,
            }
        }
        self.expire();
        self.drive();
        std::mem::take(&mut self.effects)
    }

    /// When it has to be woken at the latest, if nothing else happens.
    pub fn wake_at(&self) -> Option<Timestamp> {
        let deadline = self.queue.next_due().map(|(deadline, _)| deadline);
        let look = self.looks.first().map(|look| look.deadline);
        [deadline, look, self.next_watch(), self.next_save()].into_iter().flatten().min()
    }

    /// Whether nobody waits and nothing is under way.
    pub fn is_idle(&self) -> bool {
        let at_rest = matches!(self.line, Line::Cold | Line::Ready);
        let quiet = self.claiming.is_empty() && !self.saving.is_under_way();
        at_rest && quiet && self.queue.is_empty() && self.looks.is_empty()
    }

    fn admit(&mut self, token: Token, ask: Box<Ask<A>>) {
        if self.is_full() {
            self.effects.push(Effect::Answer(token, Err(overloaded().into())));
            return;
        }
        let deadline = self.now.plus(Duration::from_millis(ANSWER_WITHIN_MS));
        self.queue.admit(Follower { token, ask, deadline, fresh_from: self.requests + 1 });
    }

    fn look(&mut self, token: Token, items: Vec<Uuid>) {
        if self.is_full() {
            self.effects.push(Effect::Show(token, Err(overloaded())));
            return;
        }
        let deadline = self.now.plus(Duration::from_millis(ANSWER_WITHIN_MS));
        self.looks.push(Look { token, items, fresh_from: self.requests + 1, deadline });
    }

    fn is_full(&self) -> bool {
        self.queue.waiting() + self.looks.len() >= self.limits.queue_len
    }

    fn replied(&mut self, ticket: Ticket, reply: Reply) {
        match (ticket, reply) {
            (Ticket::Claims, Reply::Claim(result)) => self.claimed(result),
            (Ticket::Save, Reply::Save(result)) => self.saved(result.is_ok()),
            (Ticket::Line, reply) => self.line_replied(reply),
            (Ticket::Op(serial), reply) => self.op_replied(serial, reply),
            (Ticket::Claims | Ticket::Save, _) => debug_assert!(false, "a reply of another kind"),
        }
    }

    /// Does all that can be done without waiting.
    fn drive(&mut self) {
        loop {
            self.watch();
            self.seek();
            // Last, because whoever is answered may leave the id to who waits behind.
            self.claim();
            if !self.advance() {
                break;
            }
        }
        self.save();
    }

    /// Answers those whose time is over; what is under way for them goes on without them.
    fn expire(&mut self) {
        while let Some((_, serial)) = self.queue.next_due().filter(|due| due.0 <= self.now) {
            self.finish(serial, Err(too_late().into()));
        }
        let (now, effects) = (self.now, &mut self.effects);
        self.looks.retain(|look| {
            let over = look.deadline <= now;
            if over {
                effects.push(Effect::Show(look.token, Err(too_late())));
            }
            !over
        });
    }

    /// Answers a command, and whoever joined it: to those it is a repeat.
    fn finish(&mut self, serial: Serial, answer: Result<Settled, Refused>) {
        self.end(serial, answer, Shared::WithJoined);
    }

    /// Refuses this one try of a command. Whoever joined it goes on.
    fn refuse(&mut self, serial: Serial, refused: Refused) {
        self.end(serial, Err(refused), Shared::WithNobody);
    }

    fn end(&mut self, serial: Serial, answer: Result<Settled, Refused>, shared: Shared) {
        let Some(mut op) = self.queue.remove(serial) else { return };
        if let (Some(_), Some(entity)) = (&op.logged, &mut self.entity) {
            entity.recent.let_go(op.ask.fresh_id);
        }
        let joined = answer.clone().map(|settled| Settled { repeated: true, ..settled });
        self.effects.push(Effect::Answer(op.token, answer));
        for follower in std::mem::take(&mut op.followers) {
            if shared == Shared::WithJoined && op.is_same(&follower.ask) {
                self.effects.push(Effect::Answer(follower.token, joined.clone()));
            } else {
                self.queue.admit(follower);
            }
        }
    }

    fn ask_line(&mut self, request: Request) {
        self.effects.push(Effect::Io(Ticket::Line, request));
    }

    fn ask_for(&mut self, serial: Serial, request: Request) {
        self.effects.push(Effect::Io(Ticket::Op(serial), request));
    }
}

/// The refusal of a command for which there is no room.
pub(in crate::execution) fn overloaded() -> Rejection {
    Rejection::new(Code::Overloaded, "too much is waiting here")
        .retry_after(Duration::from_millis(OVERLOADED_RETRY_MS))
}

fn too_late() -> Rejection {
    Rejection::new(Code::Unavailable, "it could not be done in time")
}

fn unavailable() -> Rejection {
    Rejection::new(Code::Unavailable, "the log or a store can't be reached")
}

fn corrupt() -> Rejection {
    Rejection::new(Code::Internal, "what is stored can't be read")
}
