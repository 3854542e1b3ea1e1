//! `/graphql/stream`: graphql-sse, in its distinct connections mode.
//!
//! <https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>
//!
//! One request is one operation, and its results are the events of one response. What is wrong
//! with a document, or what a field refuses, is a `next` event with errors, for browsers show no
//! body of a refused stream; a request that is none, a token that is no good and a limit that is
//! reached have a status, as everywhere over HTTP. A stream that was cut off (the server stops,
//! the reader was too slow) ends without `complete` in the middle of its body, so that no client
//! takes it for the end.
//!
//! Single connection mode is absent on purpose: it keeps state between requests, which may reach
//! another node, and what it is for (few connections over HTTP/1.1) WebSocket does better.

mod body;
mod event;
mod relay;

use async_graphql::ServerError;
use async_graphql::parser::types::OperationType;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::Transport;
use super::answer::refusal;
use super::http::{self, Asked, Media, Params, Refusal};
use super::measured::{self, Outcome};
use super::usage::{Permit, Thing};
use super::whole::Whole;
use relay::Relay;

/// What a client of single connection mode sends, as header or parameter.
const TOKEN_HEADER: &str = "x-graphql-event-stream-token";
const TOKEN_PARAMETER: &str = "token";
/// Tells nginx and those who follow it to pass on what comes when it comes.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

pub(super) async fn get(State(transport): State<Transport>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match transport.admits(&parts) {
        Ok(()) => transport.stream(http::of_query(&parts.uri), &parts).await,
        Err(refused) => refused,
    }
}

pub(super) async fn post(State(transport): State<Transport>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match transport.admits(&parts) {
        Ok(()) => transport.stream(transport.read(&parts, body).await, &parts).await,
        Err(refused) => refused,
    }
}

pub(super) async fn other_method() -> Response {
    let message = "streams are asked for with GET or POST, each for one operation";
    http::wrong_method("GET, POST", message).render(Media::Json)
}

/// What becomes of a request.
enum Answer {
    /// All that there is to tell.
    Whole(Whole),
    /// Events go on.
    Events(Relay),
}

impl Transport {
    #[expect(clippy::result_large_err, reason = "a response is what is wanted")]
    fn admits(&self, parts: &Parts) -> Result<(), Response> {
        if !self.0.config.origins.allow_socket(&parts.headers) {
            let message = "this origin may not open streams\n";
            return Err((StatusCode::FORBIDDEN, message).into_response());
        }
        if self.0.stopping.is_cancelled() {
            let message = "the server is stopping\n";
            return Err((StatusCode::SERVICE_UNAVAILABLE, message).into_response());
        }
        if parts.headers.contains_key(TOKEN_HEADER) || has_token(&parts.uri) {
            let refusal = http::malformed("single connection mode is not served: ask without it");
            return Err(refusal.render(Media::Json));
        }
        if !http::takes_events(&parts.headers) {
            let message = "answers are text/event-stream\n";
            return Err((StatusCode::NOT_ACCEPTABLE, message).into_response());
        }
        Ok(())
    }

    async fn stream(&self, params: Result<Params, Refusal>, parts: &Parts) -> Response {
        let mut kind = None;
        let answer = match self.answer(params, parts, &mut kind).await {
            Ok(answer) => answer,
            Err(refusal) => Err(match refusal.into_errors() {
                Ok(errors) => errors,
                Err(refusal) => {
                    measured::operation("sse", kind, Outcome::Refused);
                    return refusal.render(Media::GraphqlResponse);
                }
            }),
        };
        let outcome = if answer.is_ok() { Outcome::Executed } else { Outcome::Refused };
        measured::operation("sse", kind, outcome);
        match answer {
            Ok(Answer::Whole(Whole { bytes, share })) => {
                response(Whole { bytes: event::whole(&bytes), share }.into_body())
            }
            Ok(Answer::Events(relay)) => response(relay.start()),
            Err(errors) => response(Body::from(event::refused(&errors))),
        }
    }

    async fn answer(
        &self,
        params: Result<Params, Refusal>,
        parts: &Parts,
        kind: &mut Option<OperationType>,
    ) -> Result<Result<Answer, Vec<ServerError>>, Refusal> {
        let Asked { prepared, source, caller } = self.look_at(params?, parts, kind).await?;
        if prepared.operation == OperationType::Subscription {
            let permits = self.permits(&caller)?;
            let subscribed = self.0.execute.subscribe(prepared, &caller).await;
            return Ok(match subscribed {
                Ok(pushes) => {
                    let transport = self.clone();
                    Ok(Answer::Events(Relay { pushes, caller, permits, transport }))
                }
                Err(mut errors) => {
                    crate::document::code(&mut errors);
                    Err(errors)
                }
            });
        }
        let result = self.run(prepared, &source, caller).await;
        Ok(result.and_then(|result| self.written(&result)).map(Answer::Whole))
    }

    /// A stream is a socket of its user's, and its operation one of the user's.
    fn permits(&self, caller: &crate::Caller) -> Result<Vec<Permit>, Refusal> {
        let Some(viewer) = caller.viewer else { return Ok(Vec::new()) };
        let limits = &self.0.config.socket;
        let things = [
            (Thing::Socket, limits.per_user_max, "too many sockets and streams are open"),
            (Thing::Operation, limits.operations_max, "too many operations are running"),
        ];
        let permits = things.into_iter().map(|(thing, limit, message)| {
            self.0.usage.admit(viewer.user, thing).ok_or_else(|| {
                let mut error = refusal("RATE_LIMITED", message);
                error.extensions.get_or_insert_default().set("limit", limit as u64);
                error.into()
            })
        });
        permits.collect()
    }
}

fn has_token(uri: &Uri) -> bool {
    let mut pairs = uri.query().unwrap_or_default().split('&');
    pairs.any(|pair| pair.split('=').next() == Some(TOKEN_PARAMETER))
}

fn response(body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let events = "text/event-stream; charset=utf-8";
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(events));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(BUFFERING, HeaderValue::from_static("no"));
    headers.append(VARY, HeaderValue::from_static("accept"));
    response
}
