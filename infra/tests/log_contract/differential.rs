//! Any sequence of appends has the same answers on every engine.

use std::sync::Arc;

use events::log::Direction::Forwards;
use events::{Append, AppendError, Appended, EventLog, Expected, StreamName};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Runtime;

use crate::engines::{Engine, Memory, Postgres};
use crate::sample::{append, stream};

const STREAMS: usize = 3;

/// What to try next.
#[derive(Debug, Clone)]
enum Step {
    /// Append where the stream is, give or take.
    New { stream: usize, node: usize, off: i64, len: usize },
    /// Repeat an earlier append, whatever came of it.
    Repeat { earlier: prop::sample::Index, node: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let new = (0..STREAMS, 0..2usize, prop_oneof![6 => Just(0), 1 => -2..3i64], 1..4usize);
    prop_oneof![
        3 => new.prop_map(|(stream, node, off, len)| Step::New { stream, node, off, len }),
        1 => (any::<prop::sample::Index>(), 0..2usize)
            .prop_map(|(earlier, node)| Step::Repeat { earlier, node }),
    ]
}

/// Positions count from the log's first event of this run.
fn relative(outcome: Result<Appended, AppendError>, base: u64) -> Result<Appended, AppendError> {
    outcome.map(|appended| Appended {
        positions: appended.positions.iter().map(|position| position - base).collect(),
        ..appended
    })
}

async fn compare(
    model: &dyn EventLog,
    nodes: &[Arc<dyn EventLog>],
    steps: Vec<Step>,
) -> Result<(), TestCaseError> {
    let streams: Vec<StreamName> = (0..STREAMS).map(|_| stream()).collect();
    let base = nodes[0].head().await.unwrap();
    let mut earlier: Vec<Append> = Vec::new();
    for step in steps {
        let (next, node) = match step {
            Step::Repeat { earlier: index, node } if !earlier.is_empty() => {
                (index.get(&earlier).clone(), node)
            }
            Step::Repeat { node, .. } => (append(&streams[0], None, 1), node),
            Step::New { stream, node, off, len } => {
                let stream = &streams[stream];
                let last = model.last_revision(stream).await.unwrap();
                let next = last.map_or(0, |last| last.cast_signed() + 1) + off;
                let expected = u64::try_from(next - 1).ok();
                let new = append(stream, None, len);
                (Append { expected: Expected::after(expected), ..new }, node)
            }
        };
        let expected = model.append(next.clone()).await;
        let outcome = relative(nodes[node].append(next.clone()).await, base);
        prop_assert_eq!(outcome, expected, "of {:?} after {:?}", next.stream, next.expected);
        earlier.push(next);
    }
    for stream in &streams {
        let expected = model.read(stream, 0, Forwards, usize::MAX).await.unwrap();
        let mut there = nodes[0].read(stream, 0, Forwards, usize::MAX).await.unwrap();
        for event in &mut there {
            event.position -= base;
        }
        prop_assert_eq!(there, expected);
    }
    Ok(())
}

#[test]
fn answers_are_those_of_the_log_in_memory() {
    let runtime = Runtime::new().unwrap();
    let engine = runtime.block_on(Postgres::start());
    let nodes = runtime.block_on(async { [engine.node().await, engine.node().await] });
    let config = Config { cases: 40, failure_persistence: None, ..Config::default() };
    let steps = prop::collection::vec(step(), 1..40);
    let outcome = TestRunner::new(config).run(&steps, |steps| {
        runtime.block_on(async {
            let model = Memory::start().await.node().await;
            compare(&*model, &nodes, steps).await
        })
    });
    let _in_runtime = runtime.enter();
    drop(engine);
    outcome.unwrap();
}
