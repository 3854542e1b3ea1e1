//! What the process role may have to finish: tables `command.todo` and `command.todo_checkpoint`.

use std::collections::BTreeMap;

use async_trait::async_trait;
use command::ports::{Step, StoreError, Todo, Todos};
use events::{ChannelId, LogId, LogPosition, Revision, StreamName, Timestamp, UserId};
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use super::memberships;
use super::pool::call;

/// [`Todos`] on PostgreSQL.
#[derive(Debug)]
pub struct PostgresTodos {
    pool: PgPool,
}

impl PostgresTodos {
    /// On a database whose schema is up to date.
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }
}

#[async_trait]
impl Todos for PostgresTodos {
    async fn checkpoint(&self, log: LogId) -> Result<LogPosition, StoreError> {
        let position = call!(&self.pool, |connection| select_checkpoint(connection, log))?;
        u64::try_from(position.unwrap_or(0)).map_err(broken)
    }

    async fn advance(&self, log: LogId, step: Step) -> Result<bool, StoreError> {
        let step = &step;
        Ok(call!(&self.pool, |connection| async {
            let mut transaction = connection.begin().await?;
            if !move_checkpoint(&mut transaction, log, step.from, step.to).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
            memberships::change(&mut transaction, step).await?;
            let added = with_late(&mut transaction, step).await?;
            if !added.is_empty() {
                upsert(&mut transaction, &added).await?;
            }
            if !step.removed.is_empty() {
                delete(&mut transaction, &step.removed).await?;
            }
            transaction.commit().await?;
            Ok(true)
        })?)
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Todo>, StoreError> {
        let rows = call!(&self.pool, |connection| select_due(connection, now, limit))?;
        rows.into_iter().map(Todo::try_from).collect()
    }

    async fn postpone(
        &self,
        key: Uuid,
        revision: Revision,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        Ok(call!(&self.pool, |connection| set_due(connection, (key, revision), until))?)
    }

    async fn remove(&self, key: Uuid, revision: Revision) -> Result<(), StoreError> {
        Ok(call!(&self.pool, |connection| delete_done(connection, key, revision))?)
    }

    async fn is_open_in(&self, stream: &StreamName) -> Result<bool, StoreError> {
        Ok(call!(&self.pool, |connection| exists_in(connection, stream))?)
    }

    async fn channels_of(
        &self,
        user: UserId,
        after: Option<ChannelId>,
        limit: usize,
    ) -> Result<Vec<ChannelId>, StoreError> {
        let channels = call!(&self.pool, |connection| memberships::channels_of(
            connection, user, after, limit
        ))?;
        Ok(channels.into_iter().map(ChannelId).collect())
    }
}

/// What a step adds, with what is to be done for those whose accounts were over when they joined.
/// Sorted by key, as all that lock several rows do.
async fn with_late<'a>(
    connection: &mut PgConnection,
    step: &'a Step,
) -> sqlx::Result<BTreeMap<Uuid, &'a Todo>> {
    let mut added: BTreeMap<Uuid, &Todo> = step.added.iter().map(|todo| (todo.key, todo)).collect();
    if !step.joined.is_empty() {
        let users: Vec<Uuid> = step.joined.iter().map(|joined| joined.user.0).collect();
        let deleted = memberships::deleted_among(connection, &users).await?;
        let late = step.joined.iter().filter(|joined| deleted.contains(&joined.user.0));
        added.extend(late.map(|joined| (joined.then.key, &joined.then)));
    }
    Ok(added)
}

struct Row {
    key: Uuid,
    stream: String,
    revision: i64,
    due_at_us: i64,
}

impl TryFrom<Row> for Todo {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            key: row.key,
            stream: row.stream.parse().map_err(broken)?,
            revision: u64::try_from(row.revision).map_err(broken)?,
            due_at: Timestamp::from_micros(row.due_at_us),
        })
    }
}

fn broken(error: impl std::fmt::Display) -> StoreError {
    StoreError(format!("a to-do that can't be read: {error}"))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

async fn select_checkpoint(connection: &mut PgConnection, log: LogId) -> sqlx::Result<Option<i64>> {
    let query = sqlx::query_scalar!(
        "SELECT position FROM command.todo_checkpoint WHERE log_id = $1",
        log.0
    );
    query.fetch_optional(connection).await
}

/// False if the checkpoint isn't at `from`; one that was never moved is at 0.
async fn move_checkpoint(
    connection: &mut PgConnection,
    log: LogId,
    from: LogPosition,
    to: LogPosition,
) -> sqlx::Result<bool> {
    let first = sqlx::query!(
        "INSERT INTO command.todo_checkpoint (log_id, position) VALUES ($1, 0)
        ON CONFLICT (log_id) DO NOTHING",
        log.0,
    );
    first.execute(&mut *connection).await?;
    let query = sqlx::query!(
        "UPDATE command.todo_checkpoint SET position = $3 WHERE log_id = $1 AND position = $2",
        log.0,
        signed(from),
        signed(to),
    );
    Ok(query.execute(connection).await?.rows_affected() == 1)
}

async fn upsert(connection: &mut PgConnection, todos: &BTreeMap<Uuid, &Todo>) -> sqlx::Result<()> {
    let keys: Vec<Uuid> = todos.keys().copied().collect();
    let streams: Vec<&str> = todos.values().map(|todo| todo.stream.as_str()).collect();
    let revisions: Vec<i64> = todos.values().map(|todo| signed(todo.revision)).collect();
    let due: Vec<i64> = todos.values().map(|todo| todo.due_at.as_micros()).collect();
    let query = sqlx::query!(
        "INSERT INTO command.todo (key, stream, revision, due_at_us)
        SELECT * FROM UNNEST($1::uuid[], $2::text[], $3::bigint[], $4::bigint[])
        ON CONFLICT (key) DO UPDATE SET
            stream = excluded.stream, revision = excluded.revision, due_at_us = excluded.due_at_us",
        &keys,
        &streams as &[&str],
        &revisions,
        &due,
    );
    query.execute(connection).await.map(drop)
}

async fn delete(connection: &mut PgConnection, keys: &[Uuid]) -> sqlx::Result<()> {
    let query = sqlx::query!("DELETE FROM command.todo WHERE key = ANY($1)", keys);
    query.execute(connection).await.map(drop)
}

async fn delete_done(
    connection: &mut PgConnection,
    key: Uuid,
    revision: Revision,
) -> sqlx::Result<()> {
    let query = sqlx::query!(
        "DELETE FROM command.todo WHERE key = $1 AND revision = $2",
        key,
        signed(revision),
    );
    query.execute(connection).await.map(drop)
}

async fn select_due(
    connection: &mut PgConnection,
    now: Timestamp,
    limit: usize,
) -> sqlx::Result<Vec<Row>> {
    let query = sqlx::query_as!(
        Row,
        "SELECT key, stream, revision, due_at_us FROM command.todo
        WHERE due_at_us <= $1 ORDER BY due_at_us, key LIMIT $2",
        now.as_micros(),
        signed(limit as u64),
    );
    query.fetch_all(connection).await
}

async fn set_due(
    connection: &mut PgConnection,
    (key, revision): (Uuid, Revision),
    at: Timestamp,
) -> sqlx::Result<()> {
    let query = sqlx::query!(
        "UPDATE command.todo SET due_at_us = $3 WHERE key = $1 AND revision = $2",
        key,
        signed(revision),
        at.as_micros(),
    );
    query.execute(connection).await.map(drop)
}

async fn exists_in(connection: &mut PgConnection, stream: &StreamName) -> sqlx::Result<bool> {
    let query = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM command.todo WHERE stream = $1) AS "exists!""#,
        stream.as_str(),
    );
    query.fetch_one(connection).await
}
