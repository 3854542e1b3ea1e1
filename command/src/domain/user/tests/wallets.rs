//! Personal wallets, as the account knows them.

use super::*;
use crate::parse::WalletName;

fn open(session: SessionId, wallet: WalletId, currency: &str) -> Command {
    let currency = currency.parse().unwrap();
    let (name, pin) = (WalletName::of(currency), Zeroizing::new("$phc".to_owned()));
    Command::OpenWallet(OpenWallet { session, wallet, name, currency, pin })
}

#[test]
fn a_user_has_one_open_wallet_a_currency() {
    let scene = Scene::new();
    let (given, session, _) = logged_in(&scene);
    let [won, dollars] = std::array::from_fn(|_| fresh::<WalletId>());
    let events = accepted(given.when(&open(session, won, "KRW")));
    assert_eq!(kinds(&events), ["PersonalWalletOpened"]);
    let given = given.after(&open(session, won, "KRW"));
    let another = open(session, fresh::<WalletId>(), "KRW");
    assert_eq!(refusal(given.when(&another)).code, Code::WalletExists);
    let given = given.after(&open(session, dollars, "USD"));
    assert_eq!(given.state.wallets().collect::<Vec<_>>(), [won, dollars]);
    let given = given.after(&Command::CloseWallet { wallet: won });
    accepted(given.when(&another));
    let again = accepted(given.when(&Command::CloseWallet { wallet: won }));
    assert_eq!(again, [], "a repeat changes nothing");
}

#[test]
fn only_who_is_signed_in_opens_a_wallet() {
    let scene = Scene::new();
    let (given, ..) = logged_in(&scene);
    let stranger = open(fresh::<SessionId>(), fresh::<WalletId>(), "KRW");
    assert_eq!(refusal(given.when(&stranger)).code, Code::Unauthenticated);
}

#[test]
fn an_account_does_not_end_while_a_wallet_is_open_that_nobody_saw_to() {
    let scene = Scene::new();
    let (given, session, _) = logged_in(&scene);
    let [won, dollars] = std::array::from_fn(|_| fresh::<WalletId>());
    let given = given.after(&open(session, won, "KRW")).after(&open(session, dollars, "USD"));
    let against = given.state.account.as_ref().unwrap().password.event;
    let verified = Verified { against, verdict: Verdict::Right };
    let delete =
        |handled: &[WalletId]| Command::Delete { session, verified, handled: handled.to_vec() };
    assert_eq!(refusal(given.when(&delete(&[won]))).code, Code::Conflict);
    accepted(given.when(&delete(&[dollars, won])));
    let given = given.after(&Command::CloseWallet { wallet: dollars });
    let given = given.after(&delete(&[won]));
    let late = accepted(given.when(&Command::CloseWallet { wallet: won }));
    assert_eq!(late, [], "the account is over, and its list with it");
}
