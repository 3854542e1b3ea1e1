//! Crashes, restarts and rivals: rows and checkpoint stand or fall together.

use std::sync::Arc;
use std::time::Duration;

use crate::batches::Cut;
use crate::script::{Story, play, script};
use crate::world::{Running, World};
use events::memory::MemoryLog;
use events::{EventLog, LogId};
use projections::{Projector, ProjectorError};
use sqlx::postgres::PgListener;
use testkit::PrivateCluster;
use uuid::Uuid;

/// What a projector makes of the same log that nothing disturbs.
async fn undisturbed(world: &World) -> Vec<String> {
    let calm = World::new().await;
    let log = Arc::new(world.log.clone());
    let running = Running::start(Projector::new(log, world.vault.clone(), calm.options.clone()));
    running.reach(world.head()).await;
    running.stop().await.unwrap();
    calm.dump().await
}

/// In one snapshot, every event up to the checkpoint has its row in the feed, and no other.
async fn assert_together(world: &World) {
    let (at, rows): (i64, i64) = sqlx::query_as(
        "SELECT coalesce((SELECT position FROM checkpoint), 0), (SELECT count(*) FROM feed)",
    )
    .fetch_one(&world.pool)
    .await
    .unwrap();
    assert_eq!(rows, at);
}

/// From now on the statement of that number fails as if the server went away. A sequence counts
/// them: it isn't rolled back.
async fn fail_at(world: &World, n: u32) {
    world.sql(&format!("ALTER SEQUENCE faults RESTART; UPDATE fault_at SET n = {n}")).await;
}

async fn prepare_faults(world: &World) {
    let function = "CREATE SEQUENCE faults;
         CREATE TABLE fault_at AS SELECT 0 AS n;
         CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
            IF nextval('faults') = (SELECT n FROM fault_at) THEN
                RAISE 'the server goes away' USING ERRCODE = '57P01';
            END IF;
            RETURN NULL;
         END $$";
    world.sql(function).await;
}

#[tokio::test]
async fn whichever_statement_fails_rows_and_checkpoint_stay_together() {
    let (world, mut story) = (World::new().await, Story::default());
    prepare_faults(&world).await;
    let tables = "checkpoint users contacts channels members stays messages reactions \
                  read_markers ended_sessions feed";
    for table in tables.split(' ') {
        let when = format!("AFTER INSERT OR UPDATE ON {table}");
        world.sql(&format!("CREATE TRIGGER fault {when} EXECUTE FUNCTION fault()")).await;
    }
    let mut n = 0;
    loop {
        story.tell(&world, &script(300));
        fail_at(&world, n).await;
        world.project().await;
        assert_together(&world).await;
        if n > 0 && world.scalar("SELECT last_value FROM faults").await < i64::from(n) {
            break;
        }
        n += 1;
    }
    // A checkpoint, and inserts and updates of ten tables.
    assert!(n > 15, "{n} statements only");
    assert_eq!(world.dump().await, undisturbed(&world).await);
}

#[tokio::test]
async fn a_commit_that_fails_is_done_again() {
    let world = World::new().await;
    play(&world, &script(100));
    world.project().await;
    play(&world, &script(100));
    prepare_faults(&world).await;
    fail_at(&world, 1).await;
    let deferred = "CREATE CONSTRAINT TRIGGER fault AFTER UPDATE ON checkpoint
         DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fault()";
    world.sql(deferred).await;
    world.project().await;
    assert!(world.scalar("SELECT last_value FROM faults").await > 1, "no commit failed");
    assert_eq!(world.dump().await, undisturbed(&world).await);
}

#[tokio::test]
async fn a_failed_batch_leaves_nothing_behind() {
    let world = World::new().await;
    play(&world, &script(60));
    world.project().await;
    let before = (world.checkpoint().await, world.dump().await);
    play(&world, &script(100));
    world
        .sql(
            "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE 'no' USING ERRCODE = '57P01'; END $$;
             CREATE TRIGGER fault AFTER INSERT ON feed EXECUTE FUNCTION fault()",
        )
        .await;
    let running = world.start();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!((world.checkpoint().await, world.dump().await), before);
    world.sql("DROP TRIGGER fault ON feed").await;
    running.reach(world.head()).await;
    running.stop().await.unwrap();
    assert_eq!(world.dump().await, undisturbed(&world).await);
}

#[tokio::test]
async fn killed_at_any_moment_it_goes_on_from_its_checkpoint() {
    let world = World::new().await;
    play(&world, &script(3_000));
    let mut kills = 0;
    while world.checkpoint().await < world.head() {
        // Small batches, so that most moments lie within one.
        let cut = Cut { log: world.log.clone(), lengths: vec![20] };
        let running = Running::start(world.projector_of(Arc::new(cut)));
        tokio::time::sleep(Duration::from_millis(40 + kills + kills * 7 % 40)).await;
        // The task is gone between any two of its steps.
        running.task.abort();
        assert_together(&world).await;
        kills += 1;
    }
    assert!(kills > 5, "killed {kills} times only");
    assert_eq!(world.dump().await, undisturbed(&world).await);
}

#[tokio::test]
async fn of_two_projectors_one_stops() {
    let world = World::new().await;
    play(&world, &script(50));
    world.project().await;
    let (first, second) = (world.start(), world.start());
    first.reach(world.head()).await;
    second.reach(world.head()).await;
    // Both are at the end; the next event moves the checkpoint once.
    play(&world, &script(20));
    let head = world.head();
    let (winner, loser) = tokio::select! {
        biased;
        () = first.task_done() => (second, first),
        () = second.task_done() => (first, second),
    };
    let error = loser.fails().await;
    assert!(matches!(error, ProjectorError::Fenced { .. }), "{error}");
    winner.reach(head).await;
    winner.stop().await.unwrap();
    assert_eq!(world.dump().await, undisturbed(&world).await);
}

#[tokio::test]
async fn another_log_is_refused_and_nothing_written() {
    let mut world = World::new().await;
    play(&world, &script(50));
    world.project().await;
    let before = (world.checkpoint().await, world.dump().await);
    let (checkpoint, log) = (world.log.id(), LogId(Uuid::now_v7()));
    world.log = MemoryLog::new(log);
    play(&world, &script(80));
    let error = world.start().fails().await;
    assert_eq!(error, ProjectorError::ForeignLog { checkpoint, log });
    assert_eq!((world.checkpoint().await, world.dump().await), before);
}

#[tokio::test]
async fn a_log_that_was_set_back_is_refused() {
    let mut world = World::new().await;
    play(&world, &script(50));
    world.project().await;
    let checkpoint = world.checkpoint().await;
    world.log = MemoryLog::new(world.log.id());
    play(&world, &script(10));
    let error = world.start().fails().await;
    assert_eq!(error, ProjectorError::AheadOfLog { checkpoint, head: world.head() });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_killed_is_waited_for() {
    let cluster = PrivateCluster::start().await.unwrap();
    let world = World::at(cluster.url().unwrap().parse().unwrap()).await;
    let running = world.start();
    for round in 0..3u64 {
        play(&world, &script(1_500));
        tokio::time::sleep(Duration::from_millis(20 + round * 15)).await;
        cluster.kill().unwrap();
        play(&world, &script(500));
        cluster.restart().await.unwrap();
        running.reach(world.head()).await;
    }
    running.stop().await.unwrap();
    assert_eq!(world.dump().await, undisturbed(&world).await);
}

#[tokio::test]
async fn commits_are_told_to_other_nodes() {
    let world = World::new().await;
    let mut listener = PgListener::connect_with(&world.pool).await.unwrap();
    listener.listen(projections::NOTIFY_CHANNEL).await.unwrap();
    let running = world.start();
    play(&world, &script(200));
    loop {
        let told = tokio::time::timeout(Duration::from_secs(5), listener.recv());
        let position: u64 = told.await.expect("told").unwrap().payload().parse().unwrap();
        // What is told is there.
        assert!(world.checkpoint().await >= position);
        if position == world.head() {
            break;
        }
    }
    running.stop().await.unwrap();
}
