//! Coming in, and roles.

use events::wallet::{WalletMemberJoined, WalletRoleChanged};

use super::*;

#[test]
fn a_member_of_the_channel_joins_and_the_wallet_notes_when_that_was_seen() {
    let [minji, jun] = users();
    let given = group(&[minji], 1);
    let joined = WalletMemberJoined { user: jun, channel_revision: 7 };
    assert_eq!(accepted(given.when(&join(jun))), [joined.into()]);
    let given = given.after(&join(jun));
    assert_eq!(given.state.role(jun), Some(WalletRole::Member));
    assert_eq!(code(&given, &join(jun)), Code::AlreadyMember);
}

#[test]
fn who_is_not_in_the_channel_is_not_told_of_the_wallet() {
    let [minji, jun] = users();
    let outside = Command::Join { user: jun, seat: Seat::Outside };
    assert_eq!(code(&group(&[minji], 1), &outside), Code::NotFound);
    for seat in [Seat::Outside, Seat::Inside(7)] {
        let join = Command::Join { user: jun, seat };
        assert_eq!(code(&personal(minji), &join), Code::NotFound);
    }
    assert_eq!(code(&nothing(&[]), &join(jun)), Code::NotFound);
}

#[test]
fn who_lost_the_channel_does_not_come_in_by_an_older_look_at_it() {
    let [minji, jun] = users();
    let given = group(&[minji, jun], 1);
    let release = Command::Release(Release {
        user: jun,
        removed_by: None,
        channel_revision: 9,
        loss: Loss::Asked,
        debits: None,
    });
    let given = given.after(&release);
    let join_at = |revision| Command::Join { user: jun, seat: Seat::Inside(revision) };
    assert_eq!(code(&given, &join_at(8)), Code::Conflict);
    assert_eq!(code(&given, &join_at(9)), Code::Conflict);
    accepted(given.when(&join_at(10)));
}

#[test]
fn a_wallet_has_room_for_ten_thousand() {
    let [minji, jun] = users();
    let mut given = group(&[minji], 1);
    let member = given.state.members.get(&minji).unwrap().clone();
    let others = (1..MEMBERS_LEN_MAX).map(|_| (fresh::<UserId>(), member.clone()));
    given.state.members.extend(others);
    assert_eq!(code(&given, &join(jun)), Code::Forbidden);
    assert_eq!(code(&given, &join(minji)), Code::AlreadyMember);
}

#[test]
fn an_admin_gives_roles_and_the_last_one_stays_one() {
    let [minji, jun] = users();
    let given = group(&[minji, jun], 1);
    let promote = set_role(minji, jun, WalletRole::Admin);
    let changed = WalletRoleChanged { user: jun, role: WalletRole::Admin, by: Some(minji) };
    assert_eq!(accepted(given.when(&promote)), [changed.into()]);
    assert_eq!(code(&given, &set_role(minji, minji, WalletRole::Member)), Code::LastAdmin);
    assert_eq!(code(&given, &set_role(jun, jun, WalletRole::Admin)), Code::Forbidden);
    let nobody = fresh::<UserId>();
    assert_eq!(code(&given, &set_role(minji, nobody, WalletRole::Admin)), Code::NotFound);
    let given = given.after(&promote);
    assert_eq!(accepted(given.when(&promote)), [], "the role that holds is no change");
    accepted(given.when(&set_role(minji, minji, WalletRole::Member)));
}

#[test]
fn a_closed_wallet_takes_nobody_in() {
    let [minji, jun] = users();
    let given = group(&[minji], 1).after(&Command::Close { asker: asker(minji), debits: None });
    assert_eq!(code(&given, &join(jun)), Code::WalletClosed);
    assert_eq!(code(&given, &join(minji)), Code::WalletClosed);
    assert_eq!(code(&given, &set_role(minji, minji, WalletRole::Member)), Code::WalletClosed);
}
