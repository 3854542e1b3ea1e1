//! How the log is cut into batches must not show in the rows.

use std::cell::RefCell;
use std::sync::Arc;

use crate::script::play;
use crate::world::{Running, World};
use async_trait::async_trait;
use events::log::{Direction, Tail};
use events::memory::MemoryLog;
use events::{
    Append, AppendError, Appended, EventLog, LogError, LogId, LogPosition, Recorded, Revision,
    StreamName,
};
use futures::stream;
use proptest::collection::vec;
use proptest::test_runner::{Config, TestRunner};

/// A log whose tail comes in pieces of these lengths, in turn.
pub(crate) struct Cut {
    pub(crate) log: MemoryLog,
    pub(crate) lengths: Vec<usize>,
}

#[async_trait]
impl EventLog for Cut {
    fn id(&self) -> LogId {
        self.log.id()
    }
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.log.append(append).await
    }
    async fn read(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        self.log.read(stream, from, direction, limit).await
    }
    async fn last_revision(&self, stream: &StreamName) -> Result<Option<Revision>, LogError> {
        self.log.last_revision(stream).await
    }
    async fn head(&self) -> Result<LogPosition, LogError> {
        self.log.head().await
    }
    async fn read_all(&self, after: LogPosition, limit: usize) -> Result<Vec<Recorded>, LogError> {
        self.log.read_all(after, limit).await
    }
    fn subscribe(&self, after: LogPosition) -> Tail {
        let lengths = self.lengths.clone().into_iter().cycle();
        let state = (self.log.clone(), after, lengths);
        Box::pin(stream::unfold(state, |(log, after, mut lengths)| async move {
            // Not ready at once: what comes next is another batch.
            tokio::task::yield_now().await;
            let batch = log.read_all_now(after, lengths.next()?);
            let Some(last) = batch.last() else { return std::future::pending().await };
            let after = last.position;
            Some((Ok(batch), (log, after, lengths)))
        }))
    }
}

/// The rows that come of the world's log, cut that way.
async fn rows(world: &World, lengths: Vec<usize>) -> Vec<String> {
    world.clear().await;
    let cut = Cut { log: world.log.clone(), lengths };
    let running = Running::start(world.projector_of(Arc::new(cut)));
    running.reach(world.head()).await;
    running.stop().await.unwrap();
    world.dump().await
}

#[test]
fn the_same_log_gives_the_same_rows_however_it_is_cut() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = RefCell::new(runtime.block_on(World::new()));
    let cases = (vec(0..100_000u32, 20..200), vec(1..40usize, 1..8));
    let config = Config { cases: 12, failure_persistence: None, ..Config::default() };
    let tried = TestRunner::new(config).run(&cases, |(script, lengths)| {
        let world = &mut *world.borrow_mut();
        world.log = MemoryLog::default();
        play(world, &script);
        let (single, cut, whole) = runtime.block_on(async {
            (
                rows(world, vec![1]).await,
                rows(world, lengths).await,
                rows(world, vec![usize::MAX]).await,
            )
        });
        proptest::prop_assert_eq!(&single, &cut);
        proptest::prop_assert_eq!(&single, &whole);
        proptest::prop_assert!(!single.iter().any(|row| row.starts_with("parked")));
        Ok(())
    });
    // Inside the runtime, so that the pool can close.
    let _guard = runtime.enter();
    tried.unwrap();
}
