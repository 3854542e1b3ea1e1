//! A connection of its own for appends, and how a batch goes over it.

use std::sync::Arc;
use std::time::Instant;

use events::{Append, AppendError, Appended, LogPosition, Revision};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

use super::batch::{Columns, Pending, answers};
use super::sql;
use crate::postgres::pool::{ACQUIRE_TIMEOUT, CALL_TIMEOUT, CallError, TRUSTED_IDLE, within};

/// The constraint that a conflicting append breaks.
const STREAM_REVISION: &str = "events_stream_revision_key";

/// A connection, made when first needed and again after every failure.
pub(super) struct Lane {
    options: Arc<PgConnectOptions>,
    connection: Option<(PgConnection, Instant)>,
}

/// A batch with its answers, and the lane that is free again.
pub(super) struct Landed {
    pub(super) lane: Lane,
    pub(super) batch: Vec<Pending>,
    pub(super) outcome: Outcome,
}

/// What became of a batch.
pub(super) enum Outcome {
    /// One result for each append; the log's newest position if anything was written.
    Answered(Vec<Result<Appended, AppendError>>, Option<LogPosition>),
    /// The same for all; the connection is gone.
    Failed(AppendError),
}

impl Lane {
    pub(super) fn new(options: &PgConnectOptions) -> Self {
        let call_ms = CALL_TIMEOUT.as_millis().to_string();
        let options = options.clone().options([
            // The statement never profits from a plan made for its arguments.
            ("plan_cache_mode", "force_generic_plan"),
            // A statement that the node gave up must not wait on for the lock.
            ("statement_timeout", &call_ms),
        ]);
        Self { options: Arc::new(options), connection: None }
    }

    /// Closes the connection: one just like it has failed.
    pub(super) fn distrust(&mut self) {
        self.connection = None;
    }

    /// Sends a batch with at most one append a stream.
    pub(super) async fn fly(mut self, batch: Vec<Pending>) -> Landed {
        let outcome = match self.take_connection().await {
            Err(error) => Outcome::Failed(AppendError::Unavailable(error.to_string())),
            Ok(mut connection) => {
                let outcome = write(&mut connection, &batch).await;
                if !matches!(outcome, Outcome::Failed(_)) {
                    self.connection = Some((connection, Instant::now()));
                }
                outcome
            }
        };
        Landed { lane: self, batch, outcome }
    }

    /// A connection that works, or did a moment ago. It is taken out, so that it is dropped
    /// wherever something fails.
    async fn take_connection(&mut self) -> Result<PgConnection, CallError> {
        if let Some((mut connection, used)) = self.connection.take()
            && (used.elapsed() < TRUSTED_IDLE || within(connection.ping()).await.is_ok())
        {
            return Ok(connection);
        }
        let connect = PgConnection::connect_with(&self.options);
        let outcome = tokio::time::timeout(ACQUIRE_TIMEOUT, connect).await;
        outcome.map_err(|_| CallError::TimedOut)?.map_err(CallError::NotSent)
    }
}

async fn write(connection: &mut PgConnection, batch: &[Pending]) -> Outcome {
    let columns = Columns::of(batch.iter());
    match within(sql::insert(connection, &columns)).await {
        Ok(position) => {
            let written = answers(batch.iter(), position).into_iter().map(Ok).collect();
            Outcome::Answered(written, Some(position))
        }
        Err(CallError::Failed(sqlx::Error::Database(error)))
            if error.constraint() == Some(STREAM_REVISION) =>
        {
            redo(connection, batch).await
        }
        Err(error) => Outcome::Failed(append_error(&error)),
    }
}

/// Writes a batch in which something conflicts: holds up all other appends, looks, answers
/// conflicts and repeats, and writes the rest.
async fn redo(connection: &mut PgConnection, batch: &[Pending]) -> Outcome {
    metrics::counter!("moim_log_batches_redone_total").increment(1);
    let judge = async {
        let mut transaction = connection.begin().await?;
        let verdicts = verdicts(&mut transaction, batch).await?;
        let fresh = batch.iter().zip(&verdicts).filter(|(_, verdict)| verdict.is_none());
        let fresh: Vec<&Pending> = fresh.map(|(pending, _)| pending).collect();
        let position = if fresh.is_empty() {
            None
        } else {
            let columns = Columns::of(fresh.iter().copied());
            Some(sql::insert(&mut transaction, &columns).await?)
        };
        Ok((transaction, verdicts, fresh, position))
    };
    let (transaction, verdicts, fresh, position) = match within(judge).await {
        Ok(judged) => judged,
        // Whatever failed, it was not committed.
        Err(error) => return Outcome::Failed(AppendError::Unavailable(error.to_string())),
    };
    let committed = within(transaction.commit()).await.map_err(|error| append_error(&error));
    let written = position.map_or_else(Vec::new, |at| answers(fresh.iter().copied(), at));
    let mut written = written.into_iter().map(|appended| committed.clone().map(|()| appended));
    let fill = |verdict: Option<_>| verdict.or_else(|| written.next());
    let results = verdicts.into_iter().filter_map(fill).collect();
    Outcome::Answered(results, position.filter(|_| committed.is_ok()))
}

/// What can be said of each append without writing it; none for those that can be written.
async fn verdicts(
    connection: &mut PgConnection,
    batch: &[Pending],
) -> sqlx::Result<Vec<Option<Result<Appended, AppendError>>>> {
    sql::lock_head(connection).await?;
    let streams: Vec<&str> = batch.iter().map(|pending| pending.append.stream.as_str()).collect();
    let lasts = sql::last_revisions(connection, &streams).await?;
    let mut verdicts = Vec::with_capacity(batch.len());
    for (pending, last) in batch.iter().zip(lasts) {
        let as_expected = last == pending.append.expected.last();
        verdicts.push(if as_expected {
            None
        } else {
            Some(repeat_or_conflict(connection, &pending.append, last).await?)
        });
    }
    Ok(verdicts)
}

/// The answer to an append whose stream is not where it expects it: the first answer if it is
/// a repeat (same stream, revisions and event ids).
pub(super) async fn repeat_or_conflict(
    connection: &mut PgConnection,
    append: &Append,
    last: Option<Revision>,
) -> sqlx::Result<Result<Appended, AppendError>> {
    if last <= append.expected.last() {
        return Ok(Err(AppendError::Conflict { current: last }));
    }
    let there = sql::identities(connection, append).await?;
    let asked = append.events.iter().map(events::NewEvent::id);
    if !asked.eq(there.iter().map(|(_, id)| *id)) {
        return Ok(Err(AppendError::Conflict { current: last }));
    }
    let revision = append.expected.next() + append.events.len() as u64 - 1;
    let positions = there.into_iter().map(|(position, _)| position).collect();
    Ok(Ok(Appended { revision, positions }))
}

/// Whether nothing was written is certain only if the server said so in time.
fn append_error(error: &CallError) -> AppendError {
    // 08: connection exception; 57P: the server is going down, perhaps after the commit;
    // 40003: statement completion unknown.
    let unsure = |code: &str| code.starts_with("08") || code.starts_with("57P") || code == "40003";
    match error {
        CallError::NotSent(_) => AppendError::Unavailable(error.to_string()),
        CallError::Failed(sqlx::Error::Database(refused))
            if !refused.code().is_some_and(|code| unsure(&code)) =>
        {
            AppendError::Unavailable(error.to_string())
        }
        CallError::Failed(_) | CallError::TimedOut => AppendError::Unknown(error.to_string()),
    }
}
