//! Sentences about what may be asked for and when it falls due; `properties` compares both with a
//! calendar of their own.

mod calendar;
mod properties;

use super::*;

fn input(frequency: Frequency, start_at: &str) -> RecurrenceInput {
    let (start_at, time_zone) = (start_at.to_owned(), None);
    RecurrenceInput { frequency, start_at, time_zone, end_at: None, count: None }
}

fn rule(frequency: Frequency, start_at: &str, zone: &str) -> Recurrence {
    let time_zone = Some(zone.to_owned());
    RecurrenceInput { time_zone, ..input(frequency, start_at) }.parse().unwrap()
}

/// The first so many due times, in UTC.
fn dues(rule: &Recurrence, len: u32) -> Vec<String> {
    let calendar = Calendar::of(rule).unwrap();
    let dues = (1..=len).map_while(|number| calendar.due(number));
    dues.map(|due| due.due_at.to_string().replace(".000000", "")).collect()
}

fn refused(input: &RecurrenceInput) -> (Code, String) {
    let rejection = input.parse().unwrap_err();
    (rejection.code, rejection.field.unwrap())
}

#[test]
fn who_names_no_zone_means_seoul() {
    let rule = input(Frequency::Once, "2026-01-31T09:00:00").parse().unwrap();
    assert_eq!(rule.time_zone, "Asia/Seoul");
    assert_eq!(dues(&rule, 2), ["2026-01-31T00:00:00Z"]);
}

#[test]
fn zones_are_those_of_the_database_in_its_own_spelling() {
    assert_eq!(rule(Frequency::Once, "2026-01-31T09:00:00", "asia/SEOUL").time_zone, "Asia/Seoul");
    for unknown in ["Mars/Olympus", "Etc/Unknown", "+09:00", "", "KST", "../etc/passwd"] {
        let time_zone = Some(unknown.to_owned());
        let input = RecurrenceInput { time_zone, ..input(Frequency::Daily, "2026-01-31T09:00:00") };
        let expected = (Code::ScheduleInvalid, "recurrence.timeZone".to_owned());
        assert_eq!(refused(&input), expected, "{unknown}");
    }
}

#[test]
fn the_zones_are_in_the_binary() {
    assert!(ZONES.available().count() > 400);
    assert!(!ZONES.is_definitively_empty());
}

#[test]
fn monthly_on_the_31st_falls_on_the_last_day_of_shorter_months_and_returns() {
    let rule = rule(Frequency::Monthly, "2027-10-31T09:00:00", "Asia/Seoul");
    let days: Vec<_> = dues(&rule, 6).iter().map(|due| due[..10].to_owned()).collect();
    let expected =
        ["2027-10-31", "2027-11-30", "2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"];
    assert_eq!(days, expected);
}

#[test]
fn a_time_that_the_clock_skips_moves_to_the_next_that_there_is() {
    let rule = rule(Frequency::Daily, "2026-03-28T02:30:00", "Europe/Berlin");
    let expected = ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"];
    assert_eq!(dues(&rule, 3), expected);
}

#[test]
fn a_time_that_the_clock_shows_twice_counts_once_at_the_earlier_instant() {
    let rule = rule(Frequency::Daily, "2026-10-31T01:30:00", "America/New_York");
    let expected = ["2026-10-31T05:30:00Z", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"];
    assert_eq!(dues(&rule, 3), expected);
}

#[test]
fn seoul_had_daylight_saving_in_1988() {
    let rule = rule(Frequency::Daily, "1988-05-07T02:30:00", "Asia/Seoul");
    // The clock went from two to three in the night of 8 May.
    let expected = ["1988-05-06T17:30:00Z", "1988-05-07T17:00:00Z", "1988-05-08T16:30:00Z"];
    assert_eq!(dues(&rule, 3), expected);
}

#[test]
fn an_end_is_inclusive_by_the_clock_of_the_zone() {
    let ending = |end_at: &str| {
        let end_at = Some(end_at.to_owned());
        let input = RecurrenceInput { end_at, ..input(Frequency::Weekly, "2026-01-05T09:00:00") };
        dues(&input.parse().unwrap(), 9).len()
    };
    assert_eq!(ending("2026-01-05T09:00:00"), 1);
    assert_eq!(ending("2026-01-19T08:59:59"), 2);
    assert_eq!(ending("2026-01-19T09:00:00"), 3);
}

#[test]
fn a_count_is_how_many_there_are() {
    let input =
        RecurrenceInput { count: Some(3), ..input(Frequency::Monthly, "2026-01-31T09:00:00") };
    assert_eq!(dues(&input.parse().unwrap(), 9).len(), 3);
}

#[test]
fn once_ends_where_it_starts() {
    let once = || input(Frequency::Once, "2026-01-31T09:00:00");
    let end = |text: &str| RecurrenceInput { end_at: Some(text.to_owned()), ..once() };
    let count = |count| RecurrenceInput { count: Some(count), ..once() };
    for fine in [once(), end("2026-01-31T09:00:00"), count(1)] {
        assert_eq!(dues(&fine.parse().unwrap(), 9).len(), 1);
    }
    let (at_end, at_count) = ("recurrence.endAt".to_owned(), "recurrence.count".to_owned());
    assert_eq!(refused(&end("2026-01-31T09:00:01")), (Code::ScheduleInvalid, at_end.clone()));
    assert_eq!(refused(&end("2026-01-31T08:59:59")), (Code::ScheduleInvalid, at_end));
    assert_eq!(refused(&count(2)), (Code::ScheduleInvalid, at_count));
}

#[test]
fn what_makes_no_sense_is_refused_with_the_field_at_fault() {
    let daily = || input(Frequency::Daily, "2026-01-31T09:00:00");
    let early = RecurrenceInput { end_at: Some("2026-01-31T08:59:59".to_owned()), ..daily() };
    assert_eq!(refused(&early), (Code::ScheduleInvalid, "recurrence.endAt".to_owned()));
    for count in [0, -1, COUNT_MAX + 1, i64::MIN] {
        let input = RecurrenceInput { count: Some(count), ..daily() };
        let expected = (Code::ScheduleInvalid, "recurrence.count".to_owned());
        assert_eq!(refused(&input), expected, "{count}");
    }
    let end_at = Some("2026-02-28T09:00:00".to_owned());
    let both = RecurrenceInput { count: Some(1), end_at, ..daily() };
    assert_eq!(refused(&both), (Code::ScheduleInvalid, "recurrence.count".to_owned()));
    let bad = RecurrenceInput { start_at: "tomorrow".to_owned(), ..daily() };
    assert_eq!(refused(&bad), (Code::InvalidInput, "recurrence.startAt".to_owned()));
    let bad = RecurrenceInput { end_at: Some("never".to_owned()), ..daily() };
    assert_eq!(refused(&bad), (Code::InvalidInput, "recurrence.endAt".to_owned()));
}

#[test]
fn what_lies_behind_the_last_day_that_can_be_told_never_comes() {
    let time_zone = Some("Pacific/Honolulu".to_owned());
    let late = RecurrenceInput { time_zone, ..input(Frequency::Once, "9999-12-31T23:59:59") };
    assert_eq!(refused(&late), (Code::ScheduleInvalid, "recurrence.startAt".to_owned()));
    let rule = rule(Frequency::Daily, "9999-12-29T00:00:00", "UTC");
    assert!(dues(&rule, 9).len() <= 3);
}

#[test]
fn a_start_is_a_minute_off_at_least() {
    let rule = rule(Frequency::Daily, "2026-01-31T09:00:00", "UTC");
    let calendar = Calendar::of(&rule).unwrap();
    let start: Timestamp = "2026-01-31T09:00:00Z".parse().unwrap();
    let before = |ms: u64| Timestamp::from_micros(start.as_micros() - 1_000 * ms.cast_signed());
    assert_eq!(calendar.begins_after(before(LEAD_MS)).unwrap().due_at, start);
    for now in [before(LEAD_MS - 1), start, start.plus(Duration::from_hours(1))] {
        let rejection = calendar.begins_after(now).unwrap_err();
        assert_eq!(rejection.code, Code::ScheduleInPast);
        assert_eq!(rejection.field.as_deref(), Some("recurrence.startAt"));
    }
}

#[test]
fn the_thousandth_costs_no_more_than_the_first() {
    let rule = rule(Frequency::Daily, "2026-01-01T00:00:00", "UTC");
    let calendar = Calendar::of(&rule).unwrap();
    let last = calendar.due(2_900_000).unwrap().due_at;
    assert_eq!(last.to_string(), "9965-12-06T00:00:00.000000Z");
    assert_eq!(calendar.due(u32::MAX), None);
    assert_eq!(calendar.due(0), None);
}
