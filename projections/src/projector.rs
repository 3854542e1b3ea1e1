//! The projector: follows the log and keeps the read model at most a moment behind it.

use std::sync::Arc;
use std::time::Duration;

use events::personal::Keys;
use events::{EventLog, LogPosition, Timestamp};
use sqlx::postgres::PgConnectOptions;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::decode::decode;
use crate::failure::{Failure, ProjectorError};
use crate::parked::Stopped;
use crate::projection::Projection;
use crate::source::Source;
use crate::writer::Writer;
use crate::{notify, schema, telemetry};

/// From the start of a batch to the start of the next, at least. An event that comes alone is
/// projected at once; under load, batches grow instead of transactions becoming many.
const BATCH_INTERVAL: Duration = Duration::from_millis(5);

/// A batch that takes longer than this is given up; the checkpoint tells whether it was written.
const BATCH_TIMEOUT: Duration = Duration::from_secs(30);

/// Waits between tries grow from the first to the second.
const RETRY_WAIT_MIN: Duration = Duration::from_millis(50);
const RETRY_WAIT_MAX: Duration = Duration::from_secs(2);

/// An event that stopped everything is tried again after this: what is at fault may have been
/// mended in the database, or a rebuild may have taken the tables' place.
const STOPPED_WAIT: Duration = Duration::from_secs(2);

/// Projects the log into one read model. There must be one a database: a second one stops both or
/// itself, and writes nothing that the checkpoint doesn't tell.
pub struct Projector {
    projection: Projection,
    log: Arc<dyn EventLog>,
    keys: Arc<dyn Keys>,
    options: PgConnectOptions,
    projected: watch::Sender<LogPosition>,
}

impl Projector {
    /// A projector of `log` into `messenger`, in the database that `options` name; it takes two
    /// connections.
    pub fn new(log: Arc<dyn EventLog>, keys: Arc<dyn Keys>, options: PgConnectOptions) -> Self {
        Self::of(Projection::Messenger, log, keys, options)
    }

    /// A projector into any of the projections.
    pub fn of(
        projection: Projection,
        log: Arc<dyn EventLog>,
        keys: Arc<dyn Keys>,
        options: PgConnectOptions,
    ) -> Self {
        let options = schema::within(options, projection.schemas().live);
        Self { projection, log, keys, options, projected: watch::Sender::new(0) }
    }

    /// The position up to which rows and feed are committed; 0 until the projector has found its
    /// checkpoint. Others are told of `messenger` by `NOTIFY` on [`crate::NOTIFY_CHANNEL`].
    pub fn projected(&self) -> watch::Receiver<LogPosition> {
        self.projected.subscribe()
    }

    /// Follows the log until it is told to stop. Trouble with database, log or vault is waited
    /// out; what can't be waited out is the error. An event that can't be projected leaves out its
    /// stream, or, in `money`, stops all until it can.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), ProjectorError> {
        telemetry::describe();
        let announce = async {
            match self.projection.notify_channel() {
                Some(channel) => {
                    notify::announce(&self.options, channel, self.projected.subscribe()).await;
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            done = self.follow(&shutdown) => done,
            // It ends when the sender is dropped, which `self` holds.
            () = announce => Ok(()),
        }
    }

    async fn follow(&self, shutdown: &CancellationToken) -> Result<(), ProjectorError> {
        let mut wait = RETRY_WAIT_MIN;
        loop {
            let before = *self.projected.borrow();
            let failure = match self.follow_once(shutdown).await {
                Ok(()) => return Ok(()),
                Err(failure) => failure,
            };
            match failure {
                Failure::Stop(ProjectorError::Poisoned { .. }) => wait = STOPPED_WAIT,
                Failure::Stop(error) => return Err(error),
                Failure::Rebuilt => {
                    let projection = self.projection.name();
                    tracing::info!(projection, "rebuilt; going on with the new tables");
                    continue;
                }
                Failure::Retry(reason) => {
                    telemetry::failed(self.projection);
                    if *self.projected.borrow() > before {
                        wait = RETRY_WAIT_MIN;
                    }
                    let wait_ms = wait.as_millis();
                    let projection = self.projection.name();
                    tracing::warn!(projection, reason, wait_ms, "interrupted; trying again");
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                () = tokio::time::sleep(wait) => {}
            }
            wait = RETRY_WAIT_MAX.min(wait * 2);
        }
    }

    /// From the checkpoint on until something fails.
    async fn follow_once(&self, shutdown: &CancellationToken) -> Result<(), Failure> {
        let mut writer = self.open().await?;
        let log = Arc::clone(&self.log);
        let mut source =
            Source::open(self.projection, &self.options, log, writer.position()).await?;
        loop {
            self.publish(&writer);
            let events = tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                events = source.next() => events?,
            };
            let started = Instant::now();
            let batch =
                within(BATCH_TIMEOUT, decode(self.projection, events, self.keys.as_ref())).await?;
            let applied = within(BATCH_TIMEOUT, writer.apply(&batch)).await;
            if let Err(failure) = applied {
                self.tell_stopped(&mut writer, &failure).await?;
                return Err(failure);
            }
            telemetry::committed(self.projection, &batch.items, Timestamp::now().as_micros());
            self.publish(&writer);
            tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                () = tokio::time::sleep_until(started + BATCH_INTERVAL) => {}
            }
        }
    }

    /// Says which event stopped everything, if one did, where an operator looks.
    async fn tell_stopped(&self, writer: &mut Writer, failure: &Failure) -> Result<(), Failure> {
        let Failure::Stop(ProjectorError::Poisoned { stream, position, kind, error }) = failure
        else {
            return Ok(());
        };
        let projection = self.projection.name();
        tracing::error!(
            projection,
            %stream,
            position,
            kind,
            error,
            "an event can't be projected; everything stands still before it"
        );
        let at = Stopped { stream, position: *position, kind, error };
        within(BATCH_TIMEOUT, writer.tell_stopped(&at)).await?;
        self.publish(writer);
        Ok(())
    }

    async fn open(&self) -> Result<Writer, Failure> {
        let writer =
            within(BATCH_TIMEOUT, Writer::open(self.projection, &self.options, self.log.id()))
                .await?;
        let (checkpoint, head) = (writer.position(), self.log.head().await?);
        if checkpoint > head {
            return Err(ProjectorError::AheadOfLog { checkpoint, head }.into());
        }
        Ok(writer)
    }

    fn publish(&self, writer: &Writer) {
        let position = writer.position();
        telemetry::position(self.projection, position, writer.parked_streams());
        self.projected.send_if_modified(|at| {
            let newer = position > *at;
            *at = position.max(*at);
            newer
        });
    }
}

/// A server that froze must not hold the projector for ever.
async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let late = |_| Failure::Retry(format!("no answer within {} s", limit.as_secs()));
    tokio::time::timeout(limit, work).await.map_err(late)?
}
