//! Where the read models' tables are, and how they come to be.

use std::time::Duration;

use sqlx::migrate::MigrateError;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

use crate::projection::Projection;

/// Advisory locks of this room in the database: "moim" and a number.
const LOCK_MIGRATE: i64 = 0x6d6f_696d_0000_0101;

const MIGRATE_TIMEOUT: Duration = Duration::from_mins(10);

/// Why the tables can't be made.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The database refused or went away.
    #[error("the read model's schema can't be made: {0}")]
    Database(#[from] sqlx::Error),
    /// A migration failed, or the database has others than this version knows.
    #[error("the read model can't be migrated: {0}")]
    Migrate(#[from] MigrateError),
    /// Another process holds the lock, or a migration takes too long.
    #[error("the read model wasn't migrated within {} s", MIGRATE_TIMEOUT.as_secs())]
    Timeout,
}

/// Options for those who read the read models: tables named without a schema are those of
/// `messenger`, and still are after a rebuild took their place. Nothing else is searched; what
/// `search` has is named with its schema, `read_search`.
#[must_use]
pub fn connect_options(options: PgConnectOptions) -> PgConnectOptions {
    within(options, Projection::Messenger.schemas().live)
}

/// The same for any schema.
pub(crate) fn within(options: PgConnectOptions, schema: &str) -> PgConnectOptions {
    options.options([("search_path", schema)])
}

/// Makes or migrates the tables of all projections. Nodes that start together wait for each
/// other.
pub async fn migrate(options: &PgConnectOptions) -> Result<(), MigrationError> {
    let migration = async {
        for projection in Projection::ALL {
            migrate_schema(options, projection, projection.schemas().live).await?;
        }
        Ok(())
    };
    tokio::time::timeout(MIGRATE_TIMEOUT, migration).await.map_err(|_| MigrationError::Timeout)?
}

/// Makes or migrates a projection's tables in one of its schemas.
pub(crate) async fn migrate_schema(
    options: &PgConnectOptions,
    projection: Projection,
    schema: &'static str,
) -> Result<(), MigrationError> {
    let mut db = within(options.clone(), schema).connect().await?;
    sqlx::query!("SELECT pg_advisory_lock($1)", LOCK_MIGRATE).execute(&mut db).await?;
    let migrated = create_and_migrate(&mut db, projection, schema).await;
    // Closing the session gives the lock back.
    db.close().await?;
    migrated
}

async fn create_and_migrate(
    db: &mut PgConnection,
    projection: Projection,
    schema: &str,
) -> Result<(), MigrationError> {
    let create = AssertSqlSafe(format!("CREATE SCHEMA IF NOT EXISTS {schema}"));
    sqlx::raw_sql(create).execute(&mut *db).await?;
    // The migrations table, too, is named without a schema: each schema has its own.
    projection.migrator().run_direct(None, db, false).await?;
    Ok(())
}
