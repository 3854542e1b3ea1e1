//! The way of one message, from socket to socket: `cargo bench -p infra --bench way`.
//!
//! Starts a node of its own by `infra/run`, puts it under the load of `moim load messages`, and
//! prints how long it took from the intended moment of sending until the sender had its answer
//! and until each member's socket had the message; then what the node's own histograms say of
//! the stages between.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod node;
mod stages;

use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;
use infra::cli::load::{Messages, Report, Spread, measure};

const USERS_LEN: u32 = 20;
const CHANNEL_LEN: u32 = 10;
const RATE_PER_SECOND: u32 = 100;
const WARM_UP_S: u64 = 3;
const MEASURED_S: u64 = 20;

#[tokio::main]
async fn main() -> Result<()> {
    let node = node::Node::start().await?;
    let result = run(&node).await;
    node.stop().await?;
    result
}

async fn run(node: &node::Node) -> Result<()> {
    let load = |duration| Messages {
        users: USERS_LEN,
        rate: RATE_PER_SECOND,
        channel_size: CHANNEL_LEN,
        duration,
        url: node.api_url.clone(),
        ramp: false,
        json: false,
    };
    measure(&load(WARM_UP_S)).await?;
    let before = stages::read(&node.ops_url).await?;
    let reports = measure(&load(MEASURED_S)).await?;
    let after = stages::read(&node.ops_url).await?;
    println!("{RATE_PER_SECOND} messages/s for {MEASURED_S} s");
    println!("{USERS_LEN} users in channels of {CHANNEL_LEN}");
    let faults: u64 = reports.iter().map(Report::faults).sum();
    anyhow::ensure!(faults == 0, "{reports:?}");
    for report in &reports {
        print_spread("until the sender's answer", report.answer_ms);
        print_spread("until each member has it", report.delivery_ms);
    }
    stages::print(&before, &after);
    node.print_bare_commit().await
}

fn print_spread(what: &str, spread: Spread) {
    let Spread { p50, p99, max, .. } = spread;
    println!("{what:<28} p50 {p50:>7.2} ms   p99 {p99:>7.2} ms   max {max:>7.2} ms");
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
