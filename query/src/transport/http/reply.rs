//! Answers as HTTP responses.

use async_graphql::{ServerError, Value};
use axum::body::Body;
use axum::http::header::{
    ALLOW, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::accept::Media;
use crate::document::{BAD_USER_INPUT, TOO_COMPLEX, code_of};
use crate::transport::answer::{faults_document, refusal, status_of};
use crate::transport::whole::Whole;

/// A request of which nothing was run.
#[derive(Debug)]
pub(in crate::transport) struct Refusal {
    errors: Vec<ServerError>,
    /// Where it isn't the errors' code that says.
    status: Option<StatusCode>,
    /// Methods that would do.
    allow: Option<&'static str>,
}

impl From<Vec<ServerError>> for Refusal {
    fn from(errors: Vec<ServerError>) -> Self {
        Self { errors, status: None, allow: None }
    }
}

impl From<ServerError> for Refusal {
    fn from(error: ServerError) -> Self {
        vec![error].into()
    }
}

impl Refusal {
    /// The errors, if it is them alone that say what is wrong, and that with the document or with
    /// what became of it; not with the request around it.
    pub(in crate::transport) fn into_errors(self) -> Result<Vec<ServerError>, Self> {
        let code = self.errors.first().and_then(code_of).unwrap_or_default();
        if self.status.is_none() && faults_document(code) { Ok(self.errors) } else { Err(self) }
    }

    fn with_status(status: StatusCode, error: ServerError) -> Self {
        Self { status: Some(status), ..error.into() }
    }

    /// As a response.
    pub(in crate::transport) fn render(self, media: Media) -> Response {
        let Self { errors, status, allow } = self;
        let code = errors.first().and_then(code_of).unwrap_or_default();
        let status = status.unwrap_or_else(|| status_under(code, media));
        let body = json!({ "errors": errors }).to_string();
        let mut response = json_response(status, media, Body::from(body));
        let headers = response.headers_mut();
        if let Some(allow) = allow {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if matches!(status, StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT) {
            // What is left of the body is not waited for.
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(after) = errors.first().and_then(retry_after_s) {
            headers.insert(RETRY_AFTER, after.into());
        }
        response
    }
}

/// The answer to a request, executed or not.
pub(super) fn render(reply: Result<Whole, Refusal>, media: Media) -> Response {
    match reply {
        // Fields may have failed; each says so itself.
        Ok(whole) => {
            let length = whole.bytes.len();
            let mut response = json_response(StatusCode::OK, media, whole.into_body());
            response.headers_mut().insert(CONTENT_LENGTH, length.into());
            response
        }
        Err(refusal) => refusal.render(media),
    }
}

fn status_under(code: &str, media: Media) -> StatusCode {
    match media {
        Media::Json if faults_document(code) => StatusCode::OK,
        Media::Json | Media::GraphqlResponse => {
            StatusCode::from_u16(status_of(code)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

fn retry_after_s(error: &ServerError) -> Option<u64> {
    match error.extensions.as_ref()?.get("retryAfterMs")? {
        Value::Number(after_ms) => after_ms.as_u64().map(|after_ms| after_ms.div_ceil(1_000)),
        _ => None,
    }
}

fn json_response(status: StatusCode, media: Media, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    headers.append(VARY, HeaderValue::from_static("accept"));
    response
}

/// It is no GraphQL request at all.
pub(in crate::transport) fn malformed(message: impl Into<String>) -> Refusal {
    Refusal::with_status(StatusCode::BAD_REQUEST, refusal(BAD_USER_INPUT, message))
}

/// The body is too big.
pub(super) fn too_large(bytes_max: usize) -> Refusal {
    let mut error = refusal("PAYLOAD_TOO_LARGE", "the body is too big");
    error.extensions.get_or_insert_default().set("limit", bytes_max as u64);
    Refusal::with_status(StatusCode::PAYLOAD_TOO_LARGE, error)
}

/// The body holds too much, though it is not long.
pub(super) fn too_many_values(values_max: usize) -> Refusal {
    let mut error = refusal(TOO_COMPLEX, format!("values in the body: at most {values_max}"));
    error.extensions.get_or_insert_default().set("limit", values_max as u64);
    Refusal::with_status(StatusCode::BAD_REQUEST, error)
}

/// The body did not come in time.
pub(super) fn too_slow() -> Refusal {
    let error = refusal(BAD_USER_INPUT, "the body did not come in time");
    Refusal::with_status(StatusCode::REQUEST_TIMEOUT, error)
}

/// The body is no JSON, or doesn't say so.
pub(super) fn wrong_type() -> Refusal {
    let error = refusal(BAD_USER_INPUT, "the body must be `application/json` in UTF-8");
    Refusal::with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, error)
}

/// The method is none that this can be asked with.
pub(in crate::transport) fn wrong_method(allow: &'static str, message: &str) -> Refusal {
    Refusal {
        errors: vec![refusal(BAD_USER_INPUT, message)],
        status: Some(StatusCode::METHOD_NOT_ALLOWED),
        allow: Some(allow),
    }
}

/// The client takes no media type that we have.
pub(super) fn not_acceptable() -> Response {
    let message = "answers are application/graphql-response+json or application/json\n";
    (StatusCode::NOT_ACCEPTABLE, message).into_response()
}
