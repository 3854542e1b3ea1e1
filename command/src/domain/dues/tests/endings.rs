//! How parts and cycles end: by being paid, by exemption, by closing; and how refunds undo it.

use events::dues::{DuesCycleClosed, DuesCycleReopened, DuesExempted, DuesRefunded};

use super::payments::{paid, pay, reserved, settle, share};
use super::*;

fn exempt(given: &Given<Dues>, user: UserId) -> Command {
    let (by, cycle) = (fresh::<UserId>(), nth(given, 1));
    Command::Exempt { by, cycle, user, permit: Ok(()) }
}

fn close(given: &Given<Dues>) -> Command {
    Command::CloseCycle { by: fresh::<UserId>(), cycle: nth(given, 1), permit: Ok(()) }
}

fn refund(given: &Given<Dues>, user: UserId, of: TransferId, amount: i64) -> Command {
    let (share, transfer) = (share(given, user), fresh::<TransferId>());
    Command::Refund(Refund { share, of, transfer, amount: won(amount) })
}

#[test]
fn a_cycle_closes_with_the_last_payment_that_arrives() {
    let [minji, jun] = users();
    let (given, _) = paid(plan_of(&[minji, jun]), minji, 1_000);
    let (given, first) = reserved(given, jun, 400);
    let (given, second) = reserved(given, jun, 600);
    let given_second = settle(&given, jun, second, Outcome::Paid);
    let given = given.after(&given_second);
    let events = accepted(given.when(&settle(&given, jun, first, Outcome::Paid)));
    assert_eq!(kinds(&events), ["DuesPaid", "DuesCycleClosed"]);
    assert_eq!(events[1], DuesCycleClosed { cycle: nth(&given, 1), by: None }.into());
}

#[test]
fn an_admin_closes_a_cycle_and_what_is_outstanding_stays() {
    let [minji, jun] = users();
    let (given, transfer) = reserved(plan_of(&[minji, jun]), minji, 1_000);
    let given_closed = close(&given);
    let given = given.after(&given_closed);
    for command in [close(&given), pay(&given, 1, jun, 1), exempt(&given, jun)] {
        assert_eq!(refusal(given.when(&command)).code, Code::DuesClosed);
    }
    // What was on its way finishes.
    let events = accepted(given.when(&settle(&given, minji, transfer, Outcome::Paid)));
    let [DuesEvent::DuesPaid(paid)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(paid.sums, sums(1_000, 0, 1_000));
}

#[test]
fn an_exemption_waives_what_is_left() {
    let [minji, jun] = users();
    let (given, _) = paid(plan_of(&[minji, jun]), minji, 300);
    let command = exempt(&given, minji);
    let Command::Exempt { by, cycle, .. } = command else { panic!() };
    let sums = sums(300, 0, 1_000);
    let expected = DuesExempted { cycle, user: minji, by, sums };
    assert_eq!(accepted(given.when(&command)), [expected.into()]);
    let given = given.after(&command);
    for command in [exempt(&given, minji), pay(&given, 1, minji, 1)] {
        assert_eq!(refusal(given.when(&command)).code, Code::DuesExempt);
    }
}

#[test]
fn the_last_exemption_closes_the_cycle_once_nothing_is_on_its_way() {
    let [minji] = users();
    let given = plan_of(&[minji]);
    let events = accepted(given.when(&exempt(&given, minji)));
    assert_eq!(kinds(&events), ["DuesExempted", "DuesCycleClosed"]);
    for outcome in [Outcome::Paid, Outcome::Released(Code::WalletClosed)] {
        let (given, transfer) = reserved(plan_of(&[minji]), minji, 300);
        let exempt = exempt(&given, minji);
        assert_eq!(kinds(&accepted(given.when(&exempt))), ["DuesExempted"]);
        let given = given.after(&exempt);
        let settle = settle(&given, minji, transfer, outcome);
        assert_eq!(kinds(&accepted(given.when(&settle)))[1..], ["DuesCycleClosed"]);
        let given = given.after(&settle);
        let cycle = nth(&given, 1);
        assert_eq!(
            given.item(cycle.0),
            Some(&Item::Cycle(Cycle {
                sums: if outcome == Outcome::Paid { sums(300, 0, 0) } else { sums(0, 0, 0) },
                gate: Gate::Paid,
            }))
        );
    }
}

#[test]
fn who_was_not_assessed_or_has_paid_is_not_exempted() {
    let [minji, jun, sora] = users();
    let (given, _) = paid(plan_of(&[minji, jun]), minji, 1_000);
    assert_eq!(refusal(given.when(&exempt(&given, minji))).code, Code::DuesAlreadyPaid);
    assert_eq!(refusal(given.when(&exempt(&given, sora))).code, Code::NotFound);
}

#[test]
fn the_order_of_refusals_is_exempt_already_paid_closed_overpaid() {
    let [minji, jun, sora] = users();
    let given = plan_of(&[minji, jun, sora]);
    let exempted = exempt(&given, minji);
    let (given, _) = paid(given.after(&exempted), jun, 1_000);
    let closed = close(&given);
    let given = given.after(&closed);
    let code = |user| refusal(given.when(&pay(&given, 1, user, 9_999))).code;
    assert_eq!(code(minji), Code::DuesExempt);
    assert_eq!(code(jun), Code::DuesAlreadyPaid);
    assert_eq!(code(sora), Code::DuesClosed);
}

#[test]
fn closing_and_exempting_are_for_who_is_let() {
    let [minji] = users();
    let given = plan_of(&[minji]);
    let (by, cycle, permit) = (fresh::<UserId>(), nth(&given, 1), no());
    let unknown = nth(&given, 2);
    for (cycle, code) in [(cycle, Code::Forbidden), (unknown, Code::NotFound)] {
        let close = Command::CloseCycle { by, cycle, permit: permit.clone() };
        let exempt = Command::Exempt { by, cycle, user: minji, permit: permit.clone() };
        assert_eq!(refusal(given.when(&close)).code, code);
        assert_eq!(refusal(given.when(&exempt)).code, code);
    }
}

#[test]
fn a_refund_lowers_what_is_paid_and_opens_a_cycle_that_was_closed_by_being_paid() {
    let [minji] = users();
    let (given, of) = paid(plan_of(&[minji]), minji, 1_000);
    let command = refund(&given, minji, of, 400);
    let Command::Refund(Refund { transfer, .. }) = command else { panic!() };
    let (cycle, amount, left) = (nth(&given, 1), won(400), won(600));
    let sums = sums(600, 0, 400);
    let back = DuesRefunded { cycle, user: minji, transfer, of, amount, paid: left, sums };
    let expected = [back.into(), DuesCycleReopened { cycle }.into()];
    assert_eq!(accepted(given.when(&command)), expected);
    let given = given.after(&command);
    assert_eq!(accepted(given.when(&command)), [], "one refund counts once");
    let (given, transfer) = reserved(given, minji, 400);
    let events = accepted(given.when(&settle(&given, minji, transfer, Outcome::Paid)));
    assert_eq!(kinds(&events), ["DuesPaid", "DuesCycleClosed"]);
}

#[test]
fn a_refund_does_not_open_a_cycle_that_an_admin_closed() {
    let [minji, jun] = users();
    let (given, of) = paid(plan_of(&[minji, jun]), minji, 1_000);
    let closed = close(&given);
    let given = given.after(&closed);
    let events = accepted(given.when(&refund(&given, minji, of, 1_000)));
    assert_eq!(kinds(&events), ["DuesRefunded"]);
}

#[test]
fn what_goes_back_to_who_is_exempt_is_not_owed_again() {
    let [minji] = users();
    let (given, of) = paid(plan_of(&[minji]), minji, 300);
    let exempted = exempt(&given, minji);
    let given = given.after(&exempted);
    let events = accepted(given.when(&refund(&given, minji, of, 300)));
    let [DuesEvent::DuesRefunded(refunded)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((refunded.paid, refunded.sums), (won(0), sums(0, 0, 0)));
}

#[test]
fn a_refund_that_is_heard_of_first_proves_that_the_payment_arrived() {
    let [minji, jun] = users();
    let (given, of) = reserved(plan_of(&[minji, jun]), minji, 1_000);
    let command = refund(&given, minji, of, 400);
    let events = accepted(given.when(&command));
    assert_eq!(kinds(&events), ["DuesPaid", "DuesRefunded"]);
    let given = given.after(&command);
    let late = settle(&given, minji, of, Outcome::Paid);
    assert_eq!(accepted(given.when(&late)), []);
}

#[test]
fn no_more_goes_back_than_came() {
    let [minji, jun] = users();
    let (given, of) = paid(plan_of(&[minji, jun]), minji, 300);
    let first = refund(&given, minji, of, 200);
    let given = given.after(&first);
    assert_eq!(refusal(given.when(&refund(&given, minji, of, 101))).code, Code::Internal);
    accepted(given.when(&refund(&given, minji, of, 100)));
}
