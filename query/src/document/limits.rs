//! How big a document may be.

use super::fault::Fault;
use super::measure::Measure;

/// Bounds of one document; each that is passed answers `QUERY_TOO_COMPLEX`, naming it.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Fields within fields, the root's included.
    pub depth_max: usize,
    /// Items that nested pages can give: the product of their sizes, added up over siblings.
    pub complexity_max: u64,
    /// Aliases, those in fragments as often as they are spread.
    pub aliases_max: u64,
    /// Directives, those in fragments as often as they are spread.
    pub directives_max: u64,
    /// Fields, those in fragments as often as they are spread.
    pub fields_max: u64,
    /// Fields within fields below `__schema` and `__type`; tools ask for 14 levels and more.
    pub introspection_depth_max: usize,
    /// How often `__schema` and `__type` may be asked for in one document.
    pub introspections_max: u64,
    /// Selection sets within selection sets, fragments included; the executor has the same limit,
    /// without a code.
    pub selections_nested_max: usize,
    /// Brackets of any kind within brackets.
    pub nesting_max: usize,
    /// Its text: the parser takes its time for every byte, be it a comment's.
    pub text_bytes_max: usize,
    /// Names, numbers, strings and signs.
    pub tokens_max: usize,
    /// Items of a page when neither `first` nor `last` is given.
    pub page_default: u64,
    /// Items of a page at most; more is refused by the field, with `INVALID_INPUT`.
    pub page_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth_max: 15,
            complexity_max: 10_000,
            aliases_max: 100,
            directives_max: 100,
            fields_max: 2_000,
            introspection_depth_max: 20,
            introspections_max: 10,
            selections_nested_max: 32,
            nesting_max: 60,
            text_bytes_max: 128 << 10,
            tokens_max: 20_000,
            page_default: 50,
            page_max: 100,
        }
    }
}

impl Limits {
    /// Compares what was measured of an operation with these bounds.
    pub(super) fn check(&self, measure: &Measure) -> Result<(), Fault> {
        let within = |found: u64, limit: u64, what: &str| {
            if found <= limit {
                return Ok(());
            }
            Err(Fault::too_complex(format!("{what}: {found}, at most {limit}"), limit))
        };
        within(measure.depth as u64, self.depth_max as u64, "depth")?;
        within(measure.fields, self.fields_max, "fields")?;
        within(measure.aliases, self.aliases_max, "aliases")?;
        within(measure.directives, self.directives_max, "directives")?;
        within(measure.items, self.complexity_max, "complexity (items of nested pages)")?;
        let depth_max = self.introspection_depth_max as u64;
        within(measure.introspection_depth as u64, depth_max, "depth of introspection")?;
        within(measure.introspections, self.introspections_max, "introspections")?;
        within(measure.introspection_lists_nested(), 1, "a list of the schema within itself")
    }
}
