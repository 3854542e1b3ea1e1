//! Paged snapshots: tables `command.snapshots` and `command.snapshot_items`.

use async_trait::async_trait;
use command::ports::{Schema, Snapshot, SnapshotItem, Snapshots, StoreError};
use events::{StreamName, Timestamp};
use serde_json::Value;
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use super::coalesce::Coalescer;
use super::pool::call;

/// Rows of one statement.
const ITEMS_CHUNK_LEN: usize = 2_000;

/// How many versions of a state's shape are kept: that of a node, and the one before, whose nodes
/// may still run.
const VERSIONS_KEPT: u16 = 2;

/// Items that somebody asks for.
#[derive(Debug)]
struct Wanted {
    stream: StreamName,
    of: Schema,
    keys: Vec<Uuid>,
}

/// [`Snapshots`] on PostgreSQL; items that many tasks ask for at once are one query.
#[derive(Debug)]
pub struct PostgresSnapshots {
    pool: PgPool,
    items: Coalescer<Wanted, Vec<SnapshotItem>>,
}

impl PostgresSnapshots {
    /// On a database whose schema is up to date.
    pub fn new(pool: PgPool) -> Self {
        let batches = pool.clone();
        let run = move |batch| load_all(batches.clone(), batch);
        Self { pool, items: Coalescer::new(|wanted: &Wanted| wanted.keys.len(), run) }
    }
}

#[async_trait]
impl Snapshots for PostgresSnapshots {
    async fn core(&self, stream: &StreamName, of: Schema) -> Result<Option<Snapshot>, StoreError> {
        let row = call!(&self.pool, |connection| select_core(connection, stream, of))?;
        row.map(|row| {
            Ok(Snapshot {
                revision: u64::try_from(row.revision).map_err(broken)?,
                position: u64::try_from(row.position).map_err(broken)?,
                recorded_at: Timestamp::from_micros(row.recorded_at_us),
                core: json(&row.core)?,
            })
        })
        .transpose()
    }

    async fn items(
        &self,
        stream: &StreamName,
        of: Schema,
        keys: &[Uuid],
    ) -> Result<Vec<SnapshotItem>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.items.ask(Wanted { stream: stream.clone(), of, keys: keys.to_vec() }).await
    }

    async fn save(
        &self,
        stream: &StreamName,
        of: Schema,
        snapshot: Snapshot,
        items: Vec<SnapshotItem>,
    ) -> Result<(), StoreError> {
        Ok(call!(&self.pool, |connection| async {
            let mut transaction = connection.begin().await?;
            if upsert_core(&mut transaction, stream, of, &snapshot).await? {
                for chunk in items.chunks(ITEMS_CHUNK_LEN) {
                    upsert_items(&mut transaction, stream, of, chunk).await?;
                }
                delete_outdated(&mut transaction, stream, of).await?;
            }
            transaction.commit().await
        })?)
    }
}

async fn load_all(pool: PgPool, batch: Vec<Wanted>) -> Result<Vec<Vec<SnapshotItem>>, StoreError> {
    let mut answers: Vec<Vec<SnapshotItem>> = batch.iter().map(|_| Vec::new()).collect();
    for row in call!(&pool, |connection| select_items(connection, &batch))? {
        let revision = u64::try_from(row.revision).map_err(broken)?;
        let item = SnapshotItem { key: row.key, revision, value: json(&row.value)? };
        // `WITH ORDINALITY` of our own numbers: they are indices of the batch.
        let asked = usize::try_from(row.asked).ok().and_then(|index| answers.get_mut(index));
        asked.ok_or_else(|| broken("an answer that nobody asked for"))?.push(item);
    }
    Ok(answers)
}

fn json(text: &str) -> Result<Value, StoreError> {
    serde_json::from_str(text).map_err(broken)
}

fn broken(error: impl std::fmt::Display) -> StoreError {
    StoreError(format!("a snapshot that can't be read: {error}"))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

struct CoreRow {
    revision: i64,
    position: i64,
    recorded_at_us: i64,
    core: String,
}

async fn select_core(
    connection: &mut PgConnection,
    stream: &StreamName,
    of: Schema,
) -> sqlx::Result<Option<CoreRow>> {
    let query = sqlx::query_as!(
        CoreRow,
        r#"SELECT revision, position, recorded_at_us, core::text AS "core!"
        FROM command.snapshots WHERE stream = $1 AND log_id = $2 AND schema = $3"#,
        stream.as_str(),
        of.log.0,
        i32::from(of.version),
    );
    query.fetch_optional(connection).await
}

/// False if a newer snapshot is there.
async fn upsert_core(
    connection: &mut PgConnection,
    stream: &StreamName,
    of: Schema,
    snapshot: &Snapshot,
) -> sqlx::Result<bool> {
    let query = sqlx::query!(
        "INSERT INTO command.snapshots AS there
            (stream, log_id, schema, revision, position, recorded_at_us, core)
        VALUES ($1, $2, $3, $4, $5, $6, $7::text::json)
        ON CONFLICT (stream, log_id, schema) DO UPDATE SET
            revision = excluded.revision, position = excluded.position,
            recorded_at_us = excluded.recorded_at_us, core = excluded.core
        WHERE there.revision <= excluded.revision",
        stream.as_str(),
        of.log.0,
        i32::from(of.version),
        signed(snapshot.revision),
        signed(snapshot.position),
        snapshot.recorded_at.as_micros(),
        snapshot.core.to_string(),
    );
    Ok(query.execute(connection).await?.rows_affected() == 1)
}

struct ItemRow {
    asked: i32,
    key: Uuid,
    revision: i64,
    value: String,
}

async fn select_items(
    connection: &mut PgConnection,
    batch: &[Wanted],
) -> sqlx::Result<Vec<ItemRow>> {
    let (mut asked, mut streams, mut logs) = (Vec::new(), Vec::new(), Vec::new());
    let (mut schemas, mut keys) = (Vec::new(), Vec::new());
    for (index, wanted) in (0i32..).zip(batch) {
        for key in &wanted.keys {
            asked.push(index);
            streams.push(wanted.stream.as_str());
            logs.push(wanted.of.log.0);
            schemas.push(i32::from(wanted.of.version));
            keys.push(*key);
        }
    }
    let query = sqlx::query_as!(
        ItemRow,
        r#"SELECT wanted.asked AS "asked!", item.key, item.revision, item.value::text AS "value!"
        FROM UNNEST($1::integer[], $2::text[], $3::uuid[], $4::integer[], $5::uuid[])
            AS wanted (asked, stream, log_id, schema, key)
        JOIN command.snapshot_items AS item ON item.stream = wanted.stream
            AND item.key = wanted.key AND item.log_id = wanted.log_id
            AND item.schema = wanted.schema"#,
        &asked,
        &streams as &[&str],
        &logs,
        &schemas,
        &keys,
    );
    query.fetch_all(connection).await
}

async fn upsert_items(
    connection: &mut PgConnection,
    stream: &StreamName,
    of: Schema,
    items: &[SnapshotItem],
) -> sqlx::Result<()> {
    let keys: Vec<Uuid> = items.iter().map(|item| item.key).collect();
    let revisions: Vec<i64> = items.iter().map(|item| signed(item.revision)).collect();
    let values: Vec<String> = items.iter().map(|item| item.value.to_string()).collect();
    let query = sqlx::query!(
        "INSERT INTO command.snapshot_items AS there
            (stream, key, log_id, schema, revision, value)
        SELECT $1, key, $2, $3, revision, value::json
        FROM UNNEST($4::uuid[], $5::bigint[], $6::text[]) AS row (key, revision, value)
        ON CONFLICT (stream, log_id, schema, key) DO UPDATE SET
            revision = excluded.revision, value = excluded.value
        WHERE there.revision < excluded.revision",
        stream.as_str(),
        of.log.0,
        i32::from(of.version),
        &keys,
        &revisions,
        &values,
    );
    query.execute(connection).await.map(drop)
}

/// Deletes those of versions that no node reads any more.
async fn delete_outdated(
    connection: &mut PgConnection,
    stream: &StreamName,
    of: Schema,
) -> sqlx::Result<()> {
    let oldest = i32::from(of.version) + 1 - i32::from(VERSIONS_KEPT);
    let query = sqlx::query!(
        "WITH core AS (
            DELETE FROM command.snapshots WHERE stream = $1 AND log_id = $2 AND schema < $3
        )
        DELETE FROM command.snapshot_items WHERE stream = $1 AND log_id = $2 AND schema < $3",
        stream.as_str(),
        of.log.0,
        oldest,
    );
    query.execute(connection).await.map(drop)
}
