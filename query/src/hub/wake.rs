//! When to look at the feed: as soon as somebody says so, and every now and then anyway.

use std::time::Duration;

use events::LogPosition;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

/// PostgreSQL's channel of notifications; the projector announces its checkpoint there.
pub(crate) const NOTIFY_CHANNEL: &str = "moim_messenger";

/// A hint may be lost; the feed is looked at as often as this.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// Between tries to listen.
const LISTEN_PAUSE: Duration = Duration::from_secs(2);
const LISTEN_TIMEOUT: Duration = Duration::from_secs(5);

/// Waits for hints.
pub(crate) struct Wake {
    pool: PgPool,
    /// A projector in this process.
    projected: Option<watch::Receiver<LogPosition>>,
    listener: Option<PgListener>,
    listen_at: Instant,
}

impl Wake {
    pub(crate) fn new(pool: PgPool, projected: Option<watch::Receiver<LogPosition>>) -> Self {
        Self { pool, projected, listener: None, listen_at: Instant::now() }
    }

    /// Resolves when there may be something new.
    pub(crate) async fn wait(&mut self) {
        self.listen().await;
        let notified = async {
            match &mut self.listener {
                Some(listener) => listener.try_recv().await.is_ok_and(|notice| notice.is_some()),
                None => std::future::pending().await,
            }
        };
        let projected = async {
            match &mut self.projected {
                Some(projected) => projected.changed().await.is_ok(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // The nearest source first: it is the fastest, and one hint is enough.
            biased;
            is_open = projected => if !is_open { self.projected = None },
            is_open = notified => if !is_open { self.listener = None },
            () = sleep(POLL_INTERVAL) => {}
        }
    }

    /// Listens, unless it does or has just failed to.
    async fn listen(&mut self) {
        if self.listener.is_some() || Instant::now() < self.listen_at {
            return;
        }
        self.listen_at = Instant::now() + LISTEN_PAUSE;
        let connect = async {
            let mut listener = PgListener::connect_with(&self.pool).await?;
            listener.listen(NOTIFY_CHANNEL).await?;
            Ok::<_, sqlx::Error>(listener)
        };
        match timeout(LISTEN_TIMEOUT, connect).await {
            Ok(Ok(listener)) => self.listener = Some(listener),
            Ok(Err(error)) => tracing::debug!(%error, "can't listen for notifications; polling"),
            Err(_) => tracing::debug!("can't listen for notifications in time; polling"),
        }
    }
}
