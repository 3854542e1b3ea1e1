//! Credits, bounces, and what comes back.

use events::wallet::{BounceReason, TransferBounced, TransferCredited, TransferRefunded};

use super::*;

/// Of a transfer that another wallet was debited for.
pub(super) fn incoming(given: &Given<Wallet>, minor_units: i64) -> Terms {
    Terms {
        transfer: fresh::<TransferId>(),
        from: THE_OTHER,
        to: given.stream().entity().parse().unwrap(),
        amount: amount(minor_units),
        memo: String::new(),
        by: fresh::<UserId>(),
        origin: Origin::Manual,
    }
}

#[test]
fn a_credit_arrives_once() {
    let [minji] = users();
    let given = with(personal(minji), 1);
    let terms = incoming(&given, 7);
    let credit = Command::Credit(terms.clone());
    let credited = TransferCredited { terms, balance_after: amount(8), channel: None };
    assert_eq!(accepted(given.when(&credit)), [credited.into()]);
    let given = given.after(&credit);
    assert_eq!(accepted(given.when(&credit)), []);
    assert_eq!(balances(&given), (8, 8));
}

#[test]
fn a_closed_wallet_lets_it_bounce_once() {
    let [minji] = users();
    let given = personal(minji).after(&Command::Close { asker: asker(minji), debits: None });
    let terms = incoming(&given, 7);
    let credit = Command::Credit(terms.clone());
    let bounced = TransferBounced { terms, reason: BounceReason::Closed };
    assert_eq!(accepted(given.when(&credit)), [bounced.into()]);
    let given = given.after(&credit);
    assert_eq!(accepted(given.when(&credit)), []);
}

#[test]
fn what_can_not_be_counted_bounces_too() {
    let [minji] = users();
    let given = with(personal(minji), i64::MAX);
    let terms = incoming(&given, 1);
    let bounced = TransferBounced { terms: terms.clone(), reason: BounceReason::Overflow };
    assert_eq!(accepted(given.when(&Command::Credit(terms))), [bounced.into()]);
}

#[test]
fn a_credit_to_no_wallet_is_refused() {
    let given = nothing(&[]);
    let terms = incoming(&given, 1);
    assert_eq!(code(&given, &Command::Credit(terms)), Code::NotFound);
}

/// The given after a debit, and its terms.
fn debited(given: Given<Wallet>, by: UserId, minor_units: i64) -> (Given<Wallet>, Terms) {
    let command = pay(&given, by, minor_units);
    let given = given.after(&command);
    let WalletEvent::TransferDebited(debited) = &given.last().event else { panic!() };
    let terms = debited.terms.clone();
    (given, terms)
}

#[test]
fn what_bounced_comes_back_once() {
    let [minji] = users();
    let (given, terms) = debited(with(personal(minji), 100), minji, 30);
    assert_eq!(balances(&given), (70, 70));
    let back = Command::TakeBack(terms.clone());
    let refunded = TransferRefunded { terms, balance_after: amount(100), channel: None };
    assert_eq!(accepted(given.when(&back)), [refunded.into()]);
    let given = given.after(&back);
    assert_eq!(accepted(given.when(&back)), []);
    assert_eq!(given.state.remaining_on(today()), amount(999_999_970), "it was spent that day");
}

#[test]
fn what_was_never_debited_does_not_come_back() {
    let [minji, jun] = users();
    let given = with(admins(&[minji, jun], 2), 100);
    let (given, transfer) = with_waiting(given, minji, 30);
    let terms = given.state.hold(transfer).unwrap().terms.clone();
    assert_eq!(accepted(given.when(&Command::TakeBack(terms))), []);
}

#[test]
fn what_comes_back_waits_until_there_is_room() {
    let [minji] = users();
    let given = with(personal(minji), i64::MAX);
    let (given, terms) = debited(given, minji, 30);
    let given = with(given, 1);
    let back = Command::TakeBack(terms);
    assert_eq!(code(&given, &back), Code::Conflict);
    let (given, _) = debited(given, minji, 1);
    let given = given.after(&back);
    assert_eq!(given.state.balance().minor_units(), i64::MAX);
}
