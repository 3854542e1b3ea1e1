//! One long-lived execution of an operation: pushes go in, serialised results come out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_graphql::Response;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::metrics;
use super::operation::Operation;
use super::push::Push;
use super::typing::Typing;
use crate::eager::Eager;
use crate::execution::Caller;
use crate::fault::{self, Fault};
use crate::loads::{Loads, Seed};
use crate::order::Order;
use crate::schema::ApiSchema;
use crate::schema::sight::Sight;
use crate::schema::subscription::Stage;

/// Between tries while the read model can't be reached.
pub(crate) const RETRY_PAUSE: Duration = Duration::from_millis(250);

/// What a result is made of.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    Event(Push),
    Typing(Arc<Typing>),
}

impl Subject {
    pub(crate) fn push(&self) -> Option<&Push> {
        match self {
            Self::Event(push) => Some(push),
            Self::Typing(_) => None,
        }
    }

    pub(crate) fn typing(&self) -> Option<&Typing> {
        match self {
            Self::Event(_) => None,
            Self::Typing(typing) => Some(typing),
        }
    }
}

/// Executes the pushes of one group, or the history of one subscriber, one after another.
pub(crate) struct Runner {
    subjects: mpsc::Sender<Subject>,
    results: BoxStream<'static, Response>,
    seed: Arc<Mutex<Seed>>,
    order: Order,
}

impl Runner {
    pub(crate) fn new(
        schema: &ApiSchema,
        operation: &Operation,
        sight: Sight,
        loads: &Loads,
    ) -> Self {
        let seed = Arc::<Mutex<Seed>>::default();
        let (subjects, receiver) = mpsc::channel(1);
        let request = operation
            .request()
            .data(Stage::results(receiver))
            .data(loads.seeded(seed.clone()))
            .data(sight)
            .data(Caller { viewer: sight.viewer, ..Caller::default() });
        Self { subjects, results: schema.execute_stream(request), seed, order: operation.order() }
    }

    /// Makes a result; everybody who is given it is a member of the channel, if one is named.
    /// What can't be read now is tried again until it can: a push that told less would be lost.
    pub(crate) async fn run(&mut self, subject: Subject, members_of: Option<Uuid>) -> Bytes {
        loop {
            match self.attempt(subject.clone(), members_of).await {
                Some(result) => return result,
                None => tokio::time::sleep(RETRY_PAUSE).await,
            }
        }
    }

    async fn attempt(&mut self, subject: Subject, members_of: Option<Uuid>) -> Option<Bytes> {
        let batch = match &subject {
            Subject::Event(push) => push.event.batch.clone(),
            Subject::Typing(_) => Arc::default(),
        };
        let seed = Seed { batch, members_of };
        *self.seed.lock().unwrap_or_else(PoisonError::into_inner) = seed;
        // Both ends live as long as the execution, which ends only with its subjects.
        let sent = self.subjects.send(subject).await;
        let response = if sent.is_ok() { Eager::new(self.results.next()).await } else { None };
        let ended = || Response::from_errors(vec![execution_ended()]);
        let mut response = response.unwrap_or_else(ended);
        self.order.apply(&mut response.data);
        fault::complete(&mut response.errors, None);
        metrics::executed();
        let is_away = response
            .errors
            .iter()
            .any(|error| error.extensions.as_ref().and_then(fault::code_of) == Some("UNAVAILABLE"));
        if is_away {
            return None;
        }
        serde_json::to_vec(&response).ok().map(Bytes::from)
    }
}

fn execution_ended() -> async_graphql::ServerError {
    Fault::Internal("the execution of a subscription ended".into()).server_error()
}
