//! graphql-sse, event by event.

use std::sync::atomic::Ordering;

use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::json;

use crate::events::{Stream, Told, request, url};
use crate::requests::Answer;
use crate::server::Server;
use crate::socket::wait_for_listeners;

#[tokio::test]
async fn queries_mutations_and_subscriptions_all_work() {
    let server = Server::start().await;
    for (query, results) in [
        ("{ echo(text: \"a\\nb\") }", vec![json!({ "echo": "a\nb" })]),
        ("mutation { bump }", vec![json!({ "bump": 1 })]),
        ("subscription { ticks(n: 2) }", vec![json!({ "ticks": 0 }), json!({ "ticks": 1 })]),
        ("subscription { ...S } fragment S on Subscription { ... { ticks(n: 0) } }", vec![]),
    ] {
        let mut stream = Stream::open(&server, "user-7", query).await;
        for data in results {
            assert_eq!(stream.next().await, json!({ "data": data }), "{query}");
        }
        assert_eq!(stream.event().await, Told::Complete, "{query}");
        assert_eq!(stream.event().await, Told::End, "{query}");
    }
}

#[tokio::test]
async fn a_streams_headers_keep_proxies_from_holding_it_back() {
    let server = Server::start().await;
    let query = "subscription { live(channel: \"a\") }";
    let mut stream = Stream::open(&server, "", query).await;
    let headers = stream.response.headers();
    assert_eq!(headers[CONTENT_TYPE], "text/event-stream; charset=utf-8");
    assert_eq!(headers["cache-control"], "no-cache");
    assert_eq!(headers["x-accel-buffering"], "no");
    // It is open before there is anything to tell.
    assert_eq!(stream.told().await, Told::Comment);
    wait_for_listeners(&server, "a", 1).await;
    server.world.tell("a", 7);
    assert_eq!(stream.next().await["data"]["live"], 7);
    drop(stream);
    wait_for_listeners(&server, "a", 0).await;
}

#[tokio::test]
async fn get_takes_all_but_mutations() {
    let server = Server::start().await;
    let get = |query: &str| {
        let pairs = [("query", query), ("variables", "{\"n\":1}")];
        let url = reqwest::Url::parse_with_params(&url(&server), pairs).unwrap();
        reqwest::Client::new().get(url).header(ACCEPT, "text/event-stream")
    };
    let mut stream = Stream::of(get("subscription($n: Int!) { ticks(n: $n) }")).await;
    assert_eq!(stream.next().await, json!({ "data": { "ticks": 0 } }));
    let mut stream = Stream::of(get("query($n: Int!) { pages(first: $n) { id } }")).await;
    assert_eq!(stream.next().await, json!({ "data": { "pages": [{ "id": 1 }] } }));
    let answer = Answer::of(get("mutation { bump }")).await;
    assert_eq!((answer.status, &answer.headers["allow"]), (405, &"POST".parse().unwrap()));
    assert_eq!(server.world.bumps.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_is_wrong_with_an_operation_is_told_in_the_stream() {
    let server = Server::start().await;
    for (query, code) in [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("query($a: Int!) { pages(first: $a) { id } }", "BAD_USER_INPUT"),
        ("{ pages { pages { pages { id } } } }", "QUERY_TOO_COMPLEX"),
        ("subscription { ticks(n: 1) b: ticks(n: 1) }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { refused }", "FORBIDDEN"),
        ("{ panics }", "INTERNAL"),
    ] {
        assert_eq!(Stream::open(&server, "", query).await.refused().await, code, "{query}");
    }
    let mut failed = Stream::open(&server, "", "{ me { id } }").await;
    let result = failed.next().await;
    assert_eq!(result["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(result["data"], json!({ "me": null }));
}

#[tokio::test]
async fn a_request_that_is_none_has_a_status() {
    let server = Server::start().await;
    let query = "subscription { ticks(n: 1) }";
    let post = || reqwest::Client::new().post(url(&server)).header(ACCEPT, "text/event-stream");
    let json = |body: &'static str| post().header(CONTENT_TYPE, "application/json").body(body);
    for (status, request) in [
        (400, json("nonsense")),
        (400, json("[{\"query\":\"{me{id}}\"}]")),
        (400, json("{}")),
        (413, json(Box::leak("x".repeat(2 << 20).into_boxed_str()))),
        (415, post().header(CONTENT_TYPE, "text/plain").body("{\"query\":\"{me{id}}\"}")),
        (406, request(&server, "", query).header(ACCEPT, "x/y")),
        (401, request(&server, "nonsense", query)),
        (403, request(&server, "", query).header("origin", "https://evil.example")),
    ] {
        // A header that is set again is sent twice.
        let mut built = request.build().unwrap();
        if status == 406 {
            built.headers_mut().insert(ACCEPT, "application/json".parse().unwrap());
        }
        let response = reqwest::Client::new().execute(built).await.unwrap();
        assert_eq!(response.status(), status);
    }
    server.lose_database();
    let answer = Answer::of(request(&server, "user-7", query)).await;
    assert_eq!((answer.status, answer.code()), (503, "UNAVAILABLE"));
    assert_eq!(answer.headers["retry-after"], "2");
}

#[tokio::test]
async fn single_connection_mode_is_refused() {
    let server = Server::start().await;
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = Answer::of(reqwest::Client::new().request(method, url(&server))).await;
        assert_eq!((answer.status, &answer.headers["allow"]), (405, &"GET, POST".parse().unwrap()));
    }
    let query = "subscription { ticks(n: 1) }";
    let tokened = request(&server, "", query).header("x-graphql-event-stream-token", "t");
    assert_eq!(Answer::of(tokened).await.status, 400);
    let waiting = reqwest::Client::new().get(url(&server) + "?token=t");
    assert_eq!(Answer::of(waiting.header(ACCEPT, "text/event-stream")).await.status, 400);
}
