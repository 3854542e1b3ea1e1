//! Paying back.

use events::wallet::{DuesShare, RefundReleased, RefundReserved};
use events::{CycleId, PlanId};

use super::arrivals::incoming;
use super::*;

/// A refund of a transfer that came in.
fn refund(given: &Given<Wallet>, by: UserId, of: TransferId, minor_units: Option<i64>) -> Refund {
    Refund {
        refund: fresh::<TransferId>(),
        of,
        asker: asker(by),
        payee: payee(),
        amount: minor_units.map(positive),
        warrant: token(given, by),
    }
}

/// The given with a transfer that came in, and its id.
fn with_incoming(given: Given<Wallet>, minor_units: i64) -> (Given<Wallet>, TransferId) {
    let terms = incoming(&given, minor_units);
    let id = terms.transfer;
    (given.after(&Command::Credit(terms)), id)
}

fn refundable(refused: &Rejection) -> Option<i64> {
    match refused.details {
        Some(Details::Refund { refundable }) => Some(refundable.minor_units()),
        _ => None,
    }
}

#[test]
fn a_refund_is_a_transfer_back_that_counts_on_no_day() {
    let [minji] = users();
    let (given, of) = with_incoming(personal(minji), 30);
    let command = refund(&given, minji, of, Some(10));
    let id = command.refund;
    let events = accepted(given.when(&Command::Refund(command)));
    let [WalletEvent::TransferDebited(debited), reserved] = &events[..] else { panic!() };
    assert_eq!(debited.terms.origin, Origin::Refund { of, dues: None });
    assert_eq!((debited.terms.to, debited.day), (THE_OTHER, None));
    let expected = RefundReserved { transfer: of, refund: id, amount: amount(10) };
    assert_eq!(*reserved, expected.into());
}

#[test]
fn refunds_come_to_the_transfer_and_no_more() {
    let [minji] = users();
    let (given, of) = with_incoming(with(personal(minji), 100), 30);
    let too_much = refusal(given.when(&Command::Refund(refund(&given, minji, of, Some(31)))));
    assert_eq!((too_much.code, refundable(&too_much)), (Code::RefundTooLarge, Some(30)));
    let ten = Command::Refund(refund(&given, minji, of, Some(10)));
    let given = given.after(&ten);
    assert_eq!(accepted(given.when(&ten)), [], "a repeat changes nothing");
    let rest = Command::Refund(refund(&given, minji, of, None));
    let given = given.after(&rest);
    assert_eq!(balances(&given), (100, 100));
    assert_eq!(accepted(given.when(&rest)), [], "though what was left out would be another sum");
    let more = refusal(given.when(&Command::Refund(refund(&given, minji, of, None))));
    assert_eq!((more.code, refundable(&more)), (Code::RefundTooLarge, Some(0)));
}

#[test]
fn only_what_arrived_and_is_no_refund_is_paid_back() {
    let [minji] = users();
    let given = with(personal(minji), i64::MAX - 40);
    let code_of =
        |given: &Given<Wallet>, of| code(given, &Command::Refund(refund(given, minji, of, None)));
    assert_eq!(code_of(&given, fresh::<TransferId>()), Code::TransferNotRefundable);
    let origin = Origin::Refund { of: fresh::<TransferId>(), dues: None };
    let back = Terms { origin, ..incoming(&given, 30) };
    let given = given.after(&Command::Credit(back.clone()));
    assert_eq!(code_of(&given, back.transfer), Code::TransferNotRefundable);
    let (given, bounced) = with_incoming(given, 30);
    assert_eq!(code_of(&given, bounced), Code::TransferNotRefundable);
    let own = transfer(&given, minji, 1);
    let given = given.after(&Command::Transfer(own.clone()));
    assert_eq!(code_of(&given, own.transfer), Code::TransferNotRefundable);
}

#[test]
fn a_refund_obeys_no_limit() {
    let [minji] = users();
    let (given, of) = with_incoming(personal(minji), 1_000);
    let limits = Limits::parse("1", "1").unwrap();
    let warrant = token(&given, minji);
    let given = given.after(&Command::SetLimits { asker: asker(minji), limits, warrant });
    let command = Command::Refund(refund(&given, minji, of, None));
    let given = given.after(&command);
    assert_eq!(given.state.remaining_on(today()), amount(1));
}

#[test]
fn a_refund_takes_a_token_and_what_is_available() {
    let [minji] = users();
    let (given, of) = with_incoming(personal(minji), 100);
    let void = Refund { warrant: Warrant::Void, ..refund(&given, minji, of, None) };
    assert_eq!(code(&given, &Command::Refund(void)), Code::SpendTokenInvalid);
    let command = pay(&given, minji, 1);
    let given = given.after(&command);
    let all = Command::Refund(refund(&given, minji, of, None));
    assert_eq!(code(&given, &all), Code::InsufficientFunds);
    let closed = Payee::Closed { wallet: THE_OTHER };
    let gone = Refund { payee: closed, ..refund(&given, minji, of, Some(1)) };
    assert_eq!(code(&given, &Command::Refund(gone)), Code::WalletClosed);
}

#[test]
fn where_several_approve_a_refund_waits_and_counts_until_it_ends_in_vain() {
    let [minji, jun] = users();
    let (given, of) = with_incoming(admins(&[minji, jun], 2), 30);
    let command = refund(&given, minji, of, Some(20));
    let transfer = command.refund;
    let given = given.after(&Command::Refund(command));
    assert!(given.state.hold(transfer).is_some());
    let more = refusal(given.when(&Command::Refund(refund(&given, jun, of, Some(11)))));
    assert_eq!(refundable(&more), Some(10));
    let decline = Command::Decline { asker: asker(jun), transfer };
    let released = RefundReleased { transfer: of, refund: transfer, amount: amount(20) };
    let events = accepted(given.when(&decline));
    assert_eq!(kinds(&events), ["TransferDeclined", "RefundReleased"]);
    assert_eq!(events[1], released.into());
    let late = given.later(HOLD_TTL);
    let events = accepted(late.when(&Command::Expire { transfer }));
    assert_eq!(kinds(&events), ["TransferExpired", "RefundReleased"]);
    let given = late.after(&Command::Expire { transfer });
    accepted(given.when(&Command::Refund(refund(&given, jun, of, Some(30)))));
}

#[test]
fn an_approved_refund_goes_on_counting_and_one_that_came_back_does_not() {
    let [minji, jun] = users();
    let (given, of) = with_incoming(admins(&[minji, jun], 2), 30);
    let command = refund(&given, minji, of, Some(20));
    let transfer = command.refund;
    let given = given.after(&Command::Refund(command));
    let terms = given.state.hold(transfer).unwrap().terms.clone();
    let given = given.after(&Command::Approve { asker: asker(jun), transfer });
    let more = refusal(given.when(&Command::Refund(refund(&given, jun, of, Some(11)))));
    assert_eq!(refundable(&more), Some(10));
    let given = given.after(&Command::TakeBack(terms));
    accepted(given.when(&Command::Refund(refund(&given, jun, of, Some(30)))));
}

#[test]
fn a_refund_of_dues_says_whose_they_were() {
    let [minji, jun] = users();
    let given = personal(minji);
    let (plan, cycle) = (PlanId(fresh::<UserId>().0), CycleId(fresh::<UserId>().0));
    let share = DuesShare { plan, cycle, user: jun };
    let terms = Terms { origin: Origin::Dues(share), ..incoming(&given, 30) };
    let given = given.after(&Command::Credit(terms.clone()));
    let command = refund(&given, minji, terms.transfer, None);
    let events = accepted(given.when(&Command::Refund(command)));
    let WalletEvent::TransferDebited(debited) = &events[0] else { panic!("{events:?}") };
    let origin = Origin::Refund { of: terms.transfer, dues: Some(share) };
    assert_eq!(debited.terms.origin, origin);
}
