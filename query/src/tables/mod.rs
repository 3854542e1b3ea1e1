//! SQL on the read model `messenger`, one file a table. Reading only: `projections` owns the
//! tables. Names are found through `search_path`, so a rebuilt read model may take their place.

pub(crate) mod channels;
pub(crate) mod feed;
pub(crate) mod members;
pub(crate) mod messages;
pub(crate) mod sessions;
pub(crate) mod users;

use std::time::Duration;

use sqlx::PgPool;
use tokio::time::timeout;
use uuid::Uuid;

use crate::fault::Fault;

/// A query that takes longer counts as unanswered. With the wait for a connection it stays below
/// the 5 s within which a client is told that the database is away.
const QUERY_TIMEOUT: Duration = Duration::from_secs(4);

/// The read model, to be asked in batches: a [`async_graphql::dataloader::Loader`] for every kind
/// of question.
#[derive(Debug, Clone)]
pub(crate) struct Tables {
    pub(crate) pool: PgPool,
}

/// Runs a query in bounded time.
async fn bounded<T>(query: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Fault> {
    match timeout(QUERY_TIMEOUT, query).await {
        Ok(answer) => answer.map_err(Fault::from),
        Err(_) => Err(Fault::Unavailable(format!("no answer within {QUERY_TIMEOUT:?}"))),
    }
}

fn uuids<T: Copy + Into<Uuid>>(ids: &[T]) -> Vec<Uuid> {
    ids.iter().map(|id| (*id).into()).collect()
}

/// Positions are `bigint`; those of the API are below 2^63.
fn bigint(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

fn position(bigint: i64) -> u64 {
    u64::try_from(bigint).unwrap_or(0)
}
