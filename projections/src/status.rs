//! How far the projections are.

use std::collections::HashMap;

use events::{EventLog, LogError, LogId, LogPosition, Timestamp};
use sqlx::PgPool;

use crate::checkpoint::position;
use crate::projection::Projection;

/// One projection's place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Which.
    pub projection: Projection,
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
    /// Streams with an event that can't be projected. One in `money` stops all of it there.
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

/// Every projection and partition that has begun.
pub async fn status(pool: &PgPool, log: &dyn EventLog) -> Result<Vec<Status>, StatusError> {
    // Before the head, so that no projection seems ahead of it.
    let checkpoints = sqlx::query!(
        r#"SELECT projection AS "projection!", partition AS "partition!", log_id AS "log_id!",
               position AS "position!", updated_us AS "updated_us!"
           FROM (SELECT 'messenger' AS projection, * FROM read_messenger.checkpoint
                 UNION ALL SELECT 'search', * FROM read_search.checkpoint
                 UNION ALL SELECT 'money', * FROM read_money.checkpoint) c
           ORDER BY projection, partition"#,
    )
    .fetch_all(pool)
    .await?;
    let parked = parked(pool).await?;
    let head = log.head().await?;
    let statuses = checkpoints.into_iter().filter_map(|row| {
        let (position, projection) = (position(row.position), Projection::named(&row.projection)?);
        Some(Status {
            projection,
            partition: row.partition,
            log: LogId(row.log_id),
            position,
            head,
            lag: head.saturating_sub(position),
            parked: parked.get(projection.name()).cloned().unwrap_or_default(),
            updated_at: Timestamp::from_micros(row.updated_us),
        })
    });
    Ok(statuses.collect())
}

/// Parked streams by the projection's name.
async fn parked(pool: &PgPool) -> Result<HashMap<String, Vec<ParkedStream>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT projection AS "projection!", stream AS "stream!", position AS "position!",
               kind AS "kind!", error AS "error!", events AS "events!"
           FROM (SELECT 'messenger' AS projection, * FROM read_messenger.parked
                 UNION ALL SELECT 'search', * FROM read_search.parked
                 UNION ALL SELECT 'money', * FROM read_money.parked) p
           ORDER BY position"#,
    )
    .fetch_all(pool)
    .await?;
    let mut parked: HashMap<String, Vec<ParkedStream>> = HashMap::new();
    for row in rows {
        parked.entry(row.projection).or_default().push(ParkedStream {
            stream: row.stream,
            position: position(row.position),
            kind: row.kind,
            error: row.error,
            events: row.events,
        });
    }
    Ok(parked)
}
