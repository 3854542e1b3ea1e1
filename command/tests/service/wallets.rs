//! Opening, closing, joining and leaving wallets, and what their admins set.

use command::{Code, Command};
use events::WalletId;
use events::wallet::WalletRole;

use crate::purse::{
    PIN, close, deposit, join_wallet, leave_wallet, open, open_group, open_in, wallet_of,
};
use crate::scene::{Scene, join, leave, new_id, secret};

#[tokio::test]
async fn an_own_wallet_is_opened_once_a_currency_and_bears_the_commands_id() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let id = new_id();
    let first = scene.again(minji, &id, open()).await.unwrap();
    assert_eq!(wallet_of(&first).to_string(), id);
    assert_eq!(scene.kinds()[3..], ["PersonalWalletOpened", "WalletOpened"]);
    assert_eq!(first.position, u64::try_from(scene.kinds().len()).unwrap(), "the last step's");
    // Naming the default is the same input.
    for node in [&scene, &scene.other_node()] {
        let again = node.again(minji, &id, open_in("KRW")).await.unwrap();
        assert_eq!((again.id, again.outcome), (first.id, first.outcome.clone()));
    }
    assert_eq!(scene.code(minji, open()).await, Code::WalletExists);
    assert!(scene.run(minji, open_in("USD")).await.is_ok());
    assert_eq!(scene.count("WalletOpened"), 2);
    let jun = scene.user("jun").await;
    let taken = scene.again(jun, &id, open()).await.unwrap_err();
    assert_eq!(taken.code, Code::IdTaken);
}

#[tokio::test]
async fn bad_input_is_told_by_its_field() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let with = |pin: &str, name: Option<&str>, currency: &str| Command::OpenWallet {
        pin: secret(pin),
        name: name.map(str::to_owned),
        currency: Some(currency.to_owned()),
    };
    for (command, code, field) in [
        (with("12345", None, "KRW"), Code::PinMalformed, "pin"),
        (with(PIN, Some(" "), "KRW"), Code::InvalidInput, "name"),
        (with(PIN, None, "krw"), Code::InvalidInput, "currency"),
    ] {
        let refused = scene.run(minji, command).await.unwrap_err();
        assert_eq!((refused.code, refused.field.as_deref()), (code, Some(field)));
    }
}

#[tokio::test]
async fn whichever_step_a_node_dies_at_the_wallet_is_opened_if_it_was_committed_to() {
    for steps in 0..=2 {
        let scene = Scene::new();
        let minji = scene.user("minji").await;
        scene.die_after(steps, minji, open()).await;
        let node = scene.other_node();
        node.work_off().await;
        assert_eq!(node.count("WalletOpened"), usize::from(steps > 0), "after {steps}");
        assert_eq!(node.run(minji, open()).await.is_ok(), steps == 0, "after {steps}");
    }
}

#[tokio::test]
async fn an_empty_wallet_is_closed_and_its_owner_told_whichever_step_a_node_dies_at() {
    for steps in 1..=3 {
        let scene = Scene::new();
        let purse = scene.purse("minji", 0).await;
        scene.die_after(steps, purse.owner, close(purse.id)).await;
        let node = scene.other_node();
        node.work_off().await;
        assert_eq!(node.count("WalletClosed"), 1);
        assert_eq!(node.count("PersonalWalletClosed"), 1);
        assert!(node.run(purse.owner, open()).await.is_ok(), "there is room for another");
        assert_eq!(node.code(purse.owner, close(purse.id)).await, Code::WalletClosed);
    }
}

#[tokio::test]
async fn a_wallet_with_money_stays_and_one_that_has_paid_is_closed_once_that_has_arrived() {
    let scene = Scene::new();
    scene.follow();
    let (minji, jun) = (scene.purse("minji", 10).await, scene.purse("jun", 0).await);
    assert_eq!(scene.code(minji.owner, close(minji.id)).await, Code::WalletNotEmpty);
    scene.pay(minji, jun.id, 10).await.unwrap();
    scene.run(minji.owner, close(minji.id)).await.unwrap();
    assert_eq!(scene.count("PersonalWalletClosed"), 1);
}

#[tokio::test]
async fn a_wallet_whose_payment_is_under_way_is_not_closed() {
    let scene = Scene::new();
    scene.follow();
    let (minji, jun) = (scene.purse("minji", 10).await, scene.purse("jun", 0).await);
    let token = scene.token(minji.owner, minji.id).await;
    let pay = crate::purse::transfer(minji.id, jun.id, 10, &token);
    // The debit, and no credit.
    scene.die_after(1, minji.owner, pay).await;
    assert_eq!(scene.code(minji.owner, close(minji.id)).await, Code::Conflict);
    let node = scene.other_node();
    node.work_off().await;
    node.run(minji.owner, close(minji.id)).await.unwrap();
}

#[tokio::test]
async fn a_group_wallet_is_opened_by_a_channels_admin_and_joined_by_its_members() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let (sora, channel) = (scene.user("sora").await, scene.channel(minji).await);
    scene.run(jun, join(channel, None)).await.unwrap();
    assert_eq!(scene.code(jun, open_group(channel, 1)).await, Code::Forbidden);
    let purse = scene.group_purse(minji, channel, 2).await;
    for (viewer, code) in [(jun, Code::Forbidden), (sora, Code::NotFound)] {
        assert_eq!(scene.code(viewer, leave_wallet(purse.id)).await, code);
        assert_eq!(scene.code(viewer, deposit(purse.id, 1, "x")).await, code);
        assert_eq!(scene.code(viewer, close(purse.id)).await, code);
    }
    assert_eq!(scene.code(sora, join_wallet(purse.id)).await, Code::NotFound);
    scene.run(jun, join_wallet(purse.id)).await.unwrap();
    assert_eq!(scene.code(jun, join_wallet(purse.id)).await, Code::AlreadyMember);
    assert_eq!(scene.code(jun, close(purse.id)).await, Code::Forbidden);
    scene.run(jun, deposit(purse.id, 5, "x")).await.unwrap();
    scene.run(jun, leave_wallet(purse.id)).await.unwrap();
    assert_eq!(scene.code(minji, leave_wallet(purse.id)).await, Code::LastAdmin);
}

#[tokio::test]
async fn admins_set_roles_approvals_and_limits_and_others_do_not() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = scene.channel(minji).await;
    scene.run(jun, join(channel, None)).await.unwrap();
    let purse = scene.group_purse(minji, channel, 1).await;
    scene.run(jun, join_wallet(purse.id)).await.unwrap();
    let wallet = || purse.id.to_string();
    let user = jun.user.to_string();
    let role =
        Command::SetWalletRole { wallet: wallet(), user: user.clone(), role: WalletRole::Admin };
    let approvals =
        |number| Command::SetApprovalsRequired { wallet: wallet(), approvals_required: number };
    let limits = |per_transfer: &str, token: &str| Command::SetWalletLimits {
        wallet: wallet(),
        per_transfer: per_transfer.to_owned(),
        per_day: "100".to_owned(),
        spend_token: secret(token),
    };
    assert_eq!(scene.code(jun, approvals(2)).await, Code::Forbidden);
    assert_eq!(scene.code(jun, limits("10", "none")).await, Code::Forbidden);
    let token = scene.token(minji, purse.id).await;
    assert_eq!(scene.code(minji, limits("10", "none")).await, Code::SpendTokenInvalid);
    assert_eq!(scene.code(minji, limits("101", &token)).await, Code::InvalidInput);
    assert_eq!(scene.code(minji, limits("x", &token)).await, Code::AmountMalformed);
    scene.run(minji, limits("10", &token)).await.unwrap();
    scene.run(minji, role).await.unwrap();
    assert_eq!(scene.code(minji, approvals(21)).await, Code::InvalidInput);
    scene.run(minji, approvals(2)).await.unwrap();
    scene.run(minji, approvals(1)).await.unwrap();
    assert_eq!(scene.count("ApprovalsLoweringVoted"), 1);
    scene.run(jun, approvals(1)).await.unwrap();
    assert_eq!(scene.count("ApprovalsRequiredChanged"), 2);
    let remove = Command::RemoveWalletMember { wallet: wallet(), user };
    scene.run(minji, remove).await.unwrap();
    assert_eq!(scene.count("WalletMemberLeft"), 1);
    let unknown = Command::LeaveWallet { wallet: WalletId::generate().to_string() };
    assert_eq!(scene.code(minji, unknown).await, Code::NotFound);
    scene.run(jun, leave(channel)).await.unwrap();
}
