//! What can go wrong, and the one place where it becomes an error of the API.
//!
//! [`Fault`] has no `Display` on purpose: whatever can be displayed becomes a GraphQL error
//! without a code by itself.

use async_graphql::{Error, ErrorExtensionValues, ServerError, Value};
use command::{Code, Rejection};
use events::Position;

/// Why there is no answer.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// The field needs a viewer.
    Unauthenticated,
    /// The viewer may know of the thing, but not this about it.
    Forbidden(&'static str),
    /// No such thing, or none that the viewer may know of.
    NotFound(&'static str),
    /// An argument breaks its rules.
    InvalidInput {
        /// The argument.
        field: &'static str,
        /// Why, for people.
        message: &'static str,
    },
    /// A cursor or position that this API did not make, or made for another list.
    InvalidCursor(&'static str),
    /// A position that the log does not know.
    CursorUnknown,
    /// This node's read model has not come that far.
    NotYet {
        /// What is waited for.
        position: Position,
        /// Whether a command was carried out.
        committed: bool,
    },
    /// This node has more to do than it takes.
    Overloaded,
    /// The log or a read model can't be reached; why is for the node's own log.
    Unavailable(String),
    /// A fault of ours; what it is is for the node's own log.
    Internal(String),
    /// A refused command, and the argument that its input came in.
    Rejected(Rejection, Option<&'static str>),
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        let away = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => true,
            // Connection exceptions, out of resources, shut down by an operator.
            sqlx::Error::Database(refused) => {
                let code = refused.code().unwrap_or_default();
                ["08", "53", "57"].iter().any(|class| code.starts_with(class))
            }
            _ => false,
        };
        if away { Self::Unavailable(error.to_string()) } else { Self::Internal(error.to_string()) }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        let (code, message, hidden) = fault.told(&mut extensions);
        extensions.set("code", code);
        let mut error =
            hidden.map_or_else(|| Error::new(""), |why| Error::new_with_source(Why(why)));
        error.message = message;
        error.extensions = Some(extensions);
        error
    }
}

/// What only the node's own log may say.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Why(String);

impl Fault {
    /// Code, message for people, and what only the node's log may say.
    fn told(self, more: &mut ErrorExtensionValues) -> (&'static str, String, Option<String>) {
        match self {
            Self::Unauthenticated => (Code::Unauthenticated.as_str(), "Log in first.".into(), None),
            Self::Forbidden(message) => (Code::Forbidden.as_str(), message.into(), None),
            Self::NotFound(message) => (Code::NotFound.as_str(), message.into(), None),
            Self::InvalidInput { field, message } => {
                more.set("field", field);
                (Code::InvalidInput.as_str(), message.into(), None)
            }
            Self::InvalidCursor(field) => {
                more.set("field", field);
                let message = "This cursor or position was not made by this API for this list.";
                ("INVALID_CURSOR", message.into(), None)
            }
            Self::CursorUnknown => {
                ("CURSOR_UNKNOWN", "The log does not know this position.".into(), None)
            }
            Self::NotYet { position, committed } => {
                more.set("retryable", true);
                more.set("committed", committed);
                more.set("position", position.to_string());
                let message = if committed {
                    "The command is done, but its result can't be read yet."
                } else {
                    "This state can't be read yet."
                };
                (NOT_YET, message.into(), None)
            }
            Self::Overloaded => {
                more.set("retryable", true);
                more.set("retryAfterMs", OVERLOADED_RETRY_MS);
                (Code::Overloaded.as_str(), "This node is busy. Try again later.".into(), None)
            }
            Self::Unavailable(why) => {
                more.set("retryable", true);
                let message = "This can't be read or written just now. Try again.";
                (Code::Unavailable.as_str(), message.into(), Some(why))
            }
            Self::Internal(why) => (Code::Internal.as_str(), INTERNAL.into(), Some(why)),
            Self::Rejected(rejection, input) => rejected(rejection, input, more),
        }
    }

    /// The projection of money stands still: what it has is not to be relied upon.
    pub(crate) fn money_stopped() -> Self {
        Self::Unavailable("money is not projected any more".into())
    }

    /// An error of a whole request, or the end of a subscription.
    pub(crate) fn server_error(self) -> ServerError {
        Error::from(self).into_server_error(async_graphql::Pos::default()).without_location()
    }
}

/// The node's read model is behind.
pub(crate) const NOT_YET: &str = "NOT_YET";
/// After this it is worth asking a busy node again.
const OVERLOADED_RETRY_MS: u64 = 500;
const INTERNAL: &str = "Something went wrong on our side.";

fn rejected(
    rejection: Rejection,
    input: Option<&'static str>,
    more: &mut ErrorExtensionValues,
) -> (&'static str, String, Option<String>) {
    if rejection.code.retryable() {
        more.set("retryable", true);
    }
    if let Some(after_ms) = rejection.retry_after_ms {
        more.set("retryAfterMs", after_ms);
    }
    if let Some(field) = rejection.field {
        let path = input.map_or_else(|| field.clone(), |input| format!("{input}.{field}"));
        more.set("field", path);
    }
    // An object, by its definition.
    if let Some(Ok(Value::Object(details))) = rejection.details.map(async_graphql::to_value) {
        for (name, value) in details {
            more.set(name, value);
        }
    }
    match rejection.code {
        Code::Internal => (Code::Internal.as_str(), INTERNAL.into(), Some(rejection.message)),
        code => (code.as_str(), rejection.message, None),
    }
}

trait WithoutLocation {
    fn without_location(self) -> Self;
}

impl WithoutLocation for ServerError {
    fn without_location(mut self) -> Self {
        self.locations.clear();
        self
    }
}

/// Gives every error a code: those that the executor makes by itself have none. Faults of ours
/// and of the stores are logged here, once, with the trace that the client is told.
pub(crate) fn complete(errors: &mut [ServerError], trace_parent: Option<&str>) {
    for error in errors {
        let extensions = error.extensions.get_or_insert_default();
        let why = error.source.take();
        let why = why.as_deref().and_then(|source| source.downcast_ref::<Why>());
        match code_of(extensions) {
            Some("INTERNAL") => {
                let trace_id = events::trace::id_of(trace_parent);
                let why = why.map_or("a fault without a reason", |why| why.0.as_str());
                tracing::error!(%trace_id, path = ?error.path, why, "a request failed");
                extensions.set("traceId", trace_id);
            }
            Some("UNAVAILABLE") => {
                let why = why.map_or("a command was refused", |why| why.0.as_str());
                tracing::warn!(path = ?error.path, why, "a request can't be served now");
            }
            Some(_) => {}
            // Before execution there is no path: the document or its variables are invalid.
            None if error.path.is_empty() => extensions.set("code", "GRAPHQL_VALIDATION_FAILED"),
            None => extensions.set("code", "BAD_USER_INPUT"),
        }
    }
}

/// The code of an error, as far as it has one.
pub(crate) fn code_of(extensions: &ErrorExtensionValues) -> Option<&str> {
    match extensions.get("code") {
        Some(Value::String(code)) => Some(code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use command::rejection::Details;
    use events::money::Amount;

    use super::*;

    fn completed(fault: Fault) -> ServerError {
        let mut errors = vec![fault.server_error()];
        complete(&mut errors, Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
        errors.remove(0)
    }

    fn json(error: &ServerError) -> serde_json::Value {
        serde_json::to_value(error).unwrap()
    }

    #[test]
    fn a_rejection_keeps_its_code_field_and_delay() {
        let rejection = Rejection {
            field: Some("text".into()),
            ..Rejection::new(Code::RateLimited, "Too fast.")
                .retry_after(std::time::Duration::from_millis(1500))
        };
        let error = json(&completed(Fault::Rejected(rejection, Some("input"))));
        assert_eq!(
            error,
            serde_json::json!({ "message": "Too fast.", "extensions": {
                "code": "RATE_LIMITED", "retryable": true, "retryAfterMs": 1500,
                "field": "input.text",
            }})
        );
    }

    #[test]
    fn a_rejection_says_what_its_code_carries_along() {
        let amount = |minor_units| Amount::new(minor_units).unwrap();
        for (details, told) in [
            (Details::Tries { tries_left: 4 }, serde_json::json!({ "triesLeft": 4 })),
            (Details::Funds { available: amount(7) }, serde_json::json!({ "available": "7" })),
            (
                Details::Limit { limit: amount(7), remaining: amount(0) },
                serde_json::json!({ "limit": "7", "remaining": "0" }),
            ),
        ] {
            let rejection = Rejection::new(Code::LimitExceeded, "No.").with(details);
            let mut error = json(&completed(Fault::Rejected(rejection, Some("input"))));
            let told_beside = error["extensions"].as_object_mut().unwrap();
            assert_eq!(told_beside.remove("code").unwrap(), "LIMIT_EXCEEDED");
            assert_eq!(error["extensions"], told);
        }
    }

    #[test]
    fn a_fault_of_ours_is_told_by_its_trace_alone() {
        let error = json(&completed(Fault::Internal("SELECT secret".into())));
        assert_eq!(error["message"], INTERNAL);
        assert_eq!(error["extensions"]["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(!error.to_string().contains("SELECT"));
    }

    #[test]
    fn the_executors_own_errors_get_a_code() {
        let mut errors = vec![ServerError::new("Unknown field", None)];
        complete(&mut errors, None);
        assert_eq!(json(&errors[0])["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    }
}
