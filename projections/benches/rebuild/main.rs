//! How fast a read model is rebuilt, and how far behind the live one is under load, on a
//! PostgreSQL of the tests' own with default durability and a log in memory, on this machine.
//!
//! Of 20 events 15 are messages, the others reactions, an edit, and moves of read markers.
//!
//! `cargo bench -p projections [-- <events> <events a second>]`
#![allow(clippy::print_stdout, missing_docs, reason = "a program that prints")]

mod history;

use std::env;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use events::EventLog;
use projections::rebuild::Spent;
use projections::{Projection, Projector, schema};
use sqlx::postgres::PgConnectOptions;
use testkit::PrivateCluster;
use tokio_util::sync::CancellationToken;

use history::{OneKey, Writer};

const LIVE_SECONDS: u64 = 15;
/// Events of one append when the log is filled.
const APPEND_LEN: usize = 100;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    // `cargo bench` says so; anybody else only wants to know that this compiles.
    let Some(at) = arguments.iter().position(|argument| argument == "--bench") else {
        return Ok(());
    };
    arguments.remove(at);
    let number = |at: usize, default: u64| match arguments.get(at) {
        Some(argument) => argument.parse().context("not a number"),
        None => Ok(default),
    };
    let (events, rate) = (number(0, 500_000)?, number(1, 5_000)?);
    let cluster = PrivateCluster::start().await?;
    let options: PgConnectOptions = cluster.url()?.parse()?;
    schema::migrate(&options).await?;
    let mut writer = Writer::new()?;
    let appends = usize::try_from(events)? / APPEND_LEN;
    for append in 0..appends {
        writer.write(append, APPEND_LEN)?;
    }
    for projection in Projection::ALL {
        rebuild(&writer, &options, projection).await?;
    }
    live(&mut writer, &options, rate).await
}

async fn rebuild(
    writer: &Writer,
    options: &PgConnectOptions,
    projection: Projection,
) -> anyhow::Result<()> {
    let log = Arc::new(writer.log.clone());
    let report = projections::rebuild(projection, options, log, Arc::new(OneKey), |_| {}).await?;
    ensure!(report.parked_streams == 0, "streams were parked");
    #[expect(clippy::cast_precision_loss, reason = "to be printed")]
    let rate = report.events as f64 / report.seconds;
    let name = projection.name();
    println!("{name}: {} events in {:.1} s, {rate:.0} events/s", report.events, report.seconds);
    let Spent { read, decode, write, filling, index } = report.spent;
    println!(
        "  filling {filling:.1?} (side by side: reading {read:.1?}, decoding {decode:.1?}, folding \
         and writing {write:.1?}), indexes {index:.1?}"
    );
    Ok(())
}

/// Events at an even rate; the lag of one that is told to be projected is from its append.
async fn live(writer: &mut Writer, options: &PgConnectOptions, rate: u64) -> anyhow::Result<()> {
    let log = Arc::new(writer.log.clone());
    let projector = Projector::new(log, Arc::new(OneKey), options.clone());
    let (projected, shutdown) = (projector.projected(), CancellationToken::new());
    let running = tokio::spawn(projector.run(shutdown.clone()));
    let head = writer.log.head().await?;
    projected.clone().wait_for(|at| *at >= head).await?;
    let started = Instant::now();
    let total = rate * LIVE_SECONDS;
    let watching = tokio::spawn(watch_lag(projected, started, head, rate, total));
    for message in 0..total {
        let due = started + Duration::from_secs(1) * u32::try_from(message)? / u32::try_from(rate)?;
        tokio::time::sleep_until(due.into()).await;
        writer.write(usize::try_from(message)?, 1)?;
    }
    let mut lags = watching.await??;
    shutdown.cancel();
    running.await??;
    lags.sort_unstable();
    let at = |share: usize| lags[(lags.len() - 1) * share / 1_000].as_secs_f64() * 1e3;
    println!(
        "live: {rate} events/s, lag p50 {:.1} ms, p99 {:.1} ms, worst {:.1} ms",
        at(500),
        at(990),
        at(1_000)
    );
    Ok(())
}

/// From the moment at which each message was due to the one at which it was projected.
async fn watch_lag(
    mut projected: tokio::sync::watch::Receiver<u64>,
    started: Instant,
    head: u64,
    rate: u64,
    total: u64,
) -> anyhow::Result<Vec<Duration>> {
    let mut lags = Vec::new();
    while (lags.len() as u64) < total {
        projected.changed().await?;
        let (now, at) = (started.elapsed(), *projected.borrow_and_update());
        for message in lags.len() as u64..(at - head).min(total) {
            let due = Duration::from_secs(1) * u32::try_from(message)? / u32::try_from(rate)?;
            lags.push(now.saturating_sub(due));
        }
    }
    Ok(lags)
}
