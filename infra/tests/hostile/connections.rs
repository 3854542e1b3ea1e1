//! Connections that never become requests.

use std::time::Duration;

use futures::future::join_all;
use tokio::time::sleep;

use crate::raw::Raw;
use crate::siege::{CUT_OFF_WITHIN, Siege};

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_never_end_are_cut_off() {
    let mut siege = Siege::lay().await;
    let address = siege.address.clone();
    let slow = join_all((0..500).map(|at| {
        let address = &address;
        async move {
            let mut raw = Raw::connect(address).await;
            raw.send(b"POST /graphql HTTP/1.1\r\nhost: x\r\n").await;
            // Another header now and then, without end.
            for number in 0..400 {
                if !raw.send(format!("x-{at}-{number}: y\r\n").as_bytes()).await {
                    break;
                }
                sleep(Duration::from_millis(100)).await;
            }
            raw.status_within(CUT_OFF_WITHIN).await
        }
    }));
    for status in siege.endure("slow headers", slow).await {
        assert!(matches!(status, Some(408 | 0)), "{status:?}");
    }
    let silent = join_all(
        (0..500)
            .map(|_| async { Raw::connect(&address).await.status_within(CUT_OFF_WITHIN).await }),
    );
    for status in siege.endure("silence", silent).await {
        assert!(matches!(status, Some(408 | 0)), "{status:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_is_refused() {
    let mut siege = Siege::lay().await;
    let address = siege.address.clone();
    let big = format!("GET /graphql HTTP/1.1\r\nhost: x\r\nx-big: {}\r\n\r\n", "x".repeat(200_000));
    let many = "x: y\r\n".repeat(2_000);
    let many = format!("GET /graphql HTTP/1.1\r\nhost: x\r\n{many}\r\n");
    let long = format!("GET /graphql?query={} HTTP/1.1\r\nhost: x\r\n\r\n", "x".repeat(200_000));
    let cases: [(&str, &[u8]); 6] = [
        ("a big header", big.as_bytes()),
        ("2,000 headers", many.as_bytes()),
        ("a long address", long.as_bytes()),
        ("a TLS greeting", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"),
        ("noise", b"\0\x01\x02\xff\xfe\r\n\r\n"),
        (
            "two lengths",
            b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\
            content-length: 2\r\n\r\n{}",
        ),
    ];
    for (name, bytes) in cases {
        let attack = join_all((0..100).map(|_| async {
            let mut raw = Raw::connect(&address).await;
            raw.send(bytes).await;
            raw.status_within(CUT_OFF_WITHIN).await
        }));
        for status in siege.endure(name, attack).await {
            assert!(matches!(status, Some(400 | 414 | 431 | 0)), "{name}: {status:?}");
        }
    }
}
