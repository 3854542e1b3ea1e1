//! Subscribers who are told the same, and the task that tells them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use events::{ChannelId, LogPosition, UserId};

use super::batch::{Asking, Batch, Counts};
use super::inbox::{Inbox, Next};
use super::metrics;
use super::push::{Consequence, Event, Place, Push};
use super::queue::{Pushed, Queue};
use super::runner::{RETRY_PAUSE, Runner};
use crate::fault::{self, Fault};
use crate::loads::Loads;
use crate::tables::feed::{FeedPage, FeedRows};

/// What makes subscribers of a channel equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct GroupKey {
    /// The operation with its variables, without the root field's arguments.
    pub(crate) canonical: Arc<str>,
    /// Who looks, where that makes a difference.
    pub(crate) viewer: Option<UserId>,
}

/// One subscriber in a group.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) id: u64,
    pub(crate) viewer: UserId,
    /// When the viewer came in, the last time before sitting down.
    pub(crate) joined_seq: i32,
    /// What is not behind this place is told from the feed, or was.
    pub(crate) seen: Place,
    pub(crate) queue: Arc<Queue>,
}

/// A group. Whoever adds and takes away seats holds the lock of all groups.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) channel: ChannelId,
    pub(crate) counts: Counts,
    pub(crate) inbox: Inbox,
    seats: Mutex<Vec<Seat>>,
}

impl Group {
    pub(crate) fn new(channel: ChannelId, counts: Counts) -> Self {
        Self { channel, counts, inbox: Inbox::default(), seats: Mutex::default() }
    }

    pub(crate) fn seats(&self) -> MutexGuard<'_, Vec<Seat>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody is to be told what stands at `place`.
    fn has_listeners(&self, place: Place) -> bool {
        self.seats().iter().any(|seat| seat.seen < place)
    }

    /// Gives a result to all who have not seen it, and ends those for whom it was the last.
    fn give(&self, push: &Push, result: &Bytes) {
        let place = push.place();
        let consequence = push.consequence();
        let mut given = 0;
        self.seats().retain(|seat| {
            if seat.seen < place {
                seat.queue.push(Pushed::Next(result.clone()));
                given += 1;
                match consequence {
                    Consequence::Lost(stay) if stay.is_of(seat.viewer, seat.joined_seq) => {
                        seat.queue.push(lost());
                    }
                    Consequence::Lost(_) | Consequence::Nothing => {}
                    Consequence::Over => seat.queue.push(Pushed::Complete),
                }
            }
            !seat.queue.is_over()
        });
        metrics::pushed(given);
    }

    /// Ends everybody: the group can't go on. They may come again with `after`.
    fn fail(&self) {
        self.inbox.close();
        for seat in self.seats().drain(..) {
            seat.queue.end(errors(Fault::Internal("a group's task ended".into())));
        }
    }
}

/// The end of who is no member any more.
pub(crate) fn lost() -> Pushed {
    errors(Fault::Forbidden("You are no member of the channel any more."))
}

/// Errors that end a subscription.
pub(crate) fn errors(fault: Fault) -> Pushed {
    let mut errors = [fault.server_error()];
    fault::complete(&mut errors, None);
    Pushed::Errors(serde_json::to_vec(&errors).unwrap_or_default().into())
}

/// Tells a group what happens, from `handled` on, until its inbox is closed.
pub(crate) async fn run(group: Arc<Group>, runner: Runner, loads: Loads, handled: LogPosition) {
    let mut task = Task { group, runner, loads, handled };
    task.work().await;
}

/// An entity's feed rows of a page, with what their pushes tell.
pub(crate) async fn history(
    loads: &Loads,
    page: FeedPage,
    counts: Counts,
) -> Result<(Vec<Arc<Event>>, LogPosition), Fault> {
    let nothing = FeedRows { rows: Vec::new(), up_to: page.to };
    let FeedRows { rows, up_to } = loads.one(page).await?.unwrap_or(nothing);
    let batch = Batch::load(Asking::Together(loads), loads.caches(), &rows, counts).await?;
    let batch = Arc::new(batch);
    let event = |row| Arc::new(Event { row, batch: batch.clone() });
    Ok((rows.into_iter().map(event).collect(), up_to))
}

struct Task {
    group: Arc<Group>,
    runner: Runner,
    loads: Loads,
    /// All up to here was told.
    handled: LogPosition,
}

impl Task {
    async fn work(&mut self) {
        loop {
            match self.group.inbox.next().await {
                Next::Event(event) => self.tell(&event).await,
                Next::CatchUp(to) => self.catch_up(to).await,
                Next::Closed => return,
            }
        }
    }

    async fn tell(&mut self, event: &Arc<Event>) {
        for push in Push::of(event) {
            if self.group.has_listeners(push.place()) {
                let result = self.runner.run(push.clone()).await;
                self.group.give(&push, &result);
            }
        }
        self.handled = event.row.position;
    }

    /// Tells from the feed what did not fit into the inbox.
    async fn catch_up(&mut self, to: LogPosition) {
        metrics::caught_up();
        while self.handled < to && !self.group.inbox.is_closed() {
            let page = FeedPage { entity: self.group.channel.0, after: self.handled, to };
            match history(&self.loads, page, self.group.counts).await {
                Ok((events, up_to)) => {
                    for event in events {
                        self.tell(&event).await;
                    }
                    self.handled = up_to;
                }
                Err(fault) => {
                    tracing::warn!(?fault, "a group can't read the feed; trying again");
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
            }
        }
    }
}

impl Drop for Task {
    /// After a panic somebody may still sit here; in the end of all groups nobody does.
    fn drop(&mut self) {
        self.group.fail();
    }
}
