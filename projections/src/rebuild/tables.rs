//! Locking and dropping whole schemas without harm to those who read them.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgConnection, PgTransaction};

use crate::projection::Projection;

/// Well below the server's `deadlock_timeout` of 1 s: where a reader and we wait for each other,
/// we give way and no statement of a reader is ever ended.
const LOCK_TIMEOUT: Duration = Duration::from_millis(200);

/// Readers that came before a table was replaced may still be at it this long.
const DROP_TIMEOUT: Duration = Duration::from_mins(1);

/// Keeps the live projector from committing; readers go on.
pub(super) async fn hold_live_projector(
    tx: &mut PgTransaction<'_>,
    projection: Projection,
) -> Result<(), sqlx::Error> {
    set_local_lock_timeout(tx).await?;
    let live = projection.schemas().live;
    let hold = format!("LOCK TABLE {live}.checkpoint IN SHARE ROW EXCLUSIVE MODE");
    sqlx::raw_sql(AssertSqlSafe(hold)).execute(&mut **tx).await?;
    Ok(())
}

/// Locks all live tables, so that nobody has some of them in a statement and will find others
/// under the same names.
pub(super) async fn hold_everybody(
    tx: &mut PgTransaction<'_>,
    projection: Projection,
) -> Result<(), sqlx::Error> {
    set_local_lock_timeout(tx).await?;
    let tables = tables_of(tx, projection.schemas().live).await?.join(", ");
    let lock = AssertSqlSafe(format!("LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"));
    sqlx::raw_sql(lock).execute(&mut **tx).await?;
    Ok(())
}

/// Whether a lock was not to be had in time; after a while it may be.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("55P03" | "40P01"))
}

/// Drops one of this crate's schemas, if it is there. Table by table: who drops one holds no
/// lock on another, so that a reader that is still at both can't be in each other's way.
pub(super) async fn drop_schema(db: &mut PgConnection, schema: &str) -> Result<(), sqlx::Error> {
    let timeout = format!("SET lock_timeout = {}", DROP_TIMEOUT.as_millis());
    sqlx::raw_sql(AssertSqlSafe(timeout)).execute(&mut *db).await?;
    for table in tables_of(db, schema).await? {
        let drop = AssertSqlSafe(format!("DROP TABLE {table}"));
        sqlx::raw_sql(drop).execute(&mut *db).await?;
    }
    let drop = AssertSqlSafe(format!("DROP SCHEMA IF EXISTS {schema} CASCADE"));
    sqlx::raw_sql(drop).execute(&mut *db).await?;
    sqlx::raw_sql("RESET lock_timeout").execute(db).await?;
    Ok(())
}

async fn set_local_lock_timeout(tx: &mut PgTransaction<'_>) -> Result<(), sqlx::Error> {
    let timeout = format!("SET LOCAL lock_timeout = {}", LOCK_TIMEOUT.as_millis());
    sqlx::raw_sql(AssertSqlSafe(timeout)).execute(&mut **tx).await?;
    Ok(())
}

/// The tables of a schema, as the server quotes them.
async fn tables_of(db: &mut PgConnection, schema: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT format('%I.%I', schemaname, tablename) AS "name!"
           FROM pg_tables WHERE schemaname = $1 ORDER BY tablename"#,
        schema,
    )
    .fetch_all(db)
    .await
}
