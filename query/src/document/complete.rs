//! Nulls where fields failed.
//!
//! The executor leaves a failed non-null field out and its parent as if nothing had happened; a
//! client with generated types would read what isn't there. By the specification, null goes up
//! to the next place that may be null.
//!
//! <https://spec.graphql.org/October2021/#sec-Handling-Field-Errors>

use async_graphql::parser::types::Selection;
use async_graphql::parser::types::{
    BaseType, ExecutableDocument, Field, OperationDefinition, SelectionSet, Type,
};
use async_graphql::{Name, PathSegment, Response, Value};

use super::shape::Shape;

/// Puts the nulls of all errors into the response's data.
pub(super) fn nulls(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    shape: &Shape,
    response: &mut Response,
) {
    let Some(root) = shape.root(operation.ty) else { return };
    let paths: Vec<_> = response.errors.iter().map(|error| error.path.clone()).collect();
    for path in paths.iter().filter(|path| !path.is_empty()) {
        let walk = Walk { document, shape };
        let Some(nullable) = walk.nullable(&operation.selection_set.node, root, path) else {
            continue;
        };
        match nullable.iter().rposition(|nullable| *nullable) {
            Some(last) => put_null(&mut response.data, &path[..=last]),
            None => response.data = Value::Null,
        }
    }
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    shape: &'a Shape,
}

impl<'a> Walk<'a> {
    /// Whether the value at each step of the path may be null; `None` if the path leads through
    /// what is not of our schema.
    fn nullable(
        &self,
        set: &'a SelectionSet,
        ty: &'a str,
        path: &[PathSegment],
    ) -> Option<Vec<bool>> {
        let mut sets = vec![(set, ty)];
        let mut at: Option<&Type> = None;
        let mut nullable = Vec::with_capacity(path.len());
        for segment in path {
            let ty = match segment {
                PathSegment::Field(key) => {
                    let mut found = Vec::new();
                    for (set, ty) in std::mem::take(&mut sets) {
                        self.find(set, ty, key, &mut found);
                    }
                    // Fields with one key have one shape, or the document is invalid.
                    let outputs: Vec<_> = found
                        .iter()
                        .filter_map(|(field, on)| {
                            Some((field, self.shape.output(on, &field.name.node)?))
                        })
                        .collect();
                    let ty = outputs.first().map(|(_, output)| &output.full)?;
                    sets = outputs
                        .iter()
                        .map(|(field, output)| (&field.selection_set.node, output.ty.as_str()))
                        .collect();
                    ty
                }
                PathSegment::Index(_) => match &at?.base {
                    BaseType::List(inner) => inner,
                    BaseType::Named(_) => return None,
                },
            };
            nullable.push(ty.nullable);
            at = Some(ty);
        }
        Some(nullable)
    }

    /// The fields with that key, and the types that they are selected on.
    fn find(
        &self,
        set: &'a SelectionSet,
        ty: &'a str,
        key: &str,
        found: &mut Vec<(&'a Field, &'a str)>,
    ) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if field.node.response_key().node == key => {
                    found.push((&field.node, ty));
                }
                Selection::Field(_) => {}
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref();
                    let ty = on.map_or(ty, |on| on.node.on.node.as_str());
                    self.find(&inline.node.selection_set.node, ty, key, found);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(it) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        let on = it.node.type_condition.node.on.node.as_str();
                        self.find(&it.node.selection_set.node, on, key, found);
                    }
                }
            }
        }
    }
}

fn put_null(data: &mut Value, path: &[PathSegment]) {
    let mut at = data;
    for (step, segment) in path.iter().enumerate() {
        let last = step + 1 == path.len();
        at = match (at, segment) {
            (Value::Object(fields), PathSegment::Field(key)) if last => {
                fields.insert(Name::new(key), Value::Null);
                return;
            }
            (Value::Object(fields), PathSegment::Field(key)) => {
                match fields.get_mut(key.as_str()) {
                    Some(value) => value,
                    None => return,
                }
            }
            (Value::List(items), PathSegment::Index(index)) => match items.get_mut(*index) {
                Some(value) => value,
                None => return,
            },
            // Null already, by another error further up.
            _ => return,
        };
    }
    *at = Value::Null;
}

#[cfg(test)]
mod tests {
    use async_graphql::ServerError;
    use serde_json::json;

    use crate::document::{Desk, Limits, Shape};

    const SDL: &str = "schema { query: Query } type Query { a: A b: A! list: [A!] holes: [A] }
        type A { id: ID! maybe: ID deep: A! }";

    fn completed(data: serde_json::Value, path: serde_json::Value) -> serde_json::Value {
        let desk = Desk { shape: Shape::of_sdl(SDL).unwrap(), limits: Limits::default() };
        let text =
            "{ a { ...F maybe } b { ...F } x: list { ...F } holes { ... { id deep { id } } } }
            fragment F on A { id deep { id maybe } }";
        let mut response =
            async_graphql::Response::new(async_graphql::Value::from_json(data).unwrap());
        let mut error = ServerError::new("no", None);
        error.path = serde_json::from_value(path).unwrap();
        response.errors.push(error);
        desk.complete(text, None, &mut response);
        response.data.into_json().unwrap()
    }

    #[test]
    fn null_goes_up_to_where_it_may_be() {
        let a = json!({ "a": { "id": 1, "deep": {} }, "z": 1 });
        assert_eq!(completed(a.clone(), json!(["a", "deep", "id"])), json!({ "a": null, "z": 1 }));
        let maybe = json!({ "a": { "id": 1, "deep": { "maybe": null } }, "z": 1 });
        assert_eq!(completed(a, json!(["a", "deep", "maybe"])), maybe);
        let b = json!({ "b": { "id": 1 } });
        assert_eq!(completed(b, json!(["b", "deep"])), json!(null));
        assert_eq!(completed(json!({ "z": 1 }), json!(["a"])), json!({ "z": 1, "a": null }));
    }

    #[test]
    fn an_item_that_may_not_be_null_takes_the_list_with_it() {
        let list = json!({ "x": [{ "id": 1 }, {}], "holes": [{ "id": 1 }, {}] });
        let gone = json!({ "x": null, "holes": [{ "id": 1 }, {}] });
        assert_eq!(completed(list.clone(), json!(["x", 1, "id"])), gone);
        let hole = json!({ "x": [{ "id": 1 }, {}], "holes": [{ "id": 1 }, null] });
        assert_eq!(completed(list, json!(["holes", 1, "deep", "id"])), hole);
    }
}
