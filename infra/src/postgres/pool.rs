//! Connections whose calls end in time.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool, Postgres};

/// How long to wait for a connection.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a statement or transaction may take once it has its connection.
pub(super) const CALL_TIMEOUT: Duration = Duration::from_millis(2_500);
/// A connection that was idle for longer is tried before it is used.
pub(super) const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// A pool on `url` that has proved its first connection.
pub async fn connect(url: &str, connections_max: u32) -> anyhow::Result<PgPool> {
    let pool = connect_lazy(url, connections_max)?;
    drop(pool.acquire().await?);
    Ok(pool)
}

/// A pool on `url` that connects when first used.
pub fn connect_lazy(url: &str, connections_max: u32) -> anyhow::Result<PgPool> {
    let options: PgConnectOptions = url.parse()?;
    // The server ends what this node has long given up, and frees its locks.
    let call_ms = CALL_TIMEOUT.as_millis().to_string();
    let options = options
        .application_name("moim")
        .options([("idle_in_transaction_session_timeout", call_ms.as_str())]);
    let pool = PgPoolOptions::new()
        .max_connections(connections_max)
        // Made when they are needed, they would come late: many are needed when there is much
        // to do, and a handshake takes longest then.
        .min_connections(connections_max)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > TRUSTED_IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        });
    Ok(pool.connect_lazy_with(options))
}

/// Why a call gave no result.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// No connection: nothing was sent.
    #[error("no connection: {0}")]
    NotSent(sqlx::Error),
    /// The server or the connection failed.
    #[error(transparent)]
    Failed(#[from] sqlx::Error),
    /// No answer in time.
    #[error("no answer within {} ms", CALL_TIMEOUT.as_millis())]
    TimedOut,
}

/// A pooled connection for one call. Unless [`Session::release`]d it is closed when dropped: it
/// may still wait for an answer.
pub(super) struct Session(Option<PoolConnection<Postgres>>);

impl Session {
    /// Waits for a connection.
    pub(super) async fn acquire(pool: &PgPool) -> Result<Self, CallError> {
        pool.acquire().await.map(|connection| Self(Some(connection))).map_err(CallError::NotSent)
    }

    /// The connection.
    pub(super) fn connection(&mut self) -> &mut PgConnection {
        match &mut self.0 {
            Some(connection) => connection,
            None => unreachable!("the connection is there until `release` takes the session"),
        }
    }

    /// Gives the connection back to the pool.
    pub(super) fn release(mut self) {
        self.0 = None;
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.0 {
            connection.close_on_drop();
        }
    }
}

/// Bounds the work on a connection.
pub(super) async fn within<T>(
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, CallError> {
    match tokio::time::timeout(CALL_TIMEOUT, work).await {
        Ok(outcome) => Ok(outcome?),
        Err(_) => Err(CallError::TimedOut),
    }
}

/// Runs one statement on a pooled connection, or several in the order given: an expression that
/// uses `$connection` and gives a future of `Result<_, sqlx::Error>`.
macro_rules! call {
    ($pool:expr, |$connection:ident| $work:expr) => {{
        let mut session = $crate::postgres::pool::Session::acquire($pool).await?;
        let $connection = session.connection();
        let outcome = $crate::postgres::pool::within($work).await?;
        session.release();
        Ok::<_, $crate::postgres::pool::CallError>(outcome)
    }};
}
pub(super) use call;
