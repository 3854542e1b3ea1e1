//! Who follows wallets.

use events::WalletId;
use events::wallet::WalletFrozen;
use query::Pushed;
use serde_json::{Value, json};

use crate::follower::{Follower, Told, position};
use crate::purses::terms;
use crate::wallet_follower::{FOLLOW, follow, next, refused, short};
use crate::world::World;

#[tokio::test]
async fn both_sides_are_told_of_a_transfer_live_and_again_after_any_place() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let (from, to) =
        (world.wallet_of(kim.user, None, 900).await, world.wallet_of(lee.user, None, 0).await);
    node.until(world.head().await).await;
    let before = world.here().await.to_string();
    let mut giver = follow(&node, kim, from, None).await;
    let mut taker = follow(&node, lee, to, None).await;

    let terms = terms(from, to, 400, kim.user);
    world.request(&terms).await;
    world.debit(&terms, 500).await;
    world.credit(&terms, 400).await;
    world.tell(from, WalletFrozen { reason: "asked by the police".into() }).await;

    let to_giver = [
        "TransferChanged 400",
        "EntryPosted 500",
        "TransferChanged 400",
        "TransferChanged 400",
        "WalletChanged FROZEN",
    ];
    let mut places = Vec::new();
    for expected in to_giver {
        let event = giver.event().await;
        assert_eq!((short(&event).as_str(), &event["walletId"]), (expected, &json!(from)));
        places.push(position(&event));
    }
    assert_eq!(next(&mut taker).await, "EntryPosted 400");
    let changed = taker.event().await;
    assert_eq!(changed["transfer"]["status"], "COMPLETED");
    assert_eq!(changed["transfer"]["from"]["id"], json!(from));
    giver.nothing().await;
    taker.nothing().await;

    // Another node has told nothing of it yet.
    let other = world.node().await;
    let mut resumed = follow(&other, kim, from, Some(&before)).await;
    for expected in to_giver {
        assert_eq!(next(&mut resumed).await, expected);
    }
    for (seen, place) in places.iter().enumerate() {
        let mut resumed = follow(&other, kim, from, Some(place)).await;
        for expected in &to_giver[seen + 1..] {
            assert_eq!(next(&mut resumed).await, *expected, "after {seen}");
        }
        resumed.nothing().await;
    }
    // After an event a query finds what it told.
    let text = "query ($id: ID!) { transfer(id: $id) { status } }";
    let found = other.data(lee, text, json!({ "id": terms.transfer })).await;
    assert_eq!(found["transfer"]["status"], "COMPLETED");
}

#[tokio::test]
async fn only_members_may_follow_a_wallet_and_who_leaves_is_told_so() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let (park, choi) = (world.sign_up("park").await, world.sign_up("choi").await);
    let channel = world.channel_of(kim, "모임").await;
    world.join(lee, &channel).await;
    world.join(park, &channel).await;
    let wallet = world.wallet_of(kim.user, Some(&channel), 0).await;
    world.join_wallet(wallet, lee.user).await;
    node.until(world.head().await).await;
    let here = world.here().await.to_string();

    let at = |wallet: Value, after: Value| json!({ "wallet": wallet, "after": after });
    let mine = at(json!(wallet), json!(null));
    assert_eq!(refused(&node, None, FOLLOW, mine.clone()).await, "UNAUTHENTICATED");
    assert_eq!(refused(&node, Some(park), FOLLOW, mine.clone()).await, "FORBIDDEN");
    assert_eq!(refused(&node, Some(choi), FOLLOW, mine.clone()).await, "NOT_FOUND");
    let unknown = at(json!(WalletId::generate()), json!(null));
    assert_eq!(refused(&node, Some(kim), FOLLOW, unknown).await, "NOT_FOUND");
    assert_eq!(refused(&node, Some(kim), FOLLOW, at(json!("x"), json!(null))).await, "NOT_FOUND");
    let nonsense = at(json!(wallet), json!("nonsense"));
    assert_eq!(refused(&node, Some(kim), FOLLOW, nonsense).await, "INVALID_CURSOR");

    let mut leaver = follow(&node, lee, wallet, None).await;
    let mut stayer = follow(&node, kim, wallet, None).await;
    world.pay_in(wallet, 100, 100).await;
    world.leave_wallet(wallet, lee.user).await;
    world.pay_in(wallet, 100, 200).await;
    assert_eq!(next(&mut leaver).await, "EntryPosted 100");
    assert_eq!(next(&mut leaver).await, "WalletChanged OPEN");
    assert_eq!(leaver.next().await, Told::Refused("FORBIDDEN".into()));
    for expected in ["EntryPosted 100", "WalletChanged OPEN", "EntryPosted 200"] {
        assert_eq!(next(&mut stayer).await, expected);
    }
    node.until(world.head().await).await;
    let resumed = at(json!(wallet), json!(here));
    assert_eq!(refused(&node, Some(lee), FOLLOW, resumed.clone()).await, "FORBIDDEN");

    // An earlier stay's end is no end of this one.
    world.join_wallet(wallet, lee.user).await;
    node.until(world.head().await).await;
    let mut back = follow(&node, lee, wallet, Some(&here)).await;
    let told = ["EntryPosted 100", "WalletChanged OPEN", "EntryPosted 200", "WalletChanged OPEN"];
    for expected in told {
        assert_eq!(next(&mut back).await, expected);
    }
    back.nothing().await;
}

#[tokio::test]
async fn members_who_ask_for_the_same_share_one_execution_and_see_no_more_than_they_may() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    world.join(lee, &channel).await;
    let wallet = world.wallet_of(kim.user, Some(&channel), 0).await;
    world.join_wallet(wallet, lee.user).await;
    let purse = world.wallet_of(lee.user, None, 100).await;
    node.until(world.head().await).await;
    let (mut a, mut b) =
        (follow(&node, kim, wallet, None).await, follow(&node, lee, wallet, None).await);
    let text = "subscription ($wallet: ID!) { walletEvents(walletId: $wallet) {
        ... on EntryPosted { entry { counterparty { balance } } } } }";
    let mut of_other_side = Vec::new();
    for viewer in [kim, lee] {
        let variables = json!({ "wallet": wallet });
        let subscription = node.subscribe(Some(viewer), text, variables).await.unwrap();
        of_other_side.push(Follower(subscription));
    }
    let terms = terms(purse, wallet, 60, lee.user);
    world.debit(&terms, 40).await;
    world.credit(&terms, 60).await;
    let (Pushed::Next(first), Pushed::Next(second)) = (a.raw().await, b.raw().await) else {
        panic!("nobody left");
    };
    assert_eq!(first.as_ptr(), second.as_ptr());
    for (follower, balance) in of_other_side.iter_mut().zip([json!(null), json!("40")]) {
        let Pushed::Next(bytes) = follower.raw().await else { panic!("nobody left") };
        let result: Value = serde_json::from_slice(&bytes).unwrap();
        let entry = &result["data"]["walletEvents"]["entry"];
        assert_eq!(entry["counterparty"]["balance"], balance);
    }
}
