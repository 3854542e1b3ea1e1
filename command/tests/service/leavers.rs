//! Channels and accounts that have to do with wallets, and how they end.

use command::{Code, Command, Viewer};
use events::ChannelId;

use crate::purse::{Purse, close, deposit, join_wallet, open, open_group, wallet_of};
use crate::scene::{PASSWORD, Scene, join, leave, secret};

fn delete_channel(channel: ChannelId) -> Command {
    Command::DeleteChannel { channel: channel.to_string() }
}

fn remove(channel: ChannelId, user: Viewer) -> Command {
    Command::RemoveChannelMember { channel: channel.to_string(), user: user.user.to_string() }
}

fn promote(channel: ChannelId, user: Viewer) -> Command {
    let (channel, user) = (channel.to_string(), user.user.to_string());
    Command::SetChannelRole { channel, user, role: command::bus::Role::Admin }
}

fn delete_account() -> Command {
    Command::DeleteAccount { password: secret(PASSWORD) }
}

/// Two in a channel whose wallet is the first one's; both are the channel's admins.
async fn two(scene: &Scene) -> (Purse, Viewer, ChannelId) {
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = scene.channel(minji).await;
    scene.run(jun, join(channel, None)).await.unwrap();
    scene.run(minji, promote(channel, jun)).await.unwrap();
    let purse = scene.group_purse(minji, channel, 1).await;
    (purse, jun, channel)
}

#[tokio::test]
async fn who_leaves_or_is_removed_from_a_channel_is_out_of_its_wallets() {
    let scene = Scene::new();
    let (purse, jun, channel) = two(&scene).await;
    for command in [leave(channel), remove(channel, jun)] {
        scene.run(jun, join_wallet(purse.id)).await.unwrap();
        let by = if matches!(command, Command::LeaveChannel { .. }) { jun } else { purse.owner };
        scene.run(by, command).await.unwrap();
        assert_eq!(scene.code(jun, deposit(purse.id, 1, "x")).await, Code::NotFound);
        assert_eq!(scene.code(jun, join_wallet(purse.id)).await, Code::NotFound);
        scene.run(jun, join(channel, None)).await.unwrap();
    }
}

#[tokio::test]
async fn the_last_admin_of_a_wallet_with_money_stays_in_the_channel() {
    let scene = Scene::new();
    let (purse, jun, channel) = two(&scene).await;
    scene.run(jun, join_wallet(purse.id)).await.unwrap();
    scene.fill(purse, 1).await;
    for (by, command) in [(purse.owner, leave(channel)), (jun, remove(channel, purse.owner))] {
        let refused = scene.run(by, command).await.unwrap_err();
        assert_eq!(refused.code, Code::LastAdmin);
        let told = serde_json::to_value(refused.details).unwrap();
        assert_eq!(told["walletId"], purse.id.to_string());
    }
    assert_eq!(scene.count("MemberLeft"), 0);
    let (wallet, user) = (purse.id.to_string(), jun.user.to_string());
    let role = events::wallet::WalletRole::Admin;
    scene.run(purse.owner, Command::SetWalletRole { wallet, user, role }).await.unwrap();
    scene.run(purse.owner, leave(channel)).await.unwrap();
    assert_eq!(scene.count("MemberLeft"), 1);
}

#[tokio::test]
async fn an_empty_wallet_gets_the_longest_standing_member_as_admin_or_is_closed() {
    let scene = Scene::new();
    let (purse, jun, channel) = two(&scene).await;
    scene.run(jun, join_wallet(purse.id)).await.unwrap();
    let alone = scene.group_purse(purse.owner, channel, 1).await;
    scene.run(purse.owner, leave(channel)).await.unwrap();
    assert_eq!(scene.count("WalletRoleChanged"), 1);
    assert_eq!(scene.count("WalletClosed"), 1);
    assert_eq!(scene.count("GroupWalletClosed"), 1);
    assert_eq!(scene.code(jun, join_wallet(alone.id)).await, Code::WalletClosed);
    scene.run(jun, close(purse.id)).await.unwrap();
}

#[tokio::test]
async fn whichever_step_a_node_dies_at_who_has_left_is_out_of_the_wallets() {
    for steps in 0..=4 {
        let scene = Scene::new();
        let (purse, jun, channel) = two(&scene).await;
        scene.run(jun, join_wallet(purse.id)).await.unwrap();
        scene.die_after(steps, jun, leave(channel)).await;
        let node = scene.other_node();
        node.work_off().await;
        if node.count("MemberLeft") == 0 {
            node.run(jun, leave(channel)).await.unwrap();
        }
        let code = node.code(jun, deposit(purse.id, 1, "x")).await;
        assert_eq!(code, Code::NotFound, "after {steps}");
    }
}

#[tokio::test]
async fn a_channel_whose_wallet_holds_money_cannot_be_deleted_and_empty_ones_are_closed_with_it() {
    let scene = Scene::new();
    scene.follow();
    let (purse, jun, channel) = two(&scene).await;
    scene.fill(purse, 5).await;
    let refused = scene.run(jun, delete_channel(channel)).await.unwrap_err();
    assert_eq!(refused.code, Code::WalletNotEmpty);
    let own = wallet_of(&scene.run(jun, open()).await.unwrap());
    scene.pay(purse, own, 5).await.unwrap();
    scene.run(jun, delete_channel(channel)).await.unwrap();
    assert_eq!(scene.count("WalletClosed"), 1);
    assert_eq!(scene.count("GroupWalletClosed"), 1);
    assert_eq!(scene.count("ChannelDeleted"), 1);
    assert_eq!(scene.code(purse.owner, deposit(purse.id, 1, "x")).await, Code::WalletClosed);
}

#[tokio::test]
async fn the_only_member_leaves_a_channel_once_its_wallets_are_empty() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let channel = scene.channel(minji).await;
    let purse = scene.group_purse(minji, channel, 1).await;
    let purse = scene.fill(purse, 5).await;
    assert_eq!(scene.code(minji, leave(channel)).await, Code::WalletNotEmpty);
    let token = scene.token(minji, purse.id).await;
    scene.run(minji, crate::purse::withdraw(purse.id, 5, "x", &token)).await.unwrap();
    scene.run(minji, leave(channel)).await.unwrap();
    assert_eq!(scene.count("WalletClosed"), 1);
    assert_eq!(scene.count("ChannelDeleted"), 1);
}

#[tokio::test]
async fn a_stranger_to_the_channel_cannot_close_its_wallets_by_deleting_it() {
    let scene = Scene::new();
    let (_, _, channel) = two(&scene).await;
    let sora = scene.user("sora").await;
    assert_eq!(scene.code(sora, delete_channel(channel)).await, Code::Forbidden);
    assert_eq!(scene.code(sora, leave(channel)).await, Code::Forbidden);
    assert_eq!(scene.count("WalletClosed"), 0);
}

#[tokio::test]
async fn an_account_with_money_does_not_end() {
    let scene = Scene::new();
    scene.follow();
    let purse = scene.purse("minji", 5).await;
    assert_eq!(scene.code(purse.owner, delete_account()).await, Code::WalletNotEmpty);
    let wrong = Command::DeleteAccount { password: secret("wrong") };
    assert_eq!(scene.code(purse.owner, wrong).await, Code::WrongCredentials);
    assert_eq!(scene.count("WalletClosed"), 0);
    let token = scene.token(purse.owner, purse.id).await;
    scene.run(purse.owner, crate::purse::withdraw(purse.id, 5, "x", &token)).await.unwrap();
    scene.run(purse.owner, delete_account()).await.unwrap();
    assert_eq!(scene.count("WalletClosed"), 1);
    assert_eq!(scene.count("UserDeleted"), 1);
}

#[tokio::test]
async fn the_last_admin_of_a_group_wallet_with_money_keeps_the_account() {
    let scene = Scene::new();
    scene.follow();
    let (purse, jun, channel) = two(&scene).await;
    scene.run(jun, join_wallet(purse.id)).await.unwrap();
    scene.fill(purse, 5).await;
    assert_eq!(scene.code(purse.owner, delete_account()).await, Code::LastAdmin);
    assert_eq!(scene.count("UserDeleted"), 0);
    let token = scene.token(purse.owner, purse.id).await;
    scene.run(purse.owner, crate::purse::withdraw(purse.id, 5, "x", &token)).await.unwrap();
    scene.run(purse.owner, delete_account()).await.unwrap();
    // Who stays looks after both.
    scene.run(jun, open_group(channel, 1)).await.unwrap();
    scene.run(jun, close(purse.id)).await.unwrap();
}
