use proptest::prelude::*;

use super::calendar::{Date, ZONES, Zone, date_after, days_before, month_len};
use super::*;

const DAY_SECONDS: i64 = 86_400;

fn text(date: Date, seconds: i64) -> String {
    let Date { year, month, day } = date;
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// The date of an occurrence, found by walking there from the start.
fn walk(frequency: Frequency, start: Date, number: u32) -> Option<Date> {
    let steps = i64::from(number - 1);
    match frequency {
        Frequency::Once => (steps == 0).then_some(start),
        Frequency::Daily => Some(date_after(days_before(start) + steps)),
        Frequency::Weekly => Some(date_after(days_before(start) + 7 * steps)),
        Frequency::Monthly => {
            let (mut year, mut month) = (start.year, start.month);
            for _ in 0..steps {
                (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            }
            Some(Date { year, month, day: start.day.min(month_len(year, month)) })
        }
    }
}

#[derive(Debug, Clone)]
struct Case {
    zone: Zone,
    frequency: Frequency,
    start: Date,
    seconds: i64,
    number: u32,
}

const REPEATING: [Frequency; 3] = [Frequency::Daily, Frequency::Weekly, Frequency::Monthly];

fn case(frequencies: &[Frequency]) -> impl Strategy<Value = Case> + use<> {
    let frequency = prop::sample::select(frequencies.to_vec());
    // Half of all times lie in the small hours, where clocks change. A second before and after is
    // of the same day.
    let seconds = prop_oneof![1..4 * 3_600i64, 1..DAY_SECONDS - 1];
    let zone = prop::sample::select(ZONES.to_vec());
    let date = (zone, any::<prop::sample::Index>(), 1..=12i64, 1..=31i64);
    (date, frequency, seconds, 1..=800u32).prop_map(
        |((zone, year, month, day), frequency, seconds, number)| {
            let years: Vec<i64> = zone.years().collect();
            let year = *year.get(&years);
            let start = Date { year, month, day: day.min(month_len(year, month)) };
            Case { zone, frequency, start, seconds, number }
        },
    )
}

fn parsed(case: &Case, end_at: Option<String>, count: Option<i64>) -> Recurrence {
    let input = RecurrenceInput {
        frequency: case.frequency,
        start_at: text(case.start, case.seconds),
        time_zone: Some(case.zone.name().to_owned()),
        end_at,
        count,
    };
    input.parse().unwrap()
}

/// What the other calendar says, where its zone's rules are known.
fn expected(case: &Case) -> Option<Timestamp> {
    let date = walk(case.frequency, case.start, case.number)?;
    let known = case.zone.years().contains(&date.year);
    let local = days_before(date) * DAY_SECONDS + case.seconds;
    known.then(|| Timestamp::from_micros(case.zone.instant(local) * 1_000_000))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn due_times_are_those_of_an_independent_calendar(case in case(&REPEATING)) {
        let rule = parsed(&case, None, None);
        let due = Calendar::of(&rule).unwrap().due(case.number);
        if let Some(due_at) = expected(&case) {
            prop_assert_eq!(due, Some(Due { number: case.number, due_at }));
        }
    }

    #[test]
    fn on_days_when_clocks_change_too(
        zone in prop::sample::select(ZONES.to_vec()),
        year in any::<prop::sample::Index>(),
        month in prop::sample::select(vec![3i64, 5, 10, 11]),
        seconds in 0..4 * 3_600i64,
    ) {
        let years: Vec<i64> = zone.years().collect();
        let start = Date { year: *year.get(&years), month, day: 1 };
        for number in 1..=31 {
            let case = Case { zone, frequency: Frequency::Daily, start, seconds, number };
            let due = Calendar::of(&parsed(&case, None, None)).unwrap().due(number).unwrap();
            if let Some(due_at) = expected(&case) {
                prop_assert_eq!(due.due_at, due_at);
            }
        }
    }

    #[test]
    fn what_happens_once_happens_at_its_start(case in case(&[Frequency::Once])) {
        let rule = parsed(&case, None, None);
        let calendar = Calendar::of(&rule).unwrap();
        let due_at = expected(&Case { number: 1, ..case }).unwrap();
        prop_assert_eq!(calendar.due(1), Some(Due { number: 1, due_at }));
        prop_assert_eq!(calendar.due(2), None);
    }

    #[test]
    fn due_times_never_go_back(case in case(&REPEATING)) {
        let rule = parsed(&case, None, None);
        let calendar = Calendar::of(&rule).unwrap();
        if let Some(next) = calendar.due(case.number + 1) {
            prop_assert!(calendar.due(case.number).unwrap().due_at < next.due_at);
        }
    }

    #[test]
    fn an_end_lets_in_what_the_clock_shows_by_then(case in case(&REPEATING), off in -1..=1i64) {
        let case = Case { number: case.number + 1, ..case };
        let seconds = case.seconds + off;
        let last = walk(case.frequency, case.start, case.number).unwrap();
        let rule = parsed(&case, Some(text(last, seconds)), None);
        let calendar = Calendar::of(&rule).unwrap();
        prop_assert!(calendar.due(case.number - 1).is_some());
        prop_assert_eq!(calendar.due(case.number).is_some(), off >= 0);
        prop_assert_eq!(calendar.due(case.number + 1), None);
    }

    #[test]
    fn a_count_ends_after_so_many(case in case(&REPEATING)) {
        let rule = parsed(&case, None, Some(case.number.into()));
        let calendar = Calendar::of(&rule).unwrap();
        prop_assert!(calendar.due(case.number).is_some());
        prop_assert_eq!(calendar.due(case.number + 1), None);
    }
}
