//! Commands over plain HTTP: `POST /v1/commands`, one as JSON or many as NDJSON, and what they
//! look like as an `OpenAPI` document at `GET /v1/openapi.json`.
//!
//! A command is `{"type", "id", "data"}`: a mutation's name, the client's id for it, and the
//! mutation's input without `commandId`. It is the same command as over GraphQL, with the same
//! id space. What doesn't have a command's shape is `BAD_USER_INPUT`, like bad variables in
//! GraphQL; what has it and breaks a rule is `INVALID_INPUT`. Refusals are problems as of RFC
//! 9457, with the codes that GraphQL has.

mod answer;
mod bearer;
mod body;
mod carried;
mod deposits;
mod input;
mod lines;
mod openapi;
mod order;
mod problem;
mod request;
mod schemas;

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use events::{LogId, Timestamp};
use tokio::sync::Semaphore;

use self::answer::Answer;
use self::body::{Bodies, Media, Origin};
use self::problem::Problem;
use crate::bus::{CommandBus, Secret, Viewer};
use crate::rejection::Rejection;

pub use self::deposits::DepositEndpoint;
pub use self::problem::unavailable;

/// Lines of one request.
pub const LINES_LEN_MAX: usize = 1_000;
/// Lines of one request that are worked on at the same time.
const LINES_IN_FLIGHT_MAX: usize = 32;
/// Requests of many lines that are worked on at the same time.
const LINE_REQUESTS_MAX: usize = 64;

/// Who may ask: access tokens, checked and made by whoever puts the endpoint up.
#[async_trait]
pub trait Access: Send + Sync {
    /// Whom a token speaks for; `UNAUTHENTICATED` if it is broken, expired or its session ended,
    /// `UNAVAILABLE` if that can't be told.
    async fn verify(&self, access_token: &str) -> Result<Viewer, Rejection>;

    /// A fresh token for a session that has just begun.
    fn issue(&self, viewer: Viewer) -> Result<AccessToken, Rejection>;
}

/// A fresh access token.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// As the client shall send it.
    pub text: Secret,
    /// When it is no longer good.
    pub expires_at: Timestamp,
}

/// The endpoint. Cheap to clone.
#[derive(Clone)]
pub struct Endpoint(Arc<Parts>);

struct Parts {
    bus: Arc<dyn CommandBus>,
    access: Arc<dyn Access>,
    log: LogId,
    bodies: Bodies,
    line_requests: Arc<Semaphore>,
}

impl Endpoint {
    /// Puts commands on `bus`; positions are told of that log.
    pub fn new(bus: Arc<dyn CommandBus>, access: Arc<dyn Access>, log: LogId) -> Self {
        let line_requests = Arc::new(Semaphore::new(LINE_REQUESTS_MAX));
        let bodies = Bodies::new();
        Self(Arc::new(Parts { bus, access, log, bodies, line_requests }))
    }

    /// The routes.
    pub fn router(&self) -> Router {
        let commands = post(run).fallback(|| async { wrong_method("POST") });
        let document = get(document).fallback(|| async { wrong_method("GET, HEAD") });
        Router::new()
            .route("/v1/commands", commands)
            .route("/v1/openapi.json", document)
            .with_state(self.clone())
    }

    async fn one(&self, headers: &HeaderMap, request: Request) -> Result<Answer, Problem> {
        let origin = Origin::of(&request);
        let body = self.0.bodies.read(request.into_body(), headers).await?;
        let asked = request::read(&body.bytes);
        drop(body);
        let signs_up = asked.as_ref().is_ok_and(request::Asked::signs_up);
        let viewer = match bearer::viewer(&*self.0.access, headers).await {
            // One signs up while one's token is no good any more.
            _ if signs_up => None,
            viewer => viewer?,
        };
        self.carry_out(asked?, viewer, &origin).await
    }
}

async fn run(State(endpoint): State<Endpoint>, request: Request) -> Response {
    let headers = request.headers().clone();
    match body::media(&headers) {
        Some(Media::One) => match endpoint.one(&headers, request).await {
            Ok(answer) => answer.into_response(),
            Err(problem) => problem.into_response(),
        },
        Some(Media::Lines) => match lines::run(&endpoint, &headers, request).await {
            Ok(lines) => ([(CONTENT_TYPE, body::LINES)], lines).into_response(),
            Err(problem) => problem.into_response(),
        },
        None => body::wrong_type(),
    }
}

async fn document() -> Response {
    ([(CONTENT_TYPE, "application/json")], openapi::text()).into_response()
}

fn wrong_method(allow: &'static str) -> Response {
    let problem = Problem::malformed("This is asked with another method.");
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let mut response = problem.with_status(status).into_response();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    response
}
