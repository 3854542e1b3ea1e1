//! Brings a document into the form that the executor gets right.
//!
//! The executor looks at a subscription's root fields only where they stand in the operation
//! itself, takes more than one, and runs a root field twice that is selected twice: a mutation
//! would send two messages. So fragments at the root are inlined, and equal fields merged.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, FragmentDefinition, OperationDefinition,
    OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Pos, Positioned};

use super::fault::Fault;

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// The operation to run: the one that is named, or the only one.
pub(super) fn pick<'a>(
    document: &'a mut ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a mut Positioned<OperationDefinition>, Fault> {
    let unknown = |name: &str| Fault::invalid(format!("no operation is named `{name}`"), None);
    match (&mut document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok(operation),
        (DocumentOperations::Single(_), Some(name)) => Err(unknown(name)),
        (DocumentOperations::Multiple(operations), Some(name)) => {
            operations.get_mut(name).ok_or_else(|| unknown(name))
        }
        (DocumentOperations::Multiple(operations), None) => {
            let mut all = operations.values_mut();
            match (all.next(), all.next()) {
                (Some(only), None) => Ok(only),
                _ => Err(Fault::invalid("`operationName` must say which operation to run", None)),
            }
        }
    }
}

/// Inlines the root fragments of mutations and subscriptions and merges equal root fields; then
/// drops fragments that nothing spreads any more. `root` is the name of the root type.
pub(super) fn roots(
    document: &mut ExecutableDocument,
    name: Option<&str>,
    root: &str,
) -> Result<(), Fault> {
    let before = spread_names(document);
    let fragments = document.fragments.clone();
    let operation = &mut pick(document, name)?.node;
    let set = std::mem::take(&mut operation.selection_set.node);
    let subscribes = operation.ty == OperationType::Subscription;
    let mut inlined = Vec::new();
    inline(set, &Root { name: root, subscribes, fragments: &fragments }, &mut inlined)?;
    operation.selection_set.node.items = merge(inlined);
    if subscribes {
        one_field(&operation.selection_set.node, operation.selection_set.pos)?;
    }
    let after = spread_names(document);
    // One that was never spread stays: the executor's rules complain of it.
    document.fragments.retain(|name, _| !before.contains(name) || after.contains(name));
    Ok(())
}

struct Root<'a> {
    name: &'a str,
    subscribes: bool,
    fragments: &'a Fragments,
}

/// Fragments that spread each other in a circle were refused when the document was measured.
fn inline(
    set: SelectionSet,
    root: &Root<'_>,
    into: &mut Vec<Positioned<Selection>>,
) -> Result<(), Fault> {
    for selection in set.items {
        let conditional = !selection.node.directives().is_empty();
        if conditional && root.subscribes {
            let message = "a subscription's root field can't depend on a directive";
            return Err(Fault::invalid(message, Some(selection.pos)));
        }
        let (on, inner) = match &selection.node {
            Selection::Field(_) => (None, None),
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                let fragment = root.fragments.get(name).ok_or_else(|| {
                    Fault::invalid(format!("unknown fragment `{name}`"), Some(selection.pos))
                })?;
                (Some(&fragment.node.type_condition), Some(&fragment.node.selection_set))
            }
            Selection::InlineFragment(inline) => {
                (inline.node.type_condition.as_ref(), Some(&inline.node.selection_set))
            }
        };
        let on = on.map(|condition| condition.node.on.node.as_str());
        match inner {
            // What is wrong with the type is left for the executor's rules to tell.
            Some(inner) if !conditional && on.is_none_or(|on| on == root.name) => {
                inline(inner.node.clone(), root, into)?;
            }
            _ => into.push(selection),
        }
    }
    Ok(())
}

/// Joins fields that are the same but for what they select, keeping the first one's place.
fn merge(selections: Vec<Positioned<Selection>>) -> Vec<Positioned<Selection>> {
    let mut merged: Vec<Positioned<Selection>> = Vec::with_capacity(selections.len());
    let mut places: HashMap<Name, usize> = HashMap::new();
    for selection in selections {
        if let Selection::Field(field) = &selection.node {
            let key = field.node.response_key().node.clone();
            if let Some(place) = places.get(&key)
                && let Selection::Field(first) = &mut merged[*place].node
                && same(&first.node, &field.node)
            {
                let more = field.node.selection_set.node.items.clone();
                first.node.selection_set.node.items.extend(more);
                continue;
            }
            places.entry(key).or_insert(merged.len());
        }
        merged.push(selection);
    }
    merged
}

fn same(a: &Field, b: &Field) -> bool {
    let arguments = |field: &Field| {
        let mut all: Vec<_> = field
            .arguments
            .iter()
            .map(|(name, value)| (name.node.to_string(), value.node.to_string()))
            .collect();
        all.sort_unstable();
        all
    };
    a.name.node == b.name.node
        && a.directives.is_empty()
        && b.directives.is_empty()
        && arguments(a) == arguments(b)
}

fn one_field(set: &SelectionSet, at: Pos) -> Result<(), Fault> {
    let [only] = set.items.as_slice() else {
        return Err(Fault::invalid("a subscription has exactly one root field", Some(at)));
    };
    match &only.node {
        Selection::Field(field) if field.node.name.node.starts_with("__") => {
            Err(Fault::invalid("a subscription's root can't be introspected", Some(only.pos)))
        }
        _ => Ok(()),
    }
}

/// Names of the fragments that anything in the document spreads.
fn spread_names(document: &ExecutableDocument) -> HashSet<Name> {
    fn collect(set: &SelectionSet, names: &mut HashSet<Name>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => collect(&field.node.selection_set.node, names),
                Selection::InlineFragment(inline) => {
                    collect(&inline.node.selection_set.node, names);
                }
                Selection::FragmentSpread(spread) => {
                    names.insert(spread.node.fragment_name.node.clone());
                }
            }
        }
    }
    let mut names = HashSet::new();
    // From the operations on only: what is spread by unspread fragments alone is unused, too.
    let mut sets: Vec<&SelectionSet> =
        document.operations.iter().map(|(_, it)| &it.node.selection_set.node).collect();
    while let Some(set) = sets.pop() {
        let mut found = HashSet::new();
        collect(set, &mut found);
        for name in found {
            if let Some(fragment) = document.fragments.get(&name)
                && !names.contains(&name)
            {
                sets.push(&fragment.node.selection_set.node);
            }
            names.insert(name);
        }
    }
    names
}
