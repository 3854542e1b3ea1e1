//! Sentences about plans and cycles; about paying in `payments`, about exemption, closing and
//! refunds in `endings`; `properties` of all.

mod endings;
mod payments;
mod properties;

use std::time::Duration;

use events::dues::{DuesCycleOpened, DuesPlanCreated, Sums, cycle_of};
use events::recurrence::Frequency;
use events::{CommandId, StreamName, TransferId};

use super::item::Gate;
use super::*;
use crate::domain::Permit;
use crate::domain::recurrence::RecurrenceInput;
use crate::domain::testing::{Given, accepted, fresh, kinds, refusal};
use crate::parse::{PositiveAmount, WalletName};

/// The first due time of all plans here: 1 December 2023, nine in UTC.
const FIRST: Timestamp = Timestamp::from_micros(1_701_421_200_000_000);
const DAY: Duration = Duration::from_hours(24);

fn users<const N: usize>() -> [UserId; N] {
    std::array::from_fn(|_| fresh::<UserId>())
}

fn no() -> Permit {
    Err(Rejection::new(Code::Forbidden, "no"))
}

fn won(minor_units: i64) -> Amount {
    Amount::new(minor_units).unwrap()
}

fn sums(collected: i64, reserved: i64, outstanding: i64) -> Sums {
    let (collected, reserved) = (won(collected), won(reserved));
    Sums { collected, reserved, outstanding: won(outstanding) }
}

fn nothing() -> Given<Dues> {
    let stream = StreamName::dues(fresh::<PlanId>());
    Given::nothing(stream, std::iter::empty().collect())
}

fn recurrence(frequency: Frequency, count: Option<i64>) -> Recurrence {
    let (start_at, time_zone) = ("2023-12-01T09:00:00".to_owned(), Some("UTC".to_owned()));
    RecurrenceInput { frequency, start_at, time_zone, end_at: None, count }.parse().unwrap()
}

fn create(members: &[UserId], count: Option<i64>) -> Create {
    Create {
        wallet: fresh::<WalletId>(),
        name: WalletName::parse("월 회비").unwrap(),
        amount: PositiveAmount::parse("amount", "1000").unwrap(),
        recurrence: recurrence(Frequency::Daily, count),
        by: fresh::<UserId>(),
        permit: Ok(()),
        members: members.to_vec(),
    }
}

/// A plan of 1,000 a day, whose first cycle assesses these.
fn plan_of(members: &[UserId]) -> Given<Dues> {
    nothing().after(&Command::Create(Box::new(create(members, None))))
}

fn id(given: &Given<Dues>) -> PlanId {
    given.stream().entity().parse().unwrap()
}

fn nth(given: &Given<Dues>, number: u32) -> CycleId {
    cycle_of(id(given), number)
}

fn open(members: &[UserId]) -> Command {
    Command::OpenCycle { assessed: Assessed::Members(members.to_vec()) }
}

fn end() -> Command {
    Command::End { by: fresh::<UserId>(), permit: Ok(()) }
}

/// So many days after the first due time.
fn day(given: Given<Dues>, days: u32) -> Given<Dues> {
    let wait = FIRST.plus(DAY * days).since(given.now);
    given.later(wait)
}

fn assessed(events: &[DuesEvent]) -> Vec<UserId> {
    let users = |event: &DuesEvent| match event {
        DuesEvent::DuesAssessed(assessed) => assessed.users.clone(),
        _ => Vec::new(),
    };
    events.iter().flat_map(users).collect()
}

#[test]
fn the_first_cycle_opens_with_the_plan_and_is_due_at_its_start() {
    let members = users::<3>();
    let create = create(&members, None);
    let given = nothing();
    let events = accepted(given.when(&Command::Create(Box::new(create.clone()))));
    assert_eq!(kinds(&events), ["DuesPlanCreated", "DuesCycleOpened", "DuesAssessed"]);
    let created = DuesPlanCreated {
        wallet: create.wallet,
        name: "월 회비".to_owned(),
        amount: won(1_000),
        recurrence: create.recurrence,
        created_by: create.by,
    };
    assert_eq!(events[0], created.into());
    let (cycle, sums) = (nth(&given, 1), sums(0, 0, 3_000));
    let opened = DuesCycleOpened { cycle, number: 1, due_at: FIRST, members: 3, sums };
    assert_eq!(events[1], opened.into());
    assert_eq!(assessed(&events), members);
}

#[test]
fn a_plan_is_made_once_by_who_may_and_starts_late_enough() {
    let members = users::<1>();
    let given = plan_of(&members);
    let again = Command::Create(Box::new(create(&members, None)));
    assert_eq!(refusal(given.when(&again)).code, Code::IdTaken);
    let forbidden = Create { permit: no(), ..create(&members, None) };
    let forbidden = Command::Create(Box::new(forbidden));
    assert_eq!(refusal(nothing().when(&forbidden)).code, Code::Forbidden);
    assert_eq!(refusal(day(nothing(), 0).when(&forbidden)).code, Code::ScheduleInPast);
}

#[test]
fn a_part_is_small_enough_for_any_sum_to_be_told() {
    let amount = |minor_units: i64| {
        let amount = PositiveAmount::parse("amount", &minor_units.to_string()).unwrap();
        Command::Create(Box::new(Create { amount, ..create(&users::<1>(), None) }))
    };
    accepted(nothing().when(&amount(AMOUNT_MAX)));
    let refused = refusal(nothing().when(&amount(AMOUNT_MAX + 1)));
    assert_eq!((refused.code, refused.field.as_deref()), (Code::AmountTooLarge, Some("amount")));
}

#[test]
fn ten_thousand_members_are_assessed_in_one_append() {
    let members: Vec<_> = (0..10_000).map(|_| fresh::<UserId>()).collect();
    let create = Create {
        amount: PositiveAmount::parse("amount", &AMOUNT_MAX.to_string()).unwrap(),
        ..create(&members, None)
    };
    let mut given = nothing();
    let events = accepted(given.run(fresh::<CommandId>(), &Command::Create(Box::new(create))));
    assert_eq!(events.len(), 12);
    assert_eq!(assessed(&events), members);
    accepted(given.when(&payments::pay(&given, 1, members[9_999], AMOUNT_MAX)));
}

#[test]
fn each_next_cycle_opens_when_the_one_before_falls_due_for_the_members_of_then() {
    let [minji, jun, sora] = users();
    let given = plan_of(&[minji, jun]);
    assert_eq!(next_wake(&given.state), Some(FIRST));
    assert_eq!(refusal(given.when(&open(&[minji]))).code, Code::Conflict);
    let given = day(given, 0);
    let events = accepted(given.when(&open(&[minji, sora])));
    assert_eq!(kinds(&events), ["DuesCycleOpened", "DuesAssessed"]);
    let DuesEvent::DuesCycleOpened(opened) = &events[0] else { panic!("{events:?}") };
    assert_eq!((opened.number, opened.due_at), (2, FIRST.plus(DAY)));
    assert_eq!(assessed(&events), [minji, sora]);
    let given = given.after(&open(&[minji, sora]));
    // Who has gone keeps owing; who has come owes from there on.
    accepted(given.when(&payments::pay(&given, 1, jun, 1)));
    assert_eq!(refusal(given.when(&payments::pay(&given, 2, jun, 1))).code, Code::Forbidden);
    accepted(given.when(&payments::pay(&given, 2, sora, 1)));
    assert_eq!(refusal(given.when(&payments::pay(&given, 1, sora, 1))).code, Code::Forbidden);
}

#[test]
fn cycles_that_were_to_open_while_nobody_looked_open_one_after_another() {
    let members = users::<1>();
    let mut given = day(plan_of(&members), 2);
    for number in 2..=4 {
        assert_eq!(given.state.next_number(), number);
        given = given.after(&open(&members));
    }
    assert_eq!(next_wake(&given.state), Some(FIRST.plus(DAY * 3)));
    assert_eq!(refusal(given.when(&open(&members))).code, Code::Conflict);
}

#[test]
fn a_plan_ends_when_its_last_cycle_falls_due() {
    let members = users::<1>();
    let given = nothing().after(&Command::Create(Box::new(create(&members, Some(2)))));
    let given = day(given, 0).after(&open(&members));
    let given = day(given, 1);
    assert_eq!(kinds(&accepted(given.when(&open(&members)))), ["DuesPlanEnded"]);
    let given = given.after(&open(&members));
    assert_eq!(next_wake(&given.state), None);
    assert_eq!(accepted(given.when(&open(&members))), []);
    accepted(given.when(&payments::pay(&given, 2, members[0], 1_000)));
}

#[test]
fn a_plan_of_a_closed_wallet_ends() {
    let given = day(plan_of(&users::<1>()), 0);
    let command = Command::OpenCycle { assessed: Assessed::WalletClosed };
    assert_eq!(kinds(&accepted(given.when(&command))), ["DuesPlanEnded"]);
}

#[test]
fn an_ended_plan_opens_no_more_cycles_but_open_ones_can_still_be_paid() {
    let [minji] = users();
    let given = plan_of(&[minji]).after(&end());
    assert_eq!(refusal(given.when(&end())).code, Code::ScheduleNotActive);
    assert_eq!(next_wake(&given.state), None);
    let given = day(given, 3);
    assert_eq!(accepted(given.when(&open(&[minji]))), []);
    accepted(given.when(&payments::pay(&given, 1, minji, 1_000)));
}

#[test]
fn there_has_to_be_a_plan_and_one_has_to_be_let() {
    let given = plan_of(&users::<1>());
    let forbidden = Command::End { by: fresh::<UserId>(), permit: no() };
    assert_eq!(refusal(given.when(&forbidden)).code, Code::Forbidden);
    for command in [forbidden, end(), open(&[])] {
        assert_eq!(refusal(nothing().when(&command)).code, Code::NotFound);
    }
}
