//! One subscriber's way from where it stands to the live pushes: history from the feed, then a
//! seat in a group, and in between what came while history was told.

use std::sync::{Arc, Mutex, PoisonError};

use events::LogPosition;

use super::inbox::Arrival;
use super::operation::{Operation, Viewed};
use super::push::{Event, Place, Push, behind};
use super::queue::Subscription;
use super::runner::{RETRY_PAUSE, Runner, Subject};
use super::target::Target;
use super::{Hub, group, groups, inbox, metrics};
use crate::fault::Fault;
use crate::schema::sight::Sight;

/// A subscriber who was let in.
pub(crate) struct Follow {
    hub: Arc<Hub>,
    operation: Arc<Operation>,
    /// The subscriber's own.
    sight: Sight,
    target: Target,
    /// Told, or not to be told, up to here.
    cursor: Place,
    seat: SeatSlot,
}

/// Held by the subscription and by the task that may take another seat.
type SeatSlot = Arc<Mutex<Option<Box<dyn Send>>>>;

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
        operation: Operation,
        sight: Sight,
        target: Target,
        cursor: Place,
    ) -> Self {
        let (operation, seat) = (Arc::new(operation), SeatSlot::default());
        Self { hub, operation, sight, target, cursor, seat }
    }

    /// Sets it going. There is a task only as long as there is history to be told, or a seat to
    /// be waited for.
    pub(crate) fn start(mut self) -> Subscription {
        metrics::subscribed();
        let (queue, seat) = (self.target.queue().clone(), self.seat.clone());
        let is_live = self.is_live_at_once();
        let history = (!is_live).then(|| tokio::spawn(self.catch_up()).abort_handle());
        Subscription { queue, _held: Box::new(Held { _seat: seat, history }) }
    }

    /// Whether there is no history, and a seat to be had without waiting.
    fn is_live_at_once(&mut self) -> bool {
        let Target::One(joining) = &self.target else { return false };
        let joining = joining.clone();
        if self.cursor < behind(self.handed_out()) {
            return false;
        }
        let to = self.sit_in_group(joining);
        self.cursor >= behind(to) && self.target.queue().release().is_ok()
    }

    /// First most of the history, without a seat; then a seat, behind which live pushes are held
    /// back, and the rest of the history; and all again if more came than can be held.
    async fn catch_up(mut self) {
        while let Ok(()) = self.tell(self.handed_out()).await {
            let Ok(to) = self.sit_down().await else { break };
            if self.tell(to).await.is_err() {
                break;
            }
            if self.target.queue().release().is_ok() {
                return;
            }
        }
        self.stand_up();
    }

    /// Up to where live pushes were made.
    fn handed_out(&self) -> LogPosition {
        match &self.target {
            Target::One(joining) => self.hub.groups_of(joining.follows).handed_out(),
            Target::Inbox(_) => self.hub.inboxes.handed_out(),
        }
    }

    /// Takes a seat, giving up an earlier one. Events up to the returned position are to be told
    /// from the feed.
    async fn sit_down(&mut self) -> Result<LogPosition, Ended> {
        match &self.target {
            Target::One(joining) => {
                let joining = joining.clone();
                Ok(self.sit_in_group(joining))
            }
            Target::Inbox(joining) => {
                let joining = joining.clone();
                self.sit_in_inbox(joining).await
            }
        }
    }

    fn sit_in_group(&mut self, joining: groups::Joining) -> LogPosition {
        self.stand_up();
        joining.queue.hold();
        let (hub, runner) = (self.hub.clone(), self.runner_of_group());
        let start = |group, handled| {
            tokio::spawn(group::run(group, runner(), hub.loads.clone(), handled));
        };
        let (seated, to) = self.hub.groups_of(joining.follows).join(joining, self.cursor, start);
        self.keep(Box::new(seated));
        to
    }

    async fn sit_in_inbox(&mut self, joining: inbox::Joining) -> Result<LogPosition, Ended> {
        self.stand_up();
        joining.queue.hold();
        let (hub, runner) = (self.hub.clone(), self.runner_of_group());
        let start = move |group| {
            tokio::spawn(inbox::group::run(group, runner(), hub.loads.clone()));
        };
        let arrival = Arrival { joining, cursor: self.cursor, start: Box::new(start) };
        // The sender goes only with the seats of all.
        let (seated, to) = self.hub.inboxes.arrive(arrival).await.map_err(|_| Ended)?;
        self.keep(Box::new(seated));
        Ok(to)
    }

    /// Makes the runner of a group of this subscriber's equals.
    fn runner_of_group(&self) -> impl FnOnce() -> Runner + Send + use<> {
        let (hub, operation) = (self.hub.clone(), self.operation.clone());
        let sight = match operation.needs().viewer {
            Viewed::Differently => self.sight,
            Viewed::Alike => Sight::default(),
        };
        move || Runner::new(&hub.schema, &operation, sight, &hub.loads)
    }

    fn keep(&self, seat: Box<dyn Send>) {
        *self.seat.lock().unwrap_or_else(PoisonError::into_inner) = Some(seat);
    }

    fn stand_up(&self) {
        let seat = self.seat.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(seat);
    }

    /// Tells what lies behind the cursor, up to `to`.
    async fn tell(&mut self, to: LogPosition) -> Result<(), Ended> {
        let mut runner = None;
        while self.cursor < behind(to) {
            // A cursor between two pushes of an event reads that event again.
            let is_behind = self.cursor == behind(self.cursor.0);
            let after = if is_behind { self.cursor.0 } else { self.cursor.0.saturating_sub(1) };
            match self.target.history(&self.hub.loads, after, to).await {
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
                    self.target.end(fault);
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
            if self.target.tells(&push) {
                let runner = runner.get_or_insert_with(|| {
                    Runner::new(&self.hub.schema, &self.operation, self.sight, &self.hub.loads)
                });
                let subject = Subject::Event(push.clone());
                let result = runner.run(subject, self.target.members_of()).await;
                self.target.queue().tell(result).await.map_err(|_| Ended)?;
                metrics::pushed(1);
            }
            self.cursor = place;
            if let Some(last) = self.target.ended_by(&push) {
                self.target.queue().end(last);
                return Err(Ended);
            }
        }
        Ok(())
    }
}
