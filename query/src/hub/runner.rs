//! One long-lived execution of an operation: pushes go in, serialised results come out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_graphql::Response;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use tokio::sync::mpsc;

use super::batch::Batch;
use super::metrics;
use super::operation::Operation;
use super::push::Push;
use crate::execution::Caller;
use crate::fault::{self, Fault};
use crate::loads::Loads;
use crate::order::Order;
use crate::schema::ApiSchema;
use crate::schema::sight::Sight;
use crate::schema::subscription::Stage;

/// Between tries while the read model can't be reached.
pub(crate) const RETRY_PAUSE: Duration = Duration::from_millis(250);

/// Executes the pushes of one group, or the history of one subscriber, one after another.
pub(crate) struct Runner {
    pushes: mpsc::Sender<Push>,
    results: BoxStream<'static, Response>,
    seed: Arc<Mutex<Arc<Batch>>>,
    order: Order,
}

impl Runner {
    pub(crate) fn new(
        schema: &ApiSchema,
        operation: &Operation,
        sight: Sight,
        loads: &Loads,
    ) -> Self {
        let seed = Arc::new(Mutex::new(Arc::default()));
        let (pushes, receiver) = mpsc::channel(1);
        let request = operation
            .request()
            .data(Stage::pushes(receiver))
            .data(loads.seeded(seed.clone()))
            .data(sight)
            .data(Caller { viewer: sight.viewer, ..Caller::default() });
        Self { pushes, results: schema.execute_stream(request), seed, order: operation.order() }
    }

    /// Executes a push. What can't be read now is tried again until it can: a push that told
    /// less would be lost.
    pub(crate) async fn run(&mut self, push: Push) -> Bytes {
        loop {
            match self.attempt(push.clone()).await {
                Some(result) => return result,
                None => tokio::time::sleep(RETRY_PAUSE).await,
            }
        }
    }

    async fn attempt(&mut self, push: Push) -> Option<Bytes> {
        *self.seed.lock().unwrap_or_else(PoisonError::into_inner) = push.event.batch.clone();
        // Both ends live as long as the execution, which ends only with its pushes.
        let sent = self.pushes.send(push).await;
        let response = if sent.is_ok() { self.results.next().await } else { None };
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
