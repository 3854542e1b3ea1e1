//! What execution keeps beside the log, on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test ends where something fails")]

mod claims;
mod outages;
mod snapshots;
mod todos;
mod vault;

use infra::postgres;
use testkit::Database;

async fn database() -> Database {
    let migrate = |pool| async move { postgres::migrate(&pool).await };
    Database::with(&postgres::fingerprint(), migrate).await.unwrap()
}

#[tokio::test]
async fn nodes_that_start_together_migrate_once() {
    let database = Database::new().await.unwrap();
    let nodes = (0..4).map(|_| postgres::migrate(database.pool()));
    for outcome in futures::future::join_all(nodes).await {
        outcome.unwrap();
    }
    postgres::migrate(database.pool()).await.unwrap();
    let log = postgres::PostgresLog::open(database.pool().clone()).await.unwrap();
    assert!(!log.clock_offset().is_too_far(), "{:?}", log.clock_offset());
}
