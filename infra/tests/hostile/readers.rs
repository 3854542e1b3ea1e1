//! Readers who never read.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::client::{User, insist};
use crate::neighbour::create_channel;
use crate::raw::{Raw, head};
use crate::siege::{CUT_OFF_WITHIN, Siege, until_counted};
use crate::socket::Socket;

const MESSAGES: usize = 100;
const SOCKETS: usize = 8;
const PAGE: &str =
    "query($id: ID!) { channel(id: $id) { messages(last: 100) { nodes { text } } } }";
const EVENTS: &str = "subscription($id: ID!, $after: Position) {
    channelEvents(channelId: $id, after: $after) { ... on MessageSent { message { text } } } }";
const SEND: &str = "mutation($i: SendMessageInput!) { sendMessage(input: $i) { position } }";

/// A channel with long messages.
async fn long_reads(user: &User) -> String {
    let channel = create_channel(user).await;
    for _ in 0..MESSAGES {
        // A server without optimisation has its work with pages of longer ones.
        say_much(user, &channel, 2_000).await;
    }
    channel
}

async fn say_much(user: &User, channel: &str, chars: usize) {
    let text = "長".repeat(chars);
    let input = json!({ "commandId": Uuid::now_v7(), "channelId": channel, "text": text });
    insist(|| user.ask(SEND, json!({ "i": input }))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_reads_are_given_up() {
    let mut siege = Siege::lay().await;
    let user = siege.attacker().await;
    let channel = long_reads(&user).await;
    let address = siege.address.clone();
    let body = json!({ "query": PAGE, "variables": { "id": channel } }).to_string();
    let attack = join_all((0..200).map(|_| async {
        let mut raw = Raw::narrow(&address).await;
        let request = head(body.len(), &user.token) + &body;
        raw.send(request.as_bytes()).await;
        sleep(CUT_OFF_WITHIN).await;
        // What was sent before is there; then it ends before its time, or it was refused.
        let mut answer = Vec::new();
        let ended = timeout(CUT_OFF_WITHIN, raw.0.read_to_end(&mut answer)).await;
        (ended.is_ok(), String::from_utf8_lossy(&answer).contains(" 503 "))
    }));
    let ended = siege.endure("answers that nobody reads", attack).await;
    let refused = ended.iter().filter(|(_, refused)| *refused).count();
    println!("{refused} of {} were refused", ended.len());
    assert!(ended.iter().all(|(ended, _)| *ended));
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_that_nobody_reads_are_closed() {
    let mut siege = Siege::lay().await;
    let user = siege.attacker().await;
    let channel = long_reads(&user).await;
    let (address, operations) = (siege.address.clone(), siege.operations());
    let attack = async {
        let opened = (0..SOCKETS).map(|_| async {
            let mut socket = Socket::narrow(&address, &user.token).await;
            for at in 0..200 {
                let id = at.to_string();
                let asking = socket.subscribe(&id, PAGE, json!({ "id": channel }));
                if timeout(Duration::from_secs(2), asking).await.is_err() {
                    break;
                }
            }
            socket
        });
        let sockets = join_all(opened).await;
        until_counted(&operations, "moim_ws_closed_total{code=\"4510\"}", SOCKETS).await;
        sockets
    };
    let sockets = siege.endure("pages over sockets that nobody reads", attack).await;
    assert_eq!(sockets.len(), SOCKETS);
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_who_never_read_are_cut_off() {
    let mut siege = Siege::lay().await;
    let user = siege.attacker().await;
    let channel = create_channel(&user).await;
    let (address, operations) = (siege.address.clone(), siege.operations());
    let variables: Value = json!({ "id": channel });
    let body = json!({ "query": EVENTS, "variables": variables }).to_string();
    let head = head(body.len(), &user.token).replace("/graphql ", "/graphql/stream ");
    let request = head.replace("application/graphql-response+json", "text/event-stream") + &body;
    let attack = async {
        let (mut sockets, mut streams) = (Vec::new(), Vec::new());
        for _ in 0..SOCKETS {
            let mut socket = Socket::narrow(&address, &user.token).await;
            for id in 0..10 {
                socket.subscribe(&id.to_string(), EVENTS, variables.clone()).await;
            }
            sockets.push(socket);
            let mut raw = Raw::narrow(&address).await;
            raw.send(request.as_bytes()).await;
            streams.push(raw);
        }
        sleep(Duration::from_millis(500)).await;
        for _ in 0..400 {
            say_much(&user, &channel, 8_000).await;
        }
        until_counted(&operations, "moim_ws_closed_total{code=\"4510\"}", SOCKETS).await;
        until_counted(&operations, "moim_sse_ended_total{reason=\"slow\"}", SOCKETS).await;
        (sockets, streams)
    };
    let (sockets, streams) = siege.endure("subscribers who never read", attack).await;
    drop(sockets);
    for mut raw in streams {
        // The body does not end as it should.
        let mut told = Vec::new();
        let ended = timeout(CUT_OFF_WITHIN, raw.0.read_to_end(&mut told)).await;
        assert!(ended.is_ok(), "a stream goes on");
        assert!(told.starts_with(b"HTTP/1.1 200") && !told.ends_with(b"0\r\n\r\n"));
    }
}
