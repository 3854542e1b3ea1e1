//! A span for every request to the API, and how long it took; what was asked for is counted by
//! `query`.

use std::time::Instant;

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use opentelemetry::propagation::Extractor;
use tracing::field::Empty;
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Paths that are told apart; anything else is "other", so that nobody makes metrics grow.
const PATHS: [&str; 4] = ["/graphql", "/graphql/ws", "/graphql/stream", "/v1/commands"];

/// Runs the request in a span that continues the client's trace.
pub(super) async fn observe(request: Request, next: Next) -> Response {
    let path = PATHS.iter().find(|path| **path == request.uri().path());
    let path = path.copied().unwrap_or("other");
    let span = tracing::info_span!("request", method = %request.method(), path, status = Empty);
    continue_trace(&span, request.headers());
    let since = Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    span.record("status", response.status().as_u16());
    metrics::histogram!("moim_http_request_duration_seconds", "path" => path)
        .record(since.elapsed().as_secs_f64());
    response
}

fn continue_trace(span: &Span, headers: &HeaderMap) {
    let parent = opentelemetry::global::get_text_map_propagator(|propagator| {
        propagator.extract(&TraceHeaders(headers))
    });
    // Without an exporter there is no layer that could take it, which is no fault.
    let _ = span.set_parent(parent);
}

struct TraceHeaders<'a>(&'a HeaderMap);

impl Extractor for TraceHeaders<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(axum::http::HeaderName::as_str).collect()
    }
}

/// Says what the metric of this file means.
pub(super) fn describe() {
    metrics::describe_histogram!(
        "moim_http_request_duration_seconds",
        metrics::Unit::Seconds,
        "From a request's headers to the head of its answer."
    );
}
