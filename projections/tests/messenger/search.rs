//! The read model "search".

use std::sync::Arc;
use std::time::Duration;

use events::grams::{fold, index};
use events::{ChannelId, LogPosition};
use projections::rebuild::Rebuild;
use projections::{Projection, Projector};
use uuid::Uuid;

use crate::script::{Story, script};
use crate::world::{Running, World};

/// Channel, seq, position, id, folded text, grams.
type Row = (Uuid, i32, i64, Uuid, String, Vec<i32>);

fn start(world: &World) -> Running {
    let log = Arc::new(world.log.clone());
    let (keys, options) = (world.vault.clone(), world.options.clone());
    Running::start(Projector::of(Projection::Search, log, keys, options))
}

/// Projects all that is there, in both.
async fn project(world: &World) {
    world.project().await;
    let running = start(world);
    running.reach(world.head()).await;
    running.stop().await.unwrap();
}

async fn prepare(world: &World) -> Rebuild {
    let (log, keys) = (Arc::new(world.log.clone()), world.vault.clone());
    Rebuild::prepare(Projection::Search, &world.options, log, keys).await.unwrap()
}

async fn rows(world: &World) -> Vec<Row> {
    let sql = "SELECT channel_id, seq, position, id, folded, grams
               FROM read_search.message_grams ORDER BY position";
    sqlx::query_as(sql).fetch_all(&world.pool).await.unwrap()
}

/// The rows that there should be, as `messenger` has it.
async fn expected(world: &World) -> Vec<Row> {
    let sql = "SELECT m.channel_id, m.seq, f.position, m.id, m.text
               FROM messages m JOIN feed f ON f.ref = m.id AND f.kind = 1
               WHERE m.text IS NOT NULL ORDER BY f.position";
    let texts: Vec<(Uuid, i32, i64, Uuid, String)> =
        sqlx::query_as(sql).fetch_all(&world.pool).await.unwrap();
    let rows = texts.into_iter().map(|(channel, seq, position, id, text)| {
        let folded = fold(&text);
        let grams = index::of_message(ChannelId(channel), position as LogPosition, &folded);
        (channel, seq, position, id, folded, grams)
    });
    rows.collect()
}

#[tokio::test]
async fn messages_are_found_by_what_they_say_now() {
    let world = World::new().await;
    let mut story = Story::default();
    for part in script(1_200).chunks(400) {
        story.tell(&world, part);
        project(&world).await;
        let rows = rows(&world).await;
        assert!(rows.len() > 50, "{} rows only", rows.len());
        assert_eq!(rows, expected(&world).await);
    }
}

#[tokio::test]
async fn what_is_rebuilt_equals_what_was_live() {
    let world = World::new().await;
    let mut story = Story::default();
    for part in script(900).chunks(300) {
        story.tell(&world, part);
        project(&world).await;
    }
    let live = rows(&world).await;
    let mut rebuild = prepare(&world).await;
    rebuild.fill(&mut |_| {}).await.unwrap();
    assert_eq!(rebuild.compare(&mut |_| {}).await.unwrap(), []);
    let report = rebuild.swap(&mut |_| {}).await.unwrap();
    assert_eq!((report.events, report.position), (world.head(), world.head()));
    assert_eq!(rows(&world).await, live);
    let indexes = "SELECT count(*) FROM pg_indexes WHERE schemaname = 'read_search'";
    assert_eq!(world.scalar(indexes).await, 5);
    // And it goes on from there.
    story.tell(&world, &script(100));
    project(&world).await;
    assert_eq!(rows(&world).await, expected(&world).await);
}

#[tokio::test]
async fn rows_that_were_damaged_are_told_of() {
    let world = World::new().await;
    Story::default().tell(&world, &script(300));
    project(&world).await;
    world.sql("UPDATE read_search.message_grams SET grams[5] = 7 WHERE seq % 3 = 0").await;
    let mut rebuild = prepare(&world).await;
    rebuild.fill(&mut |_| {}).await.unwrap();
    let differing = rebuild.compare(&mut |_| {}).await.unwrap();
    assert_eq!(differing.len(), 1);
    assert_eq!(differing[0].table, "message_grams");
}

#[tokio::test]
async fn it_goes_no_further_than_the_rows_that_it_points_to() {
    let world = World::new().await;
    let mut story = Story::default();
    story.tell(&world, &script(200));
    world.project().await;
    let messenger = world.head();
    story.tell(&world, &script(200));
    let running = start(&world);
    running.reach(messenger).await;
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let at = "SELECT position FROM read_search.checkpoint";
    assert_eq!(world.scalar(at).await as LogPosition, messenger);
    let mut rebuild = prepare(&world).await;
    rebuild.fill(&mut |_| {}).await.unwrap();
    assert_eq!(rebuild.swap(&mut |_| {}).await.unwrap().position, messenger);
    world.project().await;
    running.reach(world.head()).await;
    running.stop().await.unwrap();
    assert_eq!(rows(&world).await, expected(&world).await);
}

#[tokio::test]
async fn both_are_told_of() {
    let world = World::new().await;
    Story::default().tell(&world, &script(100));
    project(&world).await;
    let status = projections::status(&world.pool, &world.log).await.unwrap();
    let told: Vec<_> = status.iter().map(|one| (one.projection, one.lag)).collect();
    assert_eq!(told, [(Projection::Messenger, 0), (Projection::Search, 0)]);
}
