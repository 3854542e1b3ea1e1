//! Carries out a prepared operation for either transport.

use std::panic::AssertUnwindSafe;

use async_graphql::parser::types::OperationType;
use async_graphql::{ErrorExtensionValues, Response, ServerError};
use events::UserId;
use futures::FutureExt;
use tracing::Instrument;

use super::Transport;
use super::usage::Turn;
use crate::document::{self, BAD_USER_INPUT, PARSE_FAILED, TOO_COMPLEX, VALIDATION_FAILED};
use crate::execution::{Caller, Prepared};

/// An error of a request as a whole.
pub(super) fn refusal(code: &str, message: impl Into<String>) -> ServerError {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    if matches!(code, "RATE_LIMITED" | "OVERLOADED" | "UNAVAILABLE") {
        extensions.set("retryable", true);
    }
    let mut error = ServerError::new(message, None);
    error.extensions = Some(extensions);
    error
}

/// Whether a code says that document or variables are no good: such a request is answered, not
/// refused, where the media type has no room for the difference.
pub(super) fn faults_document(code: &str) -> bool {
    matches!(code, PARSE_FAILED | VALIDATION_FAILED | BAD_USER_INPUT | TOO_COMPLEX)
}

/// HTTP status of a request that was refused as a whole, as in the contract's table of codes.
pub(super) fn status_of(code: &str) -> u16 {
    let known: Result<command::rejection::Code, _> =
        serde_json::from_value(serde_json::Value::String(code.to_owned()));
    match (known, code) {
        (Ok(known), _) => known.status(),
        (_, "INVALID_CURSOR") => 400,
        (_, "CURSOR_UNKNOWN") => 410,
        (_, "PAYLOAD_TOO_LARGE") => 413,
        (_, "NOT_YET") => 503,
        (_, code) if faults_document(code) => 400,
        _ => 500,
    }
}

/// The text of an operation, kept until it was executed.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) text: String,
    pub(super) name: Option<String>,
}

impl Transport {
    /// Executes a query or mutation. `Err` if it was refused before anything of it ran.
    ///
    /// A mutation runs to its end even if nobody waits for it any more: whoever hung up in the
    /// middle may ask again and is given the first answer.
    pub(super) async fn run(
        &self,
        prepared: Prepared,
        source: &Source,
        caller: Caller,
    ) -> Result<Response, Vec<ServerError>> {
        let execute = self.0.execute.clone();
        let mutates = prepared.operation == OperationType::Mutation;
        // Commands have their own limits.
        let _turn = if mutates { None } else { Some(self.turn(&caller).await?) };
        let work = async move {
            let response =
                AssertUnwindSafe(execute.execute(prepared, &caller)).catch_unwind().await;
            response.map_err(|_| internal(&caller))
        };
        let outcome =
            if mutates { tokio::spawn(work.in_current_span()).await } else { Ok(work.await) };
        let mut response = match outcome {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(vec![error]),
            // The runtime is going down.
            Err(_) => return Err(vec![refusal("UNAVAILABLE", "the server is stopping")]),
        };
        let refused = document::is_refused(&response);
        document::code(&mut response.errors);
        if refused {
            return Err(response.errors);
        }
        self.0.desk.complete(&source.text, source.name.as_deref(), &mut response);
        Ok(response)
    }

    async fn turn(&self, caller: &Caller) -> Result<Turn, Vec<ServerError>> {
        let user = caller.viewer.map_or(UserId(uuid::Uuid::nil()), |viewer| viewer.user);
        self.0.usage.turn(user).await.ok_or_else(|| {
            let mut error = refusal("RATE_LIMITED", "too many queries wait already");
            let limit = self.0.config.queries_max as u64;
            error.extensions.get_or_insert_default().set("limit", limit);
            vec![error]
        })
    }
}

fn internal(caller: &Caller) -> ServerError {
    // The second part of a W3C trace parent.
    let trace = caller.trace_parent.as_ref().and_then(|it| it.split('-').nth(1));
    let trace = trace.map_or_else(|| uuid::Uuid::new_v4().simple().to_string(), str::to_owned);
    tracing::error!(trace_id = trace, "an operation panicked");
    let mut error = refusal("INTERNAL", "something went wrong here");
    error.extensions.get_or_insert_default().set("traceId", trace);
    error
}
