//! Group wallets, as the channel knows them.

use events::WalletId;
use events::channel::GroupWalletOpened;
use events::money::Currency;

use super::departures::remove;
use super::roles::set_role;
use super::*;
use crate::domain::testing::ring;
use crate::parse::{Approvals, WalletName};

fn open(by: UserId, wallet: WalletId) -> Command {
    Command::OpenWallet(OpenWallet {
        by,
        wallet,
        name: WalletName::parse("회비").unwrap(),
        description: Description::parse(Some("모임 통장")).unwrap(),
        currency: Currency::KRW,
        approvals: Approvals::parse(2).unwrap(),
        pin: Zeroizing::new("$phc".to_owned()),
    })
}

/// A channel with two members, the first an admin.
fn of_two(minji: UserId, jun: UserId) -> Given<Channel> {
    let stream = StreamName::channel(fresh::<ChannelId>());
    let given = Given::nothing(stream, ring(&[minji, jun]));
    given.after(&create(minji, Visibility::Public, None)).after(&join(jun))
}

#[test]
fn admins_open_wallets() {
    let [minji, jun, sora] = users();
    let (given, wallet) = (of_two(minji, jun), fresh::<WalletId>());
    let mut given = given;
    let events = accepted(given.run(fresh::<CommandId>(), &open(minji, wallet)));
    let [ChannelEvent::GroupWalletOpened(opened)] = &events[..] else { panic!("{events:?}") };
    let GroupWalletOpened { owner, approvals_required, .. } = opened;
    assert_eq!((*owner, *approvals_required), (minji, 2));
    assert_eq!(given.state.wallets().collect::<Vec<_>>(), [wallet]);
    for other in [jun, sora] {
        let refused = refusal(given.when(&open(other, fresh::<WalletId>())));
        assert_eq!(refused.code, Code::Forbidden);
    }
}

#[test]
fn a_channel_has_room_for_a_hundred_wallets_and_for_another_once_one_is_closed() {
    let [minji, jun] = users();
    let mut given = of_two(minji, jun);
    given.state.wallets = (0..WALLETS_LEN_MAX).map(|_| fresh::<WalletId>()).collect();
    let another = open(minji, fresh::<WalletId>());
    assert_eq!(refusal(given.when(&another)).code, Code::Forbidden);
    let wallet = given.state.wallets().next().unwrap();
    let close = Command::CloseWallet { wallet };
    let given = given.after(&close);
    accepted(given.when(&another));
    assert_eq!(accepted(given.when(&close)), [], "a repeat changes nothing");
}

#[test]
fn nobody_goes_while_a_wallet_is_open_that_nobody_saw_to() {
    let [minji, jun] = users();
    let [one, other] = std::array::from_fn(|_| fresh::<WalletId>());
    let given = of_two(minji, jun).after(&open(minji, one)).after(&open(minji, other));
    let handled = |wallets: &[WalletId]| wallets.to_vec();
    let ways: [&dyn Fn(Vec<WalletId>) -> Command; 4] = [
        &|handled| Command::Leave { user: jun, handled },
        &|handled| Command::RemoveMember { by: minji, user: jun, handled },
        &|handled| Command::RemoveMember { by: jun, user: jun, handled },
        &|handled| Command::Delete { by: minji, handled },
    ];
    for way in ways {
        assert_eq!(refusal(given.when(&way(handled(&[one])))).code, Code::Conflict);
        accepted(given.when(&way(handled(&[other, one]))));
    }
    // What the channel forbids anyway is told first.
    let leave = Command::Leave { user: minji, handled: Vec::new() };
    assert_eq!(refusal(given.when(&leave)).code, Code::LastAdmin);
    let given = given.after(&set_role(minji, jun, Role::Admin));
    assert_eq!(refusal(given.when(&leave)).code, Code::Conflict);
    assert_eq!(refusal(given.when(&remove(jun, minji))).code, Code::Conflict);
}

#[test]
fn who_is_alone_ends_the_channel_once_its_wallets_are_closed() {
    let [minji, jun] = users();
    let wallet = fresh::<WalletId>();
    let given = of_two(minji, jun).after(&Command::Leave { user: jun, handled: Vec::new() });
    let given = given.after(&open(minji, wallet));
    assert!(given.state.is_only_member(minji));
    let leave = |handled| Command::Leave { user: minji, handled };
    assert_eq!(refusal(given.when(&leave(Vec::new()))).code, Code::Conflict);
    let given = given.after(&leave(vec![wallet]));
    // Nothing is noted any more in a channel that is over.
    assert_eq!(accepted(given.when(&Command::CloseWallet { wallet })), []);
}
