//! An operator's hand.

use super::*;

fn freeze() -> Command {
    Command::Freeze { reason: "asked by the police".to_owned() }
}

fn unfreeze() -> Command {
    Command::Unfreeze { reason: "it was a mistake".to_owned() }
}

#[test]
fn a_frozen_wallet_gives_nothing_out_and_still_takes_in() {
    let [minji, jun] = users();
    let given = with(admins(&[minji, jun], 2), 100);
    let (given, waiting) = with_waiting(given, minji, 10);
    let given = given.after(&freeze());
    let refused = refusal(given.when(&pay(&given, minji, 1)));
    let wallet_id = given.stream().entity().parse().unwrap();
    let told = (refused.code, refused.details);
    assert_eq!(told, (Code::WalletFrozen, Some(Details::Wallet { wallet_id })));
    let last_approval = Command::Approve { asker: asker(jun), transfer: waiting };
    assert_eq!(code(&given, &last_approval), Code::WalletFrozen);
    accepted(given.when(&Command::Decline { asker: asker(jun), transfer: waiting }));
    accepted(given.when(&deposit(1, "a-1")));
    accepted(given.when(&Command::Credit(arrivals::incoming(&given, 1))));
    let given = given.after(&unfreeze());
    accepted(given.when(&pay(&given, minji, 1)));
    accepted(given.when(&last_approval));
}

#[test]
fn freezing_and_unfreezing_twice_changes_nothing() {
    let [minji] = users();
    let given = personal(minji);
    assert_eq!(accepted(given.when(&unfreeze())), []);
    let given = given.after(&freeze());
    assert_eq!(accepted(given.when(&freeze())), []);
    assert_eq!(code(&nothing(&[]), &freeze()), Code::NotFound);
}

#[test]
fn a_frozen_wallet_that_is_empty_can_be_closed() {
    let [minji] = users();
    let given = personal(minji).after(&freeze());
    accepted(given.when(&Command::Close { asker: asker(minji), debits: None }));
}
