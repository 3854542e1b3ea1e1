//! A rebuild beside live traffic.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::script::{play, script};
use crate::world::World;
use events::{ChannelId, MessageId, NewEvent, StreamName, channel::MessageSent};
use projections::Projection;
use projections::rebuild::{Progress, Rebuild, RebuildError, Report};
use sqlx::postgres::PgPoolOptions;

async fn rebuild(world: &World) -> Result<Report, RebuildError> {
    let log = Arc::new(world.log.clone());
    projections::rebuild(Projection::Messenger, &world.options, log, world.vault.clone(), |_| {})
        .await
}

async fn prepare(world: &World) -> Result<Rebuild, RebuildError> {
    let log = Arc::new(world.log.clone());
    Rebuild::prepare(Projection::Messenger, &world.options, log, world.vault.clone()).await
}

const SCHEMAS: &str = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'read!_%' ESCAPE '!'";
const INDEXES: &str = "SELECT count(*) FROM pg_indexes WHERE schemaname = 'read_messenger'";

#[tokio::test]
async fn what_is_rebuilt_equals_what_was_live() {
    let world = World::new().await;
    play(&world, &script(3_000));
    world.project().await;
    let (live, indexes) = (world.dump().await, world.scalar(INDEXES).await);
    let report = rebuild(&world).await.unwrap();
    assert_eq!((report.events, report.position), (world.head(), world.head()));
    assert_eq!(world.dump().await, live);
    assert_eq!(world.scalar(INDEXES).await, indexes);
    assert_eq!(world.scalar(SCHEMAS).await, 3);
    // And it goes on from there.
    play(&world, &script(100));
    world.project().await;
    assert_eq!(world.checkpoint().await, world.head());
}

#[tokio::test]
async fn a_rebuild_heals_rows_that_were_damaged() {
    let world = World::new().await;
    play(&world, &script(500));
    world.project().await;
    let live = world.dump().await;
    world.sql("DELETE FROM messages WHERE seq % 3 = 0; UPDATE channels SET last_seq = 0").await;
    let mut rebuild = prepare(&world).await.unwrap();
    rebuild.fill(&mut |_| {}).await.unwrap();
    let differing = rebuild.compare(&mut |_| {}).await.unwrap();
    let tables: Vec<_> = differing.iter().map(|difference| difference.table).collect();
    assert_eq!(tables, ["channels", "messages"]);
    assert!(differing[1].live_rows < differing[1].new_rows);
    rebuild.swap(&mut |_| {}).await.unwrap();
    assert_eq!(world.dump().await, live);
}

#[tokio::test(flavor = "multi_thread")]
async fn projector_and_readers_go_on_while_it_runs_and_after() {
    let world = Arc::new(World::new().await);
    play(&world, &script(2_000));
    let running = world.start();
    running.reach(world.head()).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn(keep_writing(world.clone(), stop.clone()));
    let readers = [true, false, true, false]
        .map(|prepared| tokio::spawn(keep_reading(world.clone(), stop.clone(), prepared)));
    for _ in 0..3 {
        let mut rebuild = prepare(&world).await.unwrap();
        rebuild.fill(&mut |_| {}).await.unwrap();
        assert_eq!(rebuild.compare(&mut |_| {}).await.unwrap(), []);
        rebuild.swap(&mut |_| {}).await.unwrap();
        assert!(!running.task.is_finished(), "the projector stopped");
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    stop.store(true, Ordering::SeqCst);
    writer.await.unwrap();
    for reader in readers {
        let reads = reader.await.unwrap();
        assert!(reads > 50, "{reads} reads only");
    }
    running.reach(world.head()).await;
    running.stop().await.unwrap();
    let live = world.dump().await;
    rebuild(&world).await.unwrap();
    assert_eq!(world.dump().await, live);
}

async fn keep_writing(world: Arc<World>, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::SeqCst) {
        play(&world, &script(15));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Reads on one connection, with prepared statements or ones that are parsed each time. What is
/// read never goes back and is of one piece: every event of the story has one row in the feed.
async fn keep_reading(world: Arc<World>, stop: Arc<AtomicBool>, prepared: bool) -> u32 {
    let options = projections::schema::connect_options(world.options.clone());
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let (mut reads, mut last) = (0, 0);
    while !stop.load(Ordering::SeqCst) {
        let query = sqlx::query_as(
            "SELECT (SELECT count(*) FROM feed),
                    (SELECT position FROM checkpoint WHERE partition = $1)",
        );
        let now: (i64, i64) = query.bind(0i16).persistent(prepared).fetch_one(&pool).await.unwrap();
        assert_eq!(now.0, now.1);
        assert!(now.1 >= last, "{now:?} after {last:?}");
        last = now.1;
        reads += 1;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    reads
}

#[tokio::test]
async fn who_reads_several_tables_finds_all_of_one_build() {
    let world = World::new().await;
    play(&world, &script(300));
    world.project().await;
    let mut rebuild = prepare(&world).await.unwrap();
    rebuild.fill(&mut |_| {}).await.unwrap();
    let mut reader = world.pool.begin().await.unwrap();
    let live = "SELECT count(*) FROM feed";
    let rows: i64 = sqlx::query_scalar(live).fetch_one(&mut *reader).await.unwrap();
    let swap = tokio::spawn(async move { rebuild.swap(&mut |_| {}).await });
    tokio::time::sleep(Duration::from_millis(600)).await;
    let swapped = "SELECT count(*) FROM pg_namespace WHERE nspname = 'read_messenger_old'";
    assert_eq!(world.scalar(swapped).await, 0, "swapped under a reader");
    // The swap gives way, whatever the reader wants next.
    let next = "SELECT position FROM checkpoint";
    let position: i64 = sqlx::query_scalar(next).fetch_one(&mut *reader).await.unwrap();
    assert_eq!(rows, position);
    reader.commit().await.unwrap();
    swap.await.unwrap().unwrap();
}

#[tokio::test]
async fn there_is_one_rebuild_at_a_time_and_one_that_was_given_up_leaves_no_harm() {
    let world = World::new().await;
    play(&world, &script(200));
    world.project().await;
    let live = world.dump().await;
    let mut first = prepare(&world).await.unwrap();
    first.fill(&mut |_| {}).await.unwrap();
    assert!(matches!(prepare(&world).await, Err(RebuildError::Running)));
    drop(first);
    assert_eq!(world.dump().await, live);
    // The server takes a moment to see that the session is gone.
    for _ in 0..100 {
        match rebuild(&world).await {
            Err(RebuildError::Running) => tokio::time::sleep(Duration::from_millis(50)).await,
            done => {
                done.unwrap();
                break;
            }
        }
    }
    assert_eq!(world.dump().await, live);
    assert_eq!(world.scalar(SCHEMAS).await, 3);
}

#[tokio::test]
async fn poison_is_parked_in_a_rebuild_as_it_is_live() {
    let world = World::new().await;
    play(&world, &script(300));
    let metadata = world.metadata();
    let event = NewEvent { kind: "ChannelPainted".into(), data: "{}".into(), metadata };
    world.append_stored(&StreamName::channel(ChannelId::generate()), event);
    let (message, author) = (MessageId::generate(), world.register("Sam"));
    let text = "in no channel".to_owned();
    let lost = MessageSent { message, seq: 1, number: 1, author, text, reply_to: None };
    let stream = StreamName::channel(ChannelId::generate());
    world.append(&stream, events::ChannelEvent::from(lost));
    play(&world, &script(300));
    world.project().await;
    let live = world.dump().await;
    assert_eq!(rebuild(&world).await.unwrap().parked_streams, 2);
    assert_eq!(world.dump().await, live);
}

#[tokio::test]
async fn a_read_model_of_another_log_is_replaced() {
    let mut world = World::new().await;
    play(&world, &script(200));
    world.project().await;
    world.log = events::memory::MemoryLog::default();
    play(&world, &script(100));
    rebuild(&world).await.unwrap();
    assert_eq!(world.checkpoint().await, world.head());
    play(&world, &script(10));
    world.project().await;
}

#[tokio::test]
async fn it_says_how_far_it_is() {
    let world = World::new().await;
    play(&world, &script(300));
    let mut told = Vec::new();
    let log = Arc::new(world.log.clone());
    let vault = world.vault.clone();
    projections::rebuild(Projection::Messenger, &world.options, log, vault, |at| told.push(at))
        .await
        .unwrap();
    let head = world.head();
    assert!(told.contains(&Progress::Reading { position: head, head }), "{told:?}");
    assert!(told.contains(&Progress::Indexing) && told.contains(&Progress::Swapping));
}
