//! What becomes of occurrences.

use events::payment::{OccurrenceStarted, transfer_of};

use super::*;

/// The first has started.
fn started(given: Given<Payment>) -> Given<Payment> {
    day(given, 0).after(&Command::StartDue)
}

fn refused(attempt: u32, code: Code) -> Outcome {
    Outcome::Refused { attempt, code }
}

fn id(given: &Given<Payment>) -> PaymentId {
    given.stream().entity().parse().unwrap()
}

#[test]
fn an_occurrence_starts_when_it_is_due_and_no_sooner() {
    let given = daily();
    assert_eq!(refusal(given.when(&Command::StartDue)).code, Code::Conflict);
    let given = day(given, 0);
    let events = accepted(given.when(&Command::StartDue));
    let [PaymentEvent::OccurrenceStarted(started)] = &events[..] else { panic!("{events:?}") };
    let about = given.state.about().unwrap();
    let terms = Terms {
        transfer: transfer_of(id(&given), 1),
        from: about.from,
        to: about.to,
        amount: Amount::new(15_000).unwrap(),
        memo: "월세".to_owned(),
        by: about.created_by,
        origin: Origin::Scheduled { payment: id(&given), number: 1 },
    };
    let next = Some(Due { number: 2, due_at: FIRST.plus(DAY) });
    let ahead = Ahead { next, wake_at: None };
    let expected = OccurrenceStarted { number: 1, attempt: 1, due_at: FIRST, terms, ahead };
    assert_eq!(*started, expected);
    let running = given.after(&Command::StartDue);
    let running = running.state.running(id(&running)).unwrap();
    assert_eq!((running.number, running.attempt, running.terms), (1, 1, expected.terms));
}

#[test]
fn an_occurrence_that_is_under_way_is_not_started_again() {
    let given = started(daily());
    assert_eq!(accepted(given.when(&Command::StartDue)), []);
    assert_eq!(accepted(day(given, 5).when(&Command::StartDue)), []);
}

#[test]
fn what_fell_due_while_nobody_looked_is_worked_off_in_order() {
    let mut given = day(daily(), 2);
    for number in 1..=3 {
        given = given.after(&Command::StartDue);
        assert_eq!(given.state.running(id(&given)).unwrap().number, number);
        given = given.after(&settle(number, Outcome::Succeeded));
    }
    assert_eq!(next_wake(&given.state), Some(FIRST.plus(DAY * 3)));
}

#[test]
fn an_occurrence_has_one_outcome_and_the_first_stays() {
    let outcomes =
        [Outcome::Succeeded, Outcome::Failed(Code::WalletClosed), refused(1, Code::LimitExceeded)];
    for first in outcomes {
        let given = started(daily()).after(&settle(1, first));
        for other in [Outcome::Waiting, refused(1, Code::InsufficientFunds)].iter().chain(&outcomes)
        {
            assert_eq!(accepted(given.when(&settle(1, *other))), []);
        }
    }
}

#[test]
fn what_has_not_started_takes_no_outcome() {
    let given = daily();
    assert_eq!(accepted(given.when(&settle(1, Outcome::Succeeded))), []);
    assert_eq!(accepted(started(given).when(&settle(2, Outcome::Succeeded))), []);
}

#[test]
fn too_little_money_is_tried_again_three_times_and_then_has_failed() {
    let mut given = started(daily());
    for (attempt, minutes) in [(1, 10), (2, 60), (3, 360)] {
        let too_little = settle(1, refused(attempt, Code::InsufficientFunds));
        assert_eq!(kinds(&accepted(given.when(&too_little))), ["OccurrenceRetrying"]);
        given = given.after(&too_little);
        let retry_at = given.now.plus(Duration::from_mins(minutes));
        assert_eq!(ahead(&given).wake_at, Some(retry_at));
        assert_eq!(refusal(given.when(&Command::StartDue)).code, Code::Conflict);
        given = given.later(Duration::from_mins(minutes)).after(&Command::StartDue);
        assert_eq!(given.state.running(id(&given)).unwrap().attempt, attempt + 1);
    }
    let events = accepted(given.when(&settle(1, refused(4, Code::InsufficientFunds))));
    let [PaymentEvent::OccurrenceFailed(failed)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((failed.code.as_str(), failed.transfer), ("INSUFFICIENT_FUNDS", None));
}

#[test]
fn what_was_refused_at_an_earlier_attempt_is_old_news() {
    let too_little = settle(1, refused(1, Code::InsufficientFunds));
    let given = started(daily()).after(&too_little);
    assert_eq!(accepted(given.when(&too_little)), []);
    let given = given.later(RETRY_AFTER[0]).after(&Command::StartDue);
    for code in [Code::InsufficientFunds, Code::WalletClosed] {
        assert_eq!(accepted(given.when(&settle(1, refused(1, code)))), []);
    }
}

#[test]
fn any_other_refusal_is_the_outcome_at_once() {
    for code in [Code::WalletClosed, Code::WalletFrozen, Code::LimitExceeded, Code::Forbidden] {
        let given = started(daily());
        let events = accepted(given.when(&settle(1, refused(1, code))));
        let [PaymentEvent::OccurrenceFailed(failed)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(failed.code, code.as_str());
    }
}

#[test]
fn what_may_come_out_otherwise_is_no_outcome() {
    for code in [Code::Unavailable, Code::Overloaded, Code::Conflict, Code::Internal] {
        let given = started(daily());
        assert_eq!(accepted(given.when(&settle(1, refused(1, code)))), []);
    }
}

#[test]
fn what_waits_for_approvals_does_not_hold_up_the_next() {
    let given = started(daily()).after(&settle(1, Outcome::Waiting));
    assert_eq!(next_wake(&given.state), Some(FIRST.plus(DAY)));
    assert_eq!(accepted(given.when(&settle(1, Outcome::Waiting))), []);
    let given = day(given, 1).after(&Command::StartDue);
    assert_eq!(given.state.running(id(&given)).unwrap().number, 2);
    let given = given.after(&settle(2, Outcome::Succeeded));
    for outcome in [Outcome::Succeeded, Outcome::Failed(Code::TransferDeclined)] {
        assert_eq!(accepted(given.when(&settle(1, outcome))).len(), 1);
    }
}

#[test]
fn what_is_tried_again_later_does_not_hold_up_the_next_and_comes_first_when_both_are_due() {
    let too_little = settle(1, refused(1, Code::InsufficientFunds));
    let given = day(daily(), 1).after(&Command::StartDue).after(&too_little);
    let given = given.after(&Command::StartDue);
    assert_eq!(given.state.running(id(&given)).unwrap().number, 2);
    let given = day(given, 3).after(&settle(2, Outcome::Succeeded)).after(&Command::StartDue);
    let running = given.state.running(id(&given)).unwrap();
    assert_eq!((running.number, running.attempt), (1, 2));
}

#[test]
fn pausing_and_cancelling_leave_alone_what_has_started() {
    for command in [pause(), cancel()] {
        let given = started(daily()).after(&command);
        let given = given.after(&settle(1, refused(1, Code::InsufficientFunds)));
        assert_eq!(ahead(&given).wake_at, Some(given.now.plus(RETRY_AFTER[0])));
        let given = given.later(RETRY_AFTER[0]).after(&Command::StartDue);
        let events = accepted(given.when(&settle(1, Outcome::Succeeded)));
        assert_eq!(kinds(&events), ["OccurrenceSucceeded"]);
    }
}

#[test]
fn skipping_is_about_the_one_after_what_has_started() {
    let given = started(daily());
    assert_eq!(numbers(&accepted(given.when(&skip()))[0]), [2]);
}

#[test]
fn the_last_outcome_completes_the_payment_even_a_paused_one() {
    let last = || started(scheduled(Frequency::Once, None));
    for given in [last(), last().after(&pause())] {
        let events = accepted(given.when(&settle(1, Outcome::Succeeded)));
        assert_eq!(kinds(&events), ["OccurrenceSucceeded", "PaymentCompleted"]);
    }
    let given = last().after(&cancel());
    let events = accepted(given.when(&settle(1, Outcome::Succeeded)));
    assert_eq!(kinds(&events), ["OccurrenceSucceeded"]);
}

#[test]
fn an_early_one_that_still_waits_keeps_the_payment_from_being_completed() {
    let given = started(scheduled(Frequency::Daily, Some(2))).after(&settle(1, Outcome::Waiting));
    let given = day(given, 1).after(&Command::StartDue).after(&settle(2, Outcome::Succeeded));
    assert_eq!(given.state.status(), Status::Active);
    assert_eq!(refusal(given.when(&skip())).code, Code::ScheduleNotActive);
    let given = given.after(&settle(1, Outcome::Failed(Code::TransferExpired)));
    assert_eq!(given.state.status(), Status::Completed);
}

#[test]
fn so_many_may_wait_that_the_next_has_to() {
    let max = u32::try_from(OPEN_LEN_MAX).unwrap();
    let mut given = day(daily(), max);
    for number in 1..=max {
        given = given.after(&Command::StartDue).after(&settle(number, Outcome::Waiting));
    }
    assert_eq!(next_wake(&given.state), None);
    assert_eq!(accepted(given.when(&Command::StartDue)), []);
    let given = given.after(&settle(7, Outcome::Failed(Code::TransferExpired)));
    assert_eq!(ahead(&given).wake_at, Some(FIRST.plus(DAY * max)));
}

#[test]
fn each_attempt_has_a_command_of_its_own_and_all_have_one_transfer() {
    let payment = fresh::<PaymentId>();
    let debit = |number, attempt| events::payment::debit_of(payment, number, attempt);
    assert_ne!(debit(1, 1), debit(1, 2));
    assert_ne!(debit(1, 1), debit(2, 1));
    assert_ne!(transfer_of(payment, 1), transfer_of(payment, 2));
    assert_ne!(transfer_of(payment, 1), transfer_of(fresh::<PaymentId>(), 1));
}
