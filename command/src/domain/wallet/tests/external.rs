//! Deposits and withdrawals.

use events::wallet::{Deposited, Withdrawn};

use super::*;

fn withdraw(given: &Given<Wallet>, by: UserId, minor_units: i64, reference: &str) -> Command {
    Command::Withdraw(Withdraw {
        asker: asker(by),
        amount: positive(minor_units),
        reference: Reference::parse(reference).unwrap(),
        warrant: token(given, by),
        day: today(),
    })
}

#[test]
fn any_member_pays_in() {
    let [minji, jun] = users();
    let given = group(&[minji, jun], 2);
    let reference = Reference::parse("a-1").unwrap();
    let (amount, by) = (positive(7), Some(asker(jun)));
    let events = accepted(given.when(&Command::Deposit { asker: by, amount, reference }));
    let (amount, reference) = (amount.get(), "a-1".to_owned());
    let deposited = Deposited { amount, balance_after: amount, reference, by: Some(jun) };
    assert_eq!(events, [deposited.into()]);
}

#[test]
fn the_same_reference_is_the_same_deposit() {
    let [minji] = users();
    let given = personal(minji).after(&deposit(7, "a-1"));
    assert_eq!(accepted(given.when(&deposit(7, "a-1"))), []);
    assert_eq!(code(&given, &deposit(8, "a-1")), Code::IdempotencyConflict);
    let given = given.after(&deposit(7, "a-2"));
    assert_eq!(balances(&given), (14, 14));
}

#[test]
fn a_repeat_is_told_even_when_the_wallet_could_not_take_it_any_more() {
    let [minji] = users();
    let given = personal(minji).after(&deposit(7, "a-1"));
    let command = withdraw(&given, minji, 7, "b-1");
    let given = given.after(&command);
    let given = given.after(&Command::Close { asker: asker(minji), debits: None });
    assert_eq!(accepted(given.when(&deposit(7, "a-1"))), []);
    assert_eq!(accepted(given.when(&withdraw(&given, minji, 7, "b-1"))), []);
    assert_eq!(code(&given, &deposit(7, "a-2")), Code::WalletClosed);
    assert_eq!(code(&given, &withdraw(&given, minji, 7, "b-2")), Code::WalletClosed);
}

#[test]
fn a_wallet_holds_what_can_be_counted() {
    let [minji] = users();
    let given = personal(minji).after(&deposit(i64::MAX, "all"));
    let refused = refusal(given.when(&deposit(1, "more")));
    let told = (refused.code, refused.field.as_deref());
    assert_eq!(told, (Code::AmountTooLarge, Some("amount")));
}

#[test]
fn an_admin_withdraws_with_a_token() {
    let [minji, jun] = users();
    let given = with(group(&[minji, jun], 1), 10);
    let events = accepted(given.when(&withdraw(&given, minji, 7, "b-1")));
    let withdrawn = Withdrawn {
        amount: amount(7),
        balance_after: amount(3),
        reference: "b-1".to_owned(),
        by: minji,
        day: today(),
    };
    assert_eq!(events, [withdrawn.into()]);
    let Command::Withdraw(command) = withdraw(&given, minji, 7, "b-1") else { unreachable!() };
    let void = Command::Withdraw(Withdraw { warrant: Warrant::Void, ..command.clone() });
    assert_eq!(code(&given, &void), Code::SpendTokenInvalid);
    let by_jun = Command::Withdraw(Withdraw { asker: asker(jun), ..command });
    assert_eq!(code(&given, &by_jun), Code::Forbidden);
}

#[test]
fn a_reference_is_one_of_deposits_and_another_of_withdrawals() {
    let [minji] = users();
    let given = personal(minji).after(&deposit(10, "a-1"));
    let command = withdraw(&given, minji, 7, "a-1");
    let given = given.after(&command);
    assert_eq!(balances(&given), (3, 3));
    assert_eq!(accepted(given.when(&command)), []);
    let other = withdraw(&given, minji, 2, "a-1");
    assert_eq!(code(&given, &other), Code::IdempotencyConflict);
}

#[test]
fn a_wallet_that_asks_for_more_than_one_approval_is_not_withdrawn_from() {
    let [minji, jun] = users();
    let given = with(admins(&[minji, jun], 2), 10);
    assert_eq!(code(&given, &withdraw(&given, minji, 1, "b-1")), Code::Forbidden);
}

#[test]
fn a_withdrawal_counts_and_is_limited_like_a_transfer() {
    let [minji] = users();
    let given = with(personal(minji), 1_000_000_000);
    let code_of = |minor_units| code(&given, &withdraw(&given, minji, minor_units, "b-1"));
    assert_eq!(code_of(1_000_000_001), Code::InsufficientFunds);
    assert_eq!(code_of(100_000_001), Code::LimitExceeded);
    let command = withdraw(&given, minji, 100_000_000, "b-1");
    let given = given.after(&command);
    assert_eq!(given.state.remaining_on(today()), amount(900_000_000));
}
