//! Rows of wallets that change, and of their members.

use super::rows::{feed, wallet};
use super::*;
use events::feed::FeedKind;
use events::settled::CommandSettled;
use events::wallet::{
    ApprovalsRequiredChanged, PinFailed, WalletClosed, WalletFrozen, WalletLimitsChanged,
    WalletMemberJoined, WalletMemberLeft, WalletRole, WalletRoleChanged, WalletUnfrozen,
};
use serde_json::json;

#[tokio::test]
async fn members_come_and_go_and_come_again() {
    let purses = Purses::new().await;
    let Purses { world, to, owner, .. } = &purses;
    let user = UserId::generate();
    let join = || append(world, *to, WalletMemberJoined { user, channel_revision: 1 });
    let role = |role| append(world, *to, WalletRoleChanged { user, role, by: Some(*owner) });
    let leave = || {
        let removed_by = Some(*owner);
        append(world, *to, WalletMemberLeft { user, removed_by, channel_revision: None })
    };
    let joined = join();
    let changed = role(WalletRole::Admin);
    project(world).await;
    let find = format!("user_id = '{user}'");
    let member = row(world, "wallet_members", &find).await;
    let expected = json!({
        "wallet_id": to, "user_id": user, "role": 1, "joined_us": at_us(joined),
        "joined_position": joined,
    });
    assert_eq!(member, expected);
    assert_eq!(feed(world, joined).await, [(to.0, FeedKind::WalletMemberJoined, Some(user.0))]);
    assert_eq!(feed(world, changed).await, [(to.0, FeedKind::WalletChanged, None)]);

    let left = leave();
    project(world).await;
    assert_eq!(row(world, "wallet_members", &find).await["left_us"], at_us(left));
    assert_eq!(feed(world, left).await, [(to.0, FeedKind::WalletMemberLeft, Some(user.0))]);
    // In one batch: in, out, and in again as a plain member.
    join();
    role(WalletRole::Admin);
    leave();
    let again = join();
    project(world).await;
    let member = row(world, "wallet_members", &find).await;
    let expected = json!({
        "wallet_id": to, "user_id": user, "role": 2, "joined_us": at_us(again),
        "joined_position": again,
    });
    assert_eq!(member, expected);
    let stays = format!("wallet_stays WHERE user_id = '{user}' AND left_position IS NOT NULL");
    assert_eq!(count(world, &stays).await, 2);
    let open = row(world, "wallet_stays", &format!("{find} AND left_position IS NULL")).await;
    assert_eq!(open["joined_position"], again);
}

#[tokio::test]
async fn who_is_gone_may_be_told_to_be_gone_again() {
    let purses = Purses::new().await;
    let Purses { world, to, .. } = &purses;
    let (user, stranger) = (UserId::generate(), UserId::generate());
    let leave = |user| {
        let channel_revision = Some(7);
        append(world, *to, WalletMemberLeft { user, removed_by: None, channel_revision })
    };
    append(world, *to, WalletMemberJoined { user, channel_revision: 1 });
    project(world).await;
    let left = leave(user);
    leave(user);
    leave(stranger);
    project(world).await;
    leave(user);
    project(world).await;
    let find = format!("user_id = '{user}'");
    assert_eq!(row(world, "wallet_members", &find).await["left_us"], at_us(left));
    assert_eq!(row(world, "wallet_stays", &find).await["left_position"], left);
    let of_stranger = format!("wallet_members WHERE user_id = '{stranger}'");
    assert_eq!(count(world, &of_stranger).await, 0);
}

#[tokio::test]
async fn a_wallet_changes_and_ends() {
    let purses = Purses::new().await;
    let Purses { world, owner, to, .. } = &purses;
    let reason = || "asked for".to_owned();
    let by = *owner;
    append(world, *to, ApprovalsRequiredChanged { approvals_required: 3, by });
    // In the batch of the opening itself, and later.
    project(world).await;
    let (per_transfer, per_day) = (amount(5), amount(9));
    append(world, *to, WalletLimitsChanged { per_transfer, per_day, by });
    let frozen = append(world, *to, WalletFrozen { reason: reason() });
    project(world).await;
    let changed = wallet(world, *to).await;
    assert_eq!(changed["approvals_required"], 3);
    assert_eq!((&changed["per_transfer"], &changed["per_day"]), (&json!(5), &json!(9)));
    assert_eq!(changed["frozen"], true);
    assert_eq!(feed(world, frozen).await, [(to.0, FeedKind::WalletChanged, None)]);
    append(world, *to, WalletUnfrozen { reason: reason() });
    let closed = append(world, *to, WalletClosed { by: Some(by) });
    project(world).await;
    let changed = wallet(world, *to).await;
    assert_eq!((&changed["frozen"], &changed["closed_us"]), (&json!(false), &json!(at_us(closed))));
    // Whoever was in it to the end can still read it.
    let member = row(world, "wallet_members", &format!("wallet_id = '{to}'")).await;
    assert!(member.get("left_us").is_none());
}

#[tokio::test]
async fn what_nobody_sees_moves_the_checkpoint_only() {
    let purses = Purses::new().await;
    let Purses { world, owner, from, .. } = &purses;
    project(world).await;
    let before = dump(world).await;
    append(world, *from, PinFailed { user: *owner });
    append(world, *from, CommandSettled { answer: json!({}) });
    world.register("Sam");
    project(world).await;
    assert_eq!(dump(world).await, before);
    assert_eq!(checkpoint(world).await, world.head());
}
