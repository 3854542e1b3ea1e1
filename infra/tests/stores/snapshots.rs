//! Paged snapshots.

use std::sync::Arc;

use command::ports::{Schema, Snapshot, SnapshotItem, Snapshots};
use events::{ChannelId, LogId, StreamName, Timestamp};
use infra::postgres::PostgresSnapshots;
use serde_json::json;
use testkit::Database;
use tokio::task::JoinSet;
use uuid::Uuid;

async fn snapshots() -> (Database, Arc<PostgresSnapshots>) {
    let database = crate::database().await;
    let snapshots = Arc::new(PostgresSnapshots::new(database.pool().clone()));
    (database, snapshots)
}

fn stream() -> StreamName {
    StreamName::channel(ChannelId::generate())
}

fn schema() -> Schema {
    Schema { log: LogId(Uuid::now_v7()), version: 1 }
}

fn core(revision: u64) -> Snapshot {
    let core = json!({ "revision": revision, "name": "모임" });
    let (position, recorded_at) = (10 * revision, Timestamp::from_micros(1));
    Snapshot { revision, position, recorded_at, core }
}

fn item(key: Uuid, revision: u64) -> SnapshotItem {
    SnapshotItem { key, revision, value: json!([revision]) }
}

#[tokio::test]
async fn the_newest_counts() {
    let (_database, snapshots) = snapshots().await;
    let (stream, of, key) = (stream(), schema(), Uuid::now_v7());
    assert_eq!(snapshots.core(&stream, of).await.unwrap(), None);
    assert_eq!(snapshots.items(&stream, of, &[]).await.unwrap(), vec![]);
    snapshots.save(&stream, of, core(5), vec![item(key, 5)]).await.unwrap();
    snapshots.save(&stream, of, core(3), vec![item(key, 3)]).await.unwrap();
    assert_eq!(snapshots.core(&stream, of).await.unwrap(), Some(core(5)));
    snapshots.save(&stream, of, core(9), vec![]).await.unwrap();
    assert_eq!(snapshots.core(&stream, of).await.unwrap(), Some(core(9)));
    let keys = [key, Uuid::now_v7()];
    assert_eq!(snapshots.items(&stream, of, &keys).await.unwrap(), vec![item(key, 5)]);
}

#[tokio::test]
async fn those_of_another_log_or_version_stand_beside_them() {
    let (_database, snapshots) = snapshots().await;
    let (stream, of, key) = (stream(), schema(), Uuid::now_v7());
    let newer = Schema { version: 2, ..of };
    snapshots.save(&stream, of, core(5), vec![item(key, 5)]).await.unwrap();
    for other in [newer, schema()] {
        assert_eq!(snapshots.core(&stream, other).await.unwrap(), None);
        assert_eq!(snapshots.items(&stream, other, &[key]).await.unwrap(), vec![]);
    }
    // Another shape of the state, further or less far: each finds its own.
    for (other, revision) in [(newer, 2), (schema(), 9)] {
        snapshots.save(&stream, other, core(revision), vec![item(key, revision)]).await.unwrap();
        for (of, revision) in [(of, 5), (other, revision)] {
            assert_eq!(snapshots.core(&stream, of).await.unwrap(), Some(core(revision)));
            let items = snapshots.items(&stream, of, &[key]).await.unwrap();
            assert_eq!(items, vec![item(key, revision)]);
        }
    }
}

#[tokio::test]
async fn the_newest_two_versions_are_kept() {
    let (_database, snapshots) = snapshots().await;
    let (stream, first, key) = (stream(), schema(), Uuid::now_v7());
    let versions = [1, 2, 3].map(|version| Schema { version, ..first });
    for of in versions {
        snapshots.save(&stream, of, core(5), vec![item(key, 5)]).await.unwrap();
    }
    for (of, rows) in versions.into_iter().zip([0, 1, 1]) {
        assert_eq!(snapshots.core(&stream, of).await.unwrap().iter().count(), rows);
        assert_eq!(snapshots.items(&stream, of, &[key]).await.unwrap().len(), rows);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_of_one_tick_get_their_own_items() {
    let (_database, snapshots) = snapshots().await;
    let (of, shared) = (schema(), Uuid::now_v7());
    let mut callers = JoinSet::new();
    for caller in 0..60u64 {
        let snapshots = Arc::clone(&snapshots);
        callers.spawn(async move {
            let (stream, own) = (stream(), Uuid::now_v7());
            let items = vec![item(own, caller), item(shared, caller + 1)];
            snapshots.save(&stream, of, core(100), items.clone()).await.unwrap();
            let mut there = snapshots.items(&stream, of, &[shared, own]).await.unwrap();
            there.sort_by_key(|item| item.revision);
            assert_eq!(there, items);
        });
    }
    callers.join_all().await;
}
