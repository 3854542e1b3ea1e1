//! When something falls due, again and again.

use async_graphql::{Enum, SimpleObject};
use events::recurrence::Frequency as Often;

use super::scalars::{LocalDateTime, TimeZone};
use crate::tables::recurrence::RecurrenceRow;

/// How often something falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Often")]
pub(crate) enum Frequency {
    /// At the start, and never again.
    Once,
    /// Every day.
    Daily,
    /// Every seven days.
    Weekly,
    /// Every month, in a shorter one on its last day at the latest.
    Monthly,
}

/// When a payment falls due: computed from `startAt` in `timeZone`, never from the last run.
/// MONTHLY on the 31st falls on a shorter month's last day and returns to the 31st. A time that
/// daylight saving skips moves to the next valid instant; one that it repeats counts once, at the
/// earlier instant. `endAt` is inclusive; skipped occurrences count towards `count`.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Recurrence {
    /// How often.
    frequency: Frequency,
    /// The first time.
    start_at: LocalDateTime,
    /// Whose clock tells the times.
    time_zone: TimeZone,
    /// The last time that counts; null when that isn't bounded.
    end_at: Option<LocalDateTime>,
    /// How many times; null when that isn't bounded.
    count: Option<i32>,
}

impl From<&RecurrenceRow> for Recurrence {
    fn from(row: &RecurrenceRow) -> Self {
        Self {
            frequency: row.frequency.into(),
            start_at: LocalDateTime(row.start_at.clone()),
            time_zone: TimeZone(row.time_zone.clone()),
            end_at: row.end_at.clone().map(LocalDateTime),
            count: row.count,
        }
    }
}
