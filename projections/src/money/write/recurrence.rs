//! The columns of a recurrence, which two tables have.

use events::recurrence::{Frequency, Recurrence};

const fn frequency(frequency: Frequency) -> i16 {
    match frequency {
        Frequency::Once => 1,
        Frequency::Daily => 2,
        Frequency::Weekly => 3,
        Frequency::Monthly => 4,
    }
}

/// Recurrences, column by column.
pub(super) struct Columns<'a> {
    pub(super) frequencies: Vec<i16>,
    pub(super) starts: Vec<String>,
    pub(super) time_zones: Vec<&'a str>,
    pub(super) ends: Vec<Option<String>>,
    pub(super) counts: Vec<Option<i32>>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(recurrences: impl Iterator<Item = &'a Recurrence>) -> Self {
        let recurrences: Vec<_> = recurrences.collect();
        let all = || recurrences.iter();
        // Whoever folded them refused counts that are larger.
        let count = |count| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            frequencies: all().map(|it| frequency(it.frequency)).collect(),
            starts: all().map(|it| it.start_at.to_string()).collect(),
            time_zones: all().map(|it| it.time_zone.as_str()).collect(),
            ends: all().map(|it| it.end_at.map(|end_at| end_at.to_string())).collect(),
            counts: all().map(|it| it.count.map(count)).collect(),
        }
    }
}
