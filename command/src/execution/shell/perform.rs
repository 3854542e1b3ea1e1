//! One request of a mailbox, carried out.

use std::fmt::Display;
use std::sync::Arc;

use events::log::Direction;
use events::{AppendError, EventLog, StreamName};

use crate::clock::Clock;
use crate::execution::machine::effect::{Reply, Request};
use crate::ports::{Claims, Schema, Snapshots};

/// What the execution needs of the world.
pub(super) struct Ports {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) claims: Arc<dyn Claims>,
    pub(super) snapshots: Arc<dyn Snapshots>,
    pub(super) clock: Clock,
}

/// Calls the port that the request is for. A failure is logged here and nowhere else.
pub(super) async fn perform(
    ports: Arc<Ports>,
    stream: StreamName,
    version: u16,
    request: Request,
) -> Reply {
    let Ports { log, claims, snapshots, .. } = &*ports;
    let schema = Schema { log: log.id(), version };
    let logged = Logged { stream: &stream };
    match request {
        Request::Core => Reply::Core(logged.result(snapshots.core(&stream, schema).await)),
        Request::Items(keys) => {
            Reply::Items(logged.result(snapshots.items(&stream, schema, &keys).await))
        }
        Request::Save(snapshot, items) => {
            Reply::Save(logged.result(snapshots.save(&stream, schema, snapshot, items).await))
        }
        Request::Read { from, limit } => {
            let read = log.read(&stream, from, Direction::Forwards, limit).await;
            Reply::Read(logged.result(read))
        }
        Request::Append(append) => {
            let events = u32::try_from(append.events.len()).unwrap_or(u32::MAX);
            metrics::histogram!("moim_append_batch_events").record(f64::from(events));
            let appended = log.append(append).await;
            Reply::Append(match appended {
                Err(AppendError::Conflict { .. }) => {
                    metrics::counter!("moim_append_conflicts_total").increment(1);
                    appended
                }
                other => logged.result(other),
            })
        }
        Request::Claim(new) => Reply::Claim(logged.result(claims.claim(new).await)),
        Request::TakeUp { id, seen } => {
            Reply::TakeUp(logged.result(claims.take_up(id, seen).await))
        }
        Request::Settle { id, attempt, answer } => {
            Reply::Held(logged.result(claims.settle(id, attempt, answer).await))
        }
        Request::Release { id, attempt } => {
            Reply::Held(logged.result(claims.release(id, attempt).await))
        }
        Request::Advance { id, attempt, revision } => {
            Reply::Held(logged.result(claims.advance(id, attempt, revision).await))
        }
        Request::Find { id } => Reply::Find(logged.result(claims.find(id).await)),
    }
}

struct Logged<'a> {
    stream: &'a StreamName,
}

impl Logged<'_> {
    fn result<T, E: Display>(&self, result: Result<T, E>) -> Result<T, E> {
        result.inspect_err(|error| {
            tracing::warn!(stream = %self.stream, %error, "a call of the execution failed");
        })
    }
}
