//! Paying one's part.

use events::dues::{DuesPaid, DuesPaymentReleased, DuesPaymentReserved};
use events::wallet::{Origin, Terms};

use super::*;
use crate::rejection::Details;

pub(super) fn payment(given: &Given<Dues>, number: u32, user: UserId, amount: i64) -> Pay {
    Pay {
        user,
        cycle: nth(given, number),
        transfer: fresh::<TransferId>(),
        from: fresh::<WalletId>(),
        amount: PositiveAmount::parse("amount", &amount.to_string()).unwrap(),
        standing: Standing::Member,
        permit: Ok(()),
        able: Ok(()),
    }
}

pub(super) fn pay(given: &Given<Dues>, number: u32, user: UserId, amount: i64) -> Command {
    Command::Pay(Box::new(payment(given, number, user, amount)))
}

pub(super) fn share(given: &Given<Dues>, user: UserId) -> DuesShare {
    DuesShare { plan: id(given), cycle: nth(given, 1), user }
}

/// What becomes of a payment for the first cycle.
pub(super) fn settle(
    given: &Given<Dues>,
    user: UserId,
    transfer: TransferId,
    outcome: Outcome,
) -> Command {
    Command::Settle { share: share(given, user), transfer, outcome }
}

/// A payment for the first cycle is on its way.
pub(super) fn reserved(given: Given<Dues>, user: UserId, amount: i64) -> (Given<Dues>, TransferId) {
    let pay = payment(&given, 1, user, amount);
    let transfer = pay.transfer;
    (given.after(&Command::Pay(Box::new(pay))), transfer)
}

/// A payment for the first cycle has arrived.
pub(super) fn paid(given: Given<Dues>, user: UserId, amount: i64) -> (Given<Dues>, TransferId) {
    let (given, transfer) = reserved(given, user, amount);
    let settle = settle(&given, user, transfer, Outcome::Paid);
    (given.after(&settle), transfer)
}

fn code_and_outstanding(given: &Given<Dues>, command: &Command) -> (Code, i64) {
    let refused = refusal(given.when(command));
    let Some(Details::Dues { outstanding }) = refused.details else { panic!("{refused:?}") };
    (refused.code, outstanding.minor_units())
}

#[test]
fn a_payment_is_reserved_with_all_that_its_debit_needs() {
    let [minji, jun] = users();
    let given = plan_of(&[minji, jun]);
    let pay = payment(&given, 1, minji, 300);
    let events = accepted(given.when(&Command::Pay(Box::new(pay.clone()))));
    let terms = Terms {
        transfer: pay.transfer,
        from: pay.from,
        to: given.state.plan().unwrap().wallet,
        amount: won(300),
        memo: "월 회비".to_owned(),
        by: minji,
        origin: Origin::Dues(share(&given, minji)),
    };
    let sums = sums(0, 300, 1_700);
    let reserved = DuesPaymentReserved { cycle: pay.cycle, user: minji, terms, sums };
    assert_eq!(events, [reserved.into()]);
}

#[test]
fn a_payment_that_arrives_is_paid_in_part_or_in_full() {
    let [minji, jun] = users();
    let (given, _) = paid(plan_of(&[minji, jun]), minji, 300);
    let (given, transfer) = reserved(given, minji, 700);
    let events = accepted(given.when(&settle(&given, minji, transfer, Outcome::Paid)));
    let (cycle, amount, whole) = (nth(&given, 1), won(700), won(1_000));
    let sums = sums(1_000, 0, 1_000);
    let expected = DuesPaid { cycle, user: minji, transfer, amount, paid: whole, sums };
    assert_eq!(events, [expected.into()]);
}

#[test]
fn a_payment_that_came_to_nothing_is_owed_again() {
    let [minji] = users();
    let (given, transfer) = reserved(plan_of(&[minji]), minji, 300);
    let release = settle(&given, minji, transfer, Outcome::Released(Code::InsufficientFunds));
    let events = accepted(given.when(&release));
    let (cycle, code) = (nth(&given, 1), "INSUFFICIENT_FUNDS".to_owned());
    let (amount, sums) = (won(300), sums(0, 0, 1_000));
    let expected = DuesPaymentReleased { cycle, user: minji, transfer, amount, code, sums };
    assert_eq!(events, [expected.into()]);
    let given = given.after(&release);
    accepted(given.when(&pay(&given, 1, minji, 1_000)));
}

#[test]
fn a_payment_has_one_outcome_and_the_first_stays() {
    let [minji, jun] = users();
    let outcomes = [Outcome::Paid, Outcome::Released(Code::WalletClosed)];
    let (given, transfer) = paid(plan_of(&[minji, jun]), minji, 300);
    for outcome in outcomes {
        assert_eq!(accepted(given.when(&settle(&given, minji, transfer, outcome))), []);
    }
    let (given, transfer) = reserved(given, minji, 300);
    let given_up = settle(&given, minji, transfer, outcomes[1]);
    let given = given.after(&given_up);
    assert_eq!(accepted(given.when(&given_up)), []);
    // That can't be, so it must not pass unnoticed.
    let paid = settle(&given, minji, transfer, Outcome::Paid);
    assert_eq!(refusal(given.when(&paid)).code, Code::Internal);
}

#[test]
fn what_may_come_out_otherwise_releases_nothing() {
    let [minji] = users();
    let (given, transfer) = reserved(plan_of(&[minji]), minji, 300);
    for code in [Code::Unavailable, Code::Overloaded, Code::Conflict, Code::Internal] {
        let released = settle(&given, minji, transfer, Outcome::Released(code));
        assert_eq!(accepted(given.when(&released)), []);
    }
}

#[test]
fn what_was_never_reserved_has_no_outcome() {
    let [minji] = users();
    let given = plan_of(&[minji]);
    let unknown = settle(&given, minji, fresh::<TransferId>(), Outcome::Paid);
    assert_eq!(refusal(given.when(&unknown)).code, Code::NotFound);
}

#[test]
fn what_is_on_its_way_counts_as_paid_for_what_is_outstanding_not_for_the_part() {
    let [minji, jun] = users();
    let (given, _) = reserved(plan_of(&[minji, jun]), minji, 800);
    let too_much = pay(&given, 1, minji, 201);
    assert_eq!(code_and_outstanding(&given, &too_much), (Code::DuesOverpaid, 200));
    let (given, transfer) = reserved(given, minji, 200);
    let more = pay(&given, 1, minji, 1);
    assert_eq!(code_and_outstanding(&given, &more), (Code::DuesOverpaid, 0));
    let paid = settle(&given, minji, transfer, Outcome::Paid);
    let given = given.after(&paid);
    assert_eq!(code_and_outstanding(&given, &more), (Code::DuesOverpaid, 0));
}

#[test]
fn a_part_that_is_paid_takes_no_more() {
    let [minji, jun] = users();
    let (given, _) = paid(plan_of(&[minji, jun]), minji, 1_000);
    let more = pay(&given, 1, minji, 1);
    assert_eq!(code_and_outstanding(&given, &more), (Code::DuesAlreadyPaid, 0));
}

#[test]
fn who_is_not_assessed_learns_of_the_cycle_as_a_member_only() {
    let [minji, jun] = users();
    let given = plan_of(&[minji]);
    let member = payment(&given, 1, jun, 1);
    let stranger = Pay { standing: Standing::Stranger, ..member.clone() };
    assert_eq!(refusal(given.when(&Command::Pay(Box::new(member)))).code, Code::Forbidden);
    assert_eq!(refusal(given.when(&Command::Pay(Box::new(stranger)))).code, Code::NotFound);
    // Who has left the wallet and was assessed pays as before.
    let leaver = Pay { standing: Standing::Stranger, ..payment(&given, 1, minji, 1) };
    accepted(given.when(&Command::Pay(Box::new(leaver))));
    assert_eq!(refusal(given.when(&pay(&given, 2, minji, 1))).code, Code::NotFound);
    assert_eq!(refusal(nothing().when(&pay(&given, 1, minji, 1))).code, Code::NotFound);
}

#[test]
fn the_payer_s_wallet_has_its_say_after_the_cycle_and_before_its_state() {
    let [minji, jun] = users();
    let (given, _) = paid(plan_of(&[minji]), minji, 1_000);
    let forbidden = |user| Pay { permit: no(), ..payment(&given, 1, user, 1) };
    let (own, other) = (forbidden(minji), forbidden(jun));
    assert_eq!(refusal(given.when(&Command::Pay(Box::new(own)))).message, "no");
    let stranger = Pay { standing: Standing::Stranger, ..other };
    assert_eq!(refusal(given.when(&Command::Pay(Box::new(stranger)))).code, Code::NotFound);
}

#[test]
fn a_transfer_pays_once() {
    let [minji] = users();
    let given = plan_of(&[minji]);
    let first = Command::Pay(Box::new(payment(&given, 1, minji, 300)));
    let given = given.after(&first);
    assert_eq!(refusal(given.when(&first)).code, Code::IdTaken);
}
