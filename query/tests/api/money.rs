//! Moving money by mutations.

use query::Caller;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::follower::Follower;
use crate::spender::{of_transfer, of_wallet, person};
use crate::world::{World, code};

#[tokio::test]
async fn amounts_that_are_none_are_told_by_their_own_code_and_field() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (person(&node, "kim").await, person(&node, "lee").await);
    let (from, to) = (kim.open().await, lee.open().await);
    kim.pay_in(&from, 1_000).await;
    let text = of_transfer("transfer", "TransferInput");
    let input = kim.paying(&from, &to, json!(1)).await;
    let pay = async |amount: Value| {
        let mut input = input.clone();
        input["commandId"] = json!(Uuid::now_v7());
        input["amount"] = amount;
        kim.run(&text, json!({ "input": input })).await
    };
    for (amount, expected) in [
        (json!("1.5"), "AMOUNT_MALFORMED"),
        (json!(1.5), "AMOUNT_MALFORMED"),
        (json!("won"), "AMOUNT_MALFORMED"),
        (json!(""), "AMOUNT_MALFORMED"),
        (json!("007"), "AMOUNT_MALFORMED"),
        (json!(true), "AMOUNT_MALFORMED"),
        (json!([1]), "AMOUNT_MALFORMED"),
        (json!({}), "AMOUNT_MALFORMED"),
        (json!(0), "AMOUNT_NOT_POSITIVE"),
        (json!("-1"), "AMOUNT_NOT_POSITIVE"),
        (json!("9223372036854775808"), "AMOUNT_TOO_LARGE"),
        (json!(18_446_744_073_709_551_615_u64), "AMOUNT_TOO_LARGE"),
    ] {
        let refused = pay(amount.clone()).await;
        assert_eq!(code(&refused), expected, "{amount}");
        assert_eq!(refused["errors"][0]["extensions"]["field"], "input.amount", "{amount}");
    }
    let literal = format!(
        "mutation {{ deposit(input: {{ walletId: \"{from}\", amount: 1.5, reference: \"A\" }}) {{
            position }} }}"
    );
    assert_eq!(code(&kim.run(&literal, json!({})).await), "AMOUNT_MALFORMED");
    let refused = pay(json!(1_001)).await;
    assert_eq!(code(&refused), "INSUFFICIENT_FUNDS");
    assert_eq!(refused["errors"][0]["extensions"]["available"], "1000");
}

#[tokio::test]
async fn a_transfer_is_told_by_both_sides_and_repeated_without_effect() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (person(&node, "kim").await, person(&node, "lee").await);
    let choi = person(&node, "choi").await;
    let (from, to) = (kim.open().await, lee.open().await);
    kim.pay_in(&from, 1_000).await;
    let mut input = kim.paying(&from, &to, json!("400")).await;
    let text = of_transfer("transfer", "TransferInput");
    let first = kim.done(&text, json!({ "input": input })).await;
    let transfer = &first["transfer"];
    for (field, value) in [
        ("id", &input["commandId"]),
        ("status", &json!("COMPLETED")),
        ("amount", &json!("400")),
        ("memo", &json!("3월")),
        ("origin", &json!("MANUAL")),
        ("approvalsRequired", &json!(1)),
        ("approvedBy", &json!([{ "username": "kim" }])),
    ] {
        assert_eq!(&transfer[field], value, "{field}");
    }
    input["spendToken"] = json!(kim.authorize(&from).await);
    assert_eq!(kim.done(&text, json!({ "input": input })).await, first, "with a fresh token");
    input["amount"] = json!("401");
    let refused = kim.run(&text, json!({ "input": input })).await;
    assert_eq!(code(&refused), "IDEMPOTENCY_CONFLICT");
    let balances = (kim.balance(&from).await, lee.balance(&to).await);
    assert_eq!(balances, (json!("600"), json!("400")));
    let same = kim.paying(&from, &from, json!(1)).await;
    assert_eq!(code(&kim.run(&text, json!({ "input": same })).await), "SAME_WALLET");
    let mut stolen = kim.paying(&from, &to, json!(1)).await;
    stolen["spendToken"] = json!(lee.authorize(&to).await);
    let refused = kim.run(&text, json!({ "input": stolen })).await;
    assert_eq!(code(&refused), "SPEND_TOKEN_INVALID");
    assert_eq!(code(&choi.run(&text, json!({ "input": stolen })).await), "NOT_FOUND");
    let nobody = node.run(None, &text, json!({ "input": stolen })).await;
    assert_eq!(code(&nobody), "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_transfer_is_paid_back_in_parts() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (person(&node, "kim").await, person(&node, "lee").await);
    let (from, to) = (kim.open().await, lee.open().await);
    kim.pay_in(&from, 1_000).await;
    let transfer = kim.pay(&from, &to, 400).await;
    let back = of_transfer("refundTransfer", "RefundTransferInput");
    let token = lee.authorize(&to).await;
    let part = json!({ "transferId": transfer["id"], "amount": "150", "spendToken": token });
    let refund = lee.done(&back, json!({ "input": part })).await["transfer"].take();
    assert_eq!((&refund["origin"], &refund["refundOf"]["id"]), (&json!("REFUND"), &transfer["id"]));
    let much = json!({ "transferId": transfer["id"], "amount": 300, "spendToken": token });
    let refused = lee.run(&back, json!({ "input": much })).await;
    assert_eq!(code(&refused), "REFUND_TOO_LARGE");
    assert_eq!(refused["errors"][0]["extensions"]["refundable"], "250");
    let rest = json!({ "transferId": transfer["id"], "spendToken": token });
    let refund = lee.done(&back, json!({ "input": rest })).await["transfer"].take();
    assert_eq!((&refund["amount"], &refund["status"]), (&json!("250"), &json!("COMPLETED")));
    let again = json!({ "transferId": refund["id"], "spendToken": token });
    let refused = kim.run(&back, json!({ "input": again })).await;
    assert!(["SPEND_TOKEN_INVALID", "TRANSFER_NOT_REFUNDABLE"].contains(&code(&refused)));
    let seen = "query ($id: ID!) { transfer(id: $id) { status refundedAmount } }";
    let seen = kim.done(seen, json!({ "id": transfer["id"] })).await;
    assert_eq!(seen, json!({ "status": "COMPLETED", "refundedAmount": "400" }));
    assert_eq!(kim.balance(&from).await, "1000");
}

#[tokio::test]
async fn money_that_was_moved_can_be_read_everywhere_from_its_position_on() {
    let world = World::new().await;
    let (node, other) = (world.node().await, world.node().await);
    let (kim, lee) = (person(&node, "kim").await, person(&node, "lee").await);
    let (from, to) = (kim.open().await, lee.open().await);
    kim.pay_in(&from, 1_000).await;
    let mut inbox = Follower(
        other
            .subscribe(
                Some(lee.viewer),
                "subscription { inbox { walletEvent {
                    ... on EntryPosted { position entry { amount } } } } }",
                json!({}),
            )
            .await
            .unwrap(),
    );
    for won in 1..=10 {
        let input = kim.paying(&from, &to, json!(won)).await;
        let text = of_transfer("transfer", "TransferInput");
        let paid = kim.done(&text, json!({ "input": input })).await;
        let minimum = paid["position"].as_str().map(str::to_owned);
        let caller =
            Caller { viewer: Some(lee.viewer), min_position: minimum, ..Caller::default() };
        let text = "query ($id: ID!) { wallet(id: $id) { entries(first: 1) {
            nodes { amount } } } }";
        let seen = other.run_as(&caller, text, json!({ "id": to })).await;
        let entry = &seen["data"]["wallet"]["entries"]["nodes"][0];
        assert_eq!(entry["amount"], won.to_string(), "{seen:#}");
        loop {
            let event = inbox.event().await["walletEvent"].take();
            if event.get("entry").is_some() {
                assert_eq!(event["entry"]["amount"], won.to_string());
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_command_on_money_that_can_not_be_read_yet_says_that_it_is_done() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = person(&node, "kim").await;
    let wallet = kim.open().await;
    world.stop_projecting_money();
    let deposit = of_wallet("deposit", "DepositInput");
    let input = json!({ "walletId": wallet, "amount": 1, "reference": "A-1" });
    let answer = kim.run(&deposit, json!({ "input": input })).await;
    assert_eq!(code(&answer), "NOT_YET");
    let told = &answer["errors"][0]["extensions"];
    assert_eq!((&told["committed"], &told["retryable"]), (&json!(true), &json!(true)));
    assert_eq!(told["position"], world.here().await.to_string());
}
