//! What can go wrong while projecting, by what is to be done about it.

use events::personal::KeysUnavailable;
use events::{LogError, LogId, LogPosition, StreamName, UserId};

use crate::decode::Item;

/// Why a projector stops. Nothing was written that its checkpoint doesn't tell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProjectorError {
    /// Somebody else moved the checkpoint: there must be one projector only.
    #[error("another projector owns the checkpoint: expected at {expected}, found at {found:?}")]
    Fenced {
        /// Where this projector had left it.
        expected: LogPosition,
        /// Where it is; `None` if it is gone.
        found: Option<LogPosition>,
    },
    /// The read model was made from another log.
    #[error("the read model was made from log {checkpoint}, this is log {log}: rebuild it")]
    ForeignLog {
        /// The log that the rows come from.
        checkpoint: LogId,
        /// The log that is to be followed.
        log: LogId,
    },
    /// The read model is further than the log: the log is a copy from an earlier time.
    #[error("the read model is at {checkpoint}, beyond the log's end at {head}: rebuild it")]
    AheadOfLog {
        /// Where the rows are.
        checkpoint: LogPosition,
        /// The log's end.
        head: LogPosition,
    },
    /// The vault has no row for a user: not erased, but lost.
    #[error("the vault has no key of user {user}, whom {stream} at {position} tells about")]
    KeyMissing {
        /// Whose key.
        user: UserId,
        /// Where it is needed.
        stream: StreamName,
        /// And at which event.
        position: LogPosition,
    },
    /// An event can't be projected, and this read model is not to be without it. It is tried
    /// again every now and then.
    #[error("{kind} at {position} in {stream} can't be projected: {error}")]
    Poisoned {
        /// The event's stream.
        stream: StreamName,
        /// Where it is. All before it are projected.
        position: LogPosition,
        /// Its kind.
        kind: String,
        /// Why.
        error: String,
    },
    /// So many events can't be projected that the fault is the projector's.
    #[error("{streams} streams are parked, more than {max}")]
    TooManyParked {
        /// How many.
        streams: usize,
        /// How many may be.
        max: usize,
    },
}

impl ProjectorError {
    /// That an event stops everything.
    pub(crate) fn poisoned(item: &Item, error: String) -> Self {
        let (stream, position, kind) = (item.stream.clone(), item.position, item.kind.clone());
        Self::Poisoned { stream, position, kind, error }
    }
}

/// Why a batch was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Trouble with database, log or vault: try again from the checkpoint.
    #[error("{0}")]
    Retry(String),
    /// The tables were replaced by a rebuild: go on from the new checkpoint.
    #[error("the read model was rebuilt")]
    Rebuilt,
    /// Stop.
    #[error(transparent)]
    Stop(#[from] ProjectorError),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Retry(format!("the database: {error}"))
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        Self::Retry(error.to_string())
    }
}

impl From<KeysUnavailable> for Failure {
    fn from(error: KeysUnavailable) -> Self {
        Self::Retry(error.to_string())
    }
}

/// Why rows were not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    /// The rows are at fault; they will be the next time, too.
    #[error("{0}")]
    Rows(String),
    /// The database is.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for WriteError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Encode(_) => Self::Rows(error.to_string()),
            sqlx::Error::Database(refused) => {
                let class = refused.code().map(|code| code.chars().take(2).collect::<String>());
                // Data exceptions (a NUL in a text), violated constraints, limits of a row.
                match class.as_deref() {
                    Some("21" | "22" | "23" | "54") => Self::Rows(refused.to_string()),
                    _ => Self::Database(error),
                }
            }
            _ => Self::Database(error),
        }
    }
}

/// Rows that an event changes have to be there: one event, one row.
pub(crate) fn expect_rows(table: &str, found: u64, expected: usize) -> Result<(), WriteError> {
    if found == expected as u64 {
        return Ok(());
    }
    Err(WriteError::Rows(format!("{found} of {expected} rows of {table} are there to be changed")))
}
