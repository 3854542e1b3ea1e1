//! The engine's face: [`EventLog`] on PostgreSQL.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use events::log::{Direction, Tail};
use events::{
    Append, AppendError, Appended, EventLog, LogError, LogId, LogPosition, Recorded, Revision,
    StreamName,
};
use futures::TryStreamExt;
use sqlx::PgPool;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::batch::{Answer, Pending, Stage};
use super::batcher::{Batcher, WAITING_APPENDS_MAX};
use super::clock::{self, Clock, ClockOffset};
use super::head::{self, Head};
use super::lane::repeat_or_conflict;
use super::seen::Seen;
use super::{sql, tail};
use crate::postgres::pool::{CallError, call};

/// When time is up, an append that was not sent is given up; one that was is unknown.
const APPEND_TIMEOUT: Duration = Duration::from_millis(4_500);
/// Bytes of appends that may wait or be under way.
const APPENDS_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The event log in PostgreSQL's schema `log`; clones share one batcher. One for each node.
#[derive(Debug, Clone)]
pub struct PostgresLog(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    id: LogId,
    pool: PgPool,
    queue: mpsc::Sender<Pending>,
    bytes: Arc<Semaphore>,
    seen: Seen,
    head: Head,
    clock: Clock,
    /// Ended with the log. The batcher is not among them: it first answers what it has.
    _helpers: JoinSet<()>,
}

impl PostgresLog {
    /// The log of a database whose schema is up to date. Besides connections of the pool it
    /// uses three of its own: two to append, one to listen.
    pub async fn open(pool: PgPool) -> Result<Self, LogError> {
        let (id, position) = call!(&pool, |connection| sql::head(connection))?;
        let (seen, head) = (Seen::new(), Head::new(position));
        let clock = Clock::new(clock::compare(&pool).await?);
        let (queue, queued) = mpsc::channel(WAITING_APPENDS_MAX);
        let (written, appended) = watch::channel(position);
        let options = pool.connect_options();
        let batcher = Batcher::new(queued, &options, seen.clone(), head.clone(), written);
        tokio::spawn(batcher.run());
        let mut helpers = JoinSet::new();
        helpers.spawn(head::poll(pool.clone(), head.clone()));
        helpers.spawn(head::listen(pool.clone(), head.clone()));
        helpers.spawn(head::announce(pool.clone(), appended));
        helpers.spawn(clock::watch(pool.clone(), clock.clone()));
        let (id, bytes) = (LogId(id), Arc::new(Semaphore::new(APPENDS_BYTES_MAX)));
        Ok(Self(Arc::new(Inner { id, pool, queue, bytes, seen, head, clock, _helpers: helpers })))
    }

    /// How far this node's clock was from PostgreSQL's when last compared, within 10 s.
    pub fn clock_offset(&self) -> ClockOffset {
        self.0.clock.offset()
    }
}

impl Inner {
    /// Sends an append until it has an answer.
    async fn append(&self, mut append: Append, stage: &Stage) -> Result<Appended, AppendError> {
        let since = Instant::now();
        loop {
            if let Some(answer) = self.judge(&append, since).await.map_err(unavailable)? {
                return answer;
            }
            match self.send(append, stage).await? {
                Answer::Final(answer) => return answer,
                Answer::Outdated(returned) => append = returned,
            }
        }
    }

    /// What can be said of an append at once; none if its stream is, as far as is known, where
    /// it expects it. An append is only ever sent if its expected event is known to exist.
    async fn judge(
        &self,
        append: &Append,
        since: Instant,
    ) -> Result<Option<Result<Appended, AppendError>>, CallError> {
        let expected = append.expected.last();
        let known = self.seen.last(&append.stream);
        let mut current = known.map(|last| last.revision);
        if current < expected {
            current = self.look(&append.stream).await?;
        }
        if current == expected {
            return Ok(None);
        }
        if current < expected || known.is_some_and(|last| last.beat(append, since)) {
            return Ok(Some(Err(AppendError::Conflict { current })));
        }
        let answer = call!(&self.pool, |connection| async {
            let streams = [append.stream.as_str()];
            let last = sql::last_revisions(connection, &streams).await?;
            repeat_or_conflict(connection, append, last.into_iter().next().flatten()).await
        })?;
        Ok(Some(answer))
    }

    async fn send(&self, append: Append, stage: &Stage) -> Result<Answer, AppendError> {
        let encode = |event: &events::NewEvent| serde_json::to_string(&event.metadata);
        let metadata = append.events.iter().map(encode).collect::<Result<Vec<_>, _>>();
        let metadata = metadata.map_err(unavailable)?;
        let size = append.events.iter().map(events::NewEvent::size).sum::<usize>();
        let size = u32::try_from(size).map_err(unavailable)?;
        let bytes = self.bytes.clone().acquire_many_owned(size).await.map_err(unavailable)?;
        let (reply, answer) = oneshot::channel();
        let pending = Pending { append, metadata, stage: stage.clone(), reply, bytes };
        self.queue.send(pending).await.map_err(unavailable)?;
        answer.await.map_err(|error| AppendError::Unknown(error.to_string()))
    }

    /// Reads where a stream is.
    async fn look(&self, stream: &StreamName) -> Result<Option<Revision>, CallError> {
        let streams = [stream.as_str()];
        let last = call!(&self.pool, |connection| sql::last_revisions(connection, &streams))?;
        let last = last.into_iter().next().flatten();
        if let Some(revision) = last {
            self.seen.read(stream, revision);
        }
        Ok(last)
    }
}

fn unavailable(error: impl std::fmt::Display) -> AppendError {
    AppendError::Unavailable(error.to_string())
}

#[async_trait]
impl EventLog for PostgresLog {
    fn id(&self) -> LogId {
        self.0.id
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        assert!(!append.events.is_empty(), "an append has events");
        append.check_size()?;
        self.0.clock.check()?;
        let stage = Stage::default();
        let answer = tokio::time::timeout(APPEND_TIMEOUT, self.0.append(append, &stage)).await;
        answer.unwrap_or_else(|_| Err(stage.abandon()))
    }

    async fn read(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        let rows = call!(&self.0.pool, |connection| {
            sql::of_stream(connection, stream, from, direction, limit)
        })?;
        let events = rows.into_iter().map(Recorded::try_from).collect::<Result<Vec<_>, _>>();
        let events = events.map_err(LogError::Corrupt)?;
        if let Some(newest) = events.iter().map(|event| event.revision).max() {
            self.0.seen.read(stream, newest);
        }
        Ok(events)
    }

    async fn last_revision(&self, stream: &StreamName) -> Result<Option<Revision>, LogError> {
        Ok(self.0.look(stream).await?)
    }

    async fn head(&self) -> Result<LogPosition, LogError> {
        let position = head::ask(&self.0.pool).await.map_err(LogError::Unavailable)?;
        self.0.head.advance(position);
        Ok(position)
    }

    async fn read_all(&self, after: LogPosition, limit: usize) -> Result<Vec<Recorded>, LogError> {
        let rows = call!(&self.0.pool, |connection| {
            sql::after(connection, after, limit).try_collect()
        })?;
        tail::decode(rows, after)
    }

    fn subscribe(&self, after: LogPosition) -> Tail {
        tail::follow(self.0.pool.clone(), self.0.head.clone(), after)
    }
}
