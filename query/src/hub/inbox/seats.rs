//! All inboxes of the node: who comes and goes, and what is handed out to whom.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use events::feed::FeedKind;
use events::{LogPosition, UserId};
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

use super::backlog::Overflowed;
use super::group::{Group, Seat};
use super::routes::{Routes, Sitting};
use crate::hub::batch::{Batch, Counts};
use crate::hub::group::GroupKey;
use crate::hub::metrics;
use crate::hub::push::{Event, Place, behind};
use crate::hub::queue::{Pushed, Queue};
use crate::tables::feed::FeedRow;

/// The most who are given seats between two looks at the feed.
const ARRIVALS_MAX: usize = 500;

/// Sets a new group going.
pub(crate) type Start = Box<dyn FnOnce(Arc<Group>) + Send>;

/// Whose inbox is followed, and how.
#[derive(Debug, Clone)]
pub(crate) struct Joining {
    pub(crate) key: GroupKey,
    pub(crate) counts: Counts,
    pub(crate) viewer: UserId,
    pub(crate) queue: Arc<Queue>,
}

/// Somebody who wants a seat.
pub(crate) struct Arrival {
    pub(crate) joining: Joining,
    /// Told, or not to be told, up to here.
    pub(crate) cursor: Place,
    pub(crate) start: Start,
}

/// A seat, and up to where events are to be told from the feed.
pub(crate) type Given = (Seated, LogPosition);

/// Seats are given by the reader for inboxes alone, between two looks at the feeds: what it hands
/// out next is all that comes behind the place at which it looked up the viewer's stays.
#[derive(Default)]
pub(crate) struct Inboxes {
    contents: Mutex<Contents>,
    arrived: Notify,
}

#[derive(Default)]
struct Contents {
    groups: HashMap<GroupKey, Arc<Group>>,
    routes: Routes,
    waiting: Vec<(Arrival, oneshot::Sender<Given>)>,
    seats: u64,
    /// All events up to here were handed out; `None` before the first look.
    handed_out: Option<LogPosition>,
}

impl Inboxes {
    /// Asks for a seat. It is given when the feed is looked at the next time.
    pub(crate) fn arrive(&self, arrival: Arrival) -> oneshot::Receiver<Given> {
        let (given, seat) = oneshot::channel();
        self.lock().waiting.push((arrival, given));
        self.arrived.notify_one();
        seat
    }

    /// All events up to here were handed out.
    pub(crate) fn handed_out(&self) -> LogPosition {
        self.lock().handed_out.unwrap_or_default()
    }

    /// The same; at the first look, what came before `position` is nobody's push.
    pub(crate) fn begin_at(&self, position: LogPosition) -> LogPosition {
        *self.lock().handed_out.get_or_insert(position)
    }

    /// Whether nobody is there.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().routes.is_empty()
    }

    /// Ends everybody, those who wait included. They may come again with `after`.
    pub(crate) fn refuse(&self, last: &Pushed) {
        let (groups, waiting) = {
            let mut contents = self.lock();
            let groups: Vec<_> = contents.groups.values().cloned().collect();
            (groups, std::mem::take(&mut contents.waiting))
        };
        for group in &groups {
            group.fail(last);
        }
        for (arrival, _) in waiting {
            arrival.joining.queue.end(last.clone());
        }
    }

    /// Resolves when somebody may wait for a seat.
    pub(crate) async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// Who waits for a seat and whose stays are not known here.
    pub(crate) fn strangers(&self) -> Vec<UserId> {
        let mut contents = self.lock();
        // Who went away again needs none.
        contents.waiting.retain(|(_, given)| !given.is_closed());
        let waiting = contents.waiting.iter().take(ARRIVALS_MAX).map(|(it, _)| it.joining.viewer);
        let strangers = waiting.filter(|viewer| !contents.routes.knows(*viewer));
        strangers.collect::<HashSet<_>>().into_iter().collect()
    }

    /// Gives seats to those who wait. `stays` are the channels and wallets that the strangers
    /// among them are in as of `handed_out`.
    pub(crate) fn admit(
        self: &Arc<Self>,
        strangers: &[UserId],
        stays: &[(UserId, Uuid)],
        handed_out: LogPosition,
    ) {
        let mut given = Vec::new();
        {
            let mut contents = self.lock();
            let strangers: HashSet<_> = strangers.iter().copied().collect();
            let waiting = std::mem::take(&mut contents.waiting);
            let mut later = Vec::new();
            for (arrival, seat) in waiting {
                let viewer = arrival.joining.viewer;
                if contents.routes.knows(viewer) || strangers.contains(&viewer) {
                    let sitting = contents.seat(arrival, handed_out);
                    given.push((seat, Seated { inboxes: self.clone(), sitting }));
                } else {
                    later.push((arrival, seat));
                }
            }
            if !later.is_empty() {
                self.arrived.notify_one();
            }
            contents.waiting = later;
            for (viewer, entity) in stays {
                contents.routes.enter(*entity, *viewer);
            }
        }
        for (seat, seated) in given {
            // Whoever went away meanwhile gives it up by dropping it.
            let _ = seat.send((seated, handed_out));
        }
    }

    /// Marks the rows that are needed here: those of what is followed, and of channels that
    /// somebody comes into by one of them. Gives what they tell beside their rows.
    pub(crate) fn mark(&self, rows: &[FeedRow], wanted: &mut [bool]) -> Counts {
        let contents = self.lock();
        let mut counts = Counts::default();
        if contents.routes.is_empty() {
            return counts;
        }
        let comes = |row: &&FeedRow| {
            let kinds = [FeedKind::MemberJoined, FeedKind::Changed, FeedKind::WalletMemberJoined];
            kinds.contains(&row.kind)
        };
        let entered: HashSet<_> = rows.iter().filter(comes).map(|row| row.entity).collect();
        for (row, wanted) in rows.iter().zip(wanted) {
            let told = contents.routes.counts(row.entity);
            counts = counts.with(told.unwrap_or_default());
            *wanted |= told.is_some() || entered.contains(&row.entity);
        }
        counts
    }

    /// Hands out all rows up to `to`, in log order, with what was loaded for them.
    pub(crate) fn hand_out(&self, rows: &[FeedRow], batch: &Arc<Batch>, to: LogPosition) {
        let mut contents = self.lock();
        contents.handed_out = Some(to);
        if contents.routes.is_empty() {
            return;
        }
        let mut overflowed = Vec::new();
        for row in rows {
            let event = Arc::new(Event { row: *row, batch: batch.clone() });
            let entity = row.entity;
            if let Some(user) = event.joiner() {
                contents.routes.enter(entity, user);
            }
            if row.kind.pushes() > 0 {
                for route in contents.routes.of(entity) {
                    if let Err(Overflowed) = route.group.backlog.push(&event, &route.audience) {
                        overflowed.push(route.group.clone());
                    }
                }
            }
            match (row.kind, event.leaver()) {
                (FeedKind::MemberLeft | FeedKind::WalletMemberLeft, Some(user)) => {
                    contents.routes.leave(entity, user);
                }
                (FeedKind::ChannelDeleted, _) => contents.routes.close(entity),
                _ => {}
            }
        }
        drop(contents);
        for group in overflowed {
            tracing::warn!("a group of inboxes is too far behind; its subscribers have to resume");
            group.fail(&Pushed::Slow);
        }
    }

    fn leave(&self, sitting: &Sitting) {
        let mut contents = self.lock();
        contents.routes.stand_up(sitting);
        let mut seats = sitting.group.seats();
        seats.retain(|seat| seat.id != sitting.seat.id);
        if !seats.is_empty() {
            return;
        }
        sitting.group.backlog.close();
        drop(seats);
        let is_mine = |group: &Arc<Group>| Arc::ptr_eq(group, &sitting.group);
        if contents.groups.get(&sitting.key).is_some_and(is_mine) {
            contents.groups.remove(&sitting.key);
        }
        metrics::inbox_groups(contents.groups.len());
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    fn seat(&mut self, arrival: Arrival, handed_out: LogPosition) -> Sitting {
        let Arrival { joining, cursor, start } = arrival;
        let Joining { key, counts, viewer, queue } = joining;
        let there = self.groups.get(&key).filter(|group| !group.backlog.is_closed()).cloned();
        let group = there.unwrap_or_else(|| {
            let group = Arc::new(Group::new(counts));
            self.groups.insert(key.clone(), group.clone());
            start(group.clone());
            group
        });
        self.seats += 1;
        let seen = cursor.max(behind(handed_out));
        let seat = Arc::new(Seat { id: self.seats, viewer, seen, queue });
        group.seats().push(seat.clone());
        metrics::inbox_groups(self.groups.len());
        let sitting = Sitting { key, group, seat };
        self.routes.sit_down(&sitting);
        sitting
    }
}

/// A seat that is given up when this is dropped; the last one to go ends the group.
pub(crate) struct Seated {
    inboxes: Arc<Inboxes>,
    sitting: Sitting,
}

impl Drop for Seated {
    fn drop(&mut self) {
        self.inboxes.leave(&self.sitting);
    }
}
