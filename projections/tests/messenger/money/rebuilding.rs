//! A rebuild beside the live read model.

use super::script::Story;
use super::*;
use crate::script::script;
use projections::ProjectorError;
use projections::rebuild::{Rebuild, RebuildError};

async fn prepare(world: &World) -> Rebuild {
    let (log, keys) = (Arc::new(world.log.clone()), world.vault.clone());
    Rebuild::prepare(Projection::Money, &world.options, log, keys).await.unwrap()
}

#[tokio::test]
async fn what_is_rebuilt_equals_what_was_live() {
    let world = World::new().await;
    let mut story = Story::default();
    for part in script(6_000).chunks(1_500) {
        story.tell(&world, part);
        project(&world).await;
    }
    let live = dump(&world).await;
    let indexes = "SELECT count(*) FROM pg_indexes WHERE schemaname = 'read_money'";
    let before = world.scalar(indexes).await;
    let mut rebuild = prepare(&world).await;
    rebuild.fill(&mut |_| {}).await.unwrap();
    assert_eq!(rebuild.compare(&mut |_| {}).await.unwrap(), []);
    let report = rebuild.swap(&mut |_| {}).await.unwrap();
    assert_eq!((report.events, report.position), (world.head(), world.head()));
    assert_eq!(dump(&world).await, live);
    assert_eq!(world.scalar(indexes).await, before);
    // And it goes on from there.
    story.tell(&world, &script(100));
    project(&world).await;
    assert_eq!(checkpoint(&world).await, world.head());
}

#[tokio::test]
async fn rows_that_were_damaged_are_told_of_and_mended() {
    let world = World::new().await;
    Story::default().tell(&world, &script(800));
    project(&world).await;
    let live = dump(&world).await;
    world.sql("UPDATE read_money.wallets SET balance = balance + 1").await;
    world.sql("DELETE FROM read_money.entries WHERE revision % 3 = 0").await;
    let mut rebuild = prepare(&world).await;
    rebuild.fill(&mut |_| {}).await.unwrap();
    let differing = rebuild.compare(&mut |_| {}).await.unwrap();
    let tables: Vec<_> = differing.iter().map(|difference| difference.table).collect();
    assert_eq!(tables, ["wallets", "entries"]);
    rebuild.swap(&mut |_| {}).await.unwrap();
    assert_eq!(dump(&world).await, live);
}

#[tokio::test]
async fn an_event_that_cannot_be_projected_ends_a_rebuild() {
    let world = World::new().await;
    Story::default().tell(&world, &script(300));
    project(&world).await;
    let live = dump(&world).await;
    let at = super::stopping::unknown(&world, WalletId::generate());
    Story::default().tell(&world, &script(300));
    let mut rebuild = prepare(&world).await;
    match rebuild.fill(&mut |_| {}).await {
        Err(RebuildError::Projector(ProjectorError::Poisoned { position, .. })) => {
            assert_eq!(position, at);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(dump(&world).await, live);
}
