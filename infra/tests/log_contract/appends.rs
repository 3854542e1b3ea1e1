//! Appending: atomicity, conflicts, repeats, sizes.

use events::log::{APPEND_BYTES_MAX, APPEND_EVENTS_MAX, Direction, EVENT_BYTES_MAX};
use events::{Append, AppendError, Expected};

use crate::engines::Engine;
use crate::sample::{append, heavy, plain, stream};

pub(crate) async fn all_or_nothing(engine: &impl Engine) {
    let (log, stream) = (engine.node().await, stream());
    let first = append(&stream, None, 3);
    let appended = log.append(first.clone()).await.unwrap();
    assert_eq!((appended.revision, appended.positions), (2, vec![1, 2, 3]));
    let refused = log.append(append(&stream, Some(1), 3)).await;
    assert_eq!(refused, Err(AppendError::Conflict { current: Some(2) }));
    let there = log.read(&stream, 0, Direction::Forwards, 10).await.unwrap();
    assert_eq!(plain(&there), first.events);
    assert_eq!(log.head().await.unwrap(), 3);
}

pub(crate) async fn a_conflict_tells_where_the_stream_is(engine: &impl Engine) {
    let (log, stream) = (engine.node().await, stream());
    let conflict = |current| Err(AppendError::Conflict { current });
    assert_eq!(log.append(append(&stream, Some(0), 1)).await, conflict(None));
    log.append(append(&stream, None, 2)).await.unwrap();
    // A node that knows the stream and one that has never seen it say the same.
    for log in [log, engine.node().await] {
        for expected in [None, Some(0), Some(2), Some(7)] {
            let outcome = log.append(append(&stream, expected, 1)).await;
            assert_eq!(outcome, conflict(Some(1)), "expected {expected:?}");
        }
    }
}

pub(crate) async fn a_repeat_gives_the_first_answer(engine: &impl Engine) {
    let (log, stream) = (engine.node().await, stream());
    let (first, second) = (append(&stream, None, 2), append(&stream, Some(1), 3));
    let answers = [log.append(first.clone()).await, log.append(second.clone()).await];
    log.append(append(&stream, Some(4), 1)).await.unwrap();
    for (repeat, answer) in [first.clone(), second].into_iter().zip(answers) {
        assert_eq!(log.append(repeat).await, answer);
    }
    // The same ids elsewhere, fewer, more, or after one that differs are no repeat.
    let elsewhere = Append { expected: Expected::Exact(1), ..first.clone() };
    let mut longer = first.clone();
    longer.events.extend(append(&stream, Some(1), 1).events);
    let mut other = first;
    other.events[1] = append(&stream, Some(0), 1).events.remove(0);
    for no_repeat in [elsewhere, longer, other] {
        let conflict = AppendError::Conflict { current: Some(5) };
        assert_eq!(log.append(no_repeat).await, Err(conflict));
    }
    assert_eq!(log.head().await.unwrap(), 6);
}

pub(crate) async fn a_repeat_is_known_on_another_node(engine: &impl Engine) {
    let (log, other, stream) = (engine.node().await, engine.node().await, stream());
    // The other node knows the stream up to what the repeat expects, as its writer would.
    log.append(append(&stream, None, 1)).await.unwrap();
    assert_eq!(other.last_revision(&stream).await.unwrap(), Some(0));
    let lost = append(&stream, Some(0), 2);
    let answer = log.append(lost.clone()).await;
    assert_eq!(other.append(lost.clone()).await, answer);
    assert_eq!(engine.node().await.append(lost).await, answer);
    assert_eq!(log.head().await.unwrap(), 3);
}

pub(crate) async fn the_largest_events_fit(engine: &impl Engine) {
    let (log, stream) = (engine.node().await, stream());
    let three = (0..APPEND_BYTES_MAX / EVENT_BYTES_MAX).map(|_| heavy(&stream, EVENT_BYTES_MAX));
    let bytes =
        Append { stream: stream.clone(), expected: Expected::NoStream, events: three.collect() };
    assert_eq!(log.append(bytes.clone()).await.unwrap().revision, 2);
    assert_eq!(plain(&log.read_all(0, 10).await.unwrap()), bytes.events);
    let many = append(&stream, Some(2), APPEND_EVENTS_MAX);
    assert_eq!(log.append(many.clone()).await.unwrap().positions.len(), APPEND_EVENTS_MAX);
    let there = log.read(&stream, 3, Direction::Forwards, 1_000).await.unwrap();
    assert_eq!(plain(&there), many.events);
}

pub(crate) async fn oversize_is_refused_and_leaves_nothing(engine: &impl Engine) {
    let (log, stream) = (engine.node().await, stream());
    let of = |events| Append { stream: stream.clone(), expected: Expected::NoStream, events };
    let heavy = |bytes| heavy(&stream, bytes);
    let refused = [
        of(vec![heavy(EVENT_BYTES_MAX + 1)]),
        of((0..4).map(|_| heavy(APPEND_BYTES_MAX / 4 + 1)).collect()),
        append(&stream, None, APPEND_EVENTS_MAX + 1),
    ];
    for append in refused {
        let outcome = log.append(append).await;
        assert!(matches!(outcome, Err(AppendError::TooLarge { .. })), "{outcome:?}");
    }
    assert_eq!(log.head().await.unwrap(), 0);
}
