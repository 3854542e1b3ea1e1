//! The operations port: is it alive, is it ready, and how is it doing.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

use super::health::Health;
use super::listen::Bounds;
use crate::telemetry::Telemetry;

/// Text exposition format of Prometheus.
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Who looks on is near and quick.
pub(super) const BOUNDS: Bounds = Bounds {
    connections_max: 64,
    headers_within: Duration::from_secs(10),
    stall_max: Duration::from_mins(1),
};

/// Routes `/livez`, `/readyz` and `/metrics`.
pub(super) fn router(health: Arc<Health>, telemetry: Arc<Telemetry>) -> Router {
    Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(move || async move { readyz(&health) }))
        .route("/metrics", get(move || async move { metrics(&telemetry) }))
}

fn readyz(health: &Health) -> Response {
    let readiness = health.readiness();
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness)).into_response()
}

fn metrics(telemetry: &Telemetry) -> Response {
    ([(CONTENT_TYPE, PROMETHEUS)], telemetry.render()).into_response()
}
