//! The task of one mailbox.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use events::StreamName;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::perform::{Ports, perform};
use super::registry::Registry;
use crate::execution::aggregate::Aggregate;
use crate::execution::ask::{Ask, Peek, Refused, Settled};
use crate::execution::limits::Limits;
use crate::execution::machine::Mailbox;
use crate::execution::machine::effect::{Effect, Input, Reply, Ticket, Token};
use crate::rejection::Rejection;

/// What is put into a mailbox.
pub(super) enum Letter<A: Aggregate> {
    /// A command.
    Ask(Box<Ask<A>>, oneshot::Sender<Result<Settled, Refused>>),
    /// The current state is asked for.
    Peek(Vec<Uuid>, oneshot::Sender<Result<Peek<A>, Rejection>>),
}

/// Where a mailbox stands.
pub(super) struct Place {
    pub(super) stream: StreamName,
    pub(super) number: u64,
    pub(super) registry: Weak<Registry>,
}

/// Runs a mailbox until it was idle for long enough or the node stops.
pub(super) async fn run<A: Aggregate>(
    place: Place,
    ports: Arc<Ports>,
    limits: Limits,
    mut letters: mpsc::Receiver<Letter<A>>,
    stop: CancellationToken,
) {
    let mailbox = Mailbox::new(place.stream.clone(), limits);
    let mut task =
        Task { place, ports, mailbox, calls: FuturesUnordered::new(), desk: Desk::new() };
    let mut open = true;
    loop {
        let idle = task.mailbox.is_idle();
        if !open && idle {
            return;
        }
        let pause = if idle { Duration::from_millis(limits.idle_ms) } else { task.until_wake() };
        let mut inputs = Vec::new();
        tokio::select! {
            Some((ticket, reply)) = task.calls.next(), if !task.calls.is_empty() => {
                inputs.push(Input::Reply(ticket, reply));
            }
            letter = letters.recv(), if open => match letter {
                Some(letter) => inputs.push(task.desk.take(letter)),
                None => open = false,
            },
            () = stop.cancelled(), if !letters.is_closed() => {
                letters.close();
                inputs.push(Input::Retire);
            }
            () = tokio::time::sleep(pause) => {
                if idle {
                    task.place.leave::<A>();
                    letters.close();
                    inputs.push(Input::Retire);
                } else {
                    inputs.push(Input::Wake);
                }
            }
        }
        // All that waits goes in at once: it is decided and appended together.
        while let Ok(letter) = letters.try_recv() {
            inputs.push(task.desk.take(letter));
        }
        task.step(inputs);
    }
}

impl Place {
    fn leave<A: Aggregate>(&self) {
        if let Some(registry) = self.registry.upgrade() {
            registry.remove::<A>(&self.stream, self.number);
        }
    }
}

struct Task<A: Aggregate> {
    place: Place,
    ports: Arc<Ports>,
    mailbox: Mailbox<A>,
    calls: FuturesUnordered<BoxFuture<'static, (Ticket, Reply)>>,
    desk: Desk<A>,
}

impl<A: Aggregate> Task<A> {
    fn step(&mut self, inputs: Vec<Input<A>>) {
        for effect in self.mailbox.step(self.ports.clock.now(), inputs) {
            match effect {
                Effect::Io(ticket, request) => {
                    let (ports, stream) = (Arc::clone(&self.ports), self.place.stream.clone());
                    let call = perform(ports, stream, A::SCHEMA, request);
                    self.calls.push(Box::pin(async move { (ticket, call.await) }));
                }
                Effect::Answer(token, answer) => self.desk.answer(token, answer),
                Effect::Show(token, answer) => self.desk.show(token, answer),
            }
        }
    }

    fn until_wake(&self) -> Duration {
        let forever = Duration::from_hours(1);
        self.mailbox.wake_at().map_or(forever, |at| at.since(self.ports.clock.now()))
    }
}

/// Who waits for what. Bounded by the mailbox, which answers whom it doesn't take at once.
struct Desk<A: Aggregate> {
    next: Token,
    asks: HashMap<Token, oneshot::Sender<Result<Settled, Refused>>>,
    peeks: HashMap<Token, oneshot::Sender<Result<Peek<A>, Rejection>>>,
}

impl<A: Aggregate> Desk<A> {
    fn new() -> Self {
        Self { next: 0, asks: HashMap::new(), peeks: HashMap::new() }
    }

    fn take(&mut self, letter: Letter<A>) -> Input<A> {
        let token = self.next;
        self.next += 1;
        match letter {
            Letter::Ask(ask, answer) => {
                self.asks.insert(token, answer);
                Input::Ask(token, ask)
            }
            Letter::Peek(items, answer) => {
                self.peeks.insert(token, answer);
                Input::Peek(token, items)
            }
        }
    }

    // Whoever doesn't wait any more misses nothing: the command's effect is in the log.
    fn answer(&mut self, token: Token, answer: Result<Settled, Refused>) {
        if let Some(waiting) = self.asks.remove(&token) {
            let _ = waiting.send(answer);
        }
    }

    fn show(&mut self, token: Token, answer: Result<Peek<A>, Rejection>) {
        if let Some(waiting) = self.peeks.remove(&token) {
            let _ = waiting.send(answer);
        }
    }
}
