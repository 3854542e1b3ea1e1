//! What waits for a group to be executed: bounded, and never silently short. When it is full, it
//! remembers up to where the group has to catch up from the feed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use events::LogPosition;
use tokio::sync::Notify;

use super::push::Event;
use super::typing::Typing;

/// The most that waits for one group.
const WAITING_MAX: usize = 1_000;

/// One writer, the feed's reader; one reader, the group.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    contents: Mutex<Contents>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Contents {
    waiting: VecDeque<Waiting>,
    /// Events up to here did not fit, or came without their rows.
    missed: Option<LogPosition>,
    is_closed: bool,
}

#[derive(Debug)]
enum Waiting {
    Event(Arc<Event>),
    Typing(Arc<Typing>),
}

/// What a group has to do next.
#[derive(Debug)]
pub(crate) enum Next {
    /// Tell this.
    Event(Arc<Event>),
    /// Tell that somebody is writing.
    Typing(Arc<Typing>),
    /// Read from the feed what came up to here.
    CatchUp(LogPosition),
    /// End.
    Closed,
}

impl Backlog {
    /// Hands over an event; the feed's reader does so in log order.
    pub(crate) fn push(&self, event: &Arc<Event>) {
        let mut contents = self.lock();
        let is_full = contents.waiting.len() >= WAITING_MAX;
        if is_full || contents.missed.is_some() || !event.is_loaded() {
            contents.missed = Some(event.row.position);
        } else {
            contents.waiting.push_back(Waiting::Event(event.clone()));
        }
        drop(contents);
        self.changed.notify_one();
    }

    /// Hands over that somebody is writing. It is a hint: a group that is behind needs none.
    pub(crate) fn push_typing(&self, typing: &Arc<Typing>) {
        let mut contents = self.lock();
        if contents.waiting.len() >= WAITING_MAX || contents.missed.is_some() {
            return;
        }
        contents.waiting.push_back(Waiting::Typing(typing.clone()));
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
        match contents.waiting.pop_front() {
            Some(Waiting::Event(event)) => Some(Next::Event(event)),
            Some(Waiting::Typing(typing)) => Some(Next::Typing(typing)),
            None => contents.missed.take().map(Next::CatchUp),
        }
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
