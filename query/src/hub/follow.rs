//! One subscriber's way from where it stands to the live pushes: history from the feed, then a
//! seat in a group, and in between what came while history was told.

use std::sync::{Arc, Mutex, PoisonError};

use events::LogPosition;

use super::Hub;
use super::group::{self, errors, history, lost};
use super::groups::{Joining, Seated};
use super::metrics;
use super::operation::{Needs, Operation, Viewed};
use super::push::{Consequence, Event, Place, Push, behind};
use super::queue::{Overflowed, Pushed, Queue, Subscription};
use super::runner::{RETRY_PAUSE, Runner};
use crate::fault::Fault;
use crate::schema::sight::Sight;
use crate::tables::feed::FeedPage;

/// A subscriber who was let in.
pub(crate) struct Follow {
    pub(crate) hub: Arc<Hub>,
    pub(crate) operation: Arc<Operation>,
    pub(crate) needs: Needs,
    /// The subscriber's own, as a member of the channel.
    pub(crate) sight: Sight,
    pub(crate) joining: Joining,
    /// Told, or not to be told, up to here.
    pub(crate) cursor: Place,
    seat: SeatSlot,
}

/// Held by the subscription and by the task that may take another seat.
type SeatSlot = Arc<Mutex<Option<Seated>>>;

/// A subscriber is at its end.
struct Ended;

/// What goes when a subscription goes.
struct Held {
    _seat: SeatSlot,
    history: Option<tokio::task::AbortHandle>,
}

impl Drop for Held {
    fn drop(&mut self) {
        metrics::unsubscribed();
        if let Some(history) = &self.history {
            history.abort();
        }
    }
}

impl Follow {
    pub(crate) fn new(
        hub: Arc<Hub>,
        operation: Arc<Operation>,
        sight: Sight,
        joining: Joining,
        cursor: Place,
    ) -> Self {
        let needs = operation.needs();
        Self { hub, operation, needs, sight, joining, cursor, seat: SeatSlot::default() }
    }

    /// Sets it going. There is a task only as long as there is history to be told.
    pub(crate) fn start(mut self) -> Subscription {
        metrics::subscribed();
        let (queue, seat) = (self.joining.queue.clone(), self.seat.clone());
        let is_live = self.cursor >= behind(self.hub.groups.handed_out()) && {
            let to = self.sit_down();
            self.cursor >= behind(to) && self.release().is_ok()
        };
        let history = (!is_live).then(|| tokio::spawn(self.catch_up()).abort_handle());
        Subscription { queue, _held: Box::new(Held { _seat: seat, history }) }
    }

    /// First most of the history, without a seat; then a seat, behind which live pushes are held
    /// back, and the rest of the history; and all again if more came than can be held.
    async fn catch_up(mut self) {
        loop {
            let near = self.hub.groups.handed_out();
            if self.tell(near).await.is_err() {
                break;
            }
            let to = self.sit_down();
            if self.tell(to).await.is_err() {
                break;
            }
            if self.release().is_ok() {
                return;
            }
        }
        self.stand_up();
    }

    /// Takes a seat, giving up an earlier one. Events up to the returned position are to be told
    /// from the feed.
    fn sit_down(&mut self) -> LogPosition {
        self.stand_up();
        self.queue().hold();
        let (hub, operation) = (self.hub.clone(), self.operation.clone());
        let sight = match self.needs.viewer {
            Viewed::Differently => self.sight,
            Viewed::Alike => Sight { viewer: None, ..self.sight },
        };
        let start = |group, handled| {
            let runner = Runner::new(&hub.schema, &operation, sight, &hub.loads);
            tokio::spawn(group::run(group, runner, hub.loads.clone(), handled));
        };
        let (seated, to) = self.hub.groups.join(self.joining.clone(), self.cursor, start);
        *self.seat.lock().unwrap_or_else(PoisonError::into_inner) = Some(seated);
        to
    }

    fn stand_up(&self) {
        let seated = self.seat.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(seated);
    }

    fn release(&self) -> Result<(), Overflowed> {
        self.queue().release()
    }

    fn queue(&self) -> &Queue {
        &self.joining.queue
    }

    /// Tells what lies behind the cursor, up to `to`.
    async fn tell(&mut self, to: LogPosition) -> Result<(), Ended> {
        let mut runner = None;
        while self.cursor < behind(to) {
            // A cursor between two pushes of an event reads that event again.
            let is_behind = self.cursor == behind(self.cursor.0);
            let after = if is_behind { self.cursor.0 } else { self.cursor.0.saturating_sub(1) };
            let page = FeedPage { entity: self.joining.channel.0, after, to };
            match history(&self.hub.loads, page, self.needs.counts).await {
                Ok((events, up_to)) => {
                    for event in events {
                        self.tell_event(&event, &mut runner).await?;
                    }
                    self.cursor = self.cursor.max(behind(up_to));
                }
                Err(Fault::Unavailable(why)) => {
                    tracing::debug!(why, "history can't be read now; trying again");
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
                Err(fault) => {
                    self.queue().end(errors(fault));
                    return Err(Ended);
                }
            }
        }
        Ok(())
    }

    async fn tell_event(
        &mut self,
        event: &Arc<Event>,
        runner: &mut Option<Runner>,
    ) -> Result<(), Ended> {
        for push in Push::of(event) {
            let place = push.place();
            if place <= self.cursor {
                continue;
            }
            let runner = runner.get_or_insert_with(|| {
                Runner::new(&self.hub.schema, &self.operation, self.sight, &self.hub.loads)
            });
            let consequence = push.consequence();
            let result = runner.run(push).await;
            self.queue().tell(result).await.map_err(|_| Ended)?;
            metrics::pushed(1);
            self.cursor = place;
            let last = match consequence {
                Consequence::Lost(stay)
                    if stay.is_of(self.joining.viewer, self.joining.joined_seq) =>
                {
                    lost()
                }
                Consequence::Over => Pushed::Complete,
                Consequence::Lost(_) | Consequence::Nothing => continue,
            };
            self.queue().end(last);
            return Err(Ended);
        }
        Ok(())
    }
}
