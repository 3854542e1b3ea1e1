//! The order of fields in a response. The executor resolves fields side by side and gives them
//! as they get ready; the specification wants them as they were asked for.

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Value};

/// Response keys as a document asks for them. Fragments count whatever their type: of those that
/// don't apply no key is there.
#[derive(Debug, Default)]
pub(crate) struct Order(IndexMap<Name, Order>);

impl Order {
    /// Of the operation that is named, or of the only one. Of a document that won't be executed
    /// (no such operation, fragments in a circle) the order doesn't matter.
    pub(crate) fn of(document: &ExecutableDocument, name: Option<&str>) -> Self {
        let mut order = Self::default();
        let mut operations = document.operations.iter();
        let asked = operations.find(|(other, _)| name.is_none() || other.map(Name::as_str) == name);
        if let Some((_, operation)) = asked {
            let mut within = Vec::new();
            order.add(document, &operation.node.selection_set.node, &mut within);
        }
        order
    }

    fn add<'a>(
        &mut self,
        document: &'a ExecutableDocument,
        selections: &'a SelectionSet,
        within: &mut Vec<&'a str>,
    ) {
        for selection in &selections.items {
            match &selection.node {
                Selection::Field(field) => {
                    let below = self.0.entry(field.node.response_key().node.clone()).or_default();
                    below.add(document, &field.node.selection_set.node, within);
                }
                Selection::InlineFragment(fragment) => {
                    self.add(document, &fragment.node.selection_set.node, within);
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    let fragment = document.fragments.get(name);
                    if let Some(fragment) = fragment.filter(|_| !within.contains(&name)) {
                        within.push(name);
                        self.add(document, &fragment.node.selection_set.node, within);
                        within.pop();
                    }
                }
            }
        }
    }

    /// Brings a response's data into this order.
    pub(crate) fn apply(&self, data: &mut Value) {
        match data {
            Value::Object(fields) => {
                fields.sort_by_cached_key(|name, _| self.0.get_index_of(name));
                for (name, value) in fields {
                    if let Some(below) = self.0.get(name) {
                        below.apply(value);
                    }
                }
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.apply(item)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;
    use async_graphql::value;

    #[test]
    fn fields_come_as_they_were_asked_for() {
        let document = parse_query(
            "{ me { id } list { ...A z: id other } }
             fragment A on A { y: id ... on B { nested { b a } } }",
        )
        .unwrap();
        let order = Order::of(&document, None);
        let nested = value!({ "a": 1, "b": 2 });
        let mut data = value!({
            "list": [{ "other": 3, "nested": nested, "z": 1, "y": 0 }, null],
            "me": { "id": 1 },
        });
        order.apply(&mut data);
        assert_eq!(
            serde_json::to_string(&data).unwrap(),
            r#"{"me":{"id":1},"list":[{"y":0,"nested":{"b":2,"a":1},"z":1,"other":3},null]}"#
        );
    }

    #[test]
    fn a_circle_of_fragments_ends() {
        let document = parse_query("{ ...A } fragment A on A { a ...B } fragment B on A { ...A }");
        assert_eq!(Order::of(&document.unwrap(), None).0.len(), 1);
    }
}
