//! Subscribers who are told the same, and the task that tells them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use events::feed::FeedKind;
use events::{LogPosition, UserId};
use uuid::Uuid;

use super::backlog::{Backlog, Next};
use super::batch::Counts;
use super::metrics;
use super::push::{Consequence, Event, Place, Push, Since};
use super::queue::{Pushed, Queue};
use super::runner::{RETRY_PAUSE, Runner, Subject};
use super::target::history;
use super::typing::Typing;
use crate::fault::{self, Fault};
use crate::loads::Loads;
use crate::tables::feed::FeedPage;

/// What makes subscribers of a channel or wallet equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct GroupKey {
    /// The operation with its variables, without the root field's arguments.
    pub(crate) canonical: Arc<str>,
    /// Who looks, where that makes a difference.
    pub(crate) viewer: Option<UserId>,
}

/// What subscribers are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follows {
    /// What happens in a channel.
    Events,
    /// What happens to a wallet.
    Wallet,
    /// Who is writing in a channel. What happens is not told, but may end it.
    Typing,
}

impl Follows {
    /// Whether a row of this kind is of concern.
    pub(crate) fn concerns(self, kind: FeedKind) -> bool {
        match self {
            Self::Events | Self::Wallet => kind.pushes() > 0,
            Self::Typing => matches!(kind, FeedKind::MemberLeft | FeedKind::ChannelDeleted),
        }
    }
}

/// One subscriber in a group.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) id: u64,
    pub(crate) viewer: UserId,
    /// When the viewer came in, the last time before sitting down.
    pub(crate) since: Since,
    /// What is not behind this place is told from the feed, or was.
    pub(crate) seen: Place,
    pub(crate) queue: Arc<Queue>,
}

/// A group. Whoever adds and takes away seats holds the lock of all groups.
#[derive(Debug)]
pub(crate) struct Group {
    /// The channel or wallet.
    pub(crate) entity: Uuid,
    pub(crate) follows: Follows,
    pub(crate) counts: Counts,
    pub(crate) backlog: Backlog,
    seats: Mutex<Vec<Seat>>,
}

impl Group {
    pub(crate) fn new(entity: Uuid, follows: Follows, counts: Counts) -> Self {
        let (backlog, seats) = (Backlog::default(), Mutex::default());
        Self { entity, follows, counts, backlog, seats }
    }

    pub(crate) fn seats(&self) -> MutexGuard<'_, Vec<Seat>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody is to be told what stands at `place`.
    fn has_listeners(&self, place: Place) -> bool {
        self.seats().iter().any(|seat| seat.seen < place)
    }

    /// Gives a result, if there is one, to all who have not seen it, and ends those for whom it
    /// was the last.
    fn give(&self, push: &Push, result: Option<&Bytes>) {
        let place = push.place();
        let consequence = push.consequence();
        let mut given = 0;
        self.seats().retain(|seat| {
            if seat.seen < place {
                if let Some(result) = result {
                    seat.queue.push(Pushed::Next(result.clone()));
                    given += 1;
                }
                match consequence {
                    Consequence::Lost(stay) if stay.is_of(seat.viewer, seat.since) => {
                        seat.queue.push(lost(self.follows));
                    }
                    Consequence::Lost(_) | Consequence::Nothing => {}
                    Consequence::Over => seat.queue.push(Pushed::Complete),
                }
            }
            !seat.queue.is_over()
        });
        metrics::pushed(given);
    }

    /// Gives a result that has no place to all.
    fn give_all(&self, result: &Bytes) {
        let seats = self.seats();
        seats.iter().for_each(|seat| seat.queue.push(Pushed::Next(result.clone())));
        metrics::pushed(seats.len() as u64);
    }

    /// Ends everybody: the group can't go on. They may come again with `after`.
    fn fail(&self) {
        self.backlog.close();
        for seat in self.seats().drain(..) {
            seat.queue.end(errors(Fault::Internal("a group's task ended".into())));
        }
    }
}

/// The end of who is no member any more.
pub(crate) fn lost(follows: Follows) -> Pushed {
    errors(Fault::Forbidden(match follows {
        Follows::Events | Follows::Typing => "You are no member of the channel any more.",
        Follows::Wallet => "You are no member of the wallet any more.",
    }))
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
            match self.group.backlog.next().await {
                Next::Event(event) => self.tell(&event).await,
                Next::Typing(typing) => self.tell_typing(typing).await,
                Next::CatchUp(to) => self.catch_up(to).await,
                Next::Closed => return,
            }
        }
    }

    async fn tell(&mut self, event: &Arc<Event>) {
        for push in Push::of(event) {
            if !self.group.has_listeners(push.place()) {
                continue;
            }
            match self.group.follows {
                Follows::Events | Follows::Wallet => {
                    let (subject, of) = (Subject::Event(push.clone()), self.group.entity);
                    let result = self.runner.run(subject, Some(of)).await;
                    self.group.give(&push, Some(&result));
                }
                Follows::Typing => self.group.give(&push, None),
            }
        }
        self.handled = event.row.position;
    }

    async fn tell_typing(&mut self, typing: Arc<Typing>) {
        let result = self.runner.run(Subject::Typing(typing), Some(self.group.entity)).await;
        self.group.give_all(&result);
    }

    /// Tells from the feed what did not fit into the inbox.
    async fn catch_up(&mut self, to: LogPosition) {
        metrics::caught_up();
        while self.handled < to && !self.group.backlog.is_closed() {
            let (follows, counts) = (self.group.follows, self.group.counts);
            let page = FeedPage { entity: self.group.entity, after: self.handled, to };
            match history(&self.loads, follows, page, counts).await {
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
