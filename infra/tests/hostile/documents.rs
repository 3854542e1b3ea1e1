//! Documents and variables that are made to cost.

use std::fmt::Write;

use futures::future::join_all;
use serde_json::{Value, json};

use crate::client::User;
use crate::siege::Siege;

/// How often each is sent at the same time.
const AT_ONCE: usize = 24;

/// Status and first code of what was answered to a body.
async fn answer(user: &User, body: String) -> (u16, String) {
    let request = reqwest::Client::new().post(format!("http://{}/graphql", user.client.address));
    let request = request.bearer_auth(&user.token).header("content-type", "application/json");
    let request = request.header("accept", "application/graphql-response+json");
    let response = request.body(body).send().await.unwrap();
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    assert!(body.to_string().len() < 16_384, "{body}");
    (status, body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned())
}

fn documents() -> Vec<(&'static str, String, &'static str)> {
    let repeat = |count, text: &dyn Fn(usize) -> String| (0..count).map(text).collect::<String>();
    let deep = format!("{{ node(id: 1) {}id{} }}", "{ replyTo ".repeat(40), "}".repeat(40));
    let mut bomb = "{ ...F0 }".to_owned();
    for at in 0..30 {
        let _ = write!(bomb, " fragment F{at} on Query {{ ...F{0} ...F{0} }}", at + 1);
    }
    bomb.push_str(" fragment F30 on Query { me { id } }");
    let aliases = repeat(1_000, &|at| format!("a{at}: me {{ id }} "));
    let wide = format!("{{ {} }}", "nothing ".repeat(1_900));
    let pages = "{ channels { nodes { messages { nodes { channel { messages { nodes {
        id } } } } } } } }";
    let cycle = "{ me { ...A } } fragment A on User { ...B } fragment B on User { ...A }";
    vec![
        ("deep", deep, "QUERY_TOO_COMPLEX"),
        ("a million brackets", "{".repeat(1_000_000), "QUERY_TOO_COMPLEX"),
        ("1,000 aliases", format!("{{ {aliases} }}"), "QUERY_TOO_COMPLEX"),
        (
            "1,000 directives",
            format!("{{ me {} {{ id }} }}", "@skip(if: false) ".repeat(1_000)),
            "QUERY_TOO_COMPLEX",
        ),
        ("doubling fragments", bomb, "QUERY_TOO_COMPLEX"),
        ("a cycle of fragments", cycle.into(), "GRAPHQL_VALIDATION_FAILED"),
        ("pages within pages", pages.into(), "QUERY_TOO_COMPLEX"),
        ("wide", wide, "GRAPHQL_VALIDATION_FAILED"),
        ("a long comment", format!("# {}\n{{", "x".repeat(900_000)), "QUERY_TOO_COMPLEX"),
        ("a NUL", "{ me \0 { id } }".into(), "GRAPHQL_PARSE_FAILED"),
        ("a long name", format!("{{ {} }}", "x".repeat(900_000)), "QUERY_TOO_COMPLEX"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn costly_documents_are_refused_by_name() {
    let mut siege = Siege::lay().await;
    let user = siege.attacker().await;
    for (name, document, code) in documents() {
        let body = json!({ "query": document }).to_string();
        let attack = join_all((0..AT_ONCE).map(|_| answer(&user, body.clone())));
        for answer in siege.endure(name, attack).await {
            assert_eq!(answer, (400, code.to_owned()), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn costly_variables_are_refused_by_name() {
    let mut siege = Siege::lay().await;
    let user = siege.attacker().await;
    let with =
        |variables: String| format!("{{\"query\":\"{{me{{id}}}}\",\"variables\":{variables}}}");
    let zeros = "0,".repeat(500_000);
    for (name, variables, code) in [
        ("many numbers", format!("{{\"a\":[{zeros}0]}}"), "QUERY_TOO_COMPLEX"),
        ("many lists", format!("{{\"a\":[{}[]]}}", "[],".repeat(300_000)), "QUERY_TOO_COMPLEX"),
        ("many objects", format!("{{\"a\":[{}{{}}]}}", "{},".repeat(300_000)), "QUERY_TOO_COMPLEX"),
        ("deep lists", format!("{{\"a\":{}", "[".repeat(900_000)), "QUERY_TOO_COMPLEX"),
        (
            "nested",
            format!("{{\"a\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000)),
            "BAD_USER_INPUT",
        ),
        ("a lone surrogate", "{\"a\":\"\\ud800\"}".into(), "BAD_USER_INPUT"),
        ("the other half alone", "{\"a\":\"\\udc00x\"}".into(), "BAD_USER_INPUT"),
        ("half a pair", "{\"a\":\"\\ud800\\u0041\"}".into(), "BAD_USER_INPUT"),
    ] {
        let attack = join_all((0..AT_ONCE).map(|_| answer(&user, with(variables.clone()))));
        for answer in siege.endure(name, attack).await {
            assert_eq!(answer, (400, code.to_owned()), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_no_database_takes_is_refused_by_the_field() {
    let mut siege = Siege::lay().await;
    let user = siege.attacker().await;
    let channel = crate::neighbour::create_channel(&user).await;
    let strings = [
        ("a NUL", "a\\u0000b"),
        ("a lone surrogate in a document", "a\\\\ud800b"),
        ("controls", "\\u0001\\u001b[2J"),
    ];
    let fields = [
        "userByEmail(email: $s) { id }",
        "node(id: $s) { id }",
        "channel(id: $s) { id }",
        "channels(after: $s) { totalCount }",
        "discoverChannels(keyword: $s) { nodes { id } }",
    ];
    for (name, string) in strings {
        let literal = string.replace("\\\\", "\\");
        let attack = async {
            for field in fields {
                let variable = format!("query($s: String!) {{ {field} }}");
                let variable = variable.replace("String!", kind(field));
                let body =
                    format!("{{\"query\":\"{variable}\",\"variables\":{{\"s\":\"{string}\"}}}}");
                check(name, field, answer(&user, body).await);
                let inline = field.replace("$s", &format!("\\\"{literal}\\\""));
                check(
                    name,
                    field,
                    answer(&user, format!("{{\"query\":\"{{ {inline} }}\"}}")).await,
                );
            }
            let input = format!("{{\"i\":{{\"channelId\":\"{channel}\",\"text\":\"{string}\"}}}}");
            let query = "mutation($i: SendMessageInput!) { sendMessage(input: $i) { position } }";
            let body = format!("{{\"query\":\"{query}\",\"variables\":{input}}}");
            check(name, "sendMessage", answer(&user, body).await);
        };
        siege.endure(name, attack).await;
    }
}

fn kind(field: &str) -> &'static str {
    if field.contains("(id:") { "ID!" } else { "String!" }
}

/// Whatever it is, it is no fault of the server's.
fn check(name: &str, field: &str, (status, code): (u16, String)) {
    assert!(matches!(status, 200 | 400), "{name} in {field}: {status} {code}");
    assert!(!matches!(code.as_str(), "INTERNAL" | "UNAVAILABLE"), "{name} in {field}: {code}");
}
