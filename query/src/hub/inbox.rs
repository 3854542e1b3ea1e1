//! What waits for a group to be executed: bounded, and never silently short. When it is full, it
//! remembers up to where the group has to catch up from the feed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use events::LogPosition;
use tokio::sync::Notify;

use super::push::Event;

/// The most events that wait for one group.
const EVENTS_MAX: usize = 1_000;

/// One writer, the feed's reader; one reader, the group.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    contents: Mutex<Contents>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Contents {
    events: VecDeque<Arc<Event>>,
    /// Events up to here did not fit, or came without their rows.
    missed: Option<LogPosition>,
    is_closed: bool,
}

/// What a group has to do next.
#[derive(Debug)]
pub(crate) enum Next {
    /// Tell this.
    Event(Arc<Event>),
    /// Read from the feed what came up to here.
    CatchUp(LogPosition),
    /// End.
    Closed,
}

impl Inbox {
    /// Hands over an event; the feed's reader does so in log order.
    pub(crate) fn push(&self, event: &Arc<Event>) {
        let mut contents = self.lock();
        let is_full = contents.events.len() >= EVENTS_MAX;
        if is_full || contents.missed.is_some() || !event.is_loaded() {
            contents.missed = Some(event.row.position);
        } else {
            contents.events.push_back(event.clone());
        }
        drop(contents);
        self.changed.notify_one();
    }

    /// The next thing to do. What was missed came after all that waits, and before all that
    /// comes from now on.
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
        if let Some(event) = contents.events.pop_front() {
            return Some(Next::Event(event));
        }
        contents.missed.take().map(Next::CatchUp)
    }

    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_one();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
