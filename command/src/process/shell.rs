//! The process manager's task.

use std::sync::Arc;
use std::time::Duration;

use events::log::{Direction, Tail};
use events::{EventLog, LogError, LogPosition, Recorded, Revision, StreamName, Timestamp};
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;

use super::limits::BATCH_EVENTS_MAX;
use super::machine::{Effect, Input, Machine};
use super::rules::Rules;
use crate::ports::Todos;
use crate::rejection::Rejection;

/// Carries a derived command out, on whatever node its stream is served.
pub type CarryOut<C> = Arc<dyn Fn(C) -> BoxFuture<'static, Result<(), Rejection>> + Send + Sync>;

/// Follows the log and finishes what is open. Several may run: they are in each other's way, but
/// do no harm.
pub struct ProcessManager<C> {
    log: Arc<dyn EventLog>,
    todos: Arc<dyn Todos>,
    carry_out: CarryOut<C>,
    rules: Rules<C>,
}

/// A subscription with the position of the last event that it gave.
type Place = (LogPosition, Tail);

impl<C: Send + 'static> ProcessManager<C> {
    /// A manager by these rules.
    pub fn new(
        log: Arc<dyn EventLog>,
        todos: Arc<dyn Todos>,
        rules: Rules<C>,
        carry_out: CarryOut<C>,
    ) -> Self {
        Self { log, todos, carry_out, rules }
    }

    /// Runs until it is told to stop. Commands under way are given up then: the next manager
    /// finds them in the list.
    pub async fn run(self, stop: CancellationToken) {
        let mut machine = Machine::new(self.rules);
        let mut calls = FuturesUnordered::new();
        let mut place = None;
        let mut input = Input::Wake;
        loop {
            for effect in machine.step(Timestamp::now(), input) {
                calls.push(self.perform(effect, &mut place));
            }
            let forever = Duration::from_hours(1);
            let pause = machine.wake_at().map_or(forever, |at| at.since(Timestamp::now()));
            input = tokio::select! {
                () = stop.cancelled() => return,
                Some((reply, kept)) = calls.next(), if !calls.is_empty() => {
                    place = kept.or(place);
                    reply
                }
                () = tokio::time::sleep(pause) => Input::Wake,
            };
        }
    }

    fn perform(
        &self,
        effect: Effect<C>,
        place: &mut Option<Place>,
    ) -> BoxFuture<'static, (Input, Option<Place>)> {
        if let Effect::Follow { after } = effect {
            let kept = place.take().filter(|(position, _)| *position == after);
            let tail = kept.map_or_else(|| self.log.subscribe(after), |(_, tail)| tail);
            return Box::pin(next_batch(after, tail));
        }
        let (log, todos) = (Arc::clone(&self.log), Arc::clone(&self.todos));
        let carry_out = Arc::clone(&self.carry_out);
        Box::pin(async move { (reply(&*log, &*todos, &carry_out, effect).await, None) })
    }
}

async fn reply<C>(
    log: &dyn EventLog,
    todos: &dyn Todos,
    carry_out: &CarryOut<C>,
    effect: Effect<C>,
) -> Input {
    match effect {
        Effect::Checkpoint => Input::Checkpoint(todos.checkpoint(log.id()).await),
        Effect::Follow { after } => Input::Batch(log.read_all(after, BATCH_EVENTS_MAX).await),
        Effect::Advance(step) => Input::Advanced(todos.advance(log.id(), *step).await),
        Effect::Due { now, limit } => Input::Due(todos.due(now, limit).await),
        Effect::Read { key, stream, revision } => {
            Input::Event(key, read_one(log, &stream, revision).await)
        }
        Effect::Run { key, command } => Input::Done(key, carry_out(command).await),
        Effect::Postpone { key, revision, until } => {
            // If it isn't put off, it is due once more: that does no harm.
            if let Err(error) = todos.postpone(key, revision, until).await {
                tracing::warn!(%error, %key, "an entry of the to-do list can't be put off");
            }
            Input::PutAway(key)
        }
        Effect::Remove { key, revision } => {
            // If it stays, it is found to be done once more.
            if let Err(error) = todos.remove(key, revision).await {
                tracing::warn!(%error, %key, "an entry of the to-do list can't be struck off");
            }
            Input::PutAway(key)
        }
    }
}

async fn next_batch(after: LogPosition, mut tail: Tail) -> (Input, Option<Place>) {
    match tail.next().await {
        Some(Ok(batch)) => {
            let position = batch.last().map_or(after, |event| event.position);
            (Input::Batch(Ok(batch)), Some((position, tail)))
        }
        Some(Err(error)) => {
            tracing::warn!(%error, "the process can't follow the log");
            (Input::Batch(Err(error)), None)
        }
        None => {
            let ended = LogError::Unavailable("the subscription has ended".into());
            (Input::Batch(Err(ended)), None)
        }
    }
}

async fn read_one(
    log: &dyn EventLog,
    stream: &StreamName,
    revision: Revision,
) -> Result<Option<Recorded>, LogError> {
    let events = log.read(stream, revision, Direction::Forwards, 1).await?;
    Ok(events.into_iter().find(|event| event.revision == revision))
}
