//! Schemas `log`, `command` and `vault`, each with its own table of migrations.

use anyhow::Context;
use sqlx::migrate::{Migrate, Migrator};
use sqlx::{Connection, PgPool};

fn migrators() -> [Migrator; 3] {
    let log = sqlx::migrate!("migrations/log");
    let command = sqlx::migrate!("migrations/command");
    let vault = sqlx::migrate!("migrations/vault");
    [("log", log), ("command", command), ("vault", vault)].map(|(schema, mut migrator)| {
        migrator.dangerous_set_table_name(format!("{schema}.migrations"));
        migrator.create_schema(schema);
        // Several nodes of a newer and an older version may run side by side.
        migrator.set_ignore_missing(true);
        migrator
    })
}

/// Brings the schemas up to date. Nodes that start together wait for one another (an advisory
/// lock of the database).
pub async fn migrate(pool: &PgPool) -> anyhow::Result<()> {
    // A connection of its own, closed at the end: after an error it would still hold the lock.
    let mut connection = pool.acquire().await.context("can't reach PostgreSQL")?.detach();
    for migrator in migrators() {
        let table = migrator.table_name.clone();
        migrator
            .run_direct(None, &mut connection, false)
            .await
            .with_context(|| format!("can't bring what {table} lists up to date"))?;
    }
    connection.close().await.context("can't close the connection of the migrations")
}

/// Names the newest state of the schemas: another text for any other set of migrations.
pub fn fingerprint() -> String {
    let migrators = migrators();
    let checksums = migrators.iter().flat_map(Migrator::iter).flat_map(|one| one.checksum.iter());
    // FNV-1a: it tells versions of our own files apart, nothing else.
    let hash = checksums.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// How many migrations a database lacks.
pub async fn missing_migrations(pool: &PgPool) -> anyhow::Result<usize> {
    let mut missing = 0;
    for migrator in migrators() {
        let mut connection = pool.acquire().await?;
        let table = migrator.table_name.as_ref();
        let there = connection.list_applied_migrations(table).await.unwrap_or_default();
        missing +=
            migrator.iter().filter(|one| there.iter().all(|it| it.version != one.version)).count();
    }
    Ok(missing)
}
