//! Channels and wallets in one stream, and what becomes of it when money stands still.

use query::Caller;
use serde_json::json;

use crate::follower::{Follower, Told, position};
use crate::purses::terms;
use crate::wallet_follower::{FOLLOW, INBOX, follow_all, next_of_all, refused, short};
use crate::world::{World, code};

#[tokio::test]
async fn an_inbox_tells_of_channels_and_wallets_in_one_order() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    world.join(lee, &channel).await;
    let group = world.wallet_of(kim.user, Some(&channel), 0).await;
    let purse = world.wallet_of(lee.user, None, 100).await;
    node.until(world.head().await).await;
    let before = world.here().await.to_string();
    let mut live = follow_all(&node, lee, None).await;

    world.send(kim, &channel, "before").await;
    world.pay_in(group, 5, 5).await;
    world.join_wallet(group, lee.user).await;
    world.send(kim, &channel, "between").await;
    // Both sides are the viewer's.
    let terms = terms(purse, group, 60, lee.user);
    world.debit(&terms, 40).await;
    world.send(lee, &channel, "on its way").await;
    world.credit(&terms, 65).await;
    world.leave_wallet(group, lee.user).await;
    world.pay_in(group, 5, 70).await;
    // A wallet that is opened while connected is followed, too.
    let new = world.wallet_of(lee.user, None, 7).await;
    world.send(kim, &channel, "end").await;

    let expected = [
        "MessageSent before",
        "WalletChanged",
        "MessageSent between",
        "EntryPosted 40",
        "TransferChanged 60",
        "MessageSent on its way",
        "EntryPosted 65",
        "TransferChanged 60",
        "TransferChanged 60",
        "WalletChanged",
        "WalletChanged",
        "EntryPosted 7",
        "MessageSent end",
    ];
    for expected in expected {
        assert_eq!(next_of_all(&mut live).await, expected, "live");
    }
    let other = world.node().await;
    let mut resumed = follow_all(&other, lee, Some(&before)).await;
    let mut places = Vec::new();
    for expected in expected {
        let event = resumed.event().await;
        let one = if event["channelEvent"].is_null() { "walletEvent" } else { "channelEvent" };
        assert_eq!(short(&event[one]), expected, "resumed");
        places.push(position(&event));
    }
    assert!(places.is_sorted(), "{places:?}");
    for (seen, place) in places.iter().enumerate() {
        let mut resumed = follow_all(&node, lee, Some(place)).await;
        for expected in &expected[seen + 1..] {
            assert_eq!(next_of_all(&mut resumed).await, *expected, "after {seen}");
        }
    }
    let of_new = node.data(lee, "{ wallets { nodes { id } } }", json!({})).await;
    assert_eq!(of_new["wallets"]["nodes"][1]["id"], json!(new));
}

#[tokio::test]
async fn an_inbox_and_money_wait_for_money_and_nothing_else_does() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let channel = world.channel_of(kim, "모임").await;
    let wallet = world.wallet_of(kim.user, None, 100).await;
    node.until(world.head().await).await;
    let mut inbox = follow_all(&node, kim, None).await;
    let mut of_channel = Follower::start(&node, kim, &channel, None).await;
    world.stop_projecting_money();
    world.send(kim, &channel, "hello").await;
    assert_eq!(of_channel.short().await, "MessageSent 1");
    inbox.nothing().await;
    let minimum = Some(world.here().await.to_string());
    let caller = Caller { viewer: Some(kim), min_position: minimum, ..Caller::default() };
    let channels = node.run_as(&caller, "{ channels { totalCount } }", json!({})).await;
    assert_eq!(channels["data"]["channels"]["totalCount"], 1, "{channels:#}");
    for text in ["{ wallets { totalCount } }", "{ me { receivingWallet { id } } }"] {
        let answer = node.run_as(&caller, text, json!({})).await;
        assert_eq!((code(&answer), answer.get("data")), ("NOT_YET", Some(&json!(null))), "{text}");
    }
    let without = node.data(kim, "{ wallets { nodes { id } } }", json!({})).await;
    assert_eq!(without["wallets"]["nodes"][0]["id"], json!(wallet));
}

#[tokio::test]
async fn money_that_stands_still_is_refused_and_all_else_goes_on() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let channel = world.channel_of(kim, "모임").await;
    let wallet = world.wallet_of(kim.user, None, 100).await;
    node.until(world.head().await).await;
    let mut inbox = follow_all(&node, kim, None).await;
    world.stop_money("an event that can't be read").await;
    assert_eq!(inbox.next().await, Told::Refused("UNAVAILABLE".into()));
    let of_wallet = json!({ "wallet": wallet });
    assert_eq!(refused(&node, Some(kim), FOLLOW, of_wallet).await, "UNAVAILABLE");
    assert_eq!(refused(&node, Some(kim), INBOX, json!({})).await, "UNAVAILABLE");
    let text = "query ($id: ID!) { me { username receivingWallet { id } }
        wallet(id: $id) { balance } channels { totalCount } }";
    let answer = node.run(Some(kim), text, json!({ "id": wallet })).await;
    assert_eq!((code(&answer), answer["errors"].as_array().unwrap().len()), ("UNAVAILABLE", 2));
    let me = json!({ "username": "kim", "receivingWallet": null });
    let seen = json!({ "me": me, "wallet": null, "channels": { "totalCount": 1 } });
    assert_eq!(answer["data"], seen);
    let answer = node.run(Some(kim), "{ wallets { totalCount } }", json!({})).await;
    assert_eq!(code(&answer), "UNAVAILABLE");
    let mut of_channel = Follower::start(&node, kim, &channel, None).await;
    world.send(kim, &channel, "hello").await;
    assert_eq!(of_channel.short().await, "MessageSent 1");

    world.mend_money().await;
    let mut inbox = loop {
        let variables = json!({ "after": null });
        match node.subscribe(Some(kim), INBOX, variables).await {
            Ok(subscription) => break Follower(subscription),
            Err(_) => tokio::task::yield_now().await,
        }
    };
    world.pay_in(wallet, 1, 101).await;
    assert_eq!(next_of_all(&mut inbox).await, "EntryPosted 101");
}
