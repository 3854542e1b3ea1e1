//! GraphQL over HTTP, `/graphql`.
//!
//! <https://graphql.github.io/graphql-over-http/draft/>. Nothing but a query runs on GET, nothing
//! but JSON is taken on POST, and one request is one operation.

mod accept;
mod params;
mod reply;

use std::net::SocketAddr;
use std::time::Instant;

use async_graphql::parser::types::OperationType;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;

use super::answer::{Source, refusal};
use super::measured::{self, Outcome};
use super::whole::Whole;
use super::{Transport, bearer};
use crate::document::{VALIDATION_FAILED, root_fields};
use crate::execution::{Caller, Prepared};

pub(super) use self::accept::{Media, takes_events};
pub(super) use self::params::{Params, of_query};
pub(super) use self::reply::{Refusal, malformed, wrong_method};

pub(super) async fn get(State(transport): State<Transport>, request: Request) -> Response {
    let started = Instant::now();
    let (parts, _) = request.into_parts();
    let media = accept::page_or_media(&parts.headers);
    let response = match media {
        Some(accept::Wanted::Page) => crate::web::page(),
        Some(accept::Wanted::Media(media)) => {
            reply::render(transport.graphql(of_query(&parts.uri), &parts).await, media)
        }
        None => reply::not_acceptable(),
    };
    measured::http("GET", response.status().as_u16(), started.elapsed());
    response
}

pub(super) async fn post(State(transport): State<Transport>, request: Request) -> Response {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let response = match accept::media(&parts.headers) {
        Some(media) => {
            let params = transport.read(&parts, body).await;
            reply::render(transport.graphql(params, &parts).await, media)
        }
        None => reply::not_acceptable(),
    };
    measured::http("POST", response.status().as_u16(), started.elapsed());
    response
}

pub(super) async fn other_method(headers: HeaderMap) -> Response {
    let media = accept::media(&headers).unwrap_or(Media::Json);
    measured::http("other", StatusCode::METHOD_NOT_ALLOWED.as_u16(), std::time::Duration::ZERO);
    wrong_method("GET, POST", "GraphQL is asked with GET or POST").render(media)
}

type Reply = Result<Whole, Refusal>;

/// A request that may be carried out.
pub(super) struct Asked {
    pub(super) prepared: Prepared,
    pub(super) source: Source,
    pub(super) caller: Caller,
}

impl Transport {
    /// Reads what was sent by POST.
    pub(super) async fn read(&self, parts: &Parts, body: Body) -> Result<Params, Refusal> {
        if !params::is_json(&parts.headers) {
            return Err(reply::wrong_type());
        }
        let read = params::of_body(self, &parts.headers, body);
        let params = tokio::time::timeout(self.0.config.body_within, read).await;
        params.unwrap_or_else(|_| Err(reply::too_slow()))
    }

    /// Sees who asks, and whether it is an operation that this method may carry.
    pub(super) async fn look_at(
        &self,
        params: Params,
        parts: &Parts,
        kind: &mut Option<OperationType>,
    ) -> Result<Asked, Refusal> {
        let Params { source, variables } = params;
        let mut prepared = self.0.desk.prepare(&source.text, source.name.as_deref(), variables);
        let signs_in = prepared.as_mut().is_ok_and(|it| bearer::signs_in(&root_fields(it)));
        let verified = match self.bearer(&parts.headers).await {
            Err(_) if signs_in => None,
            verified => verified?,
        };
        let prepared = prepared.map_err(async_graphql::ServerError::from)?;
        *kind = Some(prepared.operation);
        if prepared.operation == OperationType::Mutation && parts.method != Method::POST {
            return Err(wrong_method("POST", "mutations are sent by POST"));
        }
        let caller = Caller {
            viewer: verified.map(|verified| verified.viewer),
            session_expires: verified.map(|verified| verified.expires_at),
            ..caller(parts)
        };
        Ok(Asked { prepared, source, caller })
    }

    async fn graphql(&self, params: Result<Params, Refusal>, parts: &Parts) -> Reply {
        let mut kind = None;
        let reply = self.operation(params, parts, &mut kind).await;
        let outcome = if reply.is_ok() { Outcome::Executed } else { Outcome::Refused };
        measured::operation("http", kind, outcome);
        reply
    }

    async fn operation(
        &self,
        params: Result<Params, Refusal>,
        parts: &Parts,
        kind: &mut Option<OperationType>,
    ) -> Reply {
        let Asked { prepared, source, caller } = self.look_at(params?, parts, kind).await?;
        if prepared.operation == OperationType::Subscription {
            let message = "subscriptions are made over /graphql/ws or /graphql/stream";
            return Err(refusal(VALIDATION_FAILED, message).into());
        }
        let response = self.run(prepared, &source, caller).await?;
        Ok(self.written(&response)?)
    }
}

/// What a request says about who sent it, besides the token.
pub(super) fn caller(parts: &Parts) -> Caller {
    let text = |name: &str| {
        let value = parts.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    Caller {
        viewer: None,
        session_expires: None,
        trace_parent: text("traceparent").filter(|it| events::trace::is_parent(it)),
        min_position: text("x-min-position"),
        address: address.map(|info| info.0.ip()),
    }
}
