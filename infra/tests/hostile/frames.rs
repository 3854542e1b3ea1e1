//! Sockets that break the rules of WebSocket.

use std::time::Duration;

use futures::SinkExt;
use futures::future::join_all;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::siege::Siege;
use crate::socket::Socket;

const AT_ONCE: usize = 15;
const FLOOD_PINGS: usize = 50_000;

/// Every one of the user's sockets sends these bytes below WebSocket, and is closed so.
async fn close_codes(siege: &mut Siege, name: &str, token: &str, bytes: &[u8]) -> Vec<u16> {
    let address = siege.address.clone();
    let attack = join_all((0..AT_ONCE).map(|_| async {
        let mut socket = Socket::ready(&address, token).await;
        let _ = socket.0.get_mut().write_all(bytes).await;
        socket.closed().await
    }));
    siege.endure(name, attack).await
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_frames_close_with_their_code() {
    let mut siege = Siege::lay().await;
    let token = siege.attacker().await.token;
    // Masked with zeros, so that what is sent is what is meant.
    let endless = [&[0x81, 0xff][..], &[0x7f; 8], &[0; 4], &vec![b'x'; 70_000]].concat();
    let long_ping = [&b"\x89\xfe\0\x7e"[..], &[0; 4], &[b'x'; 126]].concat();
    let cases: [(&str, &[u8], &[u16]); 7] = [
        ("a frame of 2^63 bytes", &endless, &[1009, 0]),
        ("an unmasked frame", b"\x81\x02{}", &[1002, 0]),
        ("a reserved opcode", b"\x83\x80\0\0\0\0", &[1002, 0]),
        ("reserved bits", b"\xf1\x80\0\0\0\0", &[1002, 0]),
        ("a continuation of nothing", b"\x80\x80\0\0\0\0", &[1002, 0]),
        ("a long ping", &long_ping, &[1002, 0]),
        ("text that is no UTF-8", b"\x81\x82\0\0\0\0\xff\xfe", &[1007]),
    ];
    for (name, bytes, codes) in cases {
        for code in close_codes(&mut siege, name, &token, bytes).await {
            assert!(codes.contains(&code), "{name}: {code}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn big_messages_close_1009_and_binary_ones_4400() {
    let mut siege = Siege::lay().await;
    let token = siege.attacker().await.token;
    let address = siege.address.clone();
    let giants = join_all((0..AT_ONCE).map(|_| async {
        let mut socket = Socket::ready(&address, &token).await;
        socket.send(Message::text("x".repeat(16 << 20))).await;
        socket.closed().await
    }));
    for code in siege.endure("giant frames", giants).await {
        // One that is still sending may not get to read why it was hung up on.
        assert!(matches!(code, 1009 | 0), "{code}");
    }
    let pieces = join_all((0..AT_ONCE).map(|_| async {
        let mut socket = Socket::ready(&address, &token).await;
        let mut opcode = OpCode::Data(Data::Text);
        for _ in 0..1_000 {
            let piece = Frame::message("x".repeat(1_000), opcode, false);
            if socket.0.send(Message::Frame(piece)).await.is_err() {
                break;
            }
            opcode = OpCode::Data(Data::Continue);
        }
        socket.closed().await
    }));
    for code in siege.endure("a message in endless pieces", pieces).await {
        assert!(matches!(code, 1009 | 0), "{code}");
    }
    let binary = join_all((0..AT_ONCE).map(|_| async {
        let mut socket = Socket::ready(&address, &token).await;
        socket.send(Message::binary(vec![0; 1_000])).await;
        socket.closed().await
    }));
    for code in siege.endure("binary", binary).await {
        assert_eq!(code, 4400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_of_pings_are_borne_or_cut_off() {
    let mut siege = Siege::lay().await;
    let token = siege.attacker().await.token;
    let address = siege.address.clone();
    let texts = [Message::text("{\"type\":\"ping\"}"), Message::Ping(vec![1; 125].into())];
    for (name, ping) in ["pings of the protocol", "pings of WebSocket"].into_iter().zip(texts) {
        let flood = join_all((0..5).map(|_| async {
            let mut socket = Socket::ready(&address, &token).await;
            // None of the answers is ever read.
            let sending = async {
                for _ in 0..FLOOD_PINGS {
                    if socket.0.feed(ping.clone()).await.is_err() {
                        break;
                    }
                }
            };
            let _ = tokio::time::timeout(Duration::from_secs(10), sending).await;
        }));
        siege.endure(name, flood).await;
    }
}
