//! Bodies that are too big, broken, or never come whole.

use std::time::Duration;

use futures::future::join_all;
use tokio::time::sleep;

use crate::raw::{Raw, head};
use crate::siege::{CUT_OFF_WITHIN, Siege};

const MEBIBYTE: usize = 1 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn bodies_beyond_a_mebibyte_are_413() {
    let mut siege = Siege::lay().await;
    let address = siege.address.clone();
    let announced = join_all((0..200).map(|_| async {
        let mut raw = Raw::connect(&address).await;
        raw.send(head(MEBIBYTE + 1, "").as_bytes()).await;
        raw.send(&vec![b'x'; MEBIBYTE / 4]).await;
        raw.status_within(CUT_OFF_WITHIN).await
    }));
    for status in siege.endure("announced as too big", announced).await {
        assert!(matches!(status, Some(413 | 0)), "{status:?}");
    }
    let chunked = join_all((0..100).map(|_| async {
        let mut raw = Raw::connect(&address).await;
        let head = head(0, "").replace("content-length: 0", "transfer-encoding: chunked");
        raw.send(head.as_bytes()).await;
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x1_0000));
        for _ in 0..40 {
            if !raw.send(chunk.as_bytes()).await {
                break;
            }
        }
        raw.status_within(CUT_OFF_WITHIN).await
    }));
    for status in siege.endure("chunks without end", chunked).await {
        // One that goes on sending may not get to read why it was hung up on.
        assert!(matches!(status, Some(413 | 503 | 0)), "{status:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_never_come_whole_are_given_up() {
    let mut siege = Siege::lay().await;
    let address = siege.address.clone();
    for (name, sent_bytes) in [("hardly begun", 10), ("all but the end", MEBIBYTE - 10)] {
        let stalled = join_all((0..300).map(|_| async {
            let mut raw = Raw::connect(&address).await;
            raw.send(head(MEBIBYTE, "").as_bytes()).await;
            raw.send(&vec![b' '; sent_bytes]).await;
            raw.status_within(CUT_OFF_WITHIN).await
        }));
        for status in siege.endure(name, stalled).await {
            assert!(matches!(status, Some(408 | 503 | 0)), "{name}: {status:?}");
        }
    }
    let dripping = join_all((0..200).map(|_| async {
        let mut raw = Raw::connect(&address).await;
        raw.send(head(MEBIBYTE, "").as_bytes()).await;
        for _ in 0..200 {
            if !raw.send(b" ").await {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
        raw.status_within(CUT_OFF_WITHIN).await
    }));
    for status in siege.endure("byte after byte", dripping).await {
        assert!(matches!(status, Some(408 | 0)), "{status:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_request_are_refused() {
    let mut siege = Siege::lay().await;
    let address = siege.address.clone();
    let mut noise: Vec<u8> =
        (0..65_536_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    noise[0] = b'{';
    let cases: [(&str, &[u8]); 6] = [
        ("noise", &noise),
        ("no UTF-8", b"{\"query\":\"{ me { id } }\xff\xfe\"}"),
        ("UTF-16", b"\xff\xfe{\0\"\0q\0"),
        ("a NUL between", b"{\"query\":\0\"{ me { id } }\"}"),
        ("compressed", b"\x1f\x8b\x08\0\0\0\0\0\0\x03"),
        ("twice the same", b"{\"query\":\"{me{id}}\",\"query\":\"mutation{x}\"}"),
    ];
    for (name, body) in cases {
        let attack = join_all((0..50).map(|_| async {
            let mut raw = Raw::connect(&address).await;
            let head = head(body.len(), "").replace("host: x", "host: x\r\nconnection: close");
            raw.send(&[head.as_bytes(), body].concat()).await;
            raw.status_within(CUT_OFF_WITHIN).await
        }));
        for status in siege.endure(name, attack).await {
            assert_eq!(status, Some(400), "{name}");
        }
    }
}
