//! Streams whose events can't be projected. One bad event must not hold up the rest, and nothing
//! of its own stream may follow it: such a stream is parked where all can see it, until a version
//! that can read it takes it up again or rebuilds the read model. Where nothing is to be left out,
//! the list names the event that all stands still before.

use std::collections::{HashMap, HashSet};

use events::{LogPosition, StreamName};
use sqlx::{Connection, PgConnection};

use crate::checkpoint::{bigint, position};
use crate::decode::Item;
use crate::failure::{Failure, ProjectorError, WriteError};

/// More than this many can only mean that the projector itself is at fault.
pub(crate) const PARKED_STREAMS_MAX: usize = 1_000;

/// Longest reason that is kept, in bytes.
const ERROR_BYTES_MAX: usize = 2_000;

/// The streams that are parked as of the last commit.
pub(crate) type Parked = HashSet<StreamName>;

/// Events of parked streams within a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct LeftOut {
    /// The event that failed, if it was in this batch: position, kind and why.
    failed: Option<(LogPosition, String, String)>,
    events: i64,
    last: LogPosition,
}

/// What a batch adds to the parked streams.
#[derive(Debug, Default)]
pub(crate) struct ParkedChanges(HashMap<StreamName, LeftOut>);

impl ParkedChanges {
    /// Whether events of that stream are left out from here on.
    pub(crate) fn has(&self, stream: &StreamName) -> bool {
        self.0.contains_key(stream)
    }

    /// Leaves out an event of a stream that is parked.
    pub(crate) fn skip(&mut self, item: &Item) {
        let left_out = self.0.entry(item.stream.clone()).or_default();
        left_out.events += 1;
        left_out.last = item.position;
    }

    /// Parks a stream at the event that can't be projected.
    pub(crate) fn park(&mut self, item: &Item, error: &str) {
        self.skip(item);
        if let Some(left_out) = self.0.get_mut(&item.stream) {
            left_out.failed = Some((item.position, item.kind.clone(), kept(error)));
        }
    }

    /// Streams that were not parked before this batch.
    pub(crate) fn new_streams(&self) -> impl Iterator<Item = &StreamName> {
        self.0.iter().filter(|(_, left_out)| left_out.failed.is_some()).map(|(stream, _)| stream)
    }

    /// Why a stream was parked in this batch, if one was.
    pub(crate) fn failure(&self) -> Option<String> {
        self.0.values().find_map(|left_out| {
            let (position, kind, error) = left_out.failed.as_ref()?;
            Some(format!("{kind} at {position}: {error}"))
        })
    }

    /// Says so where an operator looks.
    pub(crate) fn log(&self) {
        for (stream, left_out) in &self.0 {
            if let Some((position, kind, error)) = &left_out.failed {
                tracing::error!(
                    %stream,
                    position,
                    kind,
                    error,
                    "an event can't be projected; its stream is parked"
                );
            }
        }
    }

    /// Writes them.
    pub(crate) async fn write(&self, db: &mut PgConnection) -> Result<(), WriteError> {
        for (stream, left_out) in &self.0 {
            write_one(db, stream, left_out).await?;
        }
        Ok(())
    }
}

async fn write_one(
    db: &mut PgConnection,
    stream: &StreamName,
    left_out: &LeftOut,
) -> Result<(), WriteError> {
    let (events, last) = (left_out.events, bigint(left_out.last));
    let Some((position, kind, error)) = &left_out.failed else {
        sqlx::query!(
            "UPDATE parked SET events = events + $2, last_position = $3 WHERE stream = $1",
            stream.as_str(),
            events,
            last,
        )
        .execute(db)
        .await?;
        return Ok(());
    };
    sqlx::query!(
        "INSERT INTO parked (stream, position, kind, error, events, last_position, parked_us)
         VALUES ($1, $2, $3, $4, $5, $6,
                 (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)",
        stream.as_str(),
        bigint(*position),
        kind,
        error,
        events,
        last,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The parked streams.
pub(crate) async fn load(db: &mut PgConnection) -> Result<Parked, Failure> {
    let names = sqlx::query_scalar!("SELECT stream FROM parked").fetch_all(db).await?;
    let parse = |name: String| name.parse().map_err(|error| Failure::Retry(format!("{error}")));
    names.into_iter().map(parse).collect()
}

/// From which event on a stream is parked; `None` if it isn't.
pub(crate) async fn position_of(
    db: &mut PgConnection,
    stream: &StreamName,
) -> Result<Option<LogPosition>, sqlx::Error> {
    let name = stream.as_str();
    let found = sqlx::query_scalar!("SELECT position FROM parked WHERE stream = $1", name)
        .fetch_optional(db)
        .await?;
    Ok(found.map(position))
}

/// The event that stopped a read model which is to be without none.
pub(crate) struct Stopped<'a> {
    pub(crate) stream: &'a StreamName,
    pub(crate) position: LogPosition,
    pub(crate) kind: &'a str,
    pub(crate) error: &'a str,
}

/// Tells of it in the place of what was told before.
pub(crate) async fn stop(db: &mut PgConnection, at: &Stopped<'_>) -> Result<(), sqlx::Error> {
    let mut tx = db.begin().await?;
    clear(&mut tx).await?;
    sqlx::query!(
        "INSERT INTO parked (stream, position, kind, error, events, last_position, parked_us)
         VALUES ($1, $2, $3, $4, 1, $2, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)",
        at.stream.as_str(),
        bigint(at.position),
        at.kind,
        kept(at.error),
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// Takes all off the list.
pub(crate) async fn clear(db: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM parked").execute(db).await?;
    Ok(())
}

/// As much of a reason as is kept.
fn kept(error: &str) -> String {
    let mut kept: String = error.chars().filter(|c| *c != '\0').take(ERROR_BYTES_MAX).collect();
    kept.truncate(kept.floor_char_boundary(ERROR_BYTES_MAX));
    kept
}

/// Takes a stream off the list.
pub(crate) async fn remove(db: &mut PgConnection, stream: &StreamName) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM parked WHERE stream = $1", stream.as_str()).execute(db).await?;
    Ok(())
}

/// Stops where parking is no remedy.
pub(crate) fn check(parked: &Parked) -> Result<(), Failure> {
    let (streams, max) = (parked.len(), PARKED_STREAMS_MAX);
    if streams > max {
        return Err(ProjectorError::TooManyParked { streams, max }.into());
    }
    Ok(())
}
