//! A parked stream is taken up again, once what was at fault is mended: its events from there on
//! are projected in one transaction, while the projector waits for the checkpoint. Then the
//! checkpoint names another build, so that the projector begins anew and knows of it.
//!
//! The feed's rows come at their own positions, which are behind the cursors of those who listen:
//! they are found on resume but not pushed, and what nodes have cached of the entity stays until
//! its next event.

use events::log::Direction;
use events::personal::Keys;
use events::{EventLog, LogError, LogPosition, Recorded, StreamName};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::decode::decode;
use crate::failure::{Failure, ProjectorError, WriteError};
use crate::fold::fold;
use crate::parked::{self, Parked};
use crate::projection::{OnPoison, Projection};
use crate::{checkpoint, schema, writer};

/// More events than this hold up the projector for too long: the way is a rebuild then.
const UNPARK_EVENTS_MAX: usize = 50_000;

/// Events that are read at once.
const READ_EVENTS_MAX: usize = 2_000;

/// Why a stream stays parked, if it was.
#[derive(Debug, thiserror::Error)]
pub enum UnparkError {
    /// It is not parked.
    #[error("{0} is not parked")]
    NotParked(StreamName),
    /// It still can't be projected.
    #[error("it still can't be projected: {0}")]
    Refused(String),
    /// There are too many events to catch up with.
    #[error("more than {} events were left out: rebuild the read model", UNPARK_EVENTS_MAX)]
    TooMany,
    /// An event stops every projector.
    #[error(transparent)]
    Projector(#[from] ProjectorError),
    /// Database, log or vault had trouble: try again.
    #[error("unparking was interrupted: {0}")]
    Interrupted(String),
}

impl From<Failure> for UnparkError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Stop(error) => Self::Projector(error),
            other => Self::Interrupted(other.to_string()),
        }
    }
}

impl From<sqlx::Error> for UnparkError {
    fn from(error: sqlx::Error) -> Self {
        Failure::from(error).into()
    }
}

impl From<LogError> for UnparkError {
    fn from(error: LogError) -> Self {
        Failure::from(error).into()
    }
}

impl From<WriteError> for UnparkError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Rows(error) => Self::Refused(error),
            WriteError::Database(error) => error.into(),
        }
    }
}

/// Projects what was left out of a parked stream, beside the live projector. Gives how many
/// events that were; on an error everything is as it was.
pub async fn unpark(
    projection: Projection,
    options: &PgConnectOptions,
    log: &dyn EventLog,
    keys: &dyn Keys,
    stream: &StreamName,
) -> Result<usize, UnparkError> {
    if projection.on_poison() == OnPoison::Stop {
        // It goes on by itself once it can.
        return Err(UnparkError::NotParked(stream.clone()));
    }
    let mut db = schema::within(options.clone(), projection.schemas().live).connect().await?;
    let mut tx = db.begin().await?;
    // Until the end of the transaction, the projector's next one waits for this row.
    let held = checkpoint::load(&mut tx, log.id()).await?;
    let from = parked::position_of(&mut tx, stream).await?;
    let from = from.ok_or_else(|| UnparkError::NotParked(stream.clone()))?;
    let events = read(log, stream, from, held.position).await?;
    let batch = decode(projection, events, keys).await?;
    let folded = fold(projection, &batch.items, &batch.ring, &Parked::new())?;
    if let Some(error) = folded.parked.failure() {
        return Err(UnparkError::Refused(error));
    }
    writer::write(&mut tx, &folded).await?;
    parked::remove(&mut tx, stream).await?;
    checkpoint::renew(&mut tx).await?;
    tx.commit().await?;
    Ok(batch.items.len())
}

/// The stream's events at positions within the bounds. Only their positions are known: they are
/// found from the stream's end.
async fn read(
    log: &dyn EventLog,
    stream: &StreamName,
    from: LogPosition,
    to: LogPosition,
) -> Result<Vec<Recorded>, UnparkError> {
    let mut found = Vec::new();
    let mut next = log.last_revision(stream).await?;
    while let Some(revision) = next {
        let page = log.read(stream, revision, Direction::Backwards, READ_EVENTS_MAX).await?;
        let Some(oldest) = page.last() else { break };
        next = (oldest.position > from).then(|| oldest.revision.checked_sub(1)).flatten();
        found.extend(page.into_iter().filter(|it| (from..=to).contains(&it.position)));
        if found.len() > UNPARK_EVENTS_MAX {
            return Err(UnparkError::TooMany);
        }
    }
    found.reverse();
    Ok(found)
}
