//! From a request's text to an operation that may run: parsed within bounds, measured, and
//! brought into the form that the executor gets right.
//!
//! What is refused here, or by the executor's own rules afterwards, was not run in any part.

mod canonical;
mod complete;
mod fault;
mod limits;
mod measure;
mod normalise;
mod scan;
mod shape;
mod uncoded;
mod variables;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_graphql::parser::types::{DocumentOperations, OperationType, Selection};
use async_graphql::{Request, Response, Value, Variables};

use crate::execution::Prepared;
use crate::order::Order;
pub use fault::{BAD_USER_INPUT, Fault, PARSE_FAILED, TOO_COMPLEX, VALIDATION_FAILED};
pub use limits::Limits;
pub use shape::Shape;
pub use uncoded::{code, code_of, is_refused};

/// What a document is prepared with.
#[derive(Debug, Default)]
pub struct Desk {
    /// The schema's types.
    pub shape: Shape,
    /// How big a document may be.
    pub limits: Limits,
}

impl Desk {
    /// Makes an operation of a document, the name of the operation to run, and variables.
    pub fn prepare(
        &self,
        text: &str,
        name: Option<&str>,
        variables: Variables,
    ) -> Result<Prepared, Fault> {
        let mut document = scan::parse(text, &self.limits)?;
        let operation = normalise::pick(&mut document, name)?.node.clone();
        let variables = variables::coerce(&operation, variables, &self.shape)?;
        let measure =
            measure::operation(&document, &operation, &variables, &self.shape, &self.limits)?;
        self.limits.check(&measure)?;
        let kind = operation.ty;
        let Some(root) = self.shape.root(kind) else {
            return Err(Fault::invalid(format!("this schema has no {kind}s"), None));
        };
        if kind != OperationType::Query {
            normalise::roots(&mut document, name, root)?;
        }
        let canonical = match kind {
            OperationType::Subscription => {
                let operation = normalise::pick(&mut document, name)?.node.clone();
                canonical::text(&document, &operation, &variables)
            }
            _ => String::new(),
        };
        let mut request = Request::new("").variables(variables);
        // The executor finds the operation of a document with one alone only without a name.
        if let (Some(name), DocumentOperations::Multiple(_)) = (name, &document.operations) {
            request = request.operation_name(name);
        }
        request.set_parsed_query(document);
        Ok(Prepared { request, operation: kind, canonical: Arc::from(canonical) })
    }

    /// Puts null where fields of a response failed, and up to where null may be. The text is what
    /// was executed, or a subscription's canonical text; it is read only if anything failed.
    pub fn complete(&self, text: &str, name: Option<&str>, response: &mut Response) {
        if response.data == Value::Null || response.errors.is_empty() {
            return;
        }
        let Ok(mut document) = scan::parse(text, &self.limits) else { return };
        let Ok(operation) = normalise::pick(&mut document, name).map(|it| it.node.clone()) else {
            return;
        };
        complete::nulls(&document, &operation, &self.shape, response);
        Order::of(&document, name).apply(&mut response.data);
    }
}

/// Names of the fields at the root of an operation, as far as they stand there by themselves.
pub fn root_fields(prepared: &mut Prepared) -> Vec<String> {
    let name = prepared.request.operation_name.clone();
    let Ok(document) = prepared.request.parsed_query() else { return Vec::new() };
    let mut operations = document.operations.iter();
    let Some((_, operation)) = operations.find(|(other, _)| match &name {
        Some(name) => other.is_some_and(|other| other.as_str() == name),
        None => true,
    }) else {
        return Vec::new();
    };
    let set = &operation.node.selection_set.node;
    set.items
        .iter()
        .map(|selection| match &selection.node {
            Selection::Field(field) => field.node.name.node.to_string(),
            Selection::FragmentSpread(_) | Selection::InlineFragment(_) => "...".to_owned(),
        })
        .collect()
}
