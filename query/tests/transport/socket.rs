//! graphql-transport-ws, message by message.

use serde_json::{Value, json};

use crate::client::{Client, Said};
use crate::server::Server;

fn next(id: &str, data: &Value) -> Value {
    json!({ "id": id, "type": "next", "payload": { "data": data } })
}

fn complete(id: &str) -> Value {
    json!({ "id": id, "type": "complete" })
}

#[tokio::test]
async fn queries_mutations_and_subscriptions_all_work() {
    let server = Server::start().await;
    let mut client = Client::ready(&server, "user-7").await;
    client.subscribe("q", "{ echo(text: \"hi\") }").await;
    assert_eq!(client.hear_message().await, next("q", &json!({ "echo": "hi" })));
    assert_eq!(client.hear_message().await, complete("q"));
    client.subscribe("m", "mutation { bump }").await;
    assert_eq!(client.hear_message().await, next("m", &json!({ "bump": 1 })));
    assert_eq!(client.hear_message().await, complete("m"));
    client.subscribe("s", "subscription { ticks(n: 2) }").await;
    assert_eq!(client.hear_message().await, next("s", &json!({ "ticks": 0 })));
    assert_eq!(client.hear_message().await, next("s", &json!({ "ticks": 1 })));
    assert_eq!(client.hear_message().await, complete("s"));
    client.subscribe("me", "{ me { id } }").await;
    assert!(client.hear_message().await["payload"]["data"]["me"]["id"].is_string());
}

#[tokio::test]
async fn a_fields_error_is_in_the_result_and_a_refusal_is_an_error_message() {
    let server = Server::start().await;
    let mut client = Client::ready(&server, "").await;
    client.subscribe("1", "{ me { id } }").await;
    let message = client.hear_message().await;
    assert_eq!(message["type"], "next");
    assert_eq!(message["payload"]["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(client.hear_message().await, complete("1"));
    for (query, code) in [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("query($a: Int!) { pages(first: $a) { id } }", "BAD_USER_INPUT"),
        ("subscription { ticks(n: 1) b: ticks(n: 1) }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { refused }", "FORBIDDEN"),
    ] {
        client.subscribe("x", query).await;
        let message = client.hear_message().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("x")), "{query}");
        assert_eq!(message["payload"][0]["extensions"]["code"], code, "{query}");
    }
}

#[tokio::test]
async fn a_fragment_at_a_subscriptions_root_gives_events() {
    let server = Server::start().await;
    let mut client = Client::ready(&server, "").await;
    let text = "subscription { ...S } fragment S on Subscription { ... { ticks(n: 1) } }";
    client.subscribe("s", text).await;
    assert_eq!(client.hear_message().await, next("s", &json!({ "ticks": 0 })));
    assert_eq!(client.hear_message().await, complete("s"));
}

#[tokio::test]
async fn complete_ends_an_operation_and_frees_its_id() {
    let server = Server::start().await;
    let mut client = Client::ready(&server, "").await;
    client.subscribe("s", "subscription { live(channel: \"a\") }").await;
    wait_for_listeners(&server, "a", 1).await;
    server.world.tell("a", 1);
    assert_eq!(client.hear_message().await, next("s", &json!({ "live": 1 })));
    client.say(complete("s")).await;
    wait_for_listeners(&server, "a", 0).await;
    server.world.tell("a", 2);
    client.say(complete("unknown")).await;
    client.subscribe("s", "{ echo(text: \"again\") }").await;
    assert_eq!(client.hear_message().await, next("s", &json!({ "echo": "again" })));
}

pub(crate) async fn wait_for_listeners(server: &Server, channel: &str, count: usize) {
    let waiting = async {
        while server.world.listeners(channel) != count {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), waiting).await.expect("listeners");
}

#[tokio::test]
async fn pings_are_answered_and_pongs_taken() {
    let server = Server::start().await;
    let mut client = Client::connect(&server).await;
    client.say(json!({ "type": "ping", "payload": { "a": 1 } })).await;
    assert_eq!(client.hear_message().await, json!({ "type": "pong" }));
    client.say(json!({ "type": "pong" })).await;
    client.init("").await;
    assert_eq!(client.hear_message().await, json!({ "type": "connection_ack" }));
}

#[tokio::test]
async fn what_is_no_message_closes_4400() {
    let server = Server::start().await;
    for text in
        ["nonsense", "[]", "{}", "{\"type\":\"start\",\"id\":\"1\"}", "{\"type\":\"subscribe\"}"]
    {
        let mut client = Client::ready(&server, "").await;
        client.say_text(text).await;
        assert_eq!(client.closed().await, 4400, "{text}");
    }
    let mut client = Client::ready(&server, "").await;
    let binary = tokio_tungstenite::tungstenite::Message::binary(b"{}".to_vec());
    futures::SinkExt::send(&mut client.0, binary).await.unwrap();
    assert_eq!(client.closed().await, 4400);
}

#[tokio::test]
async fn subscribing_before_the_acknowledgement_closes_4401() {
    let server = Server::start().await;
    let mut client = Client::connect(&server).await;
    client.subscribe("1", "{ echo(text: \"hi\") }").await;
    assert_eq!(client.hear().await, Said::Closed(4401, "Unauthorized".into()));
}

#[tokio::test]
async fn a_bad_token_closes_4403() {
    let server = Server::start().await;
    server.end_session(9);
    for payload in [
        json!({ "Authorization": "Bearer nonsense" }),
        json!({ "AUTHORIZATION": "Bearer user-9" }),
        json!({ "authorization": "user-7" }),
        json!({ "authorization": 7 }),
        json!({ "authorization": "Bearer user-7", "Authorization": "Bearer user-8" }),
    ] {
        let mut client = Client::connect(&server).await;
        client.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(client.hear().await, Said::Closed(4403, "Forbidden".into()), "{payload}");
    }
}

#[tokio::test]
async fn an_id_in_use_closes_4409() {
    let server = Server::start().await;
    let mut client = Client::ready(&server, "").await;
    client.subscribe("s", "subscription { live(channel: \"a\") }").await;
    client.subscribe("s", "{ echo(text: \"hi\") }").await;
    assert_eq!(client.hear().await, Said::Closed(4409, "Subscriber for s already exists".into()));
}

#[tokio::test]
async fn a_second_init_closes_4429() {
    let server = Server::start().await;
    let mut client = Client::ready(&server, "").await;
    client.init("").await;
    let reason = "Too many initialisation requests";
    assert_eq!(client.hear().await, Said::Closed(4429, reason.into()));
    let mut client = Client::connect(&server).await;
    client.init("").await;
    client.init("").await;
    assert_eq!(client.closed().await, 4429);
}

#[tokio::test]
async fn the_legacy_subprotocol_is_refused() {
    let server = Server::start().await;
    // A client that insists on what it asked for fails by itself.
    assert!(Client::open(&server, &[("sec-websocket-protocol", "graphql-ws")]).await.is_err());
    let mut client = Client::open(&server, &[]).await.unwrap();
    let reason = "Subprotocol not acceptable";
    assert_eq!(client.hear().await, Said::Closed(4406, reason.into()));
    let both = [("sec-websocket-protocol", "graphql-ws, graphql-transport-ws")];
    let mut client = Client::open(&server, &both).await.unwrap();
    client.init("").await;
    assert_eq!(client.hear_message().await, json!({ "type": "connection_ack" }));
}

#[tokio::test]
async fn pages_of_other_origins_can_not_open_sockets() {
    let origins = "https://app.example".parse().unwrap();
    let config = query::transport::Config { origins, ..Default::default() };
    let server = Server::with(config).await;
    let open = |origin: String| {
        let headers = [("sec-websocket-protocol", "graphql-transport-ws")];
        let server = &server;
        async move {
            let headers = [headers[0], ("origin", origin.as_str())];
            Client::open(server, &headers).await.is_ok()
        }
    };
    assert!(open("https://app.example".into()).await);
    assert!(open(format!("http://{}", server.address)).await);
    assert!(!open("https://evil.example".into()).await);
    assert!(!open("null".into()).await);
}
