//! Opening wallets, joining them, and changing their rules, by mutations.

use serde_json::json;
use uuid::Uuid;

use crate::spender::{PIN, of_transfer, of_transfer_id, of_wallet, of_wallet_id, person};
use crate::world::{World, code};

#[tokio::test]
async fn a_wallet_is_opened_filled_spent_from_and_closed() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = person(&node, "kim").await;
    let id = Uuid::now_v7().to_string();
    let input = json!({ "commandId": id, "pin": PIN, "name": "용돈" });
    let open = of_wallet("openWallet", "OpenWalletInput");
    let opened = kim.done(&open, json!({ "input": input })).await;
    let wallet = &opened["wallet"];
    for (field, value) in [
        ("id", json!(id)),
        ("kind", json!("PERSONAL")),
        ("name", json!("용돈")),
        ("status", json!("OPEN")),
        ("currency", json!("KRW")),
        ("viewerRole", json!("ADMIN")),
        ("balance", json!("0")),
        ("approvalsRequired", json!(1)),
    ] {
        assert_eq!(wallet[field], value, "{field}");
    }
    assert_eq!(kim.done(&open, json!({ "input": input })).await, opened, "a repeat");
    let other = json!({ "pin": PIN });
    assert_eq!(code(&kim.run(&open, json!({ "input": other })).await), "WALLET_EXISTS");
    let no_pin = json!({ "pin": "12345", "currency": "USD" });
    let refused = kim.run(&open, json!({ "input": no_pin })).await;
    assert_eq!(code(&refused), "PIN_MALFORMED");

    let deposit = of_wallet("deposit", "DepositInput");
    let paid_in = json!({ "walletId": id, "amount": "5000", "reference": "A-1" });
    for _ in 0..2 {
        let filled = kim.done(&deposit, json!({ "input": paid_in })).await;
        assert_eq!(filled["wallet"]["balance"], "5000", "the same payment is one deposit");
    }
    let token = kim.authorize(&id).await;
    let withdraw = of_wallet("withdraw", "WithdrawInput");
    let paid_out = json!({ "walletId": id, "amount": 2000, "reference": "B-1",
        "spendToken": token });
    let left = kim.done(&withdraw, json!({ "input": paid_out })).await;
    assert_eq!(left["wallet"]["balance"], "3000");
    assert_eq!(left["wallet"]["limits"]["remainingToday"], "999998000");
    let close = of_wallet_id("closeWallet");
    let refused = kim.run(&close, json!({ "id": id })).await;
    assert_eq!(code(&refused), "WALLET_NOT_EMPTY");
    assert_eq!(refused["errors"][0]["extensions"]["walletId"], id);
    let paid_out = json!({ "walletId": id, "amount": 3000, "reference": "B-2",
        "spendToken": token });
    kim.done(&withdraw, json!({ "input": paid_out })).await;
    let closed = kim.done(&close, json!({ "id": id })).await;
    assert_eq!(closed["wallet"]["status"], "CLOSED");
    let refused = kim.run(&deposit, json!({ "input": paid_in })).await;
    assert_eq!(refused["data"]["deposit"]["wallet"]["balance"], "0", "a repeat: {refused:#}");
    let late = json!({ "walletId": id, "amount": 1, "reference": "A-2" });
    assert_eq!(code(&kim.run(&deposit, json!({ "input": late })).await), "WALLET_CLOSED");
}

#[tokio::test]
async fn a_group_wallet_is_joined_and_spent_from_together() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (person(&node, "kim").await, person(&node, "lee").await);
    let (park, choi) = (person(&node, "park").await, person(&node, "choi").await);
    let channel = world.channel_of(kim.viewer, "모임").await;
    for user in [lee, park] {
        world.join(user.viewer, &channel).await;
    }
    let group = kim.open_group(&channel, 2).await;
    let (join, leave) = (of_wallet_id("joinWallet"), of_wallet_id("leaveWallet"));
    assert_eq!(code(&choi.run(&join, json!({ "id": group })).await), "NOT_FOUND");
    for user in [lee, park] {
        let joined = user.done(&join, json!({ "id": group })).await;
        assert_eq!(joined["wallet"]["viewerRole"], "MEMBER");
    }
    assert_eq!(code(&lee.run(&join, json!({ "id": group })).await), "ALREADY_MEMBER");
    let role = json!({ "walletId": group, "userId": lee.viewer.user, "role": "ADMIN" });
    let text = of_wallet("setWalletRole", "SetWalletRoleInput");
    assert_eq!(code(&lee.run(&text, json!({ "input": role })).await), "FORBIDDEN");
    let set = kim.wallet("setWalletRole", "SetWalletRoleInput", role).await;
    assert_eq!(set["members"]["nodes"][1]["role"], "ADMIN");
    let authorize = "mutation ($id: ID!, $pin: String!) {
        authorizeSpending(walletId: $id, pin: $pin) { spendToken } }";
    let refused = lee.run(authorize, json!({ "id": group, "pin": PIN })).await;
    assert_eq!(code(&refused), "FORBIDDEN", "no PIN yet");
    assert!(lee.change_pin(&group, None, PIN).await.get("errors").is_none());

    lee.pay_in(&group, 10_000).await;
    let removed = json!({ "walletId": group, "userId": park.viewer.user });
    let left = kim.wallet("removeWalletMember", "WalletMemberInput", removed).await;
    assert_eq!(left["members"]["nodes"].as_array().unwrap().len(), 2);
    let answer = lee.run(&leave, json!({ "id": group })).await;
    assert_eq!(answer["data"]["leaveWallet"]["wallet"]["viewerRole"], json!(null));
    assert_eq!(code(&answer), "FORBIDDEN", "its members are no business of who left");
    assert_eq!(code(&kim.run(&leave, json!({ "id": group })).await), "LAST_ADMIN");
}

#[tokio::test]
async fn admins_spend_from_a_group_wallet_together() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (person(&node, "kim").await, person(&node, "lee").await);
    let (park, choi) = (person(&node, "park").await, person(&node, "choi").await);
    let channel = world.channel_of(kim.viewer, "모임").await;
    let group = kim.open_group(&channel, 2).await;
    for user in [lee, park] {
        world.join(user.viewer, &channel).await;
        user.done(&of_wallet_id("joinWallet"), json!({ "id": group })).await;
    }
    let role = json!({ "walletId": group, "userId": lee.viewer.user, "role": "ADMIN" });
    kim.wallet("setWalletRole", "SetWalletRoleInput", role).await;
    lee.change_pin(&group, None, PIN).await;
    lee.pay_in(&group, 10_000).await;
    let to = park.open().await;
    let asked = kim.pay(&group, &to, 4_000).await;
    assert_eq!(
        (&asked["status"], &asked["approvalsRequired"]),
        (&json!("AWAITING_APPROVAL"), &json!(2))
    );
    let seen = "query ($id: ID!) { wallet(id: $id) { balance available
        awaitingApproval { nodes { id } } } }";
    let held = park.done(seen, json!({ "id": group })).await;
    let waiting = json!({ "nodes": [{ "id": asked["id"] }] });
    let expected = json!({ "balance": "10000", "available": "6000", "awaitingApproval": waiting });
    assert_eq!(held, expected);
    let (approve, decline) = (of_transfer_id("approveTransfer"), of_transfer_id("declineTransfer"));
    let id = json!({ "id": asked["id"] });
    assert_eq!(code(&kim.run(&approve, id.clone()).await), "ALREADY_APPROVED");
    assert_eq!(code(&park.run(&approve, id.clone()).await), "FORBIDDEN");
    assert_eq!(code(&choi.run(&approve, id.clone()).await), "NOT_FOUND");
    let done = lee.done(&approve, id.clone()).await["transfer"].take();
    assert_eq!(done["status"], "COMPLETED");
    assert_eq!(done["approvedBy"], json!([{ "username": "kim" }, { "username": "lee" }]));
    assert_eq!(code(&lee.run(&decline, id).await), "TRANSFER_SETTLED");
    let asked = lee.pay(&group, &to, 6_000).await;
    let declined = kim.done(&decline, json!({ "id": asked["id"] })).await["transfer"].take();
    assert_eq!(declined["status"], "DECLINED");
    assert_eq!(kim.balance(&group).await, "6000");
}

#[tokio::test]
async fn rules_of_a_wallet_are_changed_by_its_admins() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = person(&node, "kim").await;
    let channel = world.channel_of(kim.viewer, "모임").await;
    let group = kim.open_group(&channel, 1).await;
    let token = kim.authorize(&group).await;
    let limits = json!({ "walletId": group, "perTransfer": "3000", "perDay": 5000,
        "spendToken": token });
    let set = kim.wallet("setWalletLimits", "SetWalletLimitsInput", limits).await;
    let expected = json!({ "perTransfer": "3000", "perDay": "5000", "remainingToday": "5000" });
    assert_eq!(set["limits"], expected);
    let to = kim.open().await;
    kim.pay_in(&group, 100_000).await;
    let text = of_transfer("transfer", "TransferInput");
    let input = kim.paying(&group, &to, json!(3_001)).await;
    let refused = kim.run(&text, json!({ "input": input })).await;
    assert_eq!(code(&refused), "LIMIT_EXCEEDED");
    let told = &refused["errors"][0]["extensions"];
    assert_eq!((&told["limit"], &told["remaining"]), (&json!("3000"), &json!("5000")));
    let input = json!({ "walletId": group, "approvalsRequired": 3 });
    let set = kim.wallet("setApprovalsRequired", "SetApprovalsRequiredInput", input).await;
    assert_eq!(set["approvalsRequired"], 3);
    let input = json!({ "walletId": group, "approvalsRequired": 21 });
    let text = of_wallet("setApprovalsRequired", "SetApprovalsRequiredInput");
    let refused = kim.run(&text, json!({ "input": input })).await;
    assert_eq!(refused["errors"][0]["extensions"]["field"], "input.approvalsRequired");

    let authorize = "mutation ($id: ID!, $pin: String!) {
        authorizeSpending(walletId: $id, pin: $pin) { spendToken } }";
    let changed = kim.change_pin(&group, Some(PIN), "314159").await;
    assert!(changed["data"]["changePin"]["position"].is_string(), "{changed:#}");
    for left in (0..5).rev() {
        let refused = kim.run(authorize, json!({ "id": group, "pin": PIN })).await;
        assert_eq!(code(&refused), "WRONG_PIN");
        assert_eq!(refused["errors"][0]["extensions"]["triesLeft"], left);
    }
    let refused = kim.run(authorize, json!({ "id": group, "pin": "314159" })).await;
    assert_eq!(code(&refused), "PIN_LOCKED");
    assert!(refused["errors"][0]["extensions"]["until"].is_string());
}
