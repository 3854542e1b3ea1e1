//! How far the projections are.

use events::{EventLog, LogError, LogId, LogPosition, Timestamp};
use sqlx::PgPool;

use crate::checkpoint::position;

/// One projection's place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Its name.
    pub projection: &'static str,
    /// Which part of the log.
    pub partition: i16,
    /// The log that its rows come from; not the one at hand if they need a rebuild.
    pub log: LogId,
    /// Position of the last event that was projected.
    pub position: LogPosition,
    /// Position of the log's last event.
    pub head: LogPosition,
    /// How many positions lie between the two.
    pub lag: LogPosition,
    /// Streams with an event that can't be projected.
    pub parked: Vec<ParkedStream>,
    /// When the checkpoint moved last, by the database's clock.
    pub updated_at: Timestamp,
}

/// A stream that is not projected from an event on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedStream {
    /// Its name.
    pub stream: String,
    /// The event that failed.
    pub position: LogPosition,
    /// Its kind.
    pub kind: String,
    /// Why.
    pub error: String,
    /// How many events were left out so far, that one included.
    pub events: i64,
}

/// Why the status can't be told.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// The database refused or went away.
    #[error("the checkpoints can't be read: {0}")]
    Database(#[from] sqlx::Error),
    /// The log can't be reached.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Every projection and partition that has begun. `pool` finds tables in the read model's schema
/// ([`crate::schema::connect_options`]).
pub async fn status(pool: &PgPool, log: &dyn EventLog) -> Result<Vec<Status>, StatusError> {
    // Before the head, so that no projection seems ahead of it.
    let checkpoints = sqlx::query!(
        "SELECT partition, log_id, position, updated_us FROM checkpoint ORDER BY partition",
    )
    .fetch_all(pool)
    .await?;
    let parked = parked(pool).await?;
    let head = log.head().await?;
    let statuses = checkpoints.into_iter().map(|row| {
        let position = position(row.position);
        Status {
            projection: "messenger",
            partition: row.partition,
            log: LogId(row.log_id),
            position,
            head,
            lag: head.saturating_sub(position),
            parked: parked.clone(),
            updated_at: Timestamp::from_micros(row.updated_us),
        }
    });
    Ok(statuses.collect())
}

async fn parked(pool: &PgPool) -> Result<Vec<ParkedStream>, sqlx::Error> {
    let rows =
        sqlx::query!("SELECT stream, position, kind, error, events FROM parked ORDER BY position")
            .fetch_all(pool)
            .await?;
    let parked = rows.into_iter().map(|row| ParkedStream {
        stream: row.stream,
        position: position(row.position),
        kind: row.kind,
        error: row.error,
        events: row.events,
    });
    Ok(parked.collect())
}
