//! Where the read model's tables are, and how they come to be.

use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

/// The schema that is read and that the projector writes.
pub const SCHEMA: &str = "read_messenger";
/// The schema that a rebuild fills before it takes the place of [`SCHEMA`].
pub const SCHEMA_NEXT: &str = "read_messenger_next";
/// Where a rebuild puts what was [`SCHEMA`], until it is dropped.
pub const SCHEMA_OLD: &str = "read_messenger_old";

/// Advisory locks of this room in the database: "moim" and a number.
const LOCK_MIGRATE: i64 = 0x6d6f_696d_0000_0101;

const MIGRATE_TIMEOUT: Duration = Duration::from_mins(10);

static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

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

/// Options for those who read the read model: tables named without a schema are found in
/// [`SCHEMA`], and still are after a rebuild took its place. Nothing else is searched.
#[must_use]
pub fn connect_options(options: PgConnectOptions) -> PgConnectOptions {
    within(options, SCHEMA)
}

/// The same for any schema.
pub(crate) fn within(options: PgConnectOptions, schema: &str) -> PgConnectOptions {
    options.options([("search_path", schema)])
}

/// Makes or migrates the tables in [`SCHEMA`]. Nodes that start together wait for each other.
pub async fn migrate(options: &PgConnectOptions) -> Result<(), MigrationError> {
    let migration = migrate_schema(options, SCHEMA);
    tokio::time::timeout(MIGRATE_TIMEOUT, migration).await.map_err(|_| MigrationError::Timeout)?
}

/// Makes or migrates the tables in that schema. Its name is one of this module's constants.
pub(crate) async fn migrate_schema(
    options: &PgConnectOptions,
    schema: &'static str,
) -> Result<(), MigrationError> {
    let mut db = within(options.clone(), schema).connect().await?;
    sqlx::query!("SELECT pg_advisory_lock($1)", LOCK_MIGRATE).execute(&mut db).await?;
    let migrated = create_and_migrate(&mut db, schema).await;
    // Closing the session gives the lock back.
    db.close().await?;
    migrated
}

async fn create_and_migrate(db: &mut PgConnection, schema: &str) -> Result<(), MigrationError> {
    let create = AssertSqlSafe(format!("CREATE SCHEMA IF NOT EXISTS {schema}"));
    sqlx::raw_sql(create).execute(&mut *db).await?;
    // The migrations table, too, is named without a schema: each schema has its own.
    MIGRATOR.run_direct(None, db, false).await?;
    Ok(())
}
