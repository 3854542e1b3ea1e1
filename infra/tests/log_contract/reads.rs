//! Reading what is there.

use events::log::Direction::{Backwards, Forwards};

use crate::engines::Engine;
use crate::sample::{append, plain, stream};

pub(crate) async fn streams_are_read_both_ways(engine: &impl Engine) {
    let (log, one, other) = (engine.node().await, stream(), stream());
    for revision in 0..6u64 {
        log.append(append(&one, revision.checked_sub(1), 1)).await.unwrap();
        log.append(append(&other, revision.checked_sub(1), 1)).await.unwrap();
    }
    for (from, direction, limit, expected) in [
        (0, Forwards, 3, vec![0, 1, 2]),
        (4, Forwards, 10, vec![4, 5]),
        (6, Forwards, 10, vec![]),
        (5, Backwards, 2, vec![5, 4]),
        (1, Backwards, 10, vec![1, 0]),
        (u64::MAX, Backwards, 1, vec![5]),
        (0, Forwards, 0, vec![]),
    ] {
        let read = log.read(&one, from, direction, limit).await.unwrap();
        let revisions: Vec<u64> = read.iter().map(|event| event.revision).collect();
        assert_eq!(revisions, expected, "from {from}, {direction:?}, at most {limit}");
        assert!(read.iter().all(|event| event.stream == one));
    }
    assert_eq!(log.last_revision(&other).await.unwrap(), Some(5));
    assert_eq!(log.last_revision(&stream()).await.unwrap(), None);
    assert_eq!(log.read(&stream(), 0, Forwards, 10).await.unwrap(), vec![]);
}

pub(crate) async fn the_log_is_read_in_pages(engine: &impl Engine) {
    let log = engine.node().await;
    assert_eq!(log.read_all(0, 10).await.unwrap(), vec![]);
    for len in [1, 4, 2, 3] {
        log.append(append(&stream(), None, len)).await.unwrap();
    }
    let mut positions = Vec::new();
    loop {
        let after = positions.last().copied().unwrap_or(0);
        let page = log.read_all(after, 4).await.unwrap();
        if page.is_empty() {
            break;
        }
        positions.extend(page.iter().map(|event| event.position));
    }
    assert_eq!(positions, (1..=10).collect::<Vec<_>>());
    assert_eq!(log.read_all(u64::MAX, 10).await.unwrap(), vec![]);
}

pub(crate) async fn what_is_read_is_what_was_appended(engine: &impl Engine) {
    let (log, stream) = (engine.node().await, stream());
    let mut written = append(&stream, None, 2);
    written.events[1].metadata.trace_parent =
        Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into());
    log.append(written.clone()).await.unwrap();
    let other = engine.node().await;
    assert_eq!(plain(&other.read(&stream, 0, Forwards, 2).await.unwrap()), written.events);
    assert_eq!(plain(&other.read_all(0, 2).await.unwrap()), written.events);
    assert_eq!(other.id(), log.id());
}
