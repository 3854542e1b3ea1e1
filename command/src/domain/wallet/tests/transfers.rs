//! Paying another wallet.

use events::wallet::TransferDebited;

use super::*;

#[test]
fn a_transfer_is_a_debit_that_says_all_that_the_credit_needs() {
    let [minji] = users();
    let given = with(personal(minji), 100);
    let transfer = transfer(&given, minji, 30);
    let events = accepted(given.when(&Command::Transfer(transfer.clone())));
    let terms = Terms {
        transfer: transfer.transfer,
        from: given.stream().entity().parse().unwrap(),
        to: THE_OTHER,
        amount: amount(30),
        memo: "3월 회비".to_owned(),
        by: minji,
        origin: Origin::Manual,
    };
    let (day, payee_revision) = (Some(today()), 3);
    let debited =
        TransferDebited { terms, balance_after: amount(70), day, payee_revision, channel: None };
    assert_eq!(events, [debited.into()]);
    let given = given.after(&Command::Transfer(transfer));
    assert_eq!(balances(&given), (70, 70));
}

#[test]
fn a_transfer_is_debited_once_whatever_the_command() {
    let [minji] = users();
    let given = with(personal(minji), 100);
    let first = transfer(&given, minji, 30);
    let given = given.after(&Command::Transfer(first.clone()));
    assert_eq!(accepted(given.when(&Command::Transfer(first.clone()))), []);
    let stale = Transfer { warrant: Warrant::Void, ..first.clone() };
    assert_eq!(accepted(given.when(&Command::Transfer(stale))), [], "the first answer stands");
    let other = Transfer { amount: positive(31), ..first };
    assert_eq!(code(&given, &Command::Transfer(other)), Code::IdempotencyConflict);
}

#[test]
fn another_admin_does_not_get_an_id_that_is_taken() {
    let [minji, jun] = users();
    let given = with(admins(&[minji, jun], 1), 100);
    let first = transfer(&given, minji, 30);
    let given = given.after(&Command::Transfer(first.clone()));
    let other = Transfer { transfer: first.transfer, ..transfer(&given, jun, 30) };
    assert_eq!(code(&given, &Command::Transfer(other)), Code::IdTaken);
}

#[test]
fn all_of_the_money_and_not_one_more_can_be_paid() {
    let [minji] = users();
    let given = with(personal(minji), 100);
    let refused = refusal(given.when(&pay(&given, minji, 101)));
    let details = Some(Details::Funds { available: amount(100) });
    assert_eq!((refused.code, refused.details), (Code::InsufficientFunds, details));
    accepted(given.when(&pay(&given, minji, 100)));
}

#[test]
fn refusals_come_in_their_order() {
    let [minji, jun] = users();
    let given = with(group(&[minji, jun], 1), 100);
    let fine = transfer(&given, minji, 1);
    let closed = Payee::Closed { wallet: THE_OTHER };
    let currency = "USD".parse().unwrap();
    let dollars = Payee::Open { wallet: THE_OTHER, currency, revision: 3 };
    let own = given.state.as_payee(given.stream().entity().parse().unwrap(), Some(1));
    let (void, much) = (Warrant::Void, positive(i64::MAX));
    let member = asker(jun);
    let code_of = |transfer: Transfer| code(&given, &Command::Transfer(transfer));
    let fine = || fine.clone();
    let own = Transfer { payee: own, asker: member, ..fine() };
    assert_eq!(code_of(own), Code::SameWallet);
    let by_member = Transfer { payee: Payee::Unknown, asker: member, warrant: void, ..fine() };
    assert_eq!(code_of(by_member), Code::Forbidden);
    let tokenless = Transfer { payee: Payee::Unknown, warrant: void, ..fine() };
    assert_eq!(code_of(tokenless), Code::SpendTokenInvalid);
    assert_eq!(code_of(Transfer { payee: Payee::Unknown, amount: much, ..fine() }), Code::NotFound);
    let refused = refusal(given.when(&Command::Transfer(Transfer { payee: closed, ..fine() })));
    assert_eq!(refused.code, Code::WalletClosed);
    assert_eq!(refused.details, Some(Details::Wallet { wallet_id: THE_OTHER }));
    let mismatch = Transfer { payee: dollars, amount: much, ..fine() };
    assert_eq!(code_of(mismatch), Code::CurrencyMismatch);
    assert_eq!(code_of(Transfer { amount: much, ..fine() }), Code::InsufficientFunds);
}

#[test]
fn what_was_authorised_before_runs_without_a_token_while_its_author_is_an_admin() {
    let [minji, jun] = users();
    let given = with(admins(&[minji, jun], 1), 100);
    let payment = fresh_payment();
    let origin = Origin::Scheduled { payment, number: 1 };
    let warrant = Warrant::Standing;
    let run = Command::Transfer(Transfer { origin, warrant, ..transfer(&given, jun, 30) });
    accepted(given.when(&run));
    let given = given.after(&set_role(minji, jun, WalletRole::Member));
    assert_eq!(code(&given, &run), Code::Forbidden);
}

fn fresh_payment() -> events::PaymentId {
    events::PaymentId(fresh::<TransferId>().0)
}
