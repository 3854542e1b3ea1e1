//! How big a document is, once fragments are spread and pages are full.
//!
//! A fragment is measured once and its measure used at each spread, so that measuring takes no
//! longer than the document, even where spreading it would give billions of fields.

use std::collections::HashMap;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Value as ConstValue, Variables};
use async_graphql_value::Value;

use super::fault::Fault;
use super::limits::Limits;
use super::shape::Shape;

/// Lists of the introspection schema. One within itself multiplies the whole schema with itself.
const LISTS: [&str; 8] = [
    "types",
    "directives",
    "fields",
    "args",
    "inputFields",
    "interfaces",
    "possibleTypes",
    "enumValues",
];

/// What was counted of a selection set, everything below it included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Measure {
    pub(super) depth: usize,
    pub(super) introspection_depth: usize,
    pub(super) items: u64,
    pub(super) fields: u64,
    pub(super) aliases: u64,
    pub(super) directives: u64,
    pub(super) introspections: u64,
    selections_nested: usize,
    lists_nested: [u64; LISTS.len()],
}

impl Measure {
    /// How often any of the introspection schema's lists stands within itself.
    pub(super) fn introspection_lists_nested(&self) -> u64 {
        self.lists_nested.into_iter().max().unwrap_or(0)
    }

    fn beside(mut self, other: &Self) -> Self {
        self.depth = self.depth.max(other.depth);
        self.introspection_depth = self.introspection_depth.max(other.introspection_depth);
        self.items = self.items.saturating_add(other.items);
        self.fields = self.fields.saturating_add(other.fields);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.introspections = self.introspections.saturating_add(other.introspections);
        self.selections_nested = self.selections_nested.max(other.selections_nested);
        for (mine, others) in self.lists_nested.iter_mut().zip(other.lists_nested) {
            *mine = (*mine).max(others);
        }
        self
    }
}

/// Measures the operation. Every fragment is looked at, so that one which nobody spreads can't
/// hide a cycle or a depth that the executor's rules would walk into.
pub(super) fn operation(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    shape: &Shape,
    limits: &Limits,
) -> Result<Measure, Fault> {
    let mut walk = Walk { document, variables, shape, limits, known: HashMap::new() };
    for name in document.fragments.keys() {
        walk.fragment(name)?;
    }
    for (_, other) in document.operations.iter() {
        let root = shape.root(other.node.ty);
        walk.selections(&other.node.selection_set.node, root, false)?;
    }
    let root = shape.root(operation.ty);
    let measure = walk.selections(&operation.selection_set.node, root, false)?;
    let own = walk.directives(&operation.directives)?;
    Ok(measure.beside(&own))
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    shape: &'a Shape,
    limits: &'a Limits,
    /// `None` while a fragment is being measured: to meet it then is a cycle.
    known: HashMap<&'a str, Option<Measure>>,
}

impl<'a> Walk<'a> {
    fn fragment(&mut self, name: &'a Name) -> Result<Measure, Fault> {
        match self.known.get(name.as_str()) {
            Some(Some(measure)) => return Ok(*measure),
            Some(None) => {
                let at = self.document.fragments.get(name).map(|fragment| fragment.pos);
                return Err(Fault::invalid(format!("fragment `{name}` spreads itself"), at));
            }
            None => {}
        }
        // The executor's rules name the fragment that isn't there.
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Measure::default());
        };
        self.known.insert(name.as_str(), None);
        let on = fragment.node.type_condition.node.on.node.as_str();
        let inner =
            self.selections(&fragment.node.selection_set.node, Some(on), on.starts_with("__"))?;
        let measure = inner.beside(&self.directives(&fragment.node.directives)?);
        self.known.insert(name.as_str(), Some(measure));
        Ok(measure)
    }

    fn selections(
        &mut self,
        set: &'a SelectionSet,
        ty: Option<&str>,
        introspection: bool,
    ) -> Result<Measure, Fault> {
        let mut sum = Measure::default();
        for selection in &set.items {
            let measure = match &selection.node {
                Selection::Field(field) => self.field(&field.node, ty, introspection)?,
                Selection::FragmentSpread(spread) => {
                    let inner = self.fragment(&spread.node.fragment_name.node)?;
                    inner.beside(&self.directives(&spread.node.directives)?)
                }
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let on = condition.map(|condition| condition.node.on.node.as_str());
                    let set = &inline.node.selection_set.node;
                    let inner = self.selections(set, on.or(ty), introspection)?;
                    inner.beside(&self.directives(&inline.node.directives)?)
                }
            };
            sum = sum.beside(&measure);
        }
        sum.selections_nested += 1;
        // Checked on the way, so that recursion never goes much deeper than it may.
        if sum.selections_nested > self.limits.selections_nested_max {
            let limit = self.limits.selections_nested_max as u64;
            return Err(Fault::too_complex("selections are nested too deep", limit));
        }
        Ok(sum)
    }

    fn field(
        &mut self,
        field: &'a Field,
        ty: Option<&str>,
        introspection: bool,
    ) -> Result<Measure, Fault> {
        let name = field.name.node.as_str();
        let enters = matches!(name, "__schema" | "__type");
        let shape = self.shape;
        let output = ty.and_then(|ty| shape.output(ty, name));
        let inner = if field.selection_set.node.items.is_empty() {
            Measure::default()
        } else {
            let ty = output.map(|output| output.ty.as_str());
            self.selections(&field.selection_set.node, ty, introspection || enters)?
        };
        let mut measure = inner.beside(&self.directives(&field.directives)?);
        measure.fields = measure.fields.saturating_add(1);
        measure.aliases = measure.aliases.saturating_add(u64::from(field.alias.is_some()));
        measure.introspections = measure.introspections.saturating_add(u64::from(enters));
        if introspection || enters {
            measure.introspection_depth += 1;
            if let Some(list) = LISTS.iter().position(|list| *list == name) {
                measure.lists_nested[list] += 1;
            }
        } else {
            measure.depth += 1;
        }
        if output.is_some_and(|output| output.paged) {
            measure.items = measure.items.max(1).saturating_mul(self.page_len(field));
        }
        Ok(measure)
    }

    fn directives(&self, directives: &[Positioned<Directive>]) -> Result<Measure, Fault> {
        let directives = directives.len() as u64;
        // One place alone may not pass the limit either: it may lie where nothing is spread.
        if directives > self.limits.directives_max {
            return Err(Fault::too_complex("too many directives", self.limits.directives_max));
        }
        Ok(Measure { directives, ..Measure::default() })
    }

    /// Items of a page that is full.
    fn page_len(&self, field: &Field) -> u64 {
        let size = |name| match &field.get_argument(name)?.node {
            Value::Number(number) => number.as_u64(),
            Value::Variable(name) => match self.variables.get(name)? {
                ConstValue::Number(number) => number.as_u64(),
                _ => None,
            },
            _ => None,
        };
        let asked = size("first").max(size("last")).unwrap_or(self.limits.page_default);
        asked.clamp(1, self.limits.page_max)
    }
}
