//! Sockets that break the rules of graphql-transport-ws, or use them to the full.

use futures::future::join_all;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::neighbour::create_channel;
use crate::siege::Siege;
use crate::socket::Socket;

const AT_ONCE: usize = 15;
const SUBSCRIPTIONS: usize = 8_000;
/// The default of `MOIM_OPERATIONS_MAX`.
const OPERATIONS_MAX: usize = 5_000;

#[tokio::test(flavor = "multi_thread")]
async fn who_breaks_the_protocol_is_closed_with_its_code() {
    let mut siege = Siege::lay().await;
    let token = siege.attacker().await.token;
    let address = siege.address.clone();
    let texts = [
        ("a lone surrogate", "{\"type\":\"subscribe\",\"id\":\"\\ud800\",\"payload\":{}}", 4400),
        ("the legacy protocol's start", "{\"type\":\"start\",\"id\":\"1\"}", 4400),
        ("a second init", "{\"type\":\"connection_init\"}", 4429),
        ("an empty id", "{\"type\":\"complete\",\"id\":\"\"}", 4400),
        ("no JSON", "\u{0}", 4400),
    ];
    for (name, text, expected) in texts {
        let attack = join_all((0..AT_ONCE).map(|_| async {
            let mut socket = Socket::ready(&address, &token).await;
            socket.send(Message::text(text)).await;
            socket.closed().await
        }));
        for code in siege.endure(name, attack).await {
            assert_eq!(code, expected, "{name}");
        }
    }
    let nested = format!("{{\"type\":\"ping\",\"payload\":{}", "{\"a\":".repeat(10_000));
    let attack = async {
        let mut socket = Socket::ready(&address, &token).await;
        socket.send(Message::text(nested)).await;
        socket.closed().await
    };
    assert_eq!(siege.endure("nested JSON", attack).await, 4400);
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_that_are_never_initialised_close_4408() {
    let mut siege = Siege::lay().await;
    let address = siege.address.clone();
    let attack =
        join_all((0..500).map(|_| async { Socket::connect(&address).await.closed().await }));
    for code in siege.endure("no init", attack).await {
        assert_eq!(code, 4408);
    }
    let early = async {
        let mut socket = Socket::connect(&address).await;
        socket.subscribe("1", "{ me { id } }", json!({})).await;
        socket.closed().await
    };
    assert_eq!(siege.endure("an operation before init", early).await, 4401);
    // A client that insists on the legacy subprotocol does not get it.
    assert!(Socket::open(&address, "graphql-ws").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_so_many_sockets() {
    let mut siege = Siege::lay().await;
    let token = siege.attacker().await.token;
    let address = siege.address.clone();
    let attack = join_all((0..200).map(|_| async {
        let mut socket = Socket::connect(&address).await;
        socket.init(&token).await;
        let first = tokio_stream::StreamExt::next(&mut socket.0).await;
        let acknowledged = matches!(first, Some(Ok(Message::Text(_))));
        (acknowledged, if acknowledged { 0 } else { 4429 }, socket)
    }));
    let sockets = siege.endure("200 sockets of one user", attack).await;
    let acknowledged = sockets.iter().filter(|(acknowledged, ..)| *acknowledged).count();
    assert_eq!(acknowledged, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_operations_run_up_to_the_limit() {
    let mut siege = Siege::lay().await;
    let user = siege.attacker().await;
    let channel = create_channel(&user).await;
    let query = "subscription($id: ID!) { channelEvents(channelId: $id) { position } }";
    let mut socket = Socket::ready(&siege.address, &user.token).await;
    let attack = async {
        for at in 0..SUBSCRIPTIONS {
            socket.subscribe(&at.to_string(), query, json!({ "id": channel })).await;
        }
        let mut refused = 0;
        while refused < SUBSCRIPTIONS - OPERATIONS_MAX {
            let told = socket.hear().await;
            assert_eq!(told["type"], "error", "{told}");
            assert_eq!(told["payload"][0]["extensions"]["code"], "RATE_LIMITED", "{told}");
            refused += 1;
        }
        // Each of the others is told what happens.
        let send = "mutation($i: SendMessageInput!) { sendMessage(input: $i) { position } }";
        let input = json!({ "i": { "channelId": channel, "text": "to all of them" } });
        user.ask(send, input).await.unwrap();
        for _ in 0..OPERATIONS_MAX {
            let told: Value = socket.hear().await;
            assert_eq!(told["type"], "next", "{told}");
        }
    };
    siege.endure("8,000 subscriptions on a socket", attack).await;
}
