//! Why a document is refused before anything of it runs, in the codes of the contract.

use async_graphql::{ErrorExtensionValues, Pos, ServerError};

/// The document can't be parsed.
pub const PARSE_FAILED: &str = "GRAPHQL_PARSE_FAILED";
/// The document breaks a rule of GraphQL or doesn't fit the schema.
pub const VALIDATION_FAILED: &str = "GRAPHQL_VALIDATION_FAILED";
/// The variables don't fit what the operation declares.
pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
/// The document is bigger than one of [`super::Limits`].
pub const TOO_COMPLEX: &str = "QUERY_TOO_COMPLEX";

/// A document that is refused as a whole: nothing of it was run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Fault {
    /// Why, for programs.
    pub code: &'static str,
    /// Why, for people.
    pub message: String,
    /// Where in the document.
    pub at: Option<Pos>,
    /// The limit that was passed.
    pub limit: Option<u64>,
    /// The variable at fault, as a dotted path.
    pub field: Option<String>,
}

impl Fault {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), at: None, limit: None, field: None }
    }

    /// It can't be parsed.
    pub fn syntax(message: impl Into<String>, at: Option<Pos>) -> Self {
        Self { at, ..Self::new(PARSE_FAILED, message) }
    }

    /// It breaks a rule of GraphQL.
    pub fn invalid(message: impl Into<String>, at: Option<Pos>) -> Self {
        Self { at, ..Self::new(VALIDATION_FAILED, message) }
    }

    /// A variable doesn't fit its declaration.
    pub fn variable(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: Some(path.into()), ..Self::new(BAD_USER_INPUT, message) }
    }

    /// It passes a limit.
    pub fn too_complex(message: impl Into<String>, limit: u64) -> Self {
        Self { limit: Some(limit), ..Self::new(TOO_COMPLEX, message) }
    }
}

impl From<Fault> for ServerError {
    fn from(fault: Fault) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", fault.code);
        if let Some(limit) = fault.limit {
            extensions.set("limit", limit);
        }
        if let Some(field) = fault.field {
            extensions.set("field", field);
        }
        let mut error = Self::new(fault.message, fault.at);
        error.extensions = Some(extensions);
        error
    }
}
