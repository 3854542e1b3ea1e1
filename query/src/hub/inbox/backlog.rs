//! What waits for a group of inboxes to be executed: bounded, and never silently short.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::routes::Audience;
use crate::hub::push::Event;
use crate::tables::feed::FeedRow;

/// The most events that wait with their rows; beyond, rows are loaded again.
const LOADED_MAX: usize = 1_000;
/// The most events that wait.
const WAITING_MAX: usize = 100_000;
/// The most events that are loaded at once.
const PAGE_LEN: usize = 200;

/// An event and who is to be told.
#[derive(Debug, Clone)]
pub(crate) struct Routed<E> {
    pub(crate) event: E,
    pub(crate) audience: Arc<Audience>,
}

/// What a group has to do next.
#[derive(Debug)]
pub(crate) enum Next {
    /// Tell this.
    Event(Routed<Arc<Event>>),
    /// Load and tell these.
    Rows(Vec<Routed<FeedRow>>),
    /// End.
    Closed,
}

/// Events with their rows, and behind them those without. One writer, the feed's reader; one
/// reader, the group.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    contents: Mutex<Contents>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Contents {
    loaded: VecDeque<Routed<Arc<Event>>>,
    rows: VecDeque<Routed<FeedRow>>,
    is_closed: bool,
}

/// More waits than is kept.
#[derive(Debug)]
pub(crate) struct Overflowed;

impl Backlog {
    /// Hands over an event; the feed's reader does so in log order.
    pub(crate) fn push(
        &self,
        event: &Arc<Event>,
        audience: &Arc<Audience>,
    ) -> Result<(), Overflowed> {
        let mut contents = self.lock();
        if contents.is_closed {
            return Ok(());
        }
        let audience = audience.clone();
        let is_full = contents.loaded.len() >= LOADED_MAX || !contents.rows.is_empty();
        if contents.loaded.len() + contents.rows.len() >= WAITING_MAX {
            return Err(Overflowed);
        }
        if is_full || !event.is_loaded() {
            contents.rows.push_back(Routed { event: event.row, audience });
        } else {
            contents.loaded.push_back(Routed { event: event.clone(), audience });
        }
        drop(contents);
        self.changed.notify_one();
        Ok(())
    }

    /// The next thing to do.
    pub(crate) async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.take() {
                return next;
            }
            self.changed.notified().await;
        }
    }

    fn take(&self) -> Option<Next> {
        let mut contents = self.lock();
        if contents.is_closed {
            return Some(Next::Closed);
        }
        if let Some(event) = contents.loaded.pop_front() {
            return Some(Next::Event(event));
        }
        let page = contents.rows.len().min(PAGE_LEN);
        (page > 0).then(|| Next::Rows(contents.rows.drain(..page).collect()))
    }

    /// Ends it; what waits is dropped.
    pub(crate) fn close(&self) {
        let mut contents = self.lock();
        *contents = Contents { is_closed: true, ..Contents::default() };
        drop(contents);
        self.changed.notify_one();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
