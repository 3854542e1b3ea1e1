//! What hostile clients send: refused or cut off, while others are served.

use std::fmt::Write;
use std::time::Duration;

use futures::SinkExt;
use query::transport::Config;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::client::{Client, Said};
use crate::requests::{RESPONSE, ask, post};
use crate::server::Server;

#[tokio::test]
async fn hostile_documents_are_refused_by_name() {
    let server = Server::start().await;
    let mut aliases = String::new();
    for at in 0..1_000 {
        let _ = write!(aliases, "a{at}: echo(text: \"x\") ");
    }
    let deep = |levels| format!("{}id{}", "{ pages(first: 1) ".repeat(levels), "}".repeat(levels));
    let deep = |levels| deep(levels).replace(") id", ") { id }");
    let mut bomb = "{ ...F0 }".to_owned();
    for at in 0..25 {
        let _ = write!(bomb, " fragment F{at} on Query {{ ...F{0} ...F{0} }}", at + 1);
    }
    bomb.push_str(" fragment F25 on Query { caller }");
    let cases = [
        ("1,000 aliases", format!("{{ {aliases} }}"), "QUERY_TOO_COMPLEX"),
        ("16 levels", deep(16), "QUERY_TOO_COMPLEX"),
        ("a million brackets", "{".repeat(1_000_000), "QUERY_TOO_COMPLEX"),
        (
            "a million list brackets",
            format!("{{a(b:{}", "[".repeat(1_000_000)),
            "QUERY_TOO_COMPLEX",
        ),
        (
            "1,000 directives",
            format!("{{ caller {} }}", "@skip(if: false) ".repeat(1_000)),
            "QUERY_TOO_COMPLEX",
        ),
        ("doubling fragments", bomb, "QUERY_TOO_COMPLEX"),
        ("pages within pages", "{ pages { pages { pages { id } } } }".into(), "QUERY_TOO_COMPLEX"),
        ("a cycle", "{ ...A } fragment A on Query { ...A }".into(), "GRAPHQL_VALIDATION_FAILED"),
        ("a NUL", "{ caller \0 }".into(), "GRAPHQL_PARSE_FAILED"),
    ];
    for (name, document, code) in cases {
        let answer = ask(&server, &document).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{name}");
        assert!(answer.body.to_string().len() < 4_096, "{name}: {}", answer.body);
        let limit = &answer.body["errors"][0]["extensions"]["limit"];
        assert_eq!(limit.is_u64(), code == "QUERY_TOO_COMPLEX", "{name}");
    }
    assert_eq!(ask(&server, "{ echo(text: \"a\") }").await.status, 200);
}

#[tokio::test]
async fn deep_json_and_wide_errors_stay_small() {
    let server = Server::start().await;
    let deep = format!("{{\"query\":\"{{caller}}\",\"variables\":{}", "{\"a\":".repeat(100_000));
    assert_eq!(post(&server, RESPONSE, deep).await.status, 400);
    let answer = ask(&server, &format!("{{ {} }}", "nothing ".repeat(1_900))).await;
    assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED");
    assert!(answer.body["errors"].as_array().unwrap().len() <= 20);
}

#[tokio::test]
async fn a_body_beyond_a_mebibyte_is_413_however_it_is_sent() {
    let server = Server::start().await;
    let body = json!({ "query": format!("{{ echo(text: \"{}\") }}", "x".repeat(1 << 20)) });
    let answer = post(&server, RESPONSE, body.to_string()).await;
    assert_eq!((answer.status, answer.code()), (413, "PAYLOAD_TOO_LARGE"));
    assert_eq!(answer.body["errors"][0]["extensions"]["limit"], 1 << 20);

    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
        transfer-encoding: chunked\r\n\r\n";
    let mut chunked = TcpStream::connect(server.address).await.unwrap();
    chunked.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x1_0000));
    for _ in 0..17 {
        if chunked.write_all(chunk.as_bytes()).await.is_err() {
            break;
        }
    }
    let mut answer = vec![0; 12];
    chunked.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 413");
    let just_below = json!({ "query": "query($t: String!) { echo(text: $t) }",
        "variables": { "t": "x".repeat((1 << 20) - 128) } });
    assert_eq!(post(&server, RESPONSE, just_below.to_string()).await.status, 200);
}

#[tokio::test]
async fn a_body_that_stalls_is_ended() {
    let body_within = Duration::from_millis(300);
    let server = Server::with(Config { body_within, ..Config::default() }).await;
    let mut half = TcpStream::connect(server.address).await.unwrap();
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
        content-length: 100\r\n\r\n{\"query\":";
    half.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), half.read_to_end(&mut answer)).await;
    read.expect("the connection ends").unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn giant_frames_close_1009() {
    let server = Server::start().await;
    let mut client = Client::ready(&server, "").await;
    client.say_text("x".repeat((64 << 10) + 1)).await;
    assert!(matches!(client.hear().await, Said::Closed(1009, _) | Said::Lost));
    let mut pieces = Client::ready(&server, "").await;
    let text = "x".repeat(40 << 10);
    let piece = |opcode, last| Message::Frame(Frame::message(text.clone(), opcode, last));
    pieces.0.send(piece(OpCode::Data(Data::Text), false)).await.unwrap();
    let _ = pieces.0.send(piece(OpCode::Data(Data::Continue), true)).await;
    assert_eq!(pieces.closed().await, 1009);
}

#[tokio::test]
async fn a_flood_of_pings_leaves_others_served() {
    let server = Server::start().await;
    let mut flooding = Client::ready(&server, "user-1").await;
    let flood = tokio::spawn(async move {
        for at in 0..20_000 {
            let ping = Message::Ping(vec![1; 125].into());
            let text = Message::text("{\"type\":\"ping\"}");
            // Never reading the answers is part of it.
            if flooding.0.feed(if at % 2 == 0 { ping } else { text }).await.is_err() {
                break;
            }
        }
        let _ = tokio::time::timeout(Duration::from_secs(1), flooding.0.flush()).await;
        flooding
    });
    let mut other = Client::ready(&server, "user-2").await;
    for at in 0..50 {
        other.subscribe(&at.to_string(), "{ echo(text: \"served\") }").await;
        assert_eq!(other.hear_message().await["type"], "next");
        assert_eq!(other.hear_message().await["type"], "complete");
    }
    flood.await.unwrap();
}

#[tokio::test]
async fn asking_faster_than_is_answered_waits() {
    let server = Server::start().await;
    let mut client = Client::ready(&server, "user-1").await;
    for at in 0..500 {
        client.subscribe(&at.to_string(), "mutation { bump(afterMs: 20) }").await;
    }
    let mut completed = 0;
    while completed < 500 {
        completed += usize::from(client.hear_message().await["type"] == "complete");
    }
}
