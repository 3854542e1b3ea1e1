//! The way of one message, from socket to socket: `cargo bench -p infra --bench way`.
//!
//! Starts a node of its own by `infra/run`, signs up users, connects each by WebSocket, sends at
//! a fixed rate, and prints how long it took from the intended moment of sending until the
//! sender had its answer and until each member's socket had the message; then what the node's
//! own histograms say of the stages between.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod client;
mod node;
mod stages;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use tokio::sync::mpsc;

use client::{Seen, Socket};

const USERS_LEN: usize = 20;
const CHANNEL_LEN: usize = 10;
const DELIVERIES_PER_MESSAGE: u32 = 10;
const RATE_PER_SECOND: u32 = 100;
const SECOND: Duration = Duration::from_secs(1);
const WARM_UP_S: u32 = 3;
const MEASURED_S: u32 = 20;
const LAST_ARRIVAL: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result<()> {
    let node = node::Node::start().await?;
    let result = run(&node).await;
    node.stop().await?;
    result
}

async fn run(node: &node::Node) -> Result<()> {
    let api = client::Api::new(&node.api_url);
    let mut users = Vec::new();
    for index in 0..USERS_LEN {
        users.push(api.sign_up(index).await?);
    }
    let mut channels = Vec::new();
    for group in users.chunks(CHANNEL_LEN) {
        let channel = api.create_channel(&group[0]).await?;
        for member in &group[1..] {
            api.join(member, &channel).await?;
        }
        channels.push(channel);
    }
    let (seen, arrivals) = mpsc::unbounded_channel();
    let mut sockets = Vec::new();
    for (index, user) in users.iter().enumerate() {
        let channel = &channels[index / CHANNEL_LEN];
        sockets.push(Socket::open(&node.api_url, user, channel, seen.clone()).await?);
    }
    let warm_up_len = messages_in(WARM_UP_S);
    let total = warm_up_len + messages_in(MEASURED_S);
    let start = Instant::now() + Duration::from_millis(100);
    let due = Arc::new(move |number: u32| start + SECOND / RATE_PER_SECOND * number);
    let counting = tokio::spawn(count(arrivals, total, warm_up_len, Arc::clone(&due)));
    let mut before = None;
    for number in 0..total {
        tokio::time::sleep_until(due(number).into()).await;
        if number == warm_up_len {
            before = Some(stages::read(&node.ops_url).await?);
        }
        sockets[number as usize % USERS_LEN].send(number)?;
    }
    let (answers, deliveries) = counting.await??;
    let after = stages::read(&node.ops_url).await?;
    println!("{RATE_PER_SECOND} messages/s for {MEASURED_S} s");
    println!("{USERS_LEN} users in channels of {CHANNEL_LEN}");
    print_row("until the sender's answer", &answers);
    print_row("until each member has it", &deliveries);
    stages::print(&before.context("the warm-up ended")?, &after);
    node.print_bare_commit().await
}

fn messages_in(seconds: u32) -> u32 {
    seconds * RATE_PER_SECOND
}

/// Waits for every answer and every delivery; what doesn't come is an error, never left out.
async fn count(
    mut arrivals: mpsc::UnboundedReceiver<Seen>,
    total: u32,
    warm_up_len: u32,
    due: Arc<impl Fn(u32) -> Instant>,
) -> Result<(Histogram<u64>, Histogram<u64>)> {
    let (mut answers, mut deliveries) = (Histogram::new(3)?, Histogram::new(3)?);
    let (mut answers_len, mut deliveries_len) = (0, 0);
    while answers_len < total || deliveries_len < total * DELIVERIES_PER_MESSAGE {
        let patience = LAST_ARRIVAL + due(total).saturating_duration_since(Instant::now());
        let arrival = tokio::time::timeout(patience, arrivals.recv()).await;
        let seen = arrival
            .with_context(|| {
                format!(
                    "{answers_len} answers, {deliveries_len} deliveries of {total} × {CHANNEL_LEN}"
                )
            })?
            .context("a socket closed")?;
        let (number, at, histogram, len) = match seen {
            Seen::Answer(number, at) => (number, at, &mut answers, &mut answers_len),
            Seen::Message(number, at) => (number, at, &mut deliveries, &mut deliveries_len),
            Seen::Failure(text) => anyhow::bail!("{text}"),
        };
        *len += 1;
        if number >= warm_up_len {
            let micros = at.saturating_duration_since(due(number)).as_micros();
            histogram.record(u64::try_from(micros)?)?;
        }
    }
    Ok((answers, deliveries))
}

fn print_row(what: &str, histogram: &Histogram<u64>) {
    let ms = |quantile| {
        let took = Duration::from_micros(histogram.value_at_quantile(quantile));
        took.as_secs_f64() * 1000.0
    };
    println!(
        "{what:<28} p50 {:>7.2} ms   p99 {:>7.2} ms   max {:>7.2} ms   ({} samples)",
        ms(0.5),
        ms(0.99),
        ms(1.0),
        histogram.len()
    );
}
