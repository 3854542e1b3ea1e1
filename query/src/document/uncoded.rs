//! Codes for errors that the executor makes itself.

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};

use super::fault::{BAD_USER_INPUT, VALIDATION_FAILED};

/// Errors told of one invalid document.
const ERRORS_TOLD_MAX: usize = 20;

/// Whether the request was refused before anything of it ran. Errors of fields say where they
/// belong; those without a path are the request's.
pub fn is_refused(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// Gives every error a code that has none.
///
/// Our own fields code their errors. What is left comes from the executor: the rules of
/// validation, and input that a scalar could not read.
pub fn code(errors: &mut Vec<ServerError>) {
    errors.truncate(ERRORS_TOLD_MAX);
    for error in errors {
        if code_of(error).is_some() {
            continue;
        }
        let code = if error.path.is_empty() { VALIDATION_FAILED } else { BAD_USER_INPUT };
        error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code);
    }
}

/// The code that an error carries.
pub fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}
