//! What PostgreSQL notifies of: that there is something to read, and who is typing on other
//! nodes. One connection listens to all.

use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgNotification};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::typing::{TYPING_CHANNEL, TypingDesk};

/// The projectors announce their checkpoints there.
const MESSENGER_CHANNEL: &str = "moim_messenger";
const MONEY_CHANNEL: &str = "moim_money";

/// Who is told that there is something to read.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    pub(crate) messenger: Notify,
    pub(crate) money: Notify,
}

/// Between tries to listen.
const LISTEN_PAUSE: Duration = Duration::from_secs(2);
const LISTEN_TIMEOUT: Duration = Duration::from_secs(5);

/// Listens until it is dropped. Notifications are hints: what is missed while nobody listens is
/// found by polling, or is no longer of interest.
pub(crate) async fn run(pool: &PgPool, hints: &Hints, typing: &TypingDesk) {
    loop {
        match timeout(LISTEN_TIMEOUT, connect(pool)).await {
            Ok(Ok(mut listener)) => {
                while let Ok(Some(notification)) = listener.try_recv().await {
                    take(&notification, hints, typing);
                }
            }
            Ok(Err(error)) => tracing::debug!(%error, "can't listen for notifications; polling"),
            Err(_) => tracing::debug!("can't listen for notifications in time; polling"),
        }
        sleep(LISTEN_PAUSE).await;
    }
}

async fn connect(pool: &PgPool) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.eager_reconnect(false);
    listener.listen_all([MESSENGER_CHANNEL, MONEY_CHANNEL, TYPING_CHANNEL]).await?;
    Ok(listener)
}

fn take(notification: &PgNotification, hints: &Hints, typing: &TypingDesk) {
    match notification.channel() {
        TYPING_CHANNEL => typing.hear(notification.payload()),
        MONEY_CHANNEL => hints.money.notify_one(),
        _ => hints.messenger.notify_one(),
    }
}
