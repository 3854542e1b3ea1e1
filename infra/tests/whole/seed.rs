//! `moim seed`, beside a running server.

use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::moim;
use crate::server::{Server, User, command};

const CHANNELS: &str = "{ me { username } channels(first: 50) { nodes {
    id name memberCount unreadCount
    messages(last: 20) { nodes { id kind text author { username } replyTo { id } editedAt
        reactions { emoji count } } } } } }";
/// The projections follow within so many looks.
const LOOKS_MAX: u32 = 600;
const LOOK: Duration = Duration::from_millis(100);

fn seed_args(messages: &str) -> [String; 5] {
    let messages = format!("--messages={messages}");
    ["seed", "--users=40", "--channels=6", &messages, "--seed=7"].map(str::to_owned)
}

async fn seed(server: &Server, messages: &str) -> Output {
    let mut program = moim::command(server.database.url());
    program.args(seed_args(messages)).stdin(Stdio::null());
    tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap()
}

fn said(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The first user of the seed, logged in with what was printed.
async fn log_in(server: &Server, said: &str) -> User {
    let line = said.lines().find(|line| line.starts_with("log in as ")).unwrap();
    let email = line.split(' ').nth(3).unwrap().to_owned();
    let password = line.split('"').nth(1).unwrap();
    let query = "mutation($i: LogInInput!) { logIn(input: $i) { accessToken refreshToken } }";
    let input = json!({ "i": { "email": email, "password": password } });
    for _ in 0..LOOKS_MAX {
        let answer = server.ask(None, None, query, input.clone()).await;
        let session = &answer["data"]["logIn"];
        if let Some(token) = session["accessToken"].as_str() {
            let refresh_token = session["refreshToken"].as_str().unwrap().to_owned();
            let id = String::new();
            return User { id, email, token: token.to_owned(), refresh_token };
        }
        tokio::time::sleep(LOOK).await;
    }
    panic!("nobody can log in as {email}");
}

/// What that user sees once the projections have come to the end of what was seeded.
async fn channels(server: &Server, user: &User) -> Vec<Value> {
    let database = server.database.pool();
    let heads = "SELECT (SELECT position FROM log.log_head), \
        (SELECT min(position) FROM read_messenger.checkpoint)";
    for _ in 0..LOOKS_MAX {
        let (head, passed): (i64, Option<i64>) =
            sqlx::query_as(heads).fetch_one(database).await.unwrap();
        if passed >= Some(head) {
            let seen = server.ask(Some(&user.token), None, CHANNELS, json!({})).await;
            let nodes = seen["data"]["channels"]["nodes"].as_array();
            return nodes.unwrap_or_else(|| panic!("{seen}")).clone();
        }
        tokio::time::sleep(LOOK).await;
    }
    panic!("the projections don't follow");
}

async fn count(server: &Server, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(server.database.pool()).await.unwrap()
}

const EVENTS: &str = "SELECT count(*) FROM log.events";
const SENT: &str = "SELECT count(*) FROM log.events WHERE kind = 'MessageSent'";

#[tokio::test]
async fn what_is_seeded_looks_like_real_use_and_is_there_once() {
    let server = Server::start().await;
    let first = said(&seed(&server, "3000").await);
    let events = count(&server, EVENTS).await;
    assert_eq!(count(&server, SENT).await, 3_000);
    let minji = log_in(&server, &first).await;
    let seen = channels(&server, &minji).await;
    assert_eq!(seen.len(), 6, "the first user is in the busy channels");
    let messages: Vec<&Value> =
        seen.iter().flat_map(|channel| channel["messages"]["nodes"].as_array().unwrap()).collect();
    let text = messages.iter().map(|message| message["text"].to_string()).collect::<String>();
    assert!(text.chars().any(|c| ('가'..='힣').contains(&c)) && text.contains(" the "), "{text}");
    let some =
        |field: &str| messages.iter().any(|it| !it[field].is_null() && it[field] != json!([]));
    assert!(some("replyTo") && some("reactions"), "{messages:#?}");
    assert!(messages.iter().all(|it| it["author"]["username"].is_string()));

    // What was seeded can be named: by members of the channel, like anything else.
    let talk = messages.iter().find(|it| it["kind"] == "TALK" && !it["text"].is_null()).unwrap();
    let react = command("addReaction", &json!({ "messageId": talk["id"], "emoji": "🥁" }));
    server.put(Some(&minji.token), &react).await.result();
    let say = json!({ "channelId": seen[0]["id"], "text": "and on it goes" });
    server.run(&minji, "sendMessage", say).await.result();

    let before = count(&server, EVENTS).await;
    assert!(before > events);
    let again = said(&seed(&server, "3000").await);
    assert!(again.contains("nothing was changed"), "{again}");
    assert_eq!(count(&server, EVENTS).await, before);
    let rebuilt = moim::command(server.database.url()).args(["claims", "rebuild"]).output();
    assert!(said(&rebuilt.unwrap()).contains("can be named"));
}

#[tokio::test]
async fn a_run_that_was_killed_is_finished_by_the_next() {
    let server = Server::start().await;
    let mut program = moim::command(server.database.url());
    program.args(seed_args("20000")).stdout(Stdio::null()).stderr(Stdio::null());
    let mut running = program.spawn().unwrap();
    while count(&server, SENT).await == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    running.kill().unwrap();
    running.wait().unwrap();
    let sent = count(&server, SENT).await;
    assert!(sent < 20_000, "it was killed too late");
    let told = said(&seed(&server, "20000").await);
    assert_eq!(count(&server, SENT).await, 20_000);
    let twice = "SELECT count(*) - count(DISTINCT event_id) FROM log.events";
    assert_eq!(count(&server, twice).await, 0);
    let minji = log_in(&server, &told).await;
    let seen = channels(&server, &minji).await;
    let newest = seen[0]["messages"]["nodes"].as_array().unwrap().last().unwrap();
    let reply = json!({ "channelId": seen[0]["id"], "text": "!", "replyToId": newest["id"] });
    server.run(&minji, "sendMessage", reply).await.result();
    let unnamed = "SELECT count(*) FROM log.events
        WHERE kind IN ('MessageSent', 'MemberJoined') AND metadata->>'input_hash' IS NULL
        AND NOT EXISTS (SELECT FROM command.things WHERE id = (data->>'message')::uuid)";
    assert_eq!(count(&server, unnamed).await, 0);
}
