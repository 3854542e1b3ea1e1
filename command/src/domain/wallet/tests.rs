//! Sentences about wallets: what they share, and their beginning. The rest stands in files by
//! what it is about, and `properties` of them all.

mod approvals;
mod arrivals;
mod departures;
mod external;
mod freezing;
mod limits;
mod members;
mod pins;
mod properties;
mod refunds;
mod transfers;
mod waiting;

use events::money::{Amount, Currency, Day};
use events::wallet::{Origin, Terms, WalletMemberLeft};
use events::{ChannelId, CommandId, EventId, StreamName, TransferId, UserId};
use zeroize::Zeroizing;

use super::*;
use crate::domain::testing::{Given, accepted, fresh, kinds, refusal, ring};
use crate::domain::{Verdict, Verified};
use crate::parse::{Approvals, Limits, Memo, PositiveAmount, Reference};

const HOUR: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);
const THE_OTHER: WalletId = WalletId(Uuid::from_u128(0xb));

fn users<const N: usize>() -> [UserId; N] {
    std::array::from_fn(|_| fresh::<UserId>())
}

fn amount(minor_units: i64) -> Amount {
    Amount::new(minor_units).unwrap()
}

fn positive(minor_units: i64) -> PositiveAmount {
    PositiveAmount::new(amount(minor_units)).unwrap()
}

fn today() -> Day {
    "2026-03-01".parse().unwrap()
}

fn asker(user: UserId) -> Asker {
    Asker::stranger(user)
}

fn nothing(users: &[UserId]) -> Given<Wallet> {
    Given::nothing(StreamName::wallet(fresh::<WalletId>()), ring(users))
}

fn open(owner: UserId, channel: Option<ChannelId>, approvals_required: u8) -> Command {
    Command::Open(Open {
        owner,
        channel,
        name: "회비".to_owned(),
        description: String::new(),
        currency: Currency::KRW,
        approvals_required,
        pin: Zeroizing::new("$phc".to_owned()),
    })
}

/// A personal wallet.
fn personal(owner: UserId) -> Given<Wallet> {
    nothing(&[owner]).after(&open(owner, None, 1))
}

fn join(user: UserId) -> Command {
    Command::Join { user, seat: Seat::Inside(7) }
}

fn set_role(by: UserId, user: UserId, role: WalletRole) -> Command {
    Command::SetRole { asker: asker(by), user, role }
}

/// A group wallet; whoever is named first is its owner, and an admin.
fn group(users: &[UserId], approvals_required: u8) -> Given<Wallet> {
    let owner = users[0];
    let mut given = nothing(users);
    given = given.after(&open(owner, Some(fresh::<ChannelId>()), approvals_required));
    for other in &users[1..] {
        given = given.after(&join(*other));
    }
    given
}

/// A group wallet of admins, each with a PIN.
fn admins(users: &[UserId], approvals_required: u8) -> Given<Wallet> {
    let mut given = group(users, approvals_required);
    for other in &users[1..] {
        given = given.after(&set_role(users[0], *other, WalletRole::Admin));
        given = given.after(&set_pin(*other, CurrentPin::LeftOut));
    }
    given
}

fn set_pin(user: UserId, current: CurrentPin) -> Command {
    let pin = Zeroizing::new("$phc".to_owned());
    Command::ChangePin { asker: asker(user), current, pin }
}

fn deposit(minor_units: i64, reference: &str) -> Command {
    let reference = Reference::parse(reference).unwrap();
    Command::Deposit { asker: None, amount: positive(minor_units), reference }
}

/// The given with so much money more.
fn with(given: Given<Wallet>, minor_units: i64) -> Given<Wallet> {
    given.after(&deposit(minor_units, &fresh::<CommandId>().to_string()))
}

/// The token that an admin has asked for.
fn token(given: &Given<Wallet>, user: UserId) -> Warrant {
    Warrant::Token { pin: given.state.pin(user).unwrap().event }
}

fn payee() -> Payee {
    Payee::Open { wallet: THE_OTHER, currency: Currency::KRW, revision: 3 }
}

fn transfer(given: &Given<Wallet>, by: UserId, minor_units: i64) -> Transfer {
    Transfer {
        transfer: fresh::<TransferId>(),
        asker: asker(by),
        payee: payee(),
        amount: positive(minor_units),
        memo: Memo::parse(Some("3월 회비")).unwrap(),
        origin: Origin::Manual,
        warrant: token(given, by),
        day: today(),
    }
}

fn pay(given: &Given<Wallet>, by: UserId, minor_units: i64) -> Command {
    Command::Transfer(transfer(given, by, minor_units))
}

/// The given with a transfer that waits, and its id.
fn with_waiting(given: Given<Wallet>, by: UserId, minor_units: i64) -> (Given<Wallet>, TransferId) {
    let transfer = transfer(&given, by, minor_units);
    let id = transfer.transfer;
    let given = given.after(&Command::Transfer(transfer));
    assert!(given.state.hold(id).is_some());
    (given, id)
}

fn code(given: &Given<Wallet>, command: &Command) -> Code {
    refusal(given.when(command)).code
}

fn balances(given: &Given<Wallet>) -> (i64, i64) {
    (given.state.balance().minor_units(), given.state.available().minor_units())
}

#[test]
fn its_owner_is_an_admin_with_a_pin() {
    let [minji] = users();
    let given = personal(minji);
    assert_eq!(given.state.role(minji), Some(WalletRole::Admin));
    assert!(given.state.pin(minji).is_some());
    assert_eq!(balances(&given), (0, 0));
    assert_eq!(accepted(given.when(&open(minji, None, 1))), [], "a repeat changes nothing");
}

#[test]
fn a_payee_is_unknown_open_or_closed() {
    let [minji] = users();
    let wallet = fresh::<WalletId>();
    assert_eq!(State::default().as_payee(wallet, None), Payee::Unknown);
    let given = personal(minji);
    let currency = Currency::KRW;
    let payee = given.state.as_payee(wallet, Some(0));
    assert_eq!(payee, Payee::Open { wallet, currency, revision: 0 });
    let given = given.after(&Command::Close { asker: asker(minji), debits: None });
    assert_eq!(given.state.as_payee(wallet, Some(1)), Payee::Closed { wallet });
}

#[test]
fn strangers_are_not_told_of_it_and_the_acquainted_are_told_that_it_is_not_theirs() {
    let [minji, jun] = users();
    let given = with(group(&[minji], 1), 100);
    let id = fresh::<TransferId>();
    let asked = transfer(&given, minji, 1);
    let all = |asker: Asker| {
        let reference = Reference::parse("7").unwrap();
        let (amount, warrant, day) = (positive(1), Warrant::Void, today());
        let limits = Limits::parse("1", "1").unwrap();
        let transfer = Transfer { asker, warrant, ..asked.clone() };
        let withdraw = Withdraw { asker, amount, reference: reference.clone(), warrant, day };
        let payee = payee();
        let refund = Refund { refund: id, of: id, asker, payee, amount: None, warrant };
        let pin = Zeroizing::new("$phc".to_owned());
        [
            Command::Leave { asker, debits: None },
            Command::RemoveMember { asker, user: minji },
            Command::RemoveMember { asker, user: jun },
            Command::SetRole { asker, user: jun, role: WalletRole::Admin },
            Command::Close { asker, debits: None },
            Command::Authorize { asker, pin: None },
            Command::ChangePin { asker, current: CurrentPin::LeftOut, pin },
            Command::SetApprovals { asker, approvals: Approvals::ONE },
            Command::SetLimits { asker, limits, warrant },
            Command::Deposit { asker: Some(asker), amount, reference },
            Command::Withdraw(withdraw),
            Command::Transfer(transfer),
            Command::Refund(refund),
        ]
    };
    for command in all(Asker::stranger(jun)) {
        assert_eq!(code(&given, &command), Code::NotFound, "{command:?}");
    }
    for command in all(Asker::acquainted(jun)) {
        assert_eq!(code(&given, &command), Code::Forbidden, "{command:?}");
        assert_eq!(code(&nothing(&[]), &command), Code::NotFound, "there is none: {command:?}");
    }
    // Members who are no admins.
    let given = given.after(&join(jun));
    for command in all(Asker::stranger(jun)) {
        let is_anyones = matches!(
            command,
            Command::Leave { .. } | Command::Deposit { .. } | Command::RemoveMember { .. }
        );
        if !is_anyones {
            assert_eq!(code(&given, &command), Code::Forbidden, "{command:?}");
        }
    }
}
