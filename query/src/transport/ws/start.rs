//! Starting operations on a connection.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{ServerError, Variables};
use events::UserId;
use futures::FutureExt;
use serde_json::Value;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::close::Close;
use super::connection::Connection;
use super::operations::Started;
use super::protocol::{OperationId, Payload};
use crate::execution::{Caller, Prepared};
use crate::transport::Transport;
use crate::transport::answer::{Source, refusal};
use crate::transport::measured::{self, Outcome};
use crate::transport::usage::{Permit, Thing};

impl Connection {
    /// Starts an operation whose id is free.
    pub(super) fn subscribe(&mut self, id: String, payload: Payload) -> Result<(), Close> {
        let id = Arc::new(OperationId::new(id));
        let permit = match self.admit(self.caller.viewer.map(|viewer| viewer.user)) {
            Ok(permit) => permit,
            Err(error) => return self.refuse(&id, &[error]),
        };
        let variables = Variables::from_json(Value::Object(payload.variables.unwrap_or_default()));
        let name = payload.operation_name.filter(|name| !name.is_empty());
        let source = Source { text: payload.query, name };
        let desk = &self.transport.0.desk;
        let prepared = match desk.prepare(&source.text, source.name.as_deref(), variables) {
            Ok(prepared) => prepared,
            Err(fault) => return self.refuse(&id, &[fault.into()]),
        };
        let mut caller = self.caller.clone();
        let extensions = payload.extensions.unwrap_or_default();
        if let Some(Value::String(parent)) = extensions.get("traceparent")
            && events::trace::is_parent(parent)
        {
            caller.trace_parent = Some(parent.clone());
        }
        // It goes on though nobody reads here: what it holds of the database must not wait for
        // a slow reader.
        let start = start(self.transport.clone(), prepared, source, caller).in_current_span();
        let starting = AbortOnDropHandle::new(tokio::spawn(start));
        let told = id.clone();
        let started = async move { (told, starting.await.unwrap_or_else(|_| broken_off())) };
        self.operations.start(&id, permit, started.boxed());
        Ok(())
    }

    fn admit(&self, user: Option<UserId>) -> Result<Option<Permit>, ServerError> {
        let limit = self.transport.0.config.socket.operations_max;
        let admitted = match user {
            Some(user) => self.transport.0.usage.admit(user, Thing::Operation).map(Some),
            None => (self.operations.len() < limit).then_some(None),
        };
        admitted.ok_or_else(|| {
            let mut error = refusal("RATE_LIMITED", "too many operations are running");
            error.extensions.get_or_insert_default().set("limit", limit as u64);
            error
        })
    }

    fn refuse(&mut self, id: &OperationId, errors: &[ServerError]) -> Result<(), Close> {
        measured::operation("ws", None, Outcome::Refused);
        self.socket.send(id.errors(errors))
    }
}

/// It panicked, or the runtime is going down.
fn broken_off() -> Started {
    Started::Refused(vec![refusal("INTERNAL", "something went wrong here")])
}

async fn start(
    transport: Transport,
    prepared: Prepared,
    source: Source,
    caller: Caller,
) -> Started {
    let kind = prepared.operation;
    let started = if kind == OperationType::Subscription {
        match transport.0.execute.subscribe(prepared, &caller).await {
            Ok(pushes) => Started::Subscribed(pushes),
            Err(mut errors) => {
                crate::document::code(&mut errors);
                Started::Refused(errors)
            }
        }
    } else {
        let result = transport.run(prepared, &source, caller).await;
        match result.and_then(|result| transport.written(&result)) {
            Ok(result) => Started::Result(result),
            Err(errors) => Started::Refused(errors),
        }
    };
    let outcome = match started {
        Started::Refused(_) => Outcome::Refused,
        Started::Result(_) | Started::Subscribed(_) => Outcome::Executed,
    };
    measured::operation("ws", Some(kind), outcome);
    started
}
