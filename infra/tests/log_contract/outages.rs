//! The server goes away in the middle.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use events::log::Direction::Forwards;
use events::{AppendError, EventLog, LogError, Recorded};
use futures::StreamExt;
use tokio::task::JoinSet;

use crate::engines::Outages;
use crate::sample::{append, stream};

/// Who waits for a log that is away knows after this at the latest.
const ERROR_WITHIN: Duration = Duration::from_secs(5);
/// Once the server is back, appends go through again after this at the latest.
const SERVED_WITHIN: Duration = Duration::from_secs(10);

/// Appends one event after another; what failed is repeated as it was, until it has an answer.
async fn write(log: Arc<dyn EventLog>, stop: Arc<AtomicBool>) -> (u64, u64) {
    let (stream, mut last, mut trouble) = (stream(), None, 0);
    while !stop.load(Ordering::Relaxed) {
        let append = append(&stream, last, 2);
        last = loop {
            match log.append(append.clone()).await {
                Ok(appended) => break Some(appended.revision),
                Err(AppendError::Unavailable(_) | AppendError::Unknown(_)) => trouble += 1,
                // Nobody else writes to this stream: what is there can only be this append.
                Err(error) => panic!("{error}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
    }
    let there = log.read(&stream, 0, Forwards, usize::MAX).await.unwrap();
    assert_eq!(there.len() as u64, last.map_or(0, |last| last + 1), "lost or written twice");
    (there.len() as u64, trouble)
}

/// Follows through all errors.
async fn follow(log: Arc<dyn EventLog>, stop: Arc<AtomicBool>) -> Vec<Recorded> {
    let mut seen: Vec<Recorded> = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let mut tail = log.subscribe(seen.len() as u64);
        loop {
            match tokio::time::timeout(Duration::from_millis(200), tail.next()).await {
                Ok(Some(Ok(batch))) => seen.extend(batch),
                Ok(Some(Err(LogError::Corrupt(what)))) => panic!("{what}"),
                Ok(None) => break,
                Err(_) if stop.load(Ordering::Relaxed) => break,
                Ok(Some(Err(LogError::Unavailable(_)))) | Err(_) => {}
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    seen
}

pub(crate) async fn a_killed_server_loses_and_repeats_nothing(engine: &impl Outages) {
    const KILLS: u64 = 3;
    let (written_enough, seen_enough) = (Arc::default(), Arc::default());
    let nodes = [engine.node().await, engine.node().await];
    let mut writers = JoinSet::new();
    for index in 0..8 {
        writers.spawn(write(Arc::clone(&nodes[index % 2]), Arc::clone(&written_enough)));
    }
    let follower = tokio::spawn(follow(Arc::clone(&nodes[0]), Arc::clone(&seen_enough)));
    for kill in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(400 + 130 * kill)).await;
        engine.kill();
        engine.restart().await;
        let start = Instant::now();
        while nodes[0].append(append(&stream(), None, 1)).await.is_err() {
            assert!(start.elapsed() < SERVED_WITHIN, "not served again");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    tokio::time::sleep(Duration::from_millis(400)).await;
    written_enough.store(true, Ordering::Relaxed);
    let written = writers.join_all().await;
    assert!(written.iter().any(|(_, trouble)| *trouble > 0), "no writer noticed anything");
    let head = nodes[1].head().await.unwrap();
    let written: u64 = written.iter().map(|(events, _)| events).sum();
    // Appends of the probe that were answered by an error may be there all the same.
    assert!(head >= written + KILLS, "{head} events, {written} acknowledged");
    tokio::time::sleep(Duration::from_millis(600)).await;
    seen_enough.store(true, Ordering::Relaxed);
    let seen = follower.await.unwrap();
    assert_eq!(seen, nodes[1].read_all(0, usize::MAX).await.unwrap());
}

pub(crate) async fn a_frozen_server_is_an_error_in_time(engine: &impl Outages) {
    let (log, other, stream) = (engine.node().await, engine.node().await, stream());
    log.append(append(&stream, None, 1)).await.unwrap();
    engine.freeze();
    let start = Instant::now();
    let lost = append(&stream, Some(0), 2);
    let (appended, read, head, elsewhere) = tokio::join!(
        log.append(lost.clone()),
        log.read(&stream, 0, Forwards, 1),
        other.head(),
        other.append(append(&stream, Some(0), 1)),
    );
    assert!(start.elapsed() < ERROR_WITHIN, "{:?}", start.elapsed());
    assert!(matches!(appended, Err(AppendError::Unknown(_))), "{appended:?}");
    assert!(matches!(read, Err(LogError::Unavailable(_))), "{read:?}");
    assert!(matches!(head, Err(LogError::Unavailable(_))), "{head:?}");
    assert!(matches!(elsewhere, Err(AppendError::Unavailable(_))), "{elsewhere:?}");
    engine.thaw();
    // It may have been written or not; asked again it is there once.
    let start = Instant::now();
    let appended = loop {
        match log.append(lost.clone()).await {
            Ok(appended) => break appended,
            Err(AppendError::Conflict { current }) => panic!("conflict with itself: {current:?}"),
            Err(_) => assert!(start.elapsed() < SERVED_WITHIN, "not served again"),
        }
    };
    assert_eq!(appended.revision, 2);
    assert_eq!(log.head().await.unwrap(), 3);
    assert_eq!(log.last_revision(&stream).await.unwrap(), Some(2));
}
