//! How long sockets live, and how many there may be.

use std::sync::atomic::Ordering;
use std::time::Duration;

use query::transport::{Config, SocketLimits};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::client::{Client, Said};
use crate::server::Server;
use crate::socket::wait_for_listeners;

fn sockets(socket: SocketLimits) -> Config {
    Config { socket, ..Config::default() }
}

#[tokio::test]
async fn a_socket_that_is_not_initialised_in_time_closes_4408() {
    let init_within = Duration::from_millis(200);
    let config = sockets(SocketLimits { init_within, ..SocketLimits::default() });
    let server = Server::with(config).await;
    let mut client = Client::connect(&server).await;
    let reason = "Connection initialisation timeout";
    assert_eq!(client.hear().await, Said::Closed(4408, reason.into()));
    let mut client = Client::ready(&server, "").await;
    sleep(init_within * 2).await;
    client.subscribe("1", "{ echo(text: \"still here\") }").await;
    assert_eq!(client.hear_message().await["type"], "next");
}

#[tokio::test]
async fn an_ended_session_and_an_expired_token_close_4403() {
    let server = Server::start().await;
    let mut client = Client::ready(&server, "user-7").await;
    let mut other = Client::ready(&server, "user-8").await;
    server.end_session(7);
    assert_eq!(client.closed().await, 4403);
    other.subscribe("1", "{ echo(text: \"still here\") }").await;
    assert_eq!(other.hear_message().await["type"], "next");
    let mut brief = Client::ready(&server, "brief-9").await;
    let since = Instant::now();
    assert_eq!(brief.closed().await, 4403);
    assert!(since.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_listener_that_answers_pings_stays_and_a_dead_one_goes() {
    let config = sockets(SocketLimits {
        ping_after: Duration::from_millis(100),
        silence_max: Duration::from_millis(500),
        ..SocketLimits::default()
    });
    let server = Server::with(config).await;
    let mut healthy = Client::ready(&server, "").await;
    healthy.subscribe("s", "subscription { live(channel: \"a\") }").await;
    let dead = Client::ready(&server, "").await;
    let mut dead_subscribed = dead;
    dead_subscribed.subscribe("s", "subscription { live(channel: \"dead\") }").await;
    wait_for_listeners(&server, "dead", 1).await;
    // Reading answers pings; the other one does not read at all.
    let world = server.world.clone();
    let telling = tokio::spawn(async move {
        sleep(Duration::from_millis(1_500)).await;
        world.tell("a", 1);
    });
    assert_eq!(healthy.hear_message().await["payload"]["data"]["live"], 1);
    telling.await.unwrap();
    wait_for_listeners(&server, "dead", 0).await;
}

#[tokio::test]
async fn a_user_has_so_many_sockets_and_operations() {
    let config =
        sockets(SocketLimits { per_user_max: 2, operations_max: 3, ..SocketLimits::default() });
    let server = Server::with(config).await;
    let mut first = Client::ready(&server, "user-7").await;
    let mut second = Client::ready(&server, "user-7").await;
    let mut third = Client::connect(&server).await;
    third.init("user-7").await;
    assert_eq!(third.closed().await, 4429);
    for id in ["a", "b"] {
        first.subscribe(id, "subscription { live(channel: \"x\") }").await;
    }
    wait_for_listeners(&server, "x", 2).await;
    second.subscribe("a", "subscription { live(channel: \"x\") }").await;
    wait_for_listeners(&server, "x", 3).await;
    second.subscribe("b", "subscription { live(channel: \"x\") }").await;
    let message = second.hear_message().await;
    assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("b")));
    let extensions = &message["payload"][0]["extensions"];
    assert_eq!(extensions, &json!({ "code": "RATE_LIMITED", "limit": 3, "retryable": true }));
    drop(first);
    wait_for_listeners(&server, "x", 1).await;
    Client::ready(&server, "user-7").await;
    second.subscribe("b", "{ echo(text: \"room again\") }").await;
    assert_eq!(second.hear_message().await["type"], "next");
}

#[tokio::test]
async fn a_reader_that_stalls_is_closed_4510_and_holds_nobody_up() {
    let config = sockets(SocketLimits {
        stall_max: Duration::from_millis(1_500),
        ..SocketLimits::default()
    });
    let server = Server::with(config).await;
    let mut stalled = Client::ready(&server, "user-1").await;
    stalled.subscribe("f", "subscription { flood }").await;
    let mut other = Client::ready(&server, "user-2").await;
    sleep(Duration::from_millis(500)).await;
    // Nothing more is asked for once the reader's buffers are full.
    let taken = server.world.floods.load(Ordering::SeqCst);
    other.subscribe("1", "{ echo(text: \"served meanwhile\") }").await;
    assert_eq!(other.hear_message().await["type"], "next");
    sleep(Duration::from_millis(2_500)).await;
    assert_eq!(server.world.floods.load(Ordering::SeqCst), taken);
    // It reads again, what was sent before, then why it was closed.
    assert_eq!(stalled.closed().await, 4510);
}

#[tokio::test]
async fn sockets_are_told_to_reconnect_when_the_server_stops() {
    let server = Server::start().await;
    let mut client = Client::ready(&server, "user-1").await;
    let mut opened = Client::connect(&server).await;
    let transport = server.transport.clone();
    let stopping = tokio::spawn(async move { transport.stop().await });
    assert_eq!(client.hear().await, Said::Closed(1012, "reconnect".into()));
    assert_eq!(opened.closed().await, 1012);
    drop((client, opened));
    tokio::time::timeout(Duration::from_secs(10), stopping).await.unwrap().unwrap();
    let headers = [("sec-websocket-protocol", "graphql-transport-ws")];
    assert!(Client::open(&server, &headers).await.is_err());
}
