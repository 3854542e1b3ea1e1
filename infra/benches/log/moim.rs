//! The log, by its port.

use std::time::Instant;

use anyhow::Result;
use events::{Append, EventLog, Expected};
use infra::postgres::PostgresLog;
use tokio::task::JoinSet;

use crate::{Turn, sample};

/// Appends of `len` events until `end`; each writer has its own stream and waits for each answer.
pub(crate) async fn appends(
    log: &PostgresLog,
    len: usize,
    writers: usize,
    end: Instant,
) -> Result<Turn> {
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..writers {
        tasks.spawn(write(log.clone(), len, end));
    }
    let mut turn = Turn::default();
    while let Some(calls) = tasks.join_next().await {
        let calls = calls??;
        turn.calls += calls;
        turn.events += calls * len as u64;
    }
    turn.elapsed = start.elapsed();
    Ok(turn)
}

async fn write(log: PostgresLog, len: usize, end: Instant) -> Result<u64> {
    let (stream, mut last, mut calls) = (sample::stream(), None, 0);
    while Instant::now() < end {
        let events = sample::events(&stream, len);
        let append = Append { stream: stream.clone(), expected: Expected::after(last), events };
        last = Some(log.append(append).await?.revision);
        calls += 1;
    }
    Ok(calls)
}
