//! One owner's way to the tables: a connection of its own, the checkpoint that it expects, and
//! batches written whole or not at all. Tables that nobody reads yet are filled without a
//! checkpoint, by several owners who share the streams among them.

use events::{LogId, LogPosition};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

use crate::checkpoint::{self, Checkpoint};
use crate::decode::{Batch, Item};
use crate::failure::{Failure, ProjectorError, WriteError};
use crate::fold::{Folded, fold};
use crate::parked::{self, Parked, ParkedChanges, Stopped};
use crate::projection::{OnPoison, Projection};

#[derive(Debug)]
pub(crate) struct Writer {
    projection: Projection,
    db: PgConnection,
    /// `None`: it fills tables in bulk.
    checkpoint: Option<Checkpoint>,
    parked: Parked,
    /// The tables tell of an event that stopped everything.
    stopped: bool,
}

/// Why a part of a batch was not committed.
enum Refused {
    /// Its rows are at fault; the database's own words.
    Poison(String),
    /// Something else is.
    Failure(Failure),
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        Self::Failure(error.into())
    }
}

impl Writer {
    /// Connects and finds the checkpoint. `options` name the schema in their search path.
    pub(crate) async fn open(
        projection: Projection,
        options: &PgConnectOptions,
        log: LogId,
    ) -> Result<Self, Failure> {
        let mut db = options.connect().await?;
        let checkpoint = checkpoint::load(&mut db, log).await?;
        let listed = parked::load(&mut db).await?;
        let (parked, stopped) = match projection.on_poison() {
            OnPoison::Park => (listed, false),
            // Nothing is left out: the event is tried again.
            OnPoison::Stop => (Parked::new(), !listed.is_empty()),
        };
        Ok(Self { projection, db, checkpoint: Some(checkpoint), parked, stopped })
    }

    /// Connects to fill tables in bulk that have nothing of its streams yet.
    pub(crate) async fn bulk(
        projection: Projection,
        options: &PgConnectOptions,
    ) -> Result<Self, Failure> {
        let db = options.connect().await?;
        Ok(Self { projection, db, checkpoint: None, parked: Parked::new(), stopped: false })
    }

    /// Position up to which all events are written; 0 while that isn't known.
    pub(crate) fn position(&self) -> LogPosition {
        self.checkpoint.map_or(0, |checkpoint| checkpoint.position)
    }

    /// Moves the checkpoint past events that were written in bulk.
    pub(crate) async fn skip_to(&mut self, position: LogPosition) -> Result<(), Failure> {
        self.commit_no_rows(ParkedChanges::default(), position).await
    }

    /// How many streams have an event that can't be projected.
    pub(crate) fn parked_streams(&self) -> usize {
        if self.stopped { 1 } else { self.parked.len() }
    }

    /// The streams that are parked.
    pub(crate) fn parked(&self) -> &Parked {
        &self.parked
    }

    /// Writes a batch with its checkpoint. Where rows are refused, the batch is halved until the
    /// event is alone that is at fault; its stream is parked and the rest goes on, or all before
    /// it is written and the rest is not.
    pub(crate) async fn apply(&mut self, batch: &Batch) -> Result<(), Failure> {
        let seen = self.position();
        // Events may come again after a fresh subscription, never out of order.
        let fresh = batch.items.partition_point(|item| item.position <= seen);
        let mut parts = vec![&batch.items[fresh..]];
        while let Some(part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            let folded = match fold(self.projection, part, &batch.ring, &self.parked) {
                Ok(folded) => folded,
                Err(ProjectorError::Poisoned { position, .. }) if position > part[0].position => {
                    let (before, rest) =
                        part.split_at(part.partition_point(|item| item.position < position));
                    parts.extend([rest, before]);
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            match self.commit(folded).await {
                Ok(()) => {}
                Err(Refused::Failure(failure)) => return Err(failure),
                Err(Refused::Poison(error)) if part.len() == 1 => {
                    match self.projection.on_poison() {
                        OnPoison::Park => self.park(&part[0], &error).await?,
                        OnPoison::Stop => {
                            return Err(ProjectorError::poisoned(&part[0], error).into());
                        }
                    }
                }
                Err(Refused::Poison(_)) => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second, first]);
                }
            }
        }
        Ok(())
    }

    /// Rows and checkpoint in one transaction.
    async fn commit(&mut self, folded: Folded<'_>) -> Result<(), Refused> {
        let mut tx = self.db.begin().await?;
        let written = match self.checkpoint {
            Some(seen) => {
                if !checkpoint::advance(&mut tx, seen, folded.up_to).await? {
                    tx.rollback().await?;
                    let moved = checkpoint::who_moved(&mut self.db, seen).await;
                    return Err(Refused::Failure(moved));
                }
                if folded.changes.is_nothing() {
                    checkpoint::may_go_back(&mut tx).await?;
                }
                write(&mut tx, &folded).await
            }
            None => load(&mut tx, &folded).await,
        };
        match written {
            Ok(()) => {}
            Err(WriteError::Database(error)) => return Err(error.into()),
            Err(WriteError::Rows(error)) => {
                tx.rollback().await?;
                return Err(Refused::Poison(error));
            }
        }
        if self.stopped {
            parked::clear(&mut tx).await?;
        }
        tx.commit().await?;
        self.stopped = false;
        if let Some(checkpoint) = &mut self.checkpoint {
            checkpoint.position = folded.up_to;
        }
        folded.parked.log();
        self.parked.extend(folded.parked.new_streams().cloned());
        parked::check(&self.parked).map_err(Refused::Failure)
    }

    /// Tells, where all can see it, which event stopped everything.
    pub(crate) async fn tell_stopped(&mut self, at: &Stopped<'_>) -> Result<(), Failure> {
        parked::stop(&mut self.db, at).await?;
        self.stopped = true;
        Ok(())
    }

    /// Parks the stream of an event whose rows are refused.
    async fn park(&mut self, item: &Item, error: &str) -> Result<(), Failure> {
        let mut parked = ParkedChanges::default();
        parked.park(item, error);
        self.commit_no_rows(parked, item.position).await
    }

    /// Moves the checkpoint past events that change no rows, or whose rows were written in bulk.
    async fn commit_no_rows(
        &mut self,
        parked: ParkedChanges,
        up_to: LogPosition,
    ) -> Result<(), Failure> {
        let changes = self.projection.no_changes();
        match self.commit(Folded { changes, parked, up_to }).await {
            Ok(()) => Ok(()),
            Err(Refused::Failure(failure)) => Err(failure),
            Err(Refused::Poison(error)) => Err(Failure::Retry(error)),
        }
    }
}

/// Writes all that a batch changes, within the caller's transaction.
pub(crate) async fn write(db: &mut PgConnection, folded: &Folded<'_>) -> Result<(), WriteError> {
    folded.changes.write(db).await?;
    folded.parked.write(db).await
}

/// The same by the ways that are fastest for many rows.
async fn load(db: &mut PgConnection, folded: &Folded<'_>) -> Result<(), WriteError> {
    folded.changes.load(db).await?;
    folded.parked.write(db).await
}
