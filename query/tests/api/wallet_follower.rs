//! Somebody who follows wallets, or everything.

use command::bus::Viewer;
use events::WalletId;
use serde_json::{Value, json};

use crate::follower::Follower;
use crate::world::Node;

pub(crate) const FOLLOW: &str = "
    subscription ($wallet: ID!, $after: Position) {
        walletEvents(walletId: $wallet, after: $after) {
            __typename position walletId at
            ... on EntryPosted { entry { direction amount balanceAfter wallet { balance } } }
            ... on TransferChanged { transfer { status amount from { id } approvedBy { id } } }
            ... on WalletChanged { wallet { status members { totalCount } } }
        }
    }";

pub(crate) const INBOX: &str = "
    subscription ($after: Position) {
        inbox(after: $after) {
            position at
            channelEvent { __typename ... on MessageSent { message { text } } }
            walletEvent {
                __typename walletId
                ... on EntryPosted { entry { balanceAfter } }
                ... on TransferChanged { transfer { amount } }
            }
        }
    }";

pub(crate) async fn follow(
    node: &Node<'_>,
    viewer: Viewer,
    wallet: WalletId,
    after: Option<&str>,
) -> Follower {
    let variables = json!({ "wallet": wallet, "after": after });
    Follower(node.subscribe(Some(viewer), FOLLOW, variables).await.unwrap())
}

pub(crate) async fn follow_all(node: &Node<'_>, viewer: Viewer, after: Option<&str>) -> Follower {
    let variables = json!({ "after": after });
    Follower(node.subscribe(Some(viewer), INBOX, variables).await.unwrap())
}

pub(crate) async fn refused(
    node: &Node<'_>,
    viewer: Option<Viewer>,
    text: &str,
    variables: Value,
) -> String {
    let errors = node.subscribe(viewer, text, variables).await.unwrap_err();
    let errors = serde_json::to_value(errors).unwrap();
    errors[0]["extensions"]["code"].as_str().unwrap().to_owned()
}

/// An event in short: its type and what it tells first.
pub(crate) fn short(event: &Value) -> String {
    let kind = event["__typename"].as_str().unwrap();
    let told = [
        &event["entry"]["balanceAfter"],
        &event["transfer"]["amount"],
        &event["wallet"]["status"],
        &event["message"]["text"],
    ];
    let told = told.into_iter().find_map(Value::as_str).unwrap_or_default();
    format!("{kind} {told}").trim_end().to_owned()
}

pub(crate) async fn next(follower: &mut Follower) -> String {
    short(&follower.event().await)
}

pub(crate) async fn next_of_all(follower: &mut Follower) -> String {
    let event = follower.event().await;
    let one = [&event["channelEvent"], &event["walletEvent"]];
    short(one.into_iter().find(|it| !it.is_null()).unwrap())
}
