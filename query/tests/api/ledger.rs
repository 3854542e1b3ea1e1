//! Entries and transfers.

use events::Timestamp;
use events::wallet::{Origin, TransferApproved, TransferDeclined, TransferRefunded};
use events::wallet::{Terms, TransferBounced};
use serde_json::{Value, json};

use crate::purses::{amount, terms};
use crate::world::{World, code};

const ENTRIES: &str = "query ($id: ID!, $first: Int, $after: String) { wallet(id: $id) {
    entries(first: $first, after: $after) {
        nodes { id direction amount balanceAfter memo at by { username }
            wallet { id } counterparty { id balance } transfer { id status } }
        pageInfo { hasNextPage hasPreviousPage endCursor } } } }";

const TRANSFER: &str = "query ($id: ID!) { transfer(id: $id) {
    id amount memo status origin requestedAt settledAt expiresAt approvalsRequired
    from { id balance } to { id } requestedBy { username } approvedBy { username }
    refundOf { id } refundedAmount } }";

#[tokio::test]
async fn a_ledger_is_paged_newest_first_while_money_comes_in() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let wallet = world.wallet_of(kim.user, None, 0).await;
    for balance in 1..=20 {
        world.pay_in(wallet, 1, balance).await;
    }
    let (mut balances, mut after) = (Vec::new(), json!(null));
    for round in 1.. {
        node.until(world.head().await).await;
        let variables = json!({ "id": wallet, "first": 7, "after": after });
        let mut data = node.data(kim, ENTRIES, variables).await;
        let page = data["wallet"]["entries"].take();
        assert_eq!(page["pageInfo"]["hasPreviousPage"], round > 1);
        let nodes = page["nodes"].as_array().unwrap().iter();
        balances.extend(nodes.map(|node| node["balanceAfter"].as_str().unwrap().to_owned()));
        world.pay_in(wallet, 1, 20 + round).await;
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    let expected: Vec<_> = (1..=20).rev().map(|balance: i32| balance.to_string()).collect();
    assert_eq!(balances, expected);
    for first in [0, 101, -1] {
        let answer = node.run(Some(kim), ENTRIES, json!({ "id": wallet, "first": first })).await;
        assert_eq!(code(&answer), "INVALID_INPUT");
        assert_eq!(answer["errors"][0]["extensions"]["field"], "first");
        assert_eq!(answer["data"]["wallet"]["entries"], json!(null));
    }
}

#[tokio::test]
async fn a_balance_is_told_as_it_was() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let wallet = world.wallet_of(kim.user, None, 0).await;
    let start = Timestamp::now().as_micros();
    let at = |second: i64| Timestamp::from_micros(start + second * 1_000_000);
    for (second, balance_after) in [(1, 100), (2, 200), (2, 300)] {
        let (amount, balance_after) = (amount(100), amount(balance_after));
        let reference = "입금".into();
        let by = None;
        let event = events::wallet::Deposited { amount, balance_after, reference, by };
        world.tell_at(wallet, at(second), event).await;
    }
    node.until(world.head().await).await;
    let text = "query ($id: ID!, $at: DateTime) { wallet(id: $id) { balance(asOf: $at) } }";
    let long_after = Timestamp::from_micros(start + 1_000_000_000_000);
    let just_before = Timestamp::from_micros(at(2).as_micros() - 1);
    for (instant, balance) in [
        (Some(at(0)), "0"),
        (Some(at(1)), "100"),
        (Some(just_before), "100"),
        (Some(at(2)), "300"),
        (Some(long_after), "300"),
        (None, "300"),
    ] {
        let instant = instant.map(|it| it.to_string());
        let data = node.data(kim, text, json!({ "id": wallet, "at": instant })).await;
        assert_eq!(data["wallet"]["balance"], balance, "{instant:?}");
    }
}

#[tokio::test]
async fn both_sides_see_a_transfer_and_each_its_own_ledger() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let choi = world.sign_up("choi").await;
    let (from, to) =
        (world.wallet_of(kim.user, None, 900).await, world.wallet_of(lee.user, None, 0).await);
    let terms = terms(from, to, 400, kim.user);
    world.debit(&terms, 500).await;
    node.until(world.head().await).await;
    let debited = node.data(kim, TRANSFER, json!({ "id": terms.transfer })).await;
    assert_eq!(debited["transfer"]["status"], "DEBITED");
    assert_eq!(debited["transfer"]["settledAt"], json!(null));
    world.credit(&terms, 400).await;
    node.until(world.head().await).await;

    let answer = node.run(Some(lee), TRANSFER, json!({ "id": terms.transfer })).await;
    let seen = &answer["data"]["transfer"];
    assert_eq!((code(&answer), &seen["from"]["balance"]), ("FORBIDDEN", &json!(null)));
    for (field, value) in [
        ("id", json!(terms.transfer)),
        ("amount", json!("400")),
        ("memo", json!("3월")),
        ("status", json!("COMPLETED")),
        ("origin", json!("MANUAL")),
        ("approvalsRequired", json!(1)),
        ("expiresAt", json!(null)),
        ("requestedBy", json!({ "username": "kim" })),
        ("approvedBy", json!([{ "username": "kim" }])),
        ("refundOf", json!(null)),
        ("refundedAmount", json!("0")),
    ] {
        assert_eq!(seen[field], value, "{field}");
    }
    assert!(seen["settledAt"].is_string());
    let unseen = node.run(Some(choi), TRANSFER, json!({ "id": terms.transfer })).await;
    assert_eq!(unseen, json!({ "data": { "transfer": null } }));

    let answer = node.run(Some(lee), ENTRIES, json!({ "id": to })).await;
    let entry = &answer["data"]["wallet"]["entries"]["nodes"][0];
    assert_eq!((&entry["direction"], &entry["amount"]), (&json!("CREDIT"), &json!("400")));
    assert_eq!(entry["counterparty"], json!({ "id": from, "balance": null }));
    assert_eq!(entry["transfer"], json!({ "id": terms.transfer, "status": "COMPLETED" }));
    assert_eq!((&entry["by"]["username"], &entry["wallet"]["id"]), (&json!("kim"), &json!(to)));

    let node_text = "query ($id: ID!) { node(id: $id) { __typename id } }";
    for (viewer, id, seen) in [
        (lee, entry["id"].clone(), Some("Entry")),
        (kim, entry["id"].clone(), None),
        (lee, json!(to), Some("Wallet")),
        (lee, json!(from), None),
        (kim, json!(terms.transfer), Some("Transfer")),
        (choi, json!(terms.transfer), None),
    ] {
        let found = node.data(viewer, node_text, json!({ "id": id })).await["node"].take();
        assert_eq!(found["__typename"], json!(seen), "{id}");
    }
}

#[tokio::test]
async fn transfers_that_wait_are_listed_until_they_wait_no_more() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    let from = world.wallet_of(kim.user, Some(&channel), 1_000).await;
    let to = world.wallet_of(lee.user, None, 0).await;
    let [a, b, c] = [100, 200, 300].map(|won| terms(from, to, won, kim.user));
    for terms in [&a, &b, &c] {
        world.request(terms).await;
    }
    let text = "query ($id: ID!) { wallet(id: $id) { balance available
        awaitingApproval { nodes { id status expiresAt } } } }";
    let waiting = async || {
        node.until(world.head().await).await;
        let wallet = node.data(kim, text, json!({ "id": from })).await["wallet"].take();
        let nodes = wallet["awaitingApproval"]["nodes"].as_array().unwrap().clone();
        let ids: Vec<Value> = nodes.into_iter().map(|mut node| node["id"].take()).collect();
        (ids, wallet["available"].as_str().unwrap().to_owned())
    };
    let of = |all: &[&Terms]| all.iter().map(|it| json!(it.transfer)).collect::<Vec<_>>();
    assert_eq!(waiting().await, (of(&[&a, &b, &c]), "400".to_owned()));
    let declined = TransferDeclined {
        transfer: b.transfer,
        by: Some(lee.user),
        origin: Origin::Manual,
        channel: None,
    };
    world.tell(from, declined).await;
    assert_eq!(waiting().await, (of(&[&a, &c]), "600".to_owned()));
    world.tell(from, TransferApproved { transfer: a.transfer, by: lee.user }).await;
    world.debit(&a, 900).await;
    world.credit(&a, 100).await;
    assert_eq!(waiting().await, (of(&[&c]), "600".to_owned()));
    let done = node.data(kim, TRANSFER, json!({ "id": a.transfer })).await["transfer"].take();
    assert_eq!((&done["status"], &done["approvalsRequired"]), (&json!("COMPLETED"), &json!(2)));
    assert_eq!(done["approvedBy"], json!([{ "username": "kim" }, { "username": "lee" }]));
    assert!(done["expiresAt"].is_string());
    let no = node.data(kim, TRANSFER, json!({ "id": b.transfer })).await["transfer"].take();
    assert_eq!(no["status"], "DECLINED");
}

#[tokio::test]
async fn what_is_paid_back_is_told_by_the_refund_and_by_what_it_pays_back() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let (from, to) =
        (world.wallet_of(kim.user, None, 900).await, world.wallet_of(lee.user, None, 0).await);
    let paid = terms(from, to, 400, kim.user);
    world.debit(&paid, 500).await;
    world.credit(&paid, 400).await;
    let origin = Origin::Refund { of: paid.transfer, dues: None };
    let refund = Terms { origin, ..terms(to, from, 150, lee.user) };
    world.debit(&refund, 250).await;
    world.credit(&refund, 650).await;
    // One that bounced is none.
    let bounced = Terms { origin, ..terms(to, from, 50, lee.user) };
    world.debit(&bounced, 200).await;
    let reason = events::wallet::BounceReason::Closed;
    world.tell(from, TransferBounced { terms: bounced.clone(), reason }).await;
    let returned =
        TransferRefunded { terms: bounced.clone(), balance_after: amount(250), channel: None };
    world.tell(to, returned).await;
    node.until(world.head().await).await;
    let text = "query ($id: ID!) { transfer(id: $id) {
        status origin refundedAmount refundOf { id } } }";
    for (id, seen) in [
        (
            paid.transfer,
            json!({ "status": "COMPLETED", "origin": "MANUAL", "refundedAmount": "150",
                "refundOf": null }),
        ),
        (
            refund.transfer,
            json!({ "status": "COMPLETED", "origin": "REFUND", "refundedAmount": "0",
                "refundOf": { "id": paid.transfer } }),
        ),
        (
            bounced.transfer,
            json!({ "status": "REFUNDED", "origin": "REFUND", "refundedAmount": "0",
                "refundOf": { "id": paid.transfer } }),
        ),
    ] {
        let found = node.data(kim, text, json!({ "id": id })).await;
        assert_eq!(found["transfer"], seen);
    }
}
