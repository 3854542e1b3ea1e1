//! Appends on their way: waiting, sent, answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use events::{Append, AppendError, Appended, LogPosition};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use uuid::Uuid;

use super::sql::signed;

const WAITING: u8 = 0;
const SENT: u8 = 1;
const ABANDONED: u8 = 2;

/// How far an append has come; decides what its caller is told when time is up.
#[derive(Debug, Default, Clone)]
pub(super) struct Stage(Arc<AtomicU8>);

impl Stage {
    /// Marks it as sent; false if its caller has gone.
    fn send(&self) -> bool {
        let (order, failed) = (Ordering::AcqRel, Ordering::Acquire);
        self.0.compare_exchange(WAITING, SENT, order, failed).is_ok()
    }

    /// Its caller goes. What to tell them depends on whether it was sent.
    pub(super) fn abandon(&self) -> AppendError {
        let why = "no answer in time".to_owned();
        match self.0.swap(ABANDONED, Ordering::AcqRel) {
            SENT => AppendError::Unknown(why),
            _ => AppendError::Unavailable(why),
        }
    }
}

/// An append that waits to be sent.
pub(super) struct Pending {
    pub(super) append: Append,
    /// Of each event, as JSON.
    pub(super) metadata: Vec<String>,
    pub(super) stage: Stage,
    pub(super) reply: oneshot::Sender<Answer>,
    /// Its share of the bytes that may wait; given back when it is answered.
    pub(super) bytes: OwnedSemaphorePermit,
}

/// What becomes of a pending append.
pub(super) enum Answer {
    /// That's it.
    Final(Result<Appended, AppendError>),
    /// The stream has gone on since it was judged: it was not sent.
    Outdated(Append),
}

impl Pending {
    /// Marks it as sent; none if its caller has gone.
    pub(super) fn send(self) -> Option<Self> {
        self.stage.send().then_some(self)
    }

    /// Ends it. The caller may be gone, which is their affair.
    pub(super) fn answer(self, result: Result<Appended, AppendError>) {
        self.reply.send(Answer::Final(result)).ok();
    }

    /// Gives it back, to be judged again.
    pub(super) fn give_back(self) {
        self.reply.send(Answer::Outdated(self.append)).ok();
    }

    /// What was appended if the last of its events got `position`.
    fn appended(append: &Append, position: LogPosition) -> Appended {
        let len = append.events.len() as u64;
        Appended {
            revision: append.expected.next() + len - 1,
            positions: (position + 1 - len..=position).collect(),
        }
    }
}

/// The answers to appends that were written together, the last event at `position`.
pub(super) fn answers<'a>(
    batch: impl DoubleEndedIterator<Item = &'a Pending>,
    position: LogPosition,
) -> Vec<Appended> {
    let mut position = position;
    let backwards = batch.rev().map(|pending| {
        let appended = Pending::appended(&pending.append, position);
        position -= pending.append.events.len() as u64;
        appended
    });
    let mut answers: Vec<_> = backwards.collect();
    answers.reverse();
    answers
}

/// The rows of several appends, column by column.
pub(super) struct Columns<'a> {
    pub(super) streams: Vec<&'a str>,
    pub(super) revisions: Vec<i64>,
    pub(super) event_ids: Vec<Uuid>,
    pub(super) kinds: Vec<&'a str>,
    pub(super) data: Vec<&'a str>,
    pub(super) metadata: Vec<&'a str>,
}

impl<'a> Columns<'a> {
    /// The rows of these appends, in order.
    pub(super) fn of(batch: impl Iterator<Item = &'a Pending> + Clone) -> Self {
        let len = batch.clone().map(|pending| pending.append.events.len()).sum();
        let mut columns = Self {
            streams: Vec::with_capacity(len),
            revisions: Vec::with_capacity(len),
            event_ids: Vec::with_capacity(len),
            kinds: Vec::with_capacity(len),
            data: Vec::with_capacity(len),
            metadata: Vec::with_capacity(len),
        };
        for Pending { append, metadata, .. } in batch {
            let rows = append.events.iter().zip(metadata).zip(append.expected.next()..);
            for ((event, metadata), revision) in rows {
                columns.streams.push(append.stream.as_str());
                columns.revisions.push(signed(revision));
                columns.event_ids.push(event.id().0);
                columns.kinds.push(&event.kind);
                columns.data.push(&event.data);
                columns.metadata.push(metadata);
            }
        }
        columns
    }

    /// How many rows.
    pub(super) fn len(&self) -> i64 {
        signed(self.revisions.len() as u64)
    }
}
