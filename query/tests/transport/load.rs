//! What an event costs must not depend on how many subscriptions a socket has.

use std::time::Duration;

use tokio::time::Instant;

use crate::client::Client;
use crate::server::Server;
use crate::socket::wait_for_listeners;

const EVENTS: i32 = 2_000;

/// Time to hear all events of one subscription beside so many on the same socket.
async fn time_beside(subscriptions: usize) -> Duration {
    let server = Server::start().await;
    let mut client = Client::ready(&server, "user-1").await;
    for at in 1..subscriptions {
        let channel = format!("c{}", at % 100);
        let text = format!("subscription {{ live(channel: \"{channel}\") }}");
        client.subscribe(&at.to_string(), &text).await;
    }
    client.subscribe("0", "subscription { live(channel: \"busy\") }").await;
    wait_for_listeners(&server, "busy", 1).await;
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let since = Instant::now();
        for number in 0..EVENTS {
            server.world.tell("busy", number);
            if number % 10 == 9 {
                tokio::task::yield_now().await;
            }
        }
        for _ in 0..EVENTS {
            assert_eq!(client.hear_message().await["id"], "0");
        }
        best = best.min(since.elapsed());
    }
    best
}

#[tokio::test]
async fn four_thousand_subscriptions_cost_per_event_what_fifty_do() {
    // Other tests run beside this one: what is measured is only ever too long.
    let mut seen = Vec::new();
    for _ in 0..3 {
        let (few, many) = (time_beside(50).await, time_beside(4_000).await);
        if many < few * 2 {
            return;
        }
        seen.push((few, many));
    }
    panic!("beside 50, beside 4,000: {seen:?}");
}
