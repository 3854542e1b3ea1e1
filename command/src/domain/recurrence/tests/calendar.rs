//! A calendar that shares nothing with the one under test: days are counted one by one, and the
//! rules of zones are written out from what was decreed.

/// Years since this one are counted.
const FIRST_YEAR: i64 = 1970;
const DAY_SECONDS: i64 = 86_400;
/// Clocks here change at instants that are multiples of this.
const STEP_SECONDS: i64 = 900;

/// A date as people write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Date {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
}

fn is_leap(year: i64) -> bool {
    if year % 100 == 0 { year % 400 == 0 } else { year % 4 == 0 }
}

fn year_len(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

pub(super) fn month_len(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// How many days lie between 1970-01-01 and the date.
pub(super) fn days_before(date: Date) -> i64 {
    let years: i64 = (FIRST_YEAR..date.year).map(year_len).sum();
    let months: i64 = (1..date.month).map(|month| month_len(date.year, month)).sum();
    years + months + date.day - 1
}

pub(super) fn date_after(mut days: i64) -> Date {
    let (mut year, mut month) = (FIRST_YEAR, 1);
    while days >= year_len(year) {
        days -= year_len(year);
        year += 1;
    }
    while days >= month_len(year, month) {
        days -= month_len(year, month);
        month += 1;
    }
    Date { year, month, day: days + 1 }
}

/// The `nth` Sunday of a month, or its last one if it hasn't so many.
fn sunday(year: i64, month: i64, nth: i64) -> i64 {
    let first = days_before(Date { year, month, day: 1 });
    // 1970 began on a Thursday.
    let weekday = (first + 4) % 7;
    let day = first + (7 - weekday) % 7 + 7 * (nth - 1);
    if day < first + month_len(year, month) { day } else { day - 7 }
}

/// A zone whose rules are known for some years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// Never changes.
    Utc,
    /// UTC+5:30, never changes.
    Kolkata,
    /// UTC+9; in 1987 and 1988 an hour more from the second Sunday of May to that of October.
    Seoul,
    /// UTC+1, an hour more from March's last Sunday to October's, since 1996.
    Berlin,
    /// UTC-5, an hour more from March's second Sunday to November's first, since 2007.
    NewYork,
}

/// All of them.
pub(super) const ZONES: [Zone; 5] =
    [Zone::Utc, Zone::Kolkata, Zone::Seoul, Zone::Berlin, Zone::NewYork];

impl Zone {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Utc => "UTC",
            Self::Kolkata => "Asia/Kolkata",
            Self::Seoul => "Asia/Seoul",
            Self::Berlin => "Europe/Berlin",
            Self::NewYork => "America/New_York",
        }
    }

    /// The years for which the rules above hold.
    pub(super) fn years(self) -> std::ops::Range<i64> {
        match self {
            Self::Utc | Self::Kolkata => 1971..2100,
            Self::Seoul => 1971..2040,
            Self::Berlin => 1997..2036,
            Self::NewYork => 2008..2036,
        }
    }

    fn standard_seconds(self) -> i64 {
        match self {
            Self::Utc => 0,
            Self::Kolkata => 19_800,
            Self::Seoul => 9 * 3_600,
            Self::Berlin => 3_600,
            Self::NewYork => -5 * 3_600,
        }
    }

    /// The year's summer as instants, in seconds since 1970 in UTC.
    fn summer(self, year: i64) -> Option<std::ops::Range<i64>> {
        let at = |days: i64, hours: i64| days * DAY_SECONDS + hours * 3_600;
        let (begin, end) = match self {
            Self::Utc | Self::Kolkata => return None,
            Self::Seoul if !(1987..=1988).contains(&year) => return None,
            // From two to three, and back.
            Self::Seoul => (at(sunday(year, 5, 2), 2 - 9), at(sunday(year, 10, 2), 3 - 10)),
            // At one in UTC, both.
            Self::Berlin => (at(sunday(year, 3, 5), 1), at(sunday(year, 10, 5), 1)),
            // At two by its own clock, both.
            Self::NewYork => (at(sunday(year, 3, 2), 2 + 5), at(sunday(year, 11, 1), 2 + 4)),
        };
        Some(begin..end)
    }

    /// What its clock shows, in seconds since 1970 as if that were UTC.
    fn shows(self, instant: i64) -> i64 {
        let standard = instant + self.standard_seconds();
        let summer = self.summer(date_after(standard / DAY_SECONDS).year);
        standard + if summer.is_some_and(|summer| summer.contains(&instant)) { 3_600 } else { 0 }
    }

    /// The first instant at which the clock shows that time or has passed it by.
    pub(super) fn instant(self, local: i64) -> i64 {
        // Nothing shows it more than an hour before the standard clock would.
        let mut step = (local - self.standard_seconds() - 2 * 3_600) / STEP_SECONDS * STEP_SECONDS;
        while self.shows(step) + STEP_SECONDS <= local {
            step += STEP_SECONDS;
        }
        step + (local - self.shows(step)).max(0)
    }
}
