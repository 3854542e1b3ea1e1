//! `POST /v1/commands`, one command a request.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::json;

use crate::server::{Server, command, fresh_id, password};

/// Ended sessions are refused within a second on their node; five times that on a busy machine.
const ENDED_LIMIT: Duration = Duration::from_secs(5);
const SEND: &str = "mutation($i: SendMessageInput!) {
    sendMessage(input: $i) { position message { id text } } }";

#[tokio::test]
async fn what_a_command_did_can_be_read_at_its_position() {
    let server = Server::start().await;
    let minji = server.sign_up("김민지").await;
    let channel = server.channel(&minji).await;
    let sent = json!({ "channelId": channel, "text": "여기서는 평범한 HTTP로도 됩니다" });
    let sent = server.run(&minji, "sendMessage", sent).await;
    let message = sent.result()["messageId"].clone();
    assert_eq!(message, sent.body["id"], "the message has the command's id");
    let position = sent.body["position"].as_str();
    let query = "query($id: ID!) { node(id: $id) { ... on Message { text author { username } } } }";
    let read = server.ask(Some(&minji.token), position, query, json!({ "id": message })).await;
    assert_eq!(
        read["data"]["node"],
        json!({ "text": "여기서는 평범한 HTTP로도 됩니다", "author": { "username": "김민지" } })
    );
}

#[tokio::test]
async fn a_repeat_gives_the_first_answer_over_graphql_and_here() {
    let server = Server::start().await;
    let minji = server.sign_up("민지").await;
    let channel = server.channel(&minji).await;
    let token = Some(minji.token.as_str());
    let id = fresh_id();
    let input = json!({ "commandId": id, "channelId": channel, "text": "once" });
    let first = server.ask(token, None, SEND, json!({ "i": input })).await;
    let first = &first["data"]["sendMessage"];
    let data = json!({ "channelId": channel, "text": "once", "replyToId": null });
    let again = server.put(token, &json!({ "type": "sendMessage", "id": id, "data": data })).await;
    assert_eq!(again.result()["messageId"], first["message"]["id"]);
    assert_eq!(again.body["position"], first["position"]);

    let id = fresh_id();
    let data = json!({ "channelId": channel, "text": "twice" });
    let here = server.put(token, &json!({ "type": "sendMessage", "id": id, "data": data })).await;
    let input = json!({ "commandId": id, "channelId": channel, "text": "twice" });
    let there = server.ask(token, None, SEND, json!({ "i": input })).await;
    assert_eq!(there["data"]["sendMessage"]["position"], here.body["position"]);

    let data = json!({ "channelId": channel, "text": "thrice" });
    let other = server.put(token, &json!({ "type": "sendMessage", "id": id, "data": data })).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert_eq!(other.problem(), ("IDEMPOTENCY_CONFLICT", None));
    assert_eq!(other.body["id"], id.as_str());
}

#[tokio::test]
async fn signing_up_again_gives_fresh_tokens_for_the_right_password_only() {
    let server = Server::start().await;
    let with = |password: &str| json!({ "email": "a@x.kr", "username": "A", "password": password });
    let mut sign_up = command("signUp", &with(&password()));
    let first = server.put(None, &sign_up).await;
    // A token that is no good any more is in nobody's way here.
    let again = server.put(Some("stale"), &sign_up).await;
    assert_eq!(again.result()["userId"], first.result()["userId"]);
    assert_ne!(again.result()["accessToken"], first.result()["accessToken"]);
    assert!(again.result()["accessTokenExpiresAt"].is_string());
    sign_up["data"] = with("another walk by another river");
    let wrong = server.put(None, &sign_up).await;
    assert_eq!(wrong.problem(), ("WRONG_CREDENTIALS", None));
    assert_eq!(wrong.headers["www-authenticate"], "Bearer");
}

#[tokio::test]
async fn each_refusal_is_a_problem_with_its_code_status_and_field() {
    let server = Server::start().await;
    let (admin, stranger) = (server.sign_up("admin").await, server.sign_up("stranger").await);
    let channel = server.channel(&admin).await;
    let say = |text: &str| json!({ "channelId": channel, "text": text });
    let with_id = |id: &str| json!({ "type": "sendMessage", "id": id, "data": say("t") });
    let taken = json!({ "email": admin.email, "username": "B", "password": password() });
    let weak = json!({ "email": "b@x.kr", "username": "B", "password": "12345678" });
    let (admin, stranger) = (Some(admin.token.as_str()), Some(stranger.token.as_str()));
    let cases = [
        (None, command("sendMessage", &say("t")), "UNAUTHENTICATED", 401, None),
        (Some("broken"), command("sendMessage", &say("t")), "UNAUTHENTICATED", 401, None),
        (admin, json!({ "id": fresh_id(), "data": {} }), "BAD_USER_INPUT", 400, Some("type")),
        (admin, command("logOut", &json!({})), "BAD_USER_INPUT", 400, Some("type")),
        (admin, command("sendMessage", &json!({})), "BAD_USER_INPUT", 400, Some("channelId")),
        (admin, json!([1]), "BAD_USER_INPUT", 400, None),
        (admin, command("sendMessage", &say(" ")), "INVALID_INPUT", 422, Some("text")),
        (admin, with_id("7"), "INVALID_INPUT", 422, Some("id")),
        (admin, command("leaveChannel", &json!({ "channelId": "?" })), "NOT_FOUND", 404, None),
        (stranger, command("sendMessage", &say("t")), "FORBIDDEN", 403, None),
        (
            admin,
            command("joinChannel", &json!({ "channelId": channel })),
            "ALREADY_MEMBER",
            409,
            None,
        ),
        (None, command("signUp", &taken), "EMAIL_TAKEN", 409, None),
        (None, command("signUp", &weak), "INVALID_INPUT", 422, Some("password")),
    ];
    for (token, asked, code, status, field) in cases {
        let reply = server.put(token, &asked).await;
        assert_eq!(reply.problem(), (code, field), "{asked}");
        assert_eq!(reply.status.as_u16(), status, "{asked}");
        assert_eq!(reply.body["type"], format!("urn:moim:problem:{code}"));
        if asked.is_object() && status != 401 {
            assert_eq!(reply.body.get("id"), asked.get("id").filter(|_| asked["type"].is_string()));
        }
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused_as_a_whole() {
    let server = Server::start().await;
    let one = command("leaveChannel", &json!({ "channelId": "c" })).to_string();
    let reply = server.post(None, "text/plain", one).await;
    assert_eq!(reply.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(reply.headers["accept-post"], "application/json, application/x-ndjson");
    assert_eq!(reply.problem(), ("BAD_USER_INPUT", None));
    let big = "x".repeat((1 << 20) + 1);
    let reply = server.post(None, "application/json", big).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(reply.problem(), ("PAYLOAD_TOO_LARGE", None));
    assert_eq!(reply.body["limit"], 1 << 20);
    let reply = server.post(None, "application/json", "{\"type\":".to_owned()).await;
    assert_eq!(reply.problem(), ("BAD_USER_INPUT", None));
    let got = server.http().get(server.url("/v1/commands")).send().await.unwrap();
    assert_eq!(got.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(got.headers()["allow"], "POST");
    assert_eq!(got.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn an_ended_session_is_refused() {
    let server = Server::start().await;
    let minji = server.sign_up("민지").await;
    let channel = server.channel(&minji).await;
    let query = "mutation($t: String!) { logOut(refreshToken: $t) }";
    let out = server.ask(None, None, query, json!({ "t": minji.refresh_token })).await;
    assert_eq!(out["data"]["logOut"], true, "{out}");
    let since = Instant::now();
    loop {
        let said = json!({ "channelId": channel, "text": "still here?" });
        let reply = server.run(&minji, "sendMessage", said).await;
        if reply.status == StatusCode::UNAUTHORIZED {
            assert_eq!(reply.problem(), ("UNAUTHENTICATED", None));
            return;
        }
        assert!(since.elapsed() < ENDED_LIMIT, "{reply:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
