//! Sentences about scheduling and what people ask for after; about what becomes of occurrences in
//! `occurrences`; `properties` of both.

mod occurrences;
mod properties;

use events::payment::{Ahead, PaymentScheduled};
use events::recurrence::Frequency;
use events::{CommandId, StreamName};

use super::*;
use crate::domain::Permit;
use crate::domain::recurrence::RecurrenceInput;
use crate::domain::testing::{Given, accepted, fresh, kinds, refusal};
use crate::parse::{Memo, PositiveAmount};

/// The first due time of all payments here: 1 December 2023, nine in UTC.
const FIRST: Timestamp = Timestamp::from_micros(1_701_421_200_000_000);
const DAY: Duration = Duration::from_hours(24);
const MOMENT: Duration = Duration::from_micros(1);

fn nothing() -> Given<Payment> {
    let stream = StreamName::payment(fresh::<PaymentId>());
    Given::nothing(stream, std::iter::empty().collect())
}

fn recurrence(frequency: Frequency, count: Option<i64>) -> Recurrence {
    let (start_at, time_zone) = ("2023-12-01T09:00:00".to_owned(), Some("UTC".to_owned()));
    RecurrenceInput { frequency, start_at, time_zone, end_at: None, count }.parse().unwrap()
}

fn schedule(frequency: Frequency, count: Option<i64>) -> Schedule {
    Schedule {
        from: fresh::<WalletId>(),
        to: fresh::<WalletId>(),
        amount: PositiveAmount::parse("amount", "15000").unwrap(),
        memo: Memo::parse(Some("월세")).unwrap(),
        recurrence: recurrence(frequency, count),
        by: fresh::<UserId>(),
        permit: Ok(()),
    }
}

fn scheduled(frequency: Frequency, count: Option<i64>) -> Given<Payment> {
    nothing().after(&Command::Schedule(Box::new(schedule(frequency, count))))
}

fn daily() -> Given<Payment> {
    scheduled(Frequency::Daily, None)
}

/// What people ask for, in the order of the contract.
fn pause() -> Command {
    Command::Pause { by: fresh::<UserId>(), permit: Ok(()) }
}

fn resume() -> Command {
    Command::Resume { by: fresh::<UserId>(), permit: Ok(()) }
}

fn skip() -> Command {
    Command::Skip { by: fresh::<UserId>(), permit: Ok(()) }
}

fn cancel() -> Command {
    Command::Cancel { by: fresh::<UserId>(), permit: Ok(()) }
}

fn settle(number: u32, outcome: Outcome) -> Command {
    Command::Settle { number, outcome }
}

/// So many days after the first due time.
fn day(given: Given<Payment>, days: u32) -> Given<Payment> {
    let wait = FIRST.plus(DAY * days).since(given.now);
    given.later(wait)
}

fn numbers(skipped: &PaymentEvent) -> Vec<u32> {
    let PaymentEvent::OccurrencesSkipped(skipped) = skipped else { panic!("{skipped:?}") };
    skipped.skipped.iter().map(|due| due.number).collect()
}

fn ahead(given: &Given<Payment>) -> Ahead {
    *given.last().event.ahead().unwrap()
}

#[test]
fn a_payment_is_scheduled_with_its_first_occurrence_ahead() {
    let schedule = schedule(Frequency::Monthly, None);
    let events = accepted(nothing().when(&Command::Schedule(Box::new(schedule.clone()))));
    let next = Due { number: 1, due_at: FIRST };
    let expected = PaymentScheduled {
        from: schedule.from,
        to: schedule.to,
        amount: Amount::new(15_000).unwrap(),
        memo: "월세".to_owned(),
        recurrence: schedule.recurrence,
        created_by: schedule.by,
        ahead: Ahead { next: Some(next), wake_at: Some(FIRST) },
    };
    assert_eq!(events, [expected.into()]);
}

#[test]
fn what_starts_too_soon_is_refused_before_rights_are_looked_at() {
    let permit = Err(Rejection::new(Code::Forbidden, "no"));
    let schedule = Schedule { permit, ..schedule(Frequency::Once, None) };
    let command = Command::Schedule(Box::new(schedule));
    let given = nothing();
    assert_eq!(refusal(given.when(&command)).code, Code::Forbidden);
    let late = day(given, 0);
    assert_eq!(refusal(late.when(&command)).code, Code::ScheduleInPast);
}

#[test]
fn a_payment_is_scheduled_once() {
    let given = daily();
    let again = Command::Schedule(Box::new(schedule(Frequency::Daily, None)));
    assert_eq!(refusal(given.when(&again)).code, Code::IdTaken);
}

#[test]
fn there_has_to_be_a_payment_and_one_has_to_be_let() {
    let no: Permit = Err(Rejection::new(Code::Forbidden, "no"));
    let by = fresh::<UserId>();
    let given = daily();
    for command in [
        Command::Pause { by, permit: no.clone() },
        Command::Resume { by, permit: no.clone() },
        Command::Skip { by, permit: no.clone() },
        Command::Cancel { by, permit: no.clone() },
    ] {
        assert_eq!(refusal(given.when(&command)).code, Code::Forbidden);
        assert_eq!(refusal(nothing().when(&command)).code, Code::NotFound);
    }
    for command in [Command::StartDue, settle(1, Outcome::Succeeded)] {
        assert_eq!(refusal(nothing().when(&command)).code, Code::NotFound);
    }
}

#[test]
fn a_paused_payment_has_no_due_times_until_it_goes_on() {
    let given = daily().after(&pause());
    assert_eq!(next_wake(&given.state), None);
    for command in [pause(), skip()] {
        assert_eq!(refusal(given.when(&command)).code, Code::ScheduleNotActive);
    }
    let given = given.after(&resume());
    assert_eq!(next_wake(&given.state), Some(FIRST));
    assert_eq!(refusal(given.when(&resume())).code, Code::ScheduleNotActive);
}

#[test]
fn what_fell_due_while_it_was_paused_is_left_out_when_it_goes_on() {
    let given = day(daily().after(&pause()), 2);
    let events = accepted(given.when(&resume()));
    assert_eq!(kinds(&events), ["OccurrencesSkipped", "PaymentResumed"]);
    assert_eq!(numbers(&events[0]), [1, 2, 3]);
    let next = Due { number: 4, due_at: FIRST.plus(DAY * 3) };
    let given = given.after(&resume());
    assert_eq!(ahead(&given), Ahead { next: Some(next), wake_at: Some(next.due_at) });
}

#[test]
fn a_payment_whose_occurrences_all_fell_due_while_it_was_paused_is_completed() {
    let given = day(scheduled(Frequency::Daily, Some(2)).after(&pause()), 5);
    let events = accepted(given.when(&resume()));
    assert_eq!(kinds(&events), ["OccurrencesSkipped", "PaymentResumed", "PaymentCompleted"]);
    let given = given.after(&resume());
    for command in [pause(), resume(), skip(), cancel()] {
        assert_eq!(refusal(given.when(&command)).code, Code::ScheduleNotActive);
    }
}

#[test]
fn more_than_fits_into_one_append_is_left_out_all_the_same() {
    let max = u32::try_from(SKIPPED_LEN_MAX * SKIPPED_EVENTS_MAX).unwrap();
    let given = day(daily().after(&pause()), max + 4);
    let events = accepted(given.when(&resume()));
    assert_eq!(events.len(), SKIPPED_EVENTS_MAX + 1);
    let given = given.after(&resume());
    assert_eq!(next_wake(&given.state), Some(FIRST.plus(DAY * max)));
    let events = accepted(given.when(&Command::StartDue));
    assert_eq!(kinds(&events), ["OccurrencesSkipped"]);
    assert_eq!(numbers(&events[0]), (max + 1..=max + 5).collect::<Vec<_>>());
    let given = given.after(&Command::StartDue);
    assert_eq!(next_wake(&given.state), Some(FIRST.plus(DAY * (max + 5))));
}

#[test]
fn who_skips_leaves_out_the_next_which_counts_towards_the_count() {
    let given = scheduled(Frequency::Daily, Some(2));
    let events = accepted(given.when(&skip()));
    assert_eq!(numbers(&events[0]), [1]);
    let given = given.after(&skip());
    assert_eq!(ahead(&given).next, Some(Due { number: 2, due_at: FIRST.plus(DAY) }));
    let events = accepted(given.when(&skip()));
    assert_eq!(kinds(&events), ["OccurrencesSkipped", "PaymentCompleted"]);
    let given = given.after(&skip());
    assert_eq!((given.state.status(), ahead(&given)), (Status::Completed, Ahead::default()));
}

#[test]
fn a_cancelled_payment_has_no_occurrences_any_more_paused_or_not() {
    for given in [daily(), daily().after(&pause())] {
        let given = given.after(&cancel());
        assert_eq!(ahead(&given), Ahead::default());
        for command in [pause(), resume(), skip(), cancel()] {
            assert_eq!(refusal(given.when(&command)).code, Code::ScheduleNotActive);
        }
        assert_eq!(accepted(day(given, 9).when(&Command::StartDue)), []);
    }
}
