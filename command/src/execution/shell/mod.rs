//! The shell: tasks that carry out what the machines ask for.

use std::sync::Arc;

use events::{EventLog, StreamName};
use uuid::Uuid;

use crate::execution::aggregate::Aggregate;
use crate::execution::ask::{Ask, Peek, Refused, Settled};
use crate::execution::limits::Limits;
use crate::ports::{Claims, Snapshots};
use crate::rejection::{Code, Rejection};

/// Runs commands, each in the mailbox of its stream.
#[derive(Clone)]
pub struct Execution {
    ports: Arc<Ports>,
}

struct Ports {
    _log: Arc<dyn EventLog>,
    _claims: Arc<dyn Claims>,
    _snapshots: Arc<dyn Snapshots>,
    _limits: Limits,
}

impl Execution {
    /// An execution on these stores. Needs a tokio runtime around it when commands are run.
    pub fn new(
        log: Arc<dyn EventLog>,
        claims: Arc<dyn Claims>,
        snapshots: Arc<dyn Snapshots>,
        limits: Limits,
    ) -> Self {
        let ports = Ports { _log: log, _claims: claims, _snapshots: snapshots, _limits: limits };
        Self { ports: Arc::new(ports) }
    }

    /// Carries a command out, once however often it is asked.
    pub async fn run<A: Aggregate>(
        &self,
        _stream: &StreamName,
        _ask: Ask<A>,
    ) -> Result<Settled, Refused> {
        let _ = &self.ports;
        Err(Refused::new(Code::Unavailable, "the execution is not there yet"))
    }

    /// The current state of a stream, with those items that are asked for and exist.
    pub async fn peek<A: Aggregate>(
        &self,
        _stream: &StreamName,
        _items: &[Uuid],
    ) -> Result<Peek<A>, Rejection> {
        Err(Rejection::new(Code::Unavailable, "the execution is not there yet"))
    }

    /// Takes no more commands, and waits until those that were taken are answered.
    pub async fn drain(&self) {}
}
