//! How far the log was projected. It moves by compare-and-set in the transaction that writes the
//! rows, as that transaction's first statement: of two projectors one finds it moved, and a
//! rebuild that locks the table waits for the transaction or lets it begin anew.

use events::{LogId, LogPosition};
use sqlx::{PgConnection, PgTransaction};
use uuid::Uuid;

use crate::failure::{Failure, ProjectorError};
use crate::projection::Projection;

/// The one partition there is while the log itself is followed.
pub(crate) const PARTITION: i16 = 0;

/// Where a projector is, in which build of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) position: LogPosition,
    pub(crate) build: Uuid,
}

/// Positions are `bigint`; the port keeps them below 2^63.
pub(crate) fn bigint(position: LogPosition) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

pub(crate) fn position(bigint: i64) -> LogPosition {
    LogPosition::try_from(bigint).unwrap_or(0)
}

/// Reads the checkpoint, making it where there is none. It waits for a transaction of an earlier
/// projector whose outcome is still open.
pub(crate) async fn load(db: &mut PgConnection, log: LogId) -> Result<Checkpoint, Failure> {
    sqlx::query!(
        "INSERT INTO checkpoint (partition, log_id, position, build, updated_us)
         VALUES ($1, $2, 0, $3, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
         ON CONFLICT DO NOTHING",
        PARTITION,
        log.0,
        Uuid::now_v7(),
    )
    .execute(&mut *db)
    .await?;
    let row = sqlx::query!(
        "SELECT log_id, position, build FROM checkpoint WHERE partition = $1 FOR UPDATE",
        PARTITION,
    )
    .fetch_one(&mut *db)
    .await?;
    if row.log_id != log.0 {
        return Err(ProjectorError::ForeignLog { checkpoint: LogId(row.log_id), log }.into());
    }
    Ok(Checkpoint { position: position(row.position), build: row.build })
}

/// Moves the checkpoint from where `seen` left it. False: it isn't there any more.
pub(crate) async fn advance(
    tx: &mut PgTransaction<'_>,
    seen: Checkpoint,
    to: LogPosition,
) -> Result<bool, sqlx::Error> {
    let moved = sqlx::query!(
        "UPDATE checkpoint
         SET position = $4, updated_us = (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
         WHERE partition = $1 AND position = $2 AND build = $3",
        PARTITION,
        bigint(seen.position),
        seen.build,
        bigint(to),
    )
    .execute(&mut **tx)
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// The transaction moves the checkpoint and writes no rows: no harm is done if a crash undoes it,
/// so that its commit need not wait for the disk. `money` has many of these while people talk.
pub(crate) async fn may_go_back(tx: &mut PgTransaction<'_>) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("SET LOCAL synchronous_commit = off").execute(&mut **tx).await?;
    Ok(())
}

/// Names another build of the tables: whoever projects into them begins anew from the checkpoint.
pub(crate) async fn renew(db: &mut PgConnection) -> Result<(), sqlx::Error> {
    let build = Uuid::now_v7();
    sqlx::query!("UPDATE checkpoint SET build = $2 WHERE partition = $1", PARTITION, build)
        .execute(db)
        .await?;
    Ok(())
}

/// Who moved the checkpoint from where `seen` left it: a rebuild, or another projector.
pub(crate) async fn who_moved(db: &mut PgConnection, seen: Checkpoint) -> Failure {
    let found =
        sqlx::query!("SELECT position, build FROM checkpoint WHERE partition = $1", PARTITION)
            .fetch_optional(db)
            .await;
    match found {
        Err(error) => error.into(),
        Ok(Some(row)) if row.build != seen.build => Failure::Rebuilt,
        Ok(row) => {
            let found = row.map(|row| position(row.position));
            ProjectorError::Fenced { expected: seen.position, found }.into()
        }
    }
}

/// Where a projection's live tables are, whatever schema the session is in; `None` while they
/// have no checkpoint.
pub(crate) async fn live(
    db: &mut PgConnection,
    projection: Projection,
) -> Result<Option<(LogId, LogPosition)>, sqlx::Error> {
    let found = match projection {
        Projection::Messenger => {
            let query = sqlx::query!(
                "SELECT log_id, position FROM read_messenger.checkpoint WHERE partition = $1",
                PARTITION,
            );
            query.fetch_optional(db).await?.map(|row| (row.log_id, row.position))
        }
        Projection::Search => {
            let query = sqlx::query!(
                "SELECT log_id, position FROM read_search.checkpoint WHERE partition = $1",
                PARTITION,
            );
            query.fetch_optional(db).await?.map(|row| (row.log_id, row.position))
        }
        Projection::Money => {
            let query = sqlx::query!(
                "SELECT log_id, position FROM read_money.checkpoint WHERE partition = $1",
                PARTITION,
            );
            query.fetch_optional(db).await?.map(|row| (row.log_id, row.position))
        }
    };
    Ok(found.map(|(log, at)| (LogId(log), position(at))))
}
