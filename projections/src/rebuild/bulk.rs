//! Filling empty tables as fast as may be. Nobody reads them yet and a crash begins anew, so the
//! big tables may be written side by side, each on its own connection; reading and decoding run
//! ahead meanwhile.

use std::sync::Arc;

use events::personal::Keys;
use events::{EventLog, LogPosition};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::{Progress, RebuildError};
use crate::checkpoint;
use crate::decode::{Batch, decode};
use crate::failure::{Failure, WriteError};
use crate::messenger::{self, Folded};
use crate::parked::{self, Parked};
use crate::writer::Writer;

/// Events of a batch.
const BULK_EVENTS_MAX: usize = 5_000;

/// Decoded batches that wait to be written.
const READ_AHEAD_BATCHES_MAX: usize = 2;

/// Projects the log up to where it ends now. Gives how many events that were.
pub(super) async fn fill(
    options: &PgConnectOptions,
    log: Arc<dyn EventLog>,
    keys: Arc<dyn Keys>,
    progress: &mut (impl FnMut(Progress) + Send),
) -> Result<u64, RebuildError> {
    let head = log.head().await?;
    let mut bulk = Bulk::open(options, log.as_ref()).await?;
    let (sender, mut batches) = mpsc::channel(READ_AHEAD_BATCHES_MAX);
    let reader = AbortOnDropHandle::new(tokio::spawn(read_ahead(log, keys, head, sender)));
    let mut events = 0;
    while let Some(batch) = batches.recv().await {
        bulk.apply(&batch).await?;
        events += batch.items.len() as u64;
        progress(Progress::Reading { position: bulk.position, head });
    }
    let read = reader.await.map_err(|error| RebuildError::Interrupted(error.to_string()))?;
    read?;
    Ok(events)
}

/// Sends decoded batches up to `head`; an error ends them.
async fn read_ahead(
    log: Arc<dyn EventLog>,
    keys: Arc<dyn Keys>,
    head: LogPosition,
    batches: mpsc::Sender<Batch>,
) -> Result<(), Failure> {
    let mut after = 0;
    while after < head {
        let events = log.read_all(after, BULK_EVENTS_MAX).await?;
        let Some(last) = events.last() else { break };
        after = last.position;
        let batch = decode(events, keys.as_ref()).await?;
        if batches.send(batch).await.is_err() {
            break;
        }
    }
    Ok(())
}

struct Bulk {
    options: PgConnectOptions,
    messages: PgConnection,
    feed: PgConnection,
    rest: PgConnection,
    log: events::LogId,
    checkpoint: checkpoint::Checkpoint,
    position: LogPosition,
    parked: Parked,
}

impl Bulk {
    async fn open(options: &PgConnectOptions, log: &dyn EventLog) -> Result<Self, Failure> {
        // The swap's commit is synchronous and makes all that came before it durable, too.
        let options = options.clone().options([("synchronous_commit", "off")]);
        let (messages, feed) = (options.connect().await?, options.connect().await?);
        let mut rest = options.connect().await?;
        let log = log.id();
        let checkpoint = checkpoint::load(&mut rest, log).await?;
        let position = checkpoint.position;
        let parked = Parked::new();
        Ok(Self { options, messages, feed, rest, log, checkpoint, position, parked })
    }

    async fn apply(&mut self, batch: &Batch) -> Result<(), Failure> {
        let folded = messenger::fold(&batch.items, &batch.ring, &self.parked)?;
        match self.commit(&folded).await {
            Ok(()) => {
                self.parked.extend(folded.parked.new_streams().cloned());
                self.checkpoint.position = folded.up_to;
                folded.parked.log();
                parked::check(&self.parked)?;
            }
            Err(WriteError::Database(error)) => return Err(error.into()),
            // The ordinary way finds the event that is at fault and parks its stream.
            Err(WriteError::Rows(_)) => {
                let mut writer = Writer::open(&self.options, self.log).await?;
                writer.apply(batch).await?;
                self.checkpoint.position = writer.position();
                self.parked.clone_from(writer.parked());
            }
        }
        self.position = self.checkpoint.position;
        Ok(())
    }

    /// All three or, where rows are refused, none. Only trouble with the database itself can
    /// leave them apart, and that ends the rebuild.
    async fn commit(&mut self, folded: &Folded<'_>) -> Result<(), WriteError> {
        let mut messages = self.messages.begin().await?;
        let mut feed = self.feed.begin().await?;
        let mut rest = self.rest.begin().await?;
        let moved = checkpoint::advance(&mut rest, self.checkpoint, folded.up_to).await?;
        if !moved {
            let lost = "somebody else writes the tables of this rebuild".to_owned();
            return Err(WriteError::Database(sqlx::Error::Protocol(lost)));
        }
        let changes = &folded.changes;
        let written = tokio::join!(
            messenger::write_messages(&mut messages, changes),
            messenger::write_feed(&mut feed, changes),
            async {
                messenger::write_rest(&mut rest, changes).await?;
                folded.parked.write(&mut rest).await
            },
        );
        if let Err(error) = written.0.and(written.1).and(written.2) {
            tokio::try_join!(messages.rollback(), feed.rollback(), rest.rollback())?;
            return Err(error);
        }
        tokio::try_join!(messages.commit(), feed.commit(), rest.commit())?;
        Ok(())
    }
}
