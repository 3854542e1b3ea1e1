//! Recurrences: what may be asked for, and the instants that follow from it. Every due time is
//! computed from the start, however many came before, so that none drifts and none costs more.

use std::sync::LazyLock;
use std::time::Duration;

use events::Timestamp;
use events::recurrence::{Due, Frequency, LocalDateTime, Recurrence};
use jiff::Span;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use crate::rejection::{Code, Rejection};

/// The zone of those who name none.
pub const TIME_ZONE_DEFAULT: &str = "Asia/Seoul";
/// What starts sooner counts as past.
pub const LEAD_MS: u64 = 60_000;
/// The most times that can be asked for: numbers of occurrences are GraphQL's `Int`s.
pub const COUNT_MAX: i64 = i32::MAX as i64;

/// The zones that the binary carries: all nodes know the same ones, whatever their machines do.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A recurrence as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecurrenceInput {
    /// How often.
    pub frequency: Frequency,
    /// The first time, `2026-01-31T09:00:00`.
    pub start_at: String,
    /// IANA name; [`TIME_ZONE_DEFAULT`] if left out.
    pub time_zone: Option<String>,
    /// The last time that counts.
    pub end_at: Option<String>,
    /// How many times.
    pub count: Option<i64>,
}

impl RecurrenceInput {
    /// Reads the field `recurrence`. Whether its start has passed by is for the decider to say,
    /// which knows the time: see [`Calendar::begins_after`].
    pub fn parse(&self) -> Result<Recurrence, Rejection> {
        let start_at = local_time("recurrence.startAt", &self.start_at)?;
        let end_at = self.end_at.as_deref();
        let end_at = end_at.map(|raw| local_time("recurrence.endAt", raw)).transpose()?;
        let time_zone = zone_name(self.time_zone.as_deref().unwrap_or(TIME_ZONE_DEFAULT))?;
        let count = self.count.map(count).transpose()?;
        let frequency = self.frequency;
        let rule = Recurrence { frequency, start_at, time_zone, end_at, count };
        ends_once_and_after_its_start(&rule)?;
        if Calendar::of(&rule)?.due(1).is_none() {
            return Err(invalid("startAt", "This never comes."));
        }
        Ok(rule)
    }
}

fn invalid(field: &str, message: &str) -> Rejection {
    Rejection::new(Code::ScheduleInvalid, message).at(format!("recurrence.{field}"))
}

fn local_time(field: &'static str, raw: &str) -> Result<LocalDateTime, Rejection> {
    let message = "A date and time without offset, like 2026-01-31T09:00:00.";
    raw.parse().map_err(|_| Rejection::invalid(field, message))
}

fn zone(name: &str) -> Option<TimeZone> {
    ZONES.get(name).ok().filter(|zone| !zone.is_unknown())
}

/// The name as it is written in the database, however it was sent.
fn zone_name(raw: &str) -> Result<String, Rejection> {
    let name = zone(raw).and_then(|zone| zone.iana_name().map(str::to_owned));
    name.ok_or_else(|| invalid("timeZone", "There is no such time zone."))
}

fn count(raw: i64) -> Result<u32, Rejection> {
    let count = u32::try_from(raw).ok().filter(|_| (1..=COUNT_MAX).contains(&raw));
    count.ok_or_else(|| invalid("count", "A whole number from 1 to 2147483647."))
}

fn ends_once_and_after_its_start(rule: &Recurrence) -> Result<(), Rejection> {
    let Recurrence { frequency, start_at, end_at, count, .. } = rule;
    let is_once = *frequency == Frequency::Once;
    match (end_at, count) {
        (Some(_), Some(_)) => Err(invalid("count", "Either an end or a count, not both.")),
        (Some(end_at), None) if end_at < start_at => {
            Err(invalid("endAt", "It can't end before it starts."))
        }
        (Some(end_at), None) if is_once && end_at != start_at => {
            Err(invalid("endAt", "What happens once ends where it starts."))
        }
        (None, Some(count)) if is_once && *count != 1 => {
            Err(invalid("count", "What happens once has a count of 1."))
        }
        _ => Ok(()),
    }
}

/// A recurrence with its time zone.
#[derive(Debug, Clone)]
pub struct Calendar<'a> {
    rule: &'a Recurrence,
    zone: TimeZone,
}

impl<'a> Calendar<'a> {
    /// Of a rule that was accepted. Fails when the database has lost its zone since.
    pub fn of(rule: &'a Recurrence) -> Result<Self, Rejection> {
        let zone = zone(&rule.time_zone).ok_or_else(Rejection::internal)?;
        Ok(Self { rule, zone })
    }

    /// The occurrence with that number, from 1; `None` after the last.
    pub fn due(&self, number: u32) -> Option<Due> {
        let local = self.local(number)?;
        let due_at = Timestamp::from_micros(instant(&self.zone, local)?.as_microsecond());
        Some(Due { number, due_at })
    }

    /// Refuses a rule that starts before `now`, or too soon after it to be sure of.
    pub fn begins_after(&self, now: Timestamp) -> Result<Due, Rejection> {
        let first = self.due(1).ok_or_else(|| invalid("startAt", "This never comes."))?;
        if first.due_at < now.plus(Duration::from_millis(LEAD_MS)) {
            let message = "It has to start in a minute or later.";
            return Err(Rejection::new(Code::ScheduleInPast, message).at("recurrence.startAt"));
        }
        Ok(first)
    }

    /// What the clock of its zone should show.
    fn local(&self, number: u32) -> Option<DateTime> {
        let Recurrence { frequency, start_at, end_at, count, .. } = self.rule;
        let steps = number.checked_sub(1)?;
        if count.is_some_and(|count| number > count) {
            return None;
        }
        let span = match frequency {
            Frequency::Once => (steps == 0).then(Span::new)?,
            Frequency::Daily => Span::new().try_days(steps).ok()?,
            Frequency::Weekly => Span::new().try_weeks(steps).ok()?,
            Frequency::Monthly => Span::new().try_months(steps).ok()?,
        };
        // Added to the start's date, a month that is too short ends on its own last day, and the
        // one after it is not touched by that.
        let local = start_at.get().checked_add(span).ok()?;
        let ends = end_at.is_some_and(|end_at| local > end_at.get());
        (!ends).then_some(local)
    }
}

/// The instant at which a zone's clock shows that; of two the earlier. If it skips that, the
/// instant at which it does.
fn instant(zone: &TimeZone, local: DateTime) -> Option<jiff::Timestamp> {
    let times = zone.to_ambiguous_timestamp(local);
    let AmbiguousOffset::Gap { after, .. } = times.offset() else {
        return times.earlier().ok();
    };
    let before_the_gap = times.earlier().ok()?;
    let mut transitions = zone.following(before_the_gap);
    transitions.find(|skip| skip.offset() == after).map(|skip| skip.timestamp())
}

#[cfg(test)]
mod tests;
