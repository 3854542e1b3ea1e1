//! Subscribers: everything once, in order, soon.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use events::{EventLog, LogError, LogPosition, Recorded};
use futures::StreamExt;
use tokio::task::{JoinHandle, JoinSet};

use crate::engines::Engine;
use crate::sample::{append, stream};
use crate::writers::{RETRY_PAUSE, when_available};

/// Reads from a position until it has seen `up_to`; checks that nothing is missing or repeated.
async fn follow(log: &dyn EventLog, after: LogPosition, up_to: LogPosition) -> Vec<Recorded> {
    let mut seen = Vec::new();
    let mut tail = log.subscribe(after);
    while seen.len() as u64 + after < up_to {
        let batch = match tail.next().await.expect("a tail goes on") {
            Ok(batch) => batch,
            // A busy machine opens connections slowly; one subscribes again where one was.
            Err(LogError::Unavailable(_)) => {
                tail = log.subscribe(after + seen.len() as u64);
                continue;
            }
            Err(error) => panic!("{error}"),
        };
        assert!(!batch.is_empty());
        for event in batch {
            assert_eq!(event.position, after + 1 + seen.len() as u64);
            seen.push(event);
        }
    }
    seen
}

/// The log's head, asked again while a busy machine opens connections slowly.
async fn head_when_available(log: &dyn EventLog) -> LogPosition {
    loop {
        match log.head().await {
            Err(LogError::Unavailable(_)) => tokio::time::sleep(RETRY_PAUSE).await,
            head => return head.unwrap(),
        }
    }
}

/// Writers on two nodes that append until they are told to stop; gives how many events each.
async fn load(engine: &impl Engine, stop: &Arc<AtomicBool>) -> JoinSet<u64> {
    let nodes = [engine.node().await, engine.node().await];
    let mut writers = JoinSet::new();
    for index in 0..16 {
        let (log, stop) = (Arc::clone(&nodes[index % 2]), Arc::clone(stop));
        writers.spawn(async move {
            let (stream, mut last, mut written) = (stream(), None, 0);
            while !stop.load(Ordering::Relaxed) {
                let append = append(&stream, last, 1 + index);
                let appended = when_available(&*log, &append).await.unwrap();
                last = Some(appended.revision);
                written += 1 + index as u64;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            written
        });
    }
    writers
}

pub(crate) async fn a_subscriber_sees_all_once_and_in_order_under_load(engine: &impl Engine) {
    let (stop, log) = (Arc::new(AtomicBool::new(false)), engine.node().await);
    let mut tail = log.subscribe(0);
    let writers = load(engine, &stop).await;
    let end = Instant::now() + Duration::from_secs(2);
    let mut seen = 0;
    while Instant::now() < end {
        for event in tail.next().await.expect("a tail goes on").unwrap() {
            seen += 1;
            assert_eq!(event.position, seen);
        }
    }
    stop.store(true, Ordering::Relaxed);
    let written: u64 = writers.join_all().await.into_iter().sum();
    while seen < written {
        for event in tail.next().await.expect("a tail goes on").unwrap() {
            seen += 1;
            assert_eq!(event.position, seen);
        }
    }
    assert_eq!(log.head().await.unwrap(), written);
}

pub(crate) async fn catching_up_hands_over_to_live_without_gap_or_repeat(engine: &impl Engine) {
    let (stop, log) = (Arc::new(AtomicBool::new(false)), engine.node().await);
    for _ in 0..10 {
        log.append(append(&stream(), None, 200)).await.unwrap();
    }
    let writers = load(engine, &stop).await;
    // Many, at different places and moments: each meets the end of what is there under load.
    let mut followers: Vec<JoinHandle<LogPosition>> = Vec::new();
    for index in 0..20u64 {
        let log = if index % 2 == 0 { Arc::clone(&log) } else { engine.node().await };
        followers.push(tokio::spawn(async move {
            let after = index * 100;
            let up_to = head_when_available(&*log).await + 300;
            follow(&*log, after, up_to).await;
            up_to
        }));
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    for follower in followers {
        let seen = tokio::time::timeout(Duration::from_secs(20), follower).await;
        assert!(seen.expect("a follower hangs").unwrap() > 2_000);
    }
    stop.store(true, Ordering::Relaxed);
    writers.join_all().await;
}

pub(crate) async fn events_of_another_node_arrive_soon(engine: &impl Engine) {
    let (log, other, stream) = (engine.node().await, engine.node().await, stream());
    let mut tail = log.subscribe(0);
    for revision in 0..5u64 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let start = Instant::now();
        other.append(append(&stream, revision.checked_sub(1), 1)).await.unwrap();
        let batch = tail.next().await.expect("a tail goes on").unwrap();
        assert_eq!(batch.len(), 1);
        // Polling alone does it within 100 ms; five times that is the bound.
        assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
    }
}
