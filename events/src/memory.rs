//! A log in memory for tests and simulations. It keeps what the port promises and forgets all
//! when it is dropped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures::stream;
use tokio::sync::watch;
use uuid::Uuid;

use crate::envelope::Recorded;
use crate::log::{Append, AppendError, Appended, Direction, EventLog, LogError, Revision, Tail};
use crate::position::{LogId, LogPosition};
use crate::stream::StreamName;

const TAIL_BATCH_LEN_MAX: usize = 1_000;

#[derive(Debug, Default)]
struct Contents {
    events: Vec<Recorded>,
    /// Indices into `events`, by stream; an event's place in the list is its revision.
    streams: HashMap<StreamName, Vec<usize>>,
}

impl Contents {
    fn of_stream(&self, stream: &StreamName) -> &[usize] {
        self.streams.get(stream).map_or(&[], Vec::as_slice)
    }

    fn is_repeat(&self, append: &Append) -> bool {
        let known = self.of_stream(&append.stream);
        append.events.iter().zip(append.expected.next()..).all(|(event, revision)| {
            let at = usize::try_from(revision).ok().and_then(|revision| known.get(revision));
            at.is_some_and(|&index| self.events[index].event.id() == event.id())
        })
    }

    fn answer(&self, append: &Append) -> Appended {
        let first = usize::try_from(append.expected.next()).unwrap_or(usize::MAX);
        let indices = &self.of_stream(&append.stream)[first..first + append.events.len()];
        let positions = indices.iter().map(|&index| self.events[index].position).collect();
        let revision = (first + append.events.len() - 1) as Revision;
        Appended { revision, positions }
    }
}

/// A log in memory; clones share it.
#[derive(Debug, Clone)]
pub struct MemoryLog {
    id: LogId,
    contents: Arc<Mutex<Contents>>,
    head: watch::Sender<LogPosition>,
}

impl MemoryLog {
    /// An empty log.
    pub fn new(id: LogId) -> Self {
        Self { id, contents: Arc::default(), head: watch::Sender::new(0) }
    }

    /// [`EventLog::append`] for those who don't wait.
    pub fn append_now(&self, append: &Append) -> Result<Appended, AppendError> {
        append.check_size()?;
        let mut contents = self.lock();
        let last = contents.of_stream(&append.stream).len().checked_sub(1);
        let last = last.map(|index| index as Revision);
        if last != append.expected.last() {
            if !append.events.is_empty() && contents.is_repeat(append) {
                return Ok(contents.answer(append));
            }
            return Err(AppendError::Conflict { current: last });
        }
        for (event, revision) in append.events.iter().zip(append.expected.next()..) {
            let index = contents.events.len();
            let (stream, event) = (append.stream.clone(), event.clone());
            contents.streams.entry(stream.clone()).or_default().push(index);
            let position = index as LogPosition + 1;
            contents.events.push(Recorded { position, stream, revision, event });
        }
        self.head.send_replace(contents.events.len() as LogPosition);
        Ok(contents.answer(append))
    }

    /// [`EventLog::read`] for those who don't wait.
    pub fn read_now(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        limit: usize,
    ) -> Vec<Recorded> {
        let contents = self.lock();
        let indices = contents.of_stream(stream);
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let event = |&index: &usize| contents.events[index].clone();
        match direction {
            Direction::Forwards => indices.iter().skip(from).take(limit).map(event).collect(),
            Direction::Backwards => {
                let up_to = indices.len().min(from.saturating_add(1));
                indices[..up_to].iter().rev().take(limit).map(event).collect()
            }
        }
    }

    /// [`EventLog::read_all`] for those who don't wait.
    pub fn read_all_now(&self, after: LogPosition, limit: usize) -> Vec<Recorded> {
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        self.lock().events.iter().skip(after).take(limit).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        // Every write leaves the contents whole before it can panic.
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryLog {
    fn default() -> Self {
        Self::new(LogId(Uuid::now_v7()))
    }
}

#[async_trait]
impl EventLog for MemoryLog {
    fn id(&self) -> LogId {
        self.id
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.append_now(&append)
    }

    async fn read(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        Ok(self.read_now(stream, from, direction, limit))
    }

    async fn last_revision(&self, stream: &StreamName) -> Result<Option<Revision>, LogError> {
        let len = self.lock().of_stream(stream).len();
        Ok(len.checked_sub(1).map(|index| index as Revision))
    }

    async fn head(&self) -> Result<LogPosition, LogError> {
        Ok(*self.head.borrow())
    }

    async fn read_all(&self, after: LogPosition, limit: usize) -> Result<Vec<Recorded>, LogError> {
        Ok(self.read_all_now(after, limit))
    }

    fn subscribe(&self, after: LogPosition) -> Tail {
        let state = (self.clone(), self.head.subscribe(), after);
        Box::pin(stream::unfold(state, |(log, mut head, after)| async move {
            head.wait_for(|position| *position > after).await.ok()?;
            let batch = log.read_all_now(after, TAIL_BATCH_LEN_MAX);
            let after = batch.last().map_or(after, |event| event.position);
            Some((Ok(batch), (log, head, after)))
        }))
    }
}
