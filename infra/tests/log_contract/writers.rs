//! Many writers at once.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use events::log::Direction::Forwards;
use events::{Append, AppendError, Appended, EventId, EventLog, Expected};
use tokio::task::JoinSet;

use crate::engines::Engine;
use crate::sample::{append, stream};

pub(crate) const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// Appends wherever the stream is, again after each conflict.
async fn insist(log: &dyn EventLog, mut append: Append) -> Appended {
    loop {
        match when_available(log, &append).await {
            Ok(appended) => return appended,
            Err(AppendError::Conflict { current }) => append.expected = Expected::after(current),
            Err(error) => panic!("{error}"),
        }
    }
}

/// Appends, again while the log says that nothing was written because it can't be reached: a
/// busy machine opens connections slowly.
pub(crate) async fn when_available(
    log: &dyn EventLog,
    append: &Append,
) -> Result<Appended, AppendError> {
    loop {
        match log.append(append.clone()).await {
            Err(AppendError::Unavailable(_)) => tokio::time::sleep(RETRY_PAUSE).await,
            outcome => return outcome,
        }
    }
}

pub(crate) async fn a_thousand_writers_on_one_stream(engine: &impl Engine) {
    const WRITERS: usize = 1_000;
    let (log, stream) = (engine.node().await, stream());
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (log, append) = (Arc::clone(&log), append(&stream, None, 1));
        writers.spawn(async move {
            let id = append.events[0].id();
            (insist(&*log, append).await, id)
        });
    }
    let answers = writers.join_all().await;
    let there = log.read(&stream, 0, Forwards, 2 * WRITERS).await.unwrap();
    assert_eq!(there.len(), WRITERS);
    for (revision, event) in there.iter().enumerate() {
        assert_eq!((event.revision, event.position), (revision as u64, revision as u64 + 1));
    }
    for (appended, id) in answers {
        let event = &there[usize::try_from(appended.revision).unwrap()];
        assert_eq!((event.event.id(), vec![event.position]), (id, appended.positions));
    }
}

pub(crate) async fn conflicts_spare_their_neighbours(engine: &impl Engine) {
    const STREAMS: usize = 200;
    let (log, other) = (engine.node().await, engine.node().await);
    let streams: Vec<_> = (0..STREAMS).map(|_| stream()).collect();
    // On every third stream another node was first, which this one can't know.
    for stream in streams.iter().step_by(3) {
        other.append(append(stream, None, 2)).await.unwrap();
    }
    let mut writers = JoinSet::new();
    for (index, stream) in streams.iter().enumerate() {
        let (log, append) = (Arc::clone(&log), append(stream, None, 1));
        writers.spawn(async move { (index, log.append(append).await) });
    }
    for (index, outcome) in writers.join_all().await {
        match outcome {
            Err(AppendError::Conflict { current: Some(1) }) => assert_eq!(index % 3, 0),
            Ok(appended) => assert!(index % 3 != 0 && appended.revision == 0),
            Err(error) => panic!("{error}"),
        }
    }
    let head = log.head().await.unwrap();
    let events = log.read_all(0, 10 * STREAMS).await.unwrap();
    assert_eq!(head, events.len() as u64, "conflicts have left gaps");
    assert_eq!(events.len(), STREAMS.div_ceil(3) * 2 + STREAMS - STREAMS.div_ceil(3));
}

pub(crate) async fn two_nodes_at_once(engine: &impl Engine) {
    const APPENDS: usize = 400;
    let nodes = [engine.node().await, engine.node().await];
    // Both write to all of them: one hot stream, and several that they meet on now and then.
    let streams: Vec<_> = (0..8).map(|_| stream()).collect();
    let mut writers = JoinSet::new();
    for index in 0..APPENDS {
        let log = Arc::clone(&nodes[index % 2]);
        let stream = &streams[if index % 4 < 2 { 0 } else { index / 4 % 8 }];
        let append = append(stream, None, 1 + index % 3);
        writers.spawn(async move {
            let ids: Vec<EventId> = append.events.iter().map(events::NewEvent::id).collect();
            (insist(&*log, append).await, ids)
        });
    }
    let answers = writers.join_all().await;
    let events = nodes[0].read_all(0, 100_000).await.unwrap();
    let ids: HashSet<EventId> = events.iter().map(|event| event.event.id()).collect();
    assert_eq!(ids.len(), events.len(), "an event is there twice");
    assert_eq!(events.len(), answers.iter().map(|(_, ids)| ids.len()).sum::<usize>());
    for (appended, asked) in answers {
        let first = usize::try_from(appended.positions[0]).unwrap() - 1;
        let there = events[first..first + asked.len()].iter().map(|event| event.event.id());
        assert!(there.eq(asked), "an append is torn apart");
    }
    for stream in &streams {
        let of_stream = events.iter().filter(|event| event.stream == *stream);
        for (event, revision) in of_stream.zip(0..) {
            assert_eq!(event.revision, revision);
        }
    }
}
