//! Stands before the API until the node behind it is put together.

use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use command::rejection::Code;
use serde_json::json;
use tower::ServiceExt;

/// Closed, it answers every request with `UNAVAILABLE`; opened, it is not noticed.
#[derive(Debug, Clone, Default)]
pub(super) struct Gate(Arc<OnceLock<Router>>);

impl Gate {
    /// Lets requests through to `router` from now on.
    pub(super) fn open(&self, router: Router) {
        // A second opening would change nothing: there is one node in a process.
        let _ = self.0.set(router);
    }

    /// What listens.
    pub(super) fn router(&self) -> Router {
        Router::new().fallback(pass).with_state(self.clone())
    }
}

async fn pass(State(gate): State<Gate>, request: Request<Body>) -> Response {
    match gate.0.get() {
        // A router's error type has no values.
        Some(router) => router.clone().oneshot(request).await.into_response(),
        None if request.uri().path().starts_with("/v1/") => command::http::unavailable(),
        None => unavailable(),
    }
}

fn unavailable() -> Response {
    let error = json!({
        "message": "Moim is starting and can't reach its database yet.",
        "extensions": { "code": Code::Unavailable.as_str(), "retryable": true },
    });
    let body = Json(json!({ "errors": [error] }));
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;

    #[tokio::test]
    async fn closed_it_says_so_and_open_it_is_not_noticed() {
        let gate = Gate::default();
        let ask = || Request::get("/graphql").body(Body::empty()).unwrap();
        let router = gate.router();
        let refused = router.clone().oneshot(ask()).await.unwrap();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        let body = axum::body::to_bytes(refused.into_body(), 1_024).await.unwrap();
        assert!(std::str::from_utf8(&body).unwrap().contains("UNAVAILABLE"));
        gate.open(Router::new().route("/graphql", get(|| async { "served" })));
        let served = router.oneshot(ask()).await.unwrap();
        assert_eq!(served.status(), StatusCode::OK);
    }
}
