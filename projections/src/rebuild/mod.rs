//! A read model made anew from the log, beside the live one, which goes on meanwhile: fill a
//! schema of its own in bulk, make its indexes, catch up, take the live one's place.

mod bulk;
mod compare;
mod indexes;
mod spent;
mod swap;
mod tables;

use std::sync::Arc;
use std::time::Instant;

use events::personal::Keys;
use events::{EventLog, LogError, LogPosition};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

pub use compare::Difference;
pub use spent::Spent;

use crate::checkpoint;
use crate::decode::decode;
use crate::failure::{Failure, ProjectorError};
use crate::projection::Projection;
use crate::schema::{self, MigrationError};
use crate::writer::Writer;

/// Held while a rebuild runs: "moim" and a number.
const LOCK_REBUILD: i64 = 0x6d6f_696d_0000_0102;

/// Events of a batch that catches up in an ordinary transaction.
const CATCH_UP_EVENTS_MAX: usize = 2_000;

/// What a rebuild did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    /// Events that were read.
    pub events: u64,
    /// Seconds that it took, all in all.
    pub seconds: f64,
    /// Position up to which the new read model was when it took the old one's place.
    pub position: LogPosition,
    /// Streams that are parked in it.
    pub parked_streams: usize,
    /// What the time went for.
    pub spent: Spent,
}

/// What a rebuild is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It reads the log.
    Reading {
        /// Position up to which it was read.
        position: LogPosition,
        /// The log's end when reading began.
        head: LogPosition,
    },
    /// It makes indexes and statistics.
    Indexing,
    /// It takes the live one's place.
    Swapping,
}

/// Why a rebuild gave up. The live read model is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// There is another one.
    #[error("another rebuild is running")]
    Running,
    /// The tables can't be made.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// An event stops every projector.
    #[error(transparent)]
    Projector(#[from] ProjectorError),
    /// Database, log or vault had trouble: begin again.
    #[error("the rebuild was interrupted: {0}")]
    Interrupted(String),
    /// Long readers hold on to the live tables, or the live projector is always too far ahead.
    #[error("the live read model could not be held still in {tries} tries")]
    Busy {
        /// How often it was tried.
        tries: usize,
    },
}

impl From<Failure> for RebuildError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Stop(error) => Self::Projector(error),
            Failure::Retry(reason) => Self::Interrupted(reason),
            Failure::Rebuilt => Self::Interrupted(failure.to_string()),
        }
    }
}

impl From<sqlx::Error> for RebuildError {
    fn from(error: sqlx::Error) -> Self {
        Failure::from(error).into()
    }
}

impl From<LogError> for RebuildError {
    fn from(error: LogError) -> Self {
        Failure::from(error).into()
    }
}

/// Rebuilds a read model from the whole log and swaps it in.
pub async fn rebuild(
    projection: Projection,
    options: &PgConnectOptions,
    log: Arc<dyn EventLog>,
    keys: Arc<dyn Keys>,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<Report, RebuildError> {
    let mut rebuild = Rebuild::prepare(projection, options, log, keys).await?;
    rebuild.fill(&mut progress).await?;
    rebuild.swap(&mut progress).await
}

/// A rebuild step by step, for those who want to look at it before it takes over: prepare, fill,
/// compare, swap. Dropped before the swap, it leaves the live read model as it is.
pub struct Rebuild {
    projection: Projection,
    options: PgConnectOptions,
    log: Arc<dyn EventLog>,
    keys: Arc<dyn Keys>,
    /// Its session holds the lock; the swap is done on it, so that a lost lock means no swap.
    lock: PgConnection,
    started: Instant,
    events: u64,
    spent: Spent,
}

impl Rebuild {
    /// Makes empty tables beside the live ones. What an earlier rebuild left behind is dropped.
    pub async fn prepare(
        projection: Projection,
        options: &PgConnectOptions,
        log: Arc<dyn EventLog>,
        keys: Arc<dyn Keys>,
    ) -> Result<Self, RebuildError> {
        let started = Instant::now();
        // The live tables must be there to be replaced.
        schema::migrate(options).await?;
        let (next, old) = (projection.schemas().next, projection.schemas().old);
        let mut lock = schema::within(options.clone(), next).connect().await?;
        let free = sqlx::query_scalar!("SELECT pg_try_advisory_lock($1)", LOCK_REBUILD)
            .fetch_one(&mut lock)
            .await?;
        if free != Some(true) {
            return Err(RebuildError::Running);
        }
        tables::drop_schema(&mut lock, old).await?;
        tables::drop_schema(&mut lock, next).await?;
        schema::migrate_schema(options, projection, next).await?;
        let options = schema::within(options.clone(), next);
        let spent = Spent::default();
        Ok(Self { projection, options, log, keys, lock, started, events: 0, spent })
    }

    /// Projects the whole log into the new tables.
    pub async fn fill(
        &mut self,
        progress: &mut (impl FnMut(Progress) + Send),
    ) -> Result<(), RebuildError> {
        let projection = self.projection;
        let indexes = indexes::take_away(&mut self.lock, projection).await?;
        // The checkpoint is there from the start.
        Writer::open(projection, &self.options, self.log.id()).await?;
        let (log, keys) = (Arc::clone(&self.log), Arc::clone(&self.keys));
        let target = self.target().await?;
        let filled = bulk::fill(projection, &self.options, log, keys, target, progress).await?;
        self.events += filled.events;
        progress(Progress::Indexing);
        let started = Instant::now();
        indexes::make(&mut self.lock, &indexes).await?;
        indexes::analyze(&mut self.lock, projection).await?;
        self.spent = Spent { index: started.elapsed(), ..filled.spent };
        let target = self.target().await?;
        self.catch_up(target, progress).await?;
        Ok(())
    }

    /// How far there is something to be projected: to the log's end, or as far as the rows are
    /// that `search` points to.
    async fn target(&mut self) -> Result<LogPosition, RebuildError> {
        Ok(match self.projection {
            Projection::Messenger | Projection::Money => self.log.head().await?,
            Projection::Search => {
                let messenger = checkpoint::live(&mut self.lock, Projection::Messenger).await?;
                let log = self.log.id();
                messenger.filter(|(of, _)| *of == log).map_or(0, |(_, position)| position)
            }
        })
    }

    /// Projects, in ordinary transactions, what came up to `target`.
    async fn catch_up(
        &mut self,
        target: LogPosition,
        progress: &mut (impl FnMut(Progress) + Send),
    ) -> Result<Writer, RebuildError> {
        let mut writer = Writer::open(self.projection, &self.options, self.log.id()).await?;
        while writer.position() < target {
            let left = usize::try_from(target - writer.position()).unwrap_or(usize::MAX);
            let limit = left.min(CATCH_UP_EVENTS_MAX);
            let mut events = self.log.read_all(writer.position(), limit).await?;
            events.retain(|event| event.position <= target);
            if events.is_empty() {
                break;
            }
            self.events += events.len() as u64;
            let batch = decode(self.projection, events, self.keys.as_ref()).await?;
            writer.apply(&batch).await?;
            progress(Progress::Reading { position: writer.position(), head: target });
        }
        Ok(writer)
    }
}
