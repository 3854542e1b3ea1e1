//! `POST /v1/commands` with a command a line.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::server::{Server, User, as_lines, command, fresh_id};

const LINES: &str = "application/x-ndjson";
const LINES_LEN_MAX: usize = 1_000;
const TEXTS: &str = "query($id: ID!) { channel(id: $id) {
    messages(first: 100) { nodes { seq kind text } } } }";

fn codes(answers: &[Value]) -> Vec<&str> {
    answers.iter().map(|answer| answer["code"].as_str().unwrap_or("OK")).collect()
}

/// The texts of a channel's messages, in order, once `answers` can be read.
async fn texts(server: &Server, user: &User, channel: &str, answers: &[Value]) -> Vec<String> {
    let position = answers.iter().rev().find_map(|answer| answer["position"].as_str());
    let read = server.ask(Some(&user.token), position, TEXTS, json!({ "id": channel })).await;
    let nodes = read["data"]["channel"]["messages"]["nodes"].as_array();
    let nodes = nodes.unwrap_or_else(|| panic!("{read}")).iter();
    nodes.map(|node| node["text"].as_str().unwrap_or("-").to_owned()).collect()
}

#[tokio::test]
async fn a_line_that_is_refused_does_not_keep_the_others() {
    let server = Server::start().await;
    let (minji, other) = (server.sign_up("민지").await, server.sign_up("other").await);
    let (mine, theirs) = (server.channel(&minji).await, server.channel(&other).await);
    let say = |channel: &str, text: &str| {
        command("sendMessage", &json!({ "channelId": channel, "text": text }))
    };
    let lines = [
        say(&mine, "one"),
        say(&theirs, "two"),
        json!({ "type": "dance" }),
        json!("no"),
        say(&mine, ""),
        say(&mine, "six"),
    ];
    let answers = server.put_lines(Some(&minji.token), &lines).await;
    assert_eq!(
        codes(&answers),
        ["OK", "FORBIDDEN", "BAD_USER_INPUT", "BAD_USER_INPUT", "INVALID_INPUT", "OK"]
    );
    for at in [0, 1, 4, 5] {
        assert_eq!(answers[at]["id"], lines[at]["id"], "{}", answers[at]);
    }
    assert_eq!(texts(&server, &minji, &mine, &answers).await, ["one", "six"]);
}

#[tokio::test]
async fn what_comes_of_lines_is_what_would_come_of_them_one_after_another() {
    let server = Server::start().await;
    let minji = server.sign_up("민지").await;
    let (channel, first) = (fresh_id(), fresh_id());
    let say = |id: &str, text: &str, reply_to: Option<&str>| {
        let data = json!({ "channelId": channel, "text": text, "replyToId": reply_to });
        json!({ "type": "sendMessage", "id": id, "data": data })
    };
    let lines = [
        say(&fresh_id(), "too early", None),
        json!({ "type": "createChannel", "id": channel, "data": { "name": "하나" } }),
        say(&first, "first", None),
        say(&fresh_id(), "second", Some(&first)),
        say(&first, "first", None),
        command("deleteMessage", &json!({ "messageId": first })),
        say(&fresh_id(), "third", Some(&first)),
        say(&fresh_id(), "fourth", None),
    ];
    let answers = server.put_lines(Some(&minji.token), &lines).await;
    assert_eq!(
        codes(&answers),
        ["NOT_FOUND", "OK", "OK", "OK", "OK", "OK", "MESSAGE_DELETED", "OK"]
    );
    assert_eq!(answers[4]["position"], answers[2]["position"], "a repeat is the first answer");
    assert_eq!(texts(&server, &minji, &channel, &answers).await, ["-", "second", "fourth"]);
}

#[tokio::test]
async fn as_many_lines_as_there_may_be_are_worked_on_and_one_more_is_none() {
    let server = Server::start().await;
    let minji = server.sign_up("민지").await;
    let mut channels = Vec::new();
    for _ in 0..10 {
        channels.push(server.channel(&minji).await);
    }
    let line = |number: usize| {
        let channel = &channels[number % channels.len()];
        command("sendMessage", &json!({ "channelId": channel, "text": number.to_string() }))
    };
    let mut lines: Vec<Value> = (0..LINES_LEN_MAX).map(line).collect();
    lines.push(line(LINES_LEN_MAX));
    let refused = server.post(Some(&minji.token), LINES, as_lines(&lines)).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(refused.problem(), ("PAYLOAD_TOO_LARGE", None));
    assert_eq!(refused.body["limit"], LINES_LEN_MAX);
    lines.pop();
    let answers = server.put_lines(Some(&minji.token), &lines).await;
    assert_eq!(answers.len(), LINES_LEN_MAX);
    for (line, answer) in lines.iter().zip(&answers) {
        assert_eq!((&answer["id"], &answer["result"]["messageId"]), (&line["id"], &line["id"]));
    }
    let expected: Vec<String> = (0..LINES_LEN_MAX).step_by(10).map(|it| it.to_string()).collect();
    assert_eq!(texts(&server, &minji, &channels[0], &answers).await, expected);
}

#[tokio::test]
async fn lines_go_no_faster_than_their_sender_may() {
    let server = Server::start_with(&[("MOIM_COMMANDS_PER_SECOND", "20")]).await;
    let minji = server.sign_up("민지").await;
    let channel = server.channel(&minji).await;
    let say = |number: usize| {
        command("sendMessage", &json!({ "channelId": channel, "text": number.to_string() }))
    };
    let lines: Vec<Value> = (0..70).map(say).collect();
    let answers = server.put_lines(Some(&minji.token), &lines).await;
    assert_eq!(codes(&answers), vec!["OK"; lines.len()]);
    let expected: Vec<String> = (0..70).map(|number| number.to_string()).collect();
    assert_eq!(texts(&server, &minji, &channel, &answers).await, expected);
}

#[tokio::test]
async fn a_token_that_is_no_good_refuses_all_and_no_token_each() {
    let server = Server::start().await;
    let line = command("leaveChannel", &json!({ "channelId": fresh_id() }));
    let refused = server.post(Some("broken"), LINES, line.to_string()).await;
    assert_eq!(refused.problem(), ("UNAUTHENTICATED", None));
    let email = format!("{}@example.com", fresh_id());
    let new = json!({ "email": email, "username": "A", "password": crate::server::password() });
    let answers = server.put_lines(None, &[line, command("signUp", &new)]).await;
    assert_eq!(codes(&answers), ["UNAUTHENTICATED", "OK"]);
    assert!(answers[1]["result"]["refreshToken"].is_string());
    assert!(server.put_lines(None, &[]).await.is_empty());
}
