//! Refusals as RFC 9457 problems, as the other endpoints beside GraphQL give them.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use command::Code;
use serde_json::json;

use crate::fault::Fault;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    code: Code,
    detail: &'static str,
    field: Option<&'static str>,
}

impl Problem {
    pub(super) fn new(code: Code, detail: &'static str) -> Self {
        Self { code, detail, field: None }
    }

    /// Names the input at fault.
    pub(super) fn at(self, field: &'static str) -> Self {
        Self { field: Some(field), ..self }
    }

    #[cfg(test)]
    pub(super) fn field(&self) -> Option<&'static str> {
        self.field
    }
}

pub(super) fn unavailable() -> Problem {
    Problem::new(Code::Unavailable, "This can't be read at the moment.")
}

pub(super) fn overloaded() -> Problem {
    Problem::new(Code::Overloaded, "Too many statements are being sent. Try again later.")
}

pub(super) fn of_database(error: sqlx::Error) -> Problem {
    match Fault::from(error) {
        Fault::Unavailable(why) => {
            tracing::warn!(%why, "a statement can't be read");
            unavailable()
        }
        fault => {
            tracing::error!(?fault, "a statement failed");
            Problem::new(Code::Internal, "Something went wrong on our side.")
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (code, status) = (self.code.as_str(), self.code.status());
        let mut title = code.to_lowercase().replace('_', " ");
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let mut body = json!({
            "type": format!("urn:moim:problem:{code}"), "title": title, "status": status,
            "detail": self.detail, "code": code,
        });
        if let Some(field) = self.field {
            body["field"] = field.into();
        }
        if self.code.retryable() {
            body["retryable"] = true.into();
        }
        // All statuses of the table are statuses.
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}
