//! How the log is cut into batches must not show in the rows.

use std::cell::RefCell;

use super::script::Story;
use super::*;
use crate::batches::Cut;
use events::memory::MemoryLog;
use proptest::collection::vec;
use proptest::test_runner::{Config, TestRunner};

/// The rows that come of the world's log, cut that way.
async fn rows(world: &World, lengths: Vec<usize>) -> Vec<String> {
    clear(world).await;
    let cut = Cut { log: world.log.clone(), lengths };
    let running = Running::start(projector_of(world, Arc::new(cut)));
    running.reach(world.head()).await;
    running.stop().await.unwrap();
    dump(world).await
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
        Story::default().tell(world, &script);
        let (single, cut, whole) = runtime.block_on(async {
            (
                rows(world, vec![1]).await,
                rows(world, lengths).await,
                rows(world, vec![usize::MAX]).await,
            )
        });
        proptest::prop_assert_eq!(&single, &cut);
        proptest::prop_assert_eq!(&single, &whole);
        Ok(())
    });
    // Inside the runtime, so that the pool can close.
    let _guard = runtime.enter();
    tried.unwrap();
}
