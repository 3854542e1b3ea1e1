//! Wallets as members see them, and as others do.

use command::bus::Viewer;
use events::wallet::{WalletClosed, WalletFrozen, WalletLimitsChanged, WalletRole};
use events::wallet::{WalletRoleChanged, Withdrawn};
use events::{Timestamp, WalletId};
use serde_json::{Value, json};

use crate::purses::amount;
use crate::world::{Node, World, code};

const WALLET: &str = "query ($id: ID!) { wallet(id: $id) {
    id kind name description currency status viewerRole owner { username } channel { name }
    balance available approvalsRequired limits { perTransfer perDay remainingToday }
    members { totalCount nodes { role user { username } } }
    entries { nodes { id } } awaitingApproval { nodes { id } } } }";

const OF_MEMBERS: [&str; 7] = [
    "approvalsRequired",
    "available",
    "awaitingApproval",
    "balance",
    "entries",
    "limits",
    "members",
];

async fn see(node: &Node<'_>, viewer: Viewer, wallet: WalletId) -> Value {
    node.run(Some(viewer), WALLET, json!({ "id": wallet })).await
}

#[tokio::test]
async fn members_see_all_of_a_wallet_its_channel_the_outside_and_strangers_nothing() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let (park, choi) = (world.sign_up("park").await, world.sign_up("choi").await);
    let channel = world.channel_of(kim, "모임").await;
    for user in [lee, park] {
        world.join(user, &channel).await;
    }
    let wallet = world.wallet_of(kim.user, Some(&channel), 5_000).await;
    world.join_wallet(wallet, lee.user).await;
    node.until(world.head().await).await;

    let outside = json!({
        "id": wallet, "kind": "GROUP", "name": "회비", "description": "동네", "currency": "KRW",
        "status": "OPEN", "owner": { "username": "kim" }, "channel": { "name": "모임" },
    });
    for (viewer, role) in [(kim, "ADMIN"), (lee, "MEMBER")] {
        let seen = see(&node, viewer, wallet).await;
        assert!(seen.get("errors").is_none(), "{seen:#}");
        let mut seen = seen["data"]["wallet"].clone();
        assert_eq!(seen["members"]["totalCount"], 2);
        assert_eq!(seen["members"]["nodes"][1]["user"]["username"], "lee");
        assert_eq!((&seen["balance"], &seen["available"]), (&json!("5000"), &json!("5000")));
        assert_eq!((&seen["approvalsRequired"], &seen["viewerRole"]), (&json!(2), &json!(role)));
        assert_eq!(seen["limits"]["perTransfer"], "100000000", "the server's");
        assert_eq!(seen["limits"]["remainingToday"], "1000000000");
        seen.as_object_mut().unwrap().retain(|key, _| outside.get(key).is_some());
        assert_eq!(seen, outside);
    }

    let answer = see(&node, park, wallet).await;
    let seen = answer["data"]["wallet"].as_object().unwrap();
    assert!(outside.as_object().unwrap().iter().all(|(key, value)| seen[key] == *value));
    assert_eq!(seen["viewerRole"], json!(null));
    let mut paths = Vec::new();
    for error in answer["errors"].as_array().unwrap() {
        assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{error:#}");
        assert_eq!(error["path"][0], "wallet");
        paths.push(error["path"][1].as_str().unwrap());
    }
    paths.sort_unstable();
    assert_eq!(paths, OF_MEMBERS);
    assert!(OF_MEMBERS.iter().all(|field| seen[*field].is_null()));

    assert_eq!(see(&node, choi, wallet).await, json!({ "data": { "wallet": null } }));
    let nothing = json!({ "data": { "wallet": null } });
    assert_eq!(see(&node, choi, WalletId::generate()).await, nothing);
    let answer = node.run(Some(choi), WALLET, json!({ "id": "no id" })).await;
    assert_eq!(answer, nothing);
    assert_eq!(code(&node.run(None, WALLET, json!({ "id": wallet })).await), "UNAUTHENTICATED");

    // Who leaves the wallet still is in the channel.
    world.leave_wallet(wallet, lee.user).await;
    node.until(world.head().await).await;
    let answer = see(&node, lee, wallet).await;
    assert_eq!((code(&answer), &answer["data"]["wallet"]["name"]), ("FORBIDDEN", &json!("회비")));
}

#[tokio::test]
async fn a_wallet_says_what_became_of_it() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let wallet = world.wallet_of(kim.user, None, 1_000).await;
    let text = "query ($id: ID!) { wallet(id: $id) { status viewerRole balance
        limits { perTransfer perDay remainingToday } members { nodes { role } } } }";
    let seen = async || {
        node.until(world.head().await).await;
        node.data(kim, text, json!({ "id": wallet })).await["wallet"].take()
    };
    world.tell(wallet, WalletFrozen { reason: "asked by the police".into() }).await;
    assert_eq!(seen().await["status"], "FROZEN");
    let (per_transfer, per_day) = (amount(300), amount(500));
    world.tell(wallet, WalletLimitsChanged { per_transfer, per_day, by: kim.user }).await;
    let limits = json!({ "perTransfer": "300", "perDay": "500", "remainingToday": "500" });
    assert_eq!(seen().await["limits"], limits);
    let zone = jiff::tz::TimeZone::get("Asia/Seoul").unwrap();
    let withdrawn = Withdrawn {
        amount: amount(1_000),
        balance_after: amount(0),
        reference: "출금".into(),
        by: kim.user,
        day: events::money::Day::at(Timestamp::now(), &zone),
    };
    world.tell(wallet, withdrawn).await;
    let left = seen().await;
    assert_eq!(left["limits"]["remainingToday"], "0", "lowered below what was spent");
    assert_eq!(left["balance"], "0");
    world.join_wallet(wallet, lee.user).await;
    let role = WalletRoleChanged { user: lee.user, role: WalletRole::Admin, by: Some(kim.user) };
    world.tell(wallet, role).await;
    world.tell(wallet, WalletClosed { by: Some(kim.user) }).await;
    let closed = seen().await;
    assert_eq!((&closed["status"], &closed["viewerRole"]), (&json!("CLOSED"), &json!("ADMIN")));
    assert_eq!(closed["members"]["nodes"][1]["role"], "ADMIN");
}

#[tokio::test]
async fn lists_of_wallets_are_paged_while_others_come() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    let mut opened = Vec::new();
    for _ in 0..7 {
        opened.push(world.wallet_of(kim.user, Some(&channel), 0).await.to_string());
    }
    let own = "query ($after: String) { wallets(first: 3, after: $after) {
        totalCount nodes { id } pageInfo { hasNextPage endCursor } } }";
    let of_channel = "query ($after: String, $id: ID!) { channel(id: $id) {
        wallets(first: 3, after: $after) {
            totalCount nodes { id } pageInfo { hasNextPage endCursor } } } }";
    for text in [own, of_channel] {
        let (mut ids, mut after) = (Vec::new(), json!(null));
        loop {
            node.until(world.head().await).await;
            let mut data = node.data(kim, text, json!({ "after": after, "id": channel })).await;
            let found = data.get("wallets").is_some();
            let page =
                if found { data["wallets"].take() } else { data["channel"]["wallets"].take() };
            assert_eq!(page["totalCount"], opened.len());
            let nodes = page["nodes"].as_array().unwrap();
            ids.extend(nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()));
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
            if opened.len() < 10 {
                opened.push(world.wallet_of(kim.user, Some(&channel), 0).await.to_string());
            }
        }
        assert_eq!(ids, opened);
    }
    let answer = node.run(Some(lee), of_channel, json!({ "id": channel })).await;
    assert_eq!(code(&answer), "FORBIDDEN");
    let mine = node.data(lee, own, json!({})).await;
    assert_eq!(
        (&mine["wallets"]["totalCount"], &mine["wallets"]["nodes"]),
        (&json!(0), &json!([]))
    );
    let of_other = node.data(kim, own, json!({})).await["wallets"]["pageInfo"]["endCursor"].take();
    for (text, after) in [(of_channel, of_other.clone()), (own, json!("nonsense"))] {
        let answer = node.run(Some(kim), text, json!({ "id": channel, "after": after })).await;
        assert_eq!(code(&answer), "INVALID_CURSOR");
    }
    assert_eq!(
        code(&node.run(Some(lee), own, json!({ "after": of_other })).await),
        "INVALID_CURSOR"
    );
}

#[tokio::test]
async fn money_for_somebody_goes_to_the_open_personal_wallet_in_that_currency() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let wallet = world.wallet_of(kim.user, None, 700).await;
    let text = "query ($id: ID!) { node(id: $id) { ... on User {
        receivingWallet { id kind name balance }
        dollars: receivingWallet(currency: \"USD\") { id }
        nothing: receivingWallet(currency: \"nothing\") { id } } } }";
    node.until(world.head().await).await;
    let answer = node.run(Some(lee), text, json!({ "id": kim.user })).await;
    let found = json!({ "id": wallet, "kind": "PERSONAL", "name": "회비", "balance": null });
    let seen = json!({ "receivingWallet": found, "dollars": null, "nothing": null });
    assert_eq!(answer["data"]["node"], seen);
    assert_eq!(code(&answer), "FORBIDDEN");
    assert_eq!(answer["errors"][0]["path"], json!(["node", "receivingWallet", "balance"]));
    let own = node.data(kim, text, json!({ "id": kim.user })).await;
    assert_eq!(own["node"]["receivingWallet"]["balance"], "700");
    world.tell(wallet, WalletClosed { by: Some(kim.user) }).await;
    node.until(world.head().await).await;
    let gone = node.data(lee, text, json!({ "id": kim.user })).await;
    assert_eq!(gone["node"]["receivingWallet"], json!(null));
}
