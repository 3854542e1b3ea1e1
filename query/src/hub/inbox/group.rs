//! Inboxes that are told the same, and the task that tells them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use events::UserId;

use super::backlog::{Backlog, Next, Routed};
use super::routes::Audience;
use crate::fault::Fault;
use crate::hub::batch::{Asking, Batch, Counts};
use crate::hub::group::errors;
use crate::hub::metrics;
use crate::hub::push::{Event, Place, Push};
use crate::hub::queue::{Pushed, Queue};
use crate::hub::runner::{RETRY_PAUSE, Runner, Subject};
use crate::loads::Loads;
use crate::tables::feed::FeedRow;

/// One subscriber's place.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) id: u64,
    pub(crate) viewer: UserId,
    /// What is not behind this place is told from the feed, or was.
    pub(crate) seen: Place,
    pub(crate) queue: Arc<Queue>,
}

/// A group. Who adds and takes away seats holds the lock of all inboxes.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) counts: Counts,
    pub(crate) backlog: Backlog,
    seats: Mutex<Vec<Arc<Seat>>>,
}

impl Group {
    pub(crate) fn new(counts: Counts) -> Self {
        Self { counts, backlog: Backlog::default(), seats: Mutex::default() }
    }

    pub(crate) fn seats(&self) -> MutexGuard<'_, Vec<Arc<Seat>>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends everybody: the group can't go on. They may come again with `after`.
    pub(crate) fn fail(&self, last: &Pushed) {
        self.backlog.close();
        for seat in self.seats().drain(..) {
            seat.queue.end(last.clone());
        }
    }
}

/// Whether a push is not for somebody who was in the channel until this event: of one's own
/// leaving one is told that, and no more.
pub(crate) fn comes_after_leaving(push: &Push, viewer: UserId) -> bool {
    push.ordinal > 0 && push.event.leaver() == Some(viewer)
}

/// Tells a group what happens, until its backlog is closed.
pub(crate) async fn run(group: Arc<Group>, runner: Runner, loads: Loads) {
    let mut task = Task { group, runner, loads };
    task.work().await;
}

struct Task {
    group: Arc<Group>,
    runner: Runner,
    loads: Loads,
}

impl Task {
    async fn work(&mut self) {
        loop {
            match self.group.backlog.next().await {
                Next::Event(Routed { event, audience }) => self.tell(&event, &audience).await,
                Next::Rows(rows) => self.tell_rows(rows).await,
                Next::Closed => return,
            }
        }
    }

    async fn tell_rows(&mut self, routed: Vec<Routed<FeedRow>>) {
        metrics::caught_up();
        let rows: Vec<_> = routed.iter().map(|it| it.event).collect();
        let batch = loop {
            let asking = Asking::Together(&self.loads);
            match Batch::load(asking, self.loads.caches(), &rows, self.group.counts).await {
                Ok(batch) => break Arc::new(batch),
                Err(fault) if self.group.backlog.is_closed() => {
                    tracing::debug!(?fault, "nobody is left to be told");
                    return;
                }
                Err(fault) => {
                    tracing::warn!(?fault, "a group of inboxes can't be told; trying again");
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
            }
        };
        for Routed { event: row, audience } in routed {
            let event = Arc::new(Event { row, batch: batch.clone() });
            self.tell(&event, &audience).await;
        }
    }

    async fn tell(&mut self, event: &Arc<Event>, audience: &Audience) {
        for push in Push::of(event) {
            let hears = |seat: &&Arc<Seat>| {
                seat.seen < push.place()
                    && !seat.queue.is_over()
                    && !comes_after_leaving(&push, seat.viewer)
            };
            if !audience.iter().any(|seat| hears(&seat)) {
                continue;
            }
            let members_of = Some(event.row.entity);
            let result: Bytes = self.runner.run(Subject::Event(push.clone()), members_of).await;
            let mut given = 0;
            for seat in audience.iter().filter(hears) {
                seat.queue.push(Pushed::Next(result.clone()));
                given += 1;
            }
            metrics::pushed(given);
        }
    }
}

impl Drop for Task {
    /// After a panic somebody may still sit here; in the end of all groups nobody does.
    fn drop(&mut self) {
        self.group.fail(&errors(Fault::Internal("a group's task ended".into())));
    }
}
