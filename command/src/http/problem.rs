//! Refusals as problems: RFC 9457, `application/problem+json`.

use std::time::Duration;

use axum::http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::rejection::{Code, Rejection};

/// The media type.
pub(super) const PROBLEM: &str = "application/problem+json";
/// Codes that no command is refused with, only its request.
const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
const PAYLOAD_TOO_LARGE: &str = "PAYLOAD_TOO_LARGE";
/// What stands before the code in a problem's type.
const TYPE_PREFIX: &str = "urn:moim:problem:";
/// After this it is worth asking a busy node again.
const OVERLOADED_RETRY_MS: u64 = 500;

/// A refusal, on its way to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem(Box<Told>);

/// Why a command was refused (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Problem")]
pub(super) struct Told {
    /// Names the kind of problem, one for each code.
    #[serde(rename = "type")]
    kind: String,
    /// The kind, for people.
    title: String,
    /// HTTP status of a request that is refused with it as a whole.
    #[schemars(range(min = 400, max = 599))]
    status: u16,
    /// This refusal, for people.
    detail: String,
    /// Why, for programs; the same as over GraphQL.
    code: &'static str,
    /// The command's id, as far as it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The input at fault, as a dotted path into `data`; `id`, `type` and `data` are the
    /// command's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// Whether the same request may succeed later.
    #[serde(default, skip_serializing_if = "is_false")]
    retryable: bool,
    /// After how many milliseconds it is worth trying again.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    /// How much there may be of what is too much.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<usize>,
    /// Under which a fault of ours is logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls it with")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Problem {
    fn new(code: &'static str, status: u16, detail: impl Into<String>) -> Self {
        let kind = format!("{TYPE_PREFIX}{code}");
        let (title, detail) = (title(code), detail.into());
        let (id, field, trace_id) = (None, None, None);
        let (retryable, retry_after_ms, limit) = (false, None, None);
        let told = Told {
            kind,
            title,
            status,
            detail,
            code,
            id,
            field,
            retryable,
            retry_after_ms,
            limit,
            trace_id,
        };
        Self(Box::new(told))
    }

    /// It is no command.
    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(BAD_USER_INPUT, 400, detail)
    }

    /// There is too much of something.
    pub(super) fn too_large(detail: impl Into<String>, limit: usize) -> Self {
        let mut problem = Self::new(PAYLOAD_TOO_LARGE, 413, detail);
        problem.0.limit = Some(limit);
        problem
    }

    /// The node has more to do than it takes.
    pub(super) fn overloaded() -> Self {
        let after = Duration::from_millis(OVERLOADED_RETRY_MS);
        let busy = Rejection::new(Code::Overloaded, "This node is busy. Try again later.");
        Self::from(busy.retry_after(after))
    }

    /// With another status than the code's.
    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = status.as_u16();
        self
    }

    /// Names the input at fault.
    pub(super) fn at(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// Names the command.
    pub(super) fn of(mut self, id: Option<String>) -> Self {
        self.0.id = id;
        self
    }

    /// A refusal of that kind of command. A fault of ours is logged here, with its trace.
    pub(super) fn refused(rejection: Rejection, kind: &str, trace_parent: Option<&str>) -> Self {
        let mut problem = Self::from(rejection);
        let told = &mut *problem.0;
        if told.code == Code::Internal.as_str() {
            let trace_id = events::trace::id_of(trace_parent);
            tracing::error!(%trace_id, kind, why = told.detail, "a command failed");
            told.detail = Rejection::internal().message;
            told.trace_id = Some(trace_id);
        }
        problem
    }

    /// How long to wait, if all that is wrong is that its sender asks for too much at a time.
    pub(super) fn too_early_by(&self) -> Option<Duration> {
        let told = &*self.0;
        let after_ms = told.retry_after_ms.filter(|_| told.code == Code::RateLimited.as_str())?;
        Some(Duration::from_millis(after_ms))
    }

    /// As a line of NDJSON.
    pub(super) fn line(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(&self.0)
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let Rejection { code, message, field, retry_after_ms, .. } = rejection;
        let field = field.map(|field| if field == "commandId" { "id".to_owned() } else { field });
        let mut problem = Self::new(code.as_str(), code.status(), message);
        problem.0.field = field;
        problem.0.retryable = code.retryable();
        problem.0.retry_after_ms = retry_after_ms;
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(told) = self;
        let status = StatusCode::from_u16(told.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // A struct of texts and numbers always has a JSON form.
        let body = serde_json::to_vec(&told).unwrap_or_default();
        let mut response = (status, [(CONTENT_TYPE, PROBLEM)], body).into_response();
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(after_ms) = told.retry_after_ms {
            headers.insert(RETRY_AFTER, after_ms.div_ceil(1_000).into());
        }
        if matches!(status, StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT) {
            // What is left of the body is not waited for.
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// What is answered before there is an endpoint.
pub fn unavailable() -> Response {
    let message = "Moim is starting and can't reach its database yet.";
    let rejection = Rejection::new(Code::Unavailable, message);
    Problem::from(rejection.retry_after(Duration::from_secs(1))).into_response()
}

/// `ID_TAKEN` as `Id taken`.
fn title(code: &str) -> String {
    let mut title = code.replace('_', " ").to_ascii_lowercase();
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn json(problem: &Problem) -> serde_json::Value {
        serde_json::from_slice(&problem.line().unwrap()).unwrap()
    }

    #[test]
    fn a_rejection_keeps_its_code_field_and_delay() {
        let rejection = Rejection { field: Some("text".into()), ..Rejection::internal() };
        let rejection = Rejection { code: Code::RateLimited, ..rejection };
        let rejection = rejection.retry_after(Duration::from_millis(1_500));
        let problem = Problem::refused(rejection, "sendMessage", None).of(Some("7".into()));
        let expected = json!({
            "type": "urn:moim:problem:RATE_LIMITED", "title": "Rate limited", "status": 429,
            "detail": "Something went wrong on our side.", "code": "RATE_LIMITED", "id": "7",
            "field": "text", "retryable": true, "retryAfterMs": 1_500,
        });
        assert_eq!(json(&problem), expected);
        let response = problem.into_response();
        assert_eq!(response.headers()[RETRY_AFTER], "2");
        assert_eq!(response.headers()[CONTENT_TYPE], PROBLEM);
    }

    #[test]
    fn a_fault_of_ours_is_told_by_its_trace_alone() {
        let rejection = Rejection::new(Code::Internal, "SELECT secret");
        let problem = json(&Problem::refused(rejection, "sendMessage", None));
        assert!(!problem.to_string().contains("SELECT"), "{problem}");
        assert_eq!(problem["traceId"].as_str().map(str::len), Some(32));
    }
}
