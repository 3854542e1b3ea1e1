//! Looks at what a node leans on, and says how it is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use events::{EventLog, LogPosition};
use query::Api;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::health::Health;
use crate::postgres::PostgresLog;

/// Between two looks.
const INTERVAL: Duration = Duration::from_millis(500);
/// A database that answers later is away.
const DATABASE_TIMEOUT: Duration = Duration::from_millis(1_500);
/// A read model that stands still for longer, although there is something to read, is stuck.
const STUCK_AFTER: Duration = Duration::from_secs(10);

/// What is looked at.
pub(super) struct Watch {
    /// Reached over a connection of its own, outside of any pool: a busy pool is no database that
    /// is away, and what hung is thrown away instead of being waited for.
    pub(super) database: PgConnectOptions,
    pub(super) log: PostgresLog,
    /// How far the projector of this node is.
    pub(super) projected: watch::Receiver<LogPosition>,
    pub(super) api: Api,
    pub(super) health: Arc<Health>,
}

impl Watch {
    /// Looks until told to stop.
    pub(super) async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut progress = Progress { at: 0, since: Instant::now() };
        let mut kept = None;
        while stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await.is_some() {
            if self.look_at_database(&mut kept).await {
                self.look_at_clock();
                self.look_at_projection(&mut progress).await;
            }
        }
        Ok(())
    }

    /// Keeps the connection only if it has answered.
    async fn look_at_database(&self, kept: &mut Option<PgConnection>) -> bool {
        let before = kept.take();
        let ping = async {
            let mut connection = match before {
                Some(connection) => connection,
                None => PgConnection::connect_with(&self.database).await?,
            };
            connection.ping().await?;
            Ok::<_, sqlx::Error>(connection)
        };
        match tokio::time::timeout(DATABASE_TIMEOUT, ping).await {
            Ok(Ok(connection)) => {
                *kept = Some(connection);
                self.health.mend("database");
            }
            Ok(Err(error)) => self.health.fail("database", format!("can't be reached: {error}")),
            Err(_) => {
                let limit_ms = DATABASE_TIMEOUT.as_millis();
                self.health.fail("database", format!("no answer within {limit_ms} ms"));
            }
        }
        !self.health.fails("database")
    }

    fn look_at_clock(&self) {
        let offset = self.log.clock_offset();
        if offset.is_too_far() {
            let ms = offset.micros / 1_000;
            self.health.fail("clock", format!("{ms} ms off the database's: nothing is appended"));
        } else {
            self.health.mend("clock");
        }
    }

    async fn look_at_projection(&self, progress: &mut Progress) {
        let at = *self.projected.borrow();
        let Ok(head) = self.log.head().await else {
            return;
        };
        metrics::gauge!("moim_projection_lag_events").set(to_f64(head.saturating_sub(at)));
        if self.api.is_current() {
            self.health.mend("feed");
        } else {
            self.health.fail("feed", "what happened last was not read yet");
        }
        if at != progress.at || at >= head {
            *progress = Progress { at, since: Instant::now() };
            self.health.mend("projection");
        } else if progress.since.elapsed() > STUCK_AFTER {
            let why = format!("stands still at {at}, the log is at {head}");
            self.health.fail("projection", why);
        }
    }
}

struct Progress {
    at: LogPosition,
    since: Instant,
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is read by people")]
fn to_f64(events: u64) -> f64 {
    events as f64
}
