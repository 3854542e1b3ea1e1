//! The new read model takes the live one's place.
//!
//! A projector's transaction begins with its checkpoint: whoever is in one finishes it before
//! that table is locked, and whoever comes waits and then finds the new tables by name. While the
//! projector waits, the new read model catches up. For the renaming itself all live tables are
//! locked, so that no statement finds some of its tables before and others after it; readers wait
//! for that moment, and prepared statements are planned anew when names mean other tables.

use std::time::Duration;

use events::{LogId, LogPosition};
use sqlx::{AssertSqlSafe, Connection, PgTransaction};

use super::{Progress, Rebuild, RebuildError, Report, tables};
use crate::checkpoint::{self, Checkpoint};
use crate::decode::decode;
use crate::failure::{Failure, WriteError};
use crate::fold::{Folded, fold};
use crate::projection::{Projection, Schemas};
use crate::writer::{self, Writer};

/// How many events may be projected while the live projector is held up: some 100 ms.
const SWAP_EVENTS_MAX: usize = 2_000;

const SWAP_TRIES_MAX: usize = 50;
const SWAP_WAIT: Duration = Duration::from_millis(100);

impl Rebuild {
    /// Brings the new read model up to where the live one is, and puts it in its place.
    pub async fn swap(
        mut self,
        progress: &mut (impl FnMut(Progress) + Send),
    ) -> Result<Report, RebuildError> {
        progress(Progress::Swapping);
        for _ in 0..SWAP_TRIES_MAX {
            let target = self.target().await?;
            let writer = self.catch_up(target, progress).await?;
            if let Some(position) = self.try_swap(&writer).await.or_else(busy_is_none)? {
                let parked_streams = writer.parked().len();
                drop(writer);
                self.drop_old().await;
                let seconds = self.started.elapsed().as_secs_f64();
                let (events, spent) = (self.events, self.spent);
                return Ok(Report { events, seconds, position, parked_streams, spent });
            }
            tokio::time::sleep(SWAP_WAIT).await;
        }
        Err(RebuildError::Busy { tries: SWAP_TRIES_MAX })
    }

    /// `None`: nothing was done, the live one is too far ahead.
    async fn try_swap(&mut self, writer: &Writer) -> Result<Option<LogPosition>, SwapError> {
        let (log, keys, id) = (&self.log, &self.keys, self.log.id());
        let projection = self.projection;
        let mut tx = self.lock.begin().await?;
        tables::hold_live_projector(&mut tx, projection).await?;
        let new = checkpoint::load(&mut tx, id).await?;
        let live = live_position(&mut tx, projection, id).await?;
        if live > new.position {
            let mut events =
                log.read_all(new.position, SWAP_EVENTS_MAX).await.map_err(Failure::from)?;
            events.retain(|event| event.position <= live);
            let batch = decode(projection, events, keys.as_ref()).await?;
            let folded = fold(projection, &batch.items, &batch.ring, writer.parked())
                .map_err(Failure::Stop)?;
            if folded.up_to < live || !finish(&mut tx, new, &folded).await? {
                return Ok(None);
            }
            self.events += batch.items.len() as u64;
        }
        tables::hold_everybody(&mut tx, projection).await?;
        let Schemas { live: schema, next, old } = projection.schemas();
        let rename = format!(
            "ALTER SCHEMA {schema} RENAME TO {old}; ALTER SCHEMA {next} RENAME TO {schema}"
        );
        sqlx::raw_sql(AssertSqlSafe(rename)).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(Some(new.position.max(live)))
    }

    /// The old tables go once nobody reads them any more; else the next rebuild drops them.
    async fn drop_old(&mut self) {
        if let Err(error) = tables::drop_schema(&mut self.lock, self.projection.schemas().old).await
        {
            tracing::warn!(%error, "the old read model stays for now");
        }
    }
}

/// Why a try failed.
enum SwapError {
    Database(sqlx::Error),
    Other(RebuildError),
}

impl From<sqlx::Error> for SwapError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Failure> for SwapError {
    fn from(failure: Failure) -> Self {
        Self::Other(failure.into())
    }
}

/// A lock that wasn't to be had is one more reason to try again.
fn busy_is_none(error: SwapError) -> Result<Option<LogPosition>, RebuildError> {
    match error {
        SwapError::Database(error) if tables::is_busy(&error) => Ok(None),
        SwapError::Database(error) => Err(error.into()),
        SwapError::Other(error) => Err(error),
    }
}

/// Where the live read model is; 0 if it has no checkpoint, or one of another log.
async fn live_position(
    tx: &mut PgTransaction<'_>,
    projection: Projection,
    log: LogId,
) -> Result<LogPosition, sqlx::Error> {
    let live = checkpoint::live(tx, projection).await?;
    Ok(live.filter(|(of, _)| *of == log).map_or(0, |(_, position)| position))
}

/// Writes the last events. False: rows were refused; the ordinary way will park their stream.
async fn finish(
    tx: &mut PgTransaction<'_>,
    new: Checkpoint,
    folded: &Folded<'_>,
) -> Result<bool, sqlx::Error> {
    if !checkpoint::advance(tx, new, folded.up_to).await? {
        return Ok(false);
    }
    match writer::write(tx, folded).await {
        Ok(()) => Ok(true),
        Err(WriteError::Rows(_)) => Ok(false),
        Err(WriteError::Database(error)) => Err(error),
    }
}
