//! The kit's own promises.

use sqlx::Row;
use testkit::{Database, PrivateCluster};

async fn one(pool: &testkit::Pool) -> Result<i32, sqlx::Error> {
    sqlx::query("SELECT 1").fetch_one(pool).await?.try_get(0)
}

#[tokio::test]
async fn every_database_is_empty_and_its_own() {
    let (first, second) = (Database::new().await.unwrap(), Database::new().await.unwrap());
    sqlx::query("CREATE TABLE mine ()").execute(first.pool()).await.unwrap();
    let other = sqlx::query("SELECT FROM mine").execute(second.pool()).await;
    assert!(other.is_err(), "a table of one database is seen in another");
}

#[tokio::test]
async fn durability_is_not_traded_for_speed() {
    let database = Database::new().await.unwrap();
    let row = sqlx::query("SELECT current_setting('fsync'), current_setting('synchronous_commit')");
    let row = row.fetch_one(database.pool()).await.unwrap();
    assert_eq!((row.get::<String, _>(0), row.get::<String, _>(1)), ("on".into(), "on".into()));
}

#[tokio::test]
async fn a_template_is_migrated_once() {
    let migrate = |pool: testkit::Pool| async move {
        sqlx::query("CREATE TABLE migrated ()").execute(&pool).await?;
        Ok(())
    };
    let key = format!("kit_{}", std::process::id());
    let first = Database::with(&key, migrate).await.unwrap();
    let second = Database::with(&key, |_| async { anyhow::bail!("a second time") }).await.unwrap();
    for database in [first, second] {
        sqlx::query("SELECT FROM migrated").execute(database.pool()).await.unwrap();
    }
}

#[tokio::test]
async fn a_private_server_is_killed_frozen_and_restarted() {
    let cluster = PrivateCluster::start().await.unwrap();
    let options = sqlx::postgres::PgPoolOptions::new();
    let pool = options.acquire_timeout(std::time::Duration::from_secs(5));
    let pool = pool.connect(&cluster.url().unwrap()).await.unwrap();
    assert_eq!(one(&pool).await.unwrap(), 1);
    cluster.kill().unwrap();
    cluster.restart().await.unwrap();
    assert_eq!(one(&pool).await.unwrap(), 1);
    cluster.freeze().unwrap();
    let frozen = tokio::time::timeout(std::time::Duration::from_millis(300), one(&pool)).await;
    assert!(frozen.is_err(), "a frozen server answers");
    cluster.thaw().unwrap();
    assert_eq!(one(&pool).await.unwrap(), 1);
}
