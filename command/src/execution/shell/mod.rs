//! The shell: a task a mailbox, which carries out what the machine asks for. It decides nothing.

mod perform;
mod registry;
mod task;

use std::sync::Arc;

use events::{EventLog, StreamName};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::oneshot;
use uuid::Uuid;

use self::perform::Ports;
use self::registry::Registry;
use self::task::Letter;
use crate::clock::Clock;
use crate::execution::aggregate::Aggregate;
use crate::execution::ask::{Ask, Peek, Refused, Settled};
use crate::execution::limits::Limits;
use crate::execution::machine::overloaded;
use crate::ports::{Claims, Snapshots};
use crate::rejection::{Code, Rejection};

/// How often a letter is posted anew because its mailbox was just dropped.
const POST_TRIES_MAX: u32 = 3;

/// Runs commands, each in the mailbox of its stream. Clones share the mailboxes.
#[derive(Clone)]
pub struct Execution {
    registry: Arc<Registry>,
}

impl Execution {
    /// An execution on these stores.
    pub fn new(
        log: Arc<dyn EventLog>,
        claims: Arc<dyn Claims>,
        snapshots: Arc<dyn Snapshots>,
        limits: Limits,
    ) -> Self {
        Self::with_clock((log, claims, snapshots), limits, Clock::system())
    }

    /// As [`new`](Self::new), by another clock than the machine's.
    pub fn with_clock(
        (log, claims, snapshots): (Arc<dyn EventLog>, Arc<dyn Claims>, Arc<dyn Snapshots>),
        limits: Limits,
        clock: Clock,
    ) -> Self {
        let ports = Ports { log, claims, snapshots, clock };
        Self { registry: Arc::new(Registry::new(ports, limits)) }
    }

    /// Carries a command out, once however often it is asked. It goes on if the caller doesn't
    /// wait. Runs within a tokio runtime.
    pub async fn run<A: Aggregate>(
        &self,
        stream: &StreamName,
        ask: Ask<A>,
    ) -> Result<Settled, Refused> {
        let (answer, answered) = oneshot::channel();
        self.post(stream, Letter::<A>::Ask(Box::new(ask), answer))?;
        answered.await.unwrap_or_else(|_| Err(broken().into()))
    }

    /// The current state of a stream, with those items that are asked for and exist. Runs within
    /// a tokio runtime.
    pub async fn peek<A: Aggregate>(
        &self,
        stream: &StreamName,
        items: &[Uuid],
    ) -> Result<Peek<A>, Rejection> {
        let (answer, answered) = oneshot::channel();
        self.post(stream, Letter::<A>::Peek(items.to_vec(), answer))?;
        answered.await.unwrap_or_else(|_| Err(broken()))
    }

    /// Takes no more commands, waits until those that were taken are answered, and saves what is
    /// worth it.
    pub async fn drain(&self) {
        self.registry.drain().await;
    }

    fn post<A: Aggregate>(
        &self,
        stream: &StreamName,
        mut letter: Letter<A>,
    ) -> Result<(), Rejection> {
        for _ in 0..POST_TRIES_MAX {
            let slot = self.registry.mailbox::<A>(stream)?;
            match slot.letters.try_send(letter) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Full(_)) => return Err(overloaded()),
                Err(TrySendError::Closed(back)) => {
                    self.registry.remove::<A>(stream, slot.number);
                    letter = back;
                }
            }
        }
        Err(overloaded())
    }
}

fn broken() -> Rejection {
    Rejection::new(Code::Internal, "the command was given up")
}
