//! The newest position that this node knows of, and how it hears of others'.

use std::time::Duration;

use events::LogPosition;
use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::sql;
use crate::postgres::pool::{ACQUIRE_TIMEOUT, call};

/// Notifications are hints: what they miss is found within this.
pub(super) const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// The most that hints of this node follow one another.
const NOTIFY_INTERVAL: Duration = Duration::from_millis(10);
const LISTEN_RETRY: Duration = Duration::from_millis(500);

/// Never falls; clones share it.
#[derive(Debug, Clone)]
pub(super) struct Head(watch::Sender<LogPosition>);

impl Head {
    pub(super) fn new(position: LogPosition) -> Self {
        Self(watch::Sender::new(position))
    }

    /// There is an event at that position.
    pub(super) fn advance(&self, position: LogPosition) {
        self.0.send_if_modified(|newest| {
            let newer = position > *newest;
            *newest = position.max(*newest);
            newer
        });
    }

    /// Waits for an event after a position.
    pub(super) async fn wait_beyond(&self, position: LogPosition) {
        // It fails only when the sender is gone, and that is here.
        self.0.subscribe().wait_for(|newest| *newest > position).await.ok();
    }
}

/// Asks the database now and then.
pub(super) async fn poll(pool: PgPool, head: Head) {
    let mut ticks = interval(POLL_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut reachable = true;
    loop {
        ticks.tick().await;
        let was_reachable = reachable;
        let answer = ask(&pool).await;
        reachable = answer.is_ok();
        match answer {
            Ok(position) => head.advance(position),
            Err(error) if was_reachable => tracing::warn!(%error, "the log's head can't be read"),
            Err(_) => {}
        }
    }
}

/// The newest position, from the database.
pub(super) async fn ask(pool: &PgPool) -> Result<LogPosition, String> {
    let ask = async { call!(pool, |connection| sql::head(connection)) };
    ask.await.map(|(_, position)| position).map_err(|error| error.to_string())
}

/// Takes other nodes' hints.
pub(super) async fn listen(pool: PgPool, head: Head) {
    // A pool of its own: a listener never gives its connection back.
    let own = PgPoolOptions::new().max_connections(1).acquire_timeout(ACQUIRE_TIMEOUT);
    let own = own.connect_lazy_with(pool.connect_options().as_ref().clone());
    loop {
        if let Err(error) = take_hints(&own, &head).await {
            tracing::debug!(%error, "not listening for new events");
        }
        sleep(LISTEN_RETRY).await;
    }
}

async fn take_hints(pool: &PgPool, head: &Head) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(sql::CHANNEL).await?;
    loop {
        if let Ok(position) = listener.recv().await?.payload().parse() {
            head.advance(position);
        }
    }
}

/// Gives hints of what this node has written, outside the transactions that wrote it.
pub(super) async fn announce(pool: PgPool, mut written: watch::Receiver<LogPosition>) {
    while written.changed().await.is_ok() {
        let position = *written.borrow_and_update();
        let notify = async { call!(&pool, |connection| sql::notify(connection, position)) };
        if let Err(error) = notify.await {
            tracing::debug!(%error, "no hint of new events given");
        }
        sleep(NOTIFY_INTERVAL).await;
    }
}
