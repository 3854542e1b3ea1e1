//! A subscription as text that is equal where what subscribers are told is equal.

use std::fmt::Write;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Positioned, Value as ConstValue, Variables};
use async_graphql_value::Value;

/// The operation without name, variables and the root fields' arguments: conditions worked
/// off, fragments written out, variables replaced by their values.
pub(super) fn text(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
) -> String {
    let mut printer = Printer { document, variables, out: operation.ty.to_string() };
    printer.selections(&operation.selection_set.node, Arguments::Left);
    printer.out
}

#[derive(Clone, Copy)]
enum Arguments {
    Left,
    Written,
}

struct Printer<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    out: String,
}

impl Printer<'_> {
    fn selections(&mut self, set: &SelectionSet, arguments: Arguments) {
        self.out.push('{');
        for selection in &set.items {
            if !self.included(selection.node.directives()) {
                continue;
            }
            match &selection.node {
                Selection::Field(field) => self.field(&field.node, arguments),
                Selection::FragmentSpread(spread) => {
                    let document = self.document;
                    if let Some(it) = document.fragments.get(&spread.node.fragment_name.node) {
                        self.out.push_str("...on ");
                        self.out.push_str(&it.node.type_condition.node.on.node);
                        self.selections(&it.node.selection_set.node, arguments);
                    }
                }
                Selection::InlineFragment(inline) => {
                    self.out.push_str("...");
                    if let Some(condition) = &inline.node.type_condition {
                        self.out.push_str("on ");
                        self.out.push_str(&condition.node.on.node);
                    }
                    self.selections(&inline.node.selection_set.node, arguments);
                }
            }
        }
        self.out.push('}');
    }

    fn field(&mut self, field: &Field, arguments: Arguments) {
        if let Some(alias) = &field.alias {
            self.out.push_str(&alias.node);
            self.out.push(':');
        }
        self.out.push_str(&field.name.node);
        if matches!(arguments, Arguments::Written) && !field.arguments.is_empty() {
            let mut all: Vec<_> = field.arguments.iter().collect();
            all.sort_unstable_by(|(a, _), (b, _)| a.node.cmp(&b.node));
            self.out.push('(');
            for (name, value) in all {
                if let Some(value) = self.value(&value.node) {
                    // Writing into a string can't fail.
                    let _ = write!(self.out, "{}:{value},", name.node);
                }
            }
            self.out.push(')');
        }
        if field.selection_set.node.items.is_empty() {
            self.out.push(' ');
        } else {
            self.selections(&field.selection_set.node, Arguments::Written);
        }
    }

    /// `None` is a variable that was left out, which is not the same as null.
    fn value(&self, value: &Value) -> Option<ConstValue> {
        value.clone().into_const_with(|name| self.variables.get(&name).cloned().ok_or(())).ok()
    }

    fn included(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let condition = directive.node.get_argument("if").and_then(|it| self.value(&it.node));
            let holds = condition == Some(ConstValue::Boolean(true));
            match directive.node.name.node.as_str() {
                "include" => holds,
                "skip" => !holds,
                _ => true,
            }
        })
    }
}
