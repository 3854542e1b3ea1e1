//! Tells other nodes how far the read model is, by `NOTIFY`. It is a hint: who listens polls, too.

use std::time::Duration;

use events::LogPosition;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use tokio::sync::watch;

/// The channel of `messenger`. Its payload is the position up to which rows and feed are
/// committed, in decimal.
pub const NOTIFY_CHANNEL: &str = "moim_messenger";

/// The same for `money`.
pub const MONEY_NOTIFY_CHANNEL: &str = "moim_money";

/// At most one notification within this time; it names the newest position.
const NOTIFY_INTERVAL: Duration = Duration::from_millis(5);

const NOTIFY_TIMEOUT: Duration = Duration::from_secs(5);

/// Announces every position, or a later one instead, until it is dropped. It has a connection of
/// its own, so that no commit of rows waits for the lock on the queue of notifications.
pub(crate) async fn announce(
    options: &PgConnectOptions,
    channel: &str,
    mut at: watch::Receiver<LogPosition>,
) {
    let mut db = None;
    while at.changed().await.is_ok() {
        let position = *at.borrow_and_update();
        let told =
            tokio::time::timeout(NOTIFY_TIMEOUT, tell(options, &mut db, channel, position)).await;
        if let Err(error) = told.unwrap_or(Err(sqlx::Error::PoolTimedOut)) {
            // The next position tells this one, too.
            tracing::debug!(%error, position, "a notification was not sent");
            db = None;
        }
        tokio::time::sleep(NOTIFY_INTERVAL).await;
    }
}

async fn tell(
    options: &PgConnectOptions,
    db: &mut Option<PgConnection>,
    channel: &str,
    position: LogPosition,
) -> Result<(), sqlx::Error> {
    let db = match db {
        Some(db) => db,
        None => db.insert(options.connect().await?),
    };
    let payload = position.to_string();
    sqlx::query!("SELECT pg_notify($1, $2)", channel, payload).execute(db).await?;
    Ok(())
}
