//! What may be spent from a wallet that has no limits of its own, and what a day is.

use events::money::Amount;
use jiff::tz::TimeZone;

/// As the write side has it.
#[derive(Debug, Clone)]
pub struct Spending {
    /// The most that one transfer may take, in minor units.
    pub per_transfer: Amount,
    /// The most that all of a day may take, in minor units.
    pub per_day: Amount,
    /// Whose days these are.
    pub time_zone: TimeZone,
}
