//! The columns of a recurrence, which scheduled payments and plans of dues have.

use events::recurrence::Frequency;

/// A rule as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecurrenceRow {
    pub(crate) frequency: Frequency,
    /// A wall clock's date and time, `2026-01-31T09:00:00`.
    pub(crate) start_at: String,
    /// IANA name.
    pub(crate) time_zone: String,
    pub(crate) end_at: Option<String>,
    pub(crate) count: Option<i32>,
}

/// From the stored number.
pub(super) fn frequency(code: i16) -> Frequency {
    match code {
        2 => Frequency::Daily,
        3 => Frequency::Weekly,
        4 => Frequency::Monthly,
        _ => Frequency::Once,
    }
}
