//! How long streams live, and how many there may be.

use std::sync::atomic::Ordering;
use std::time::Duration;

use query::transport::{Config, SocketLimits};
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use crate::client::{Client, Said};
use crate::events::{Stream, Told, request};
use crate::requests::Answer;
use crate::server::Server;
use crate::socket::wait_for_listeners;

const LIVE: &str = "subscription { live(channel: \"a\") }";

async fn last_words(mut stream: Stream) -> String {
    let result = stream.next().await;
    assert_eq!(stream.event().await, Told::Complete);
    assert_eq!(stream.event().await, Told::End);
    result["errors"][0]["extensions"]["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_ended_session_and_an_expired_token_end_the_stream() {
    let server = Server::start().await;
    let stream = Stream::open(&server, "user-7", LIVE).await;
    let mut other = Stream::open(&server, "user-8", LIVE).await;
    wait_for_listeners(&server, "a", 2).await;
    server.end_session(7);
    assert_eq!(last_words(stream).await, "UNAUTHENTICATED");
    let since = Instant::now();
    let brief = Stream::open(&server, "brief-9", LIVE).await;
    assert_eq!(last_words(brief).await, "UNAUTHENTICATED");
    assert!(since.elapsed() < Duration::from_secs(5));
    server.world.tell("a", 1);
    assert_eq!(other.next().await, json!({ "data": { "live": 1 } }));
}

#[tokio::test]
async fn a_stream_with_nothing_to_tell_says_that_it_is_there() {
    let keep_alive = Duration::from_millis(50);
    let server = Server::with(Config { keep_alive, ..Config::default() }).await;
    let mut stream = Stream::open(&server, "", LIVE).await;
    for _ in 0..4 {
        assert_eq!(stream.told().await, Told::Comment);
    }
    wait_for_listeners(&server, "a", 1).await;
    server.world.tell("a", 1);
    assert_eq!(stream.next().await, json!({ "data": { "live": 1 } }));
}

#[tokio::test]
async fn streams_count_among_the_sockets_of_their_user() {
    let socket = SocketLimits { per_user_max: 2, operations_max: 3, ..SocketLimits::default() };
    let server = Server::with(Config { socket, ..Config::default() }).await;
    let mut socket = Client::ready(&server, "user-7").await;
    let stream = Stream::open(&server, "user-7", LIVE).await;
    wait_for_listeners(&server, "a", 1).await;
    let answer = Answer::of(request(&server, "user-7", LIVE)).await;
    assert_eq!((answer.status, answer.code()), (429, "RATE_LIMITED"));
    assert_eq!(answer.body["errors"][0]["extensions"]["limit"], 2);
    // What is answered at once holds nothing.
    Stream::open(&server, "user-7", "{ echo(text: \"a\") }").await;
    Stream::open(&server, "user-8", LIVE).await;
    for id in ["1", "2"] {
        socket.subscribe(id, "subscription { live(channel: \"b\") }").await;
    }
    wait_for_listeners(&server, "b", 2).await;
    drop(stream);
    wait_for_listeners(&server, "a", 0).await;
    socket.subscribe("3", "subscription { live(channel: \"b\") }").await;
    wait_for_listeners(&server, "b", 3).await;
    let answer = Answer::of(request(&server, "user-7", LIVE)).await;
    assert_eq!((answer.status, answer.code()), (429, "RATE_LIMITED"));
    assert_eq!(answer.body["errors"][0]["extensions"]["limit"], 3);
    socket.say(json!({ "id": "3", "type": "complete" })).await;
    wait_for_listeners(&server, "b", 2).await;
    let mut again = Stream::open(&server, "user-7", LIVE).await;
    assert_eq!(again.told().await, Told::Comment);
}

#[tokio::test]
async fn a_reader_that_stalls_is_cut_off_and_holds_nobody_up() {
    let stall_max = Duration::from_millis(500);
    let socket = SocketLimits { stall_max, ..SocketLimits::default() };
    let server = Server::with(Config { socket, ..Config::default() }).await;
    let mut stalled = Stream::open(&server, "user-1", "subscription { flood }").await;
    sleep(stall_max * 4).await;
    let taken = server.world.floods.load(Ordering::SeqCst);
    let other = Stream::open(&server, "user-2", "{ echo(text: \"served\") }").await;
    assert_eq!(other.response.status(), 200);
    sleep(stall_max * 2).await;
    assert_eq!(server.world.floods.load(Ordering::SeqCst), taken);
    // What was sent before is there, and then no end that looks like one.
    loop {
        match stalled.told().await {
            Told::Next(_) | Told::Comment => {}
            told => return assert_eq!(told, Told::CutOff),
        }
    }
}

#[tokio::test]
async fn streams_are_cut_off_when_the_server_stops() {
    let server = Server::start().await;
    let mut stream = Stream::open(&server, "user-1", LIVE).await;
    let mut socket = Client::ready(&server, "user-1").await;
    wait_for_listeners(&server, "a", 1).await;
    let transport = server.transport.clone();
    let stopping = tokio::spawn(async move { transport.stop().await });
    assert_eq!(stream.event().await, Told::CutOff);
    assert_eq!(socket.hear().await, Said::Closed(1012, "reconnect".into()));
    drop(socket);
    timeout(Duration::from_secs(10), stopping).await.unwrap().unwrap();
    assert_eq!(Answer::of(request(&server, "user-1", LIVE)).await.status, 503);
}
