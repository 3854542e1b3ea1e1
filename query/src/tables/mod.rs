//! SQL on the read models, one file a table. Reading only: `projections` owns the
//! tables. Names are found through `search_path`, so a rebuilt read model may take their place.

pub(crate) mod channels;
pub(crate) mod contacts;
pub(crate) mod discovery;
pub(crate) mod dues_assessments;
pub(crate) mod dues_cycles;
pub(crate) mod dues_plans;
pub(crate) mod entries;
pub(crate) mod feed;
pub(crate) mod markers;
pub(crate) mod members;
pub(crate) mod messages;
pub(crate) mod occurrences;
pub(crate) mod reactions;
pub(crate) mod recurrence;
pub(crate) mod scheduled_payments;
pub(crate) mod search;
pub(crate) mod sessions;
pub(crate) mod spendings;
pub(crate) mod statements;
pub(crate) mod stays;
pub(crate) mod transfers;
pub(crate) mod users;
pub(crate) mod wallet_feed;
pub(crate) mod wallet_members;
pub(crate) mod wallets;

mod pages;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use uuid::Uuid;

use crate::fault::Fault;

/// A query that waits longer for its turn is given up.
const TURN_TIMEOUT: Duration = Duration::from_secs(1);
/// A query that takes longer counts as unanswered. With the wait for its turn it stays below the
/// 5 s within which a client is told that the database is away.
const QUERY_TIMEOUT: Duration = Duration::from_millis(3_500);

/// One of so many turns may be a search's.
const SEARCHES_SHARE: usize = 2;

/// The read model, to be asked in batches: a [`async_graphql::dataloader::Loader`] for every kind
/// of question.
#[derive(Debug, Clone)]
pub(crate) struct Tables {
    pub(crate) pool: PgPool,
    /// As many as there are connections for queries. Who waits for one waits here and not in the
    /// pool: the pool counts that time against making a connection, so that behind a long queue
    /// none would ever be made again.
    turns: Arc<Semaphore>,
    /// Searches take longer than other questions and get only some of the turns.
    searches: Arc<Semaphore>,
}

impl Tables {
    /// Tables that are reached through `pool`, one of whose connections is kept for
    /// notifications.
    pub(crate) fn new(pool: PgPool) -> Self {
        let for_queries = pool.options().get_max_connections().saturating_sub(1).max(1);
        let turns = usize::try_from(for_queries).unwrap_or(Semaphore::MAX_PERMITS);
        let searches = Arc::new(Semaphore::new((turns / SEARCHES_SHARE).max(1)));
        Self { pool, turns: Arc::new(Semaphore::new(turns)), searches }
    }

    /// Notifies all nodes that listen to a channel of PostgreSQL's.
    pub(crate) async fn notify(&self, channel: &str, payload: &str) -> Result<(), Fault> {
        let query = sqlx::query!("SELECT pg_notify($1, $2)", channel, payload);
        self.bounded(query.execute(&self.pool)).await.map(drop)
    }

    /// Runs a query in bounded time.
    async fn bounded<T>(
        &self,
        query: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, Fault> {
        let late = |limit| Fault::Unavailable(format!("no answer within {limit:?}"));
        let turn = timeout(TURN_TIMEOUT, self.turns.acquire()).await;
        let _turn = turn.map_err(|_| late(TURN_TIMEOUT))?;
        let answer = timeout(QUERY_TIMEOUT, query).await;
        answer.map_err(|_| late(QUERY_TIMEOUT))?.map_err(Fault::from)
    }
}

fn uuids<T: Copy + Into<Uuid>>(ids: &[T]) -> Vec<Uuid> {
    ids.iter().map(|id| (*id).into()).collect()
}

/// What is counted is an `Int` of the API.
fn count(bigint: i64) -> i32 {
    i32::try_from(bigint).unwrap_or(i32::MAX)
}

/// Positions are `bigint`; those of the API are below 2^63.
pub(crate) fn bigint(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

fn position(bigint: i64) -> u64 {
    u64::try_from(bigint).unwrap_or(0)
}
