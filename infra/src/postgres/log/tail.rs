//! Following the log: pages of what is there, then what comes, by the same reads.

use events::log::Tail;
use events::{LogError, LogPosition, Recorded};
use futures::{StreamExt, stream};
use sqlx::{PgConnection, PgPool};

use super::head::{Head, POLL_INTERVAL};
use super::sql;
use crate::postgres::pool::{CallError, call};

const PAGE_EVENTS_MAX: usize = 1_000;
const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

impl From<CallError> for LogError {
    fn from(error: CallError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// Events after a position, for good, in batches; ends after an error.
pub(super) fn follow(pool: PgPool, head: Head, after: LogPosition) -> Tail {
    Box::pin(stream::unfold(Some(after), move |after| {
        let (pool, head) = (pool.clone(), head.clone());
        async move {
            let batch = next(&pool, &head, after?).await;
            let last = batch.as_ref().ok().and_then(|batch| batch.last());
            let reached = last.map(|event| event.position);
            Some((batch, reached))
        }
    }))
}

async fn next(pool: &PgPool, head: &Head, after: LogPosition) -> Result<Vec<Recorded>, LogError> {
    loop {
        head.wait_beyond(after).await;
        let page = call!(pool, |connection| page(connection, after))?;
        if !page.is_empty() {
            return decode(page, after);
        }
        // Somebody's hint was wrong. Nothing is lost, but don't ask without a pause.
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

/// The next events, bounded in number and bytes, at least one if there is one.
async fn page(connection: &mut PgConnection, after: LogPosition) -> sqlx::Result<Vec<sql::Row>> {
    let mut rows = sql::after(connection, after, PAGE_EVENTS_MAX);
    let (mut page, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next().await.transpose()? {
        bytes += row.size();
        page.push(row);
        if bytes >= PAGE_BYTES_MAX {
            break;
        }
    }
    Ok(page)
}

/// Rows as events; checks that positions follow one another, which all readers rely on.
pub(super) fn decode(rows: Vec<sql::Row>, after: LogPosition) -> Result<Vec<Recorded>, LogError> {
    let mut events = Vec::with_capacity(rows.len());
    let mut position = after;
    for row in rows {
        position += 1;
        let event = Recorded::try_from(row).map_err(LogError::Corrupt)?;
        if event.position != position {
            let gap = format!("position {position} is missing before {}", event.position);
            return Err(LogError::Corrupt(gap));
        }
        events.push(event);
    }
    Ok(events)
}
