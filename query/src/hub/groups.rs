//! All groups of the node that follow the entities of one feed: channels, or wallets.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use events::{LogPosition, UserId};
use uuid::Uuid;

use super::batch::{Batch, Counts};
use super::group::{Follows, Group, GroupKey, Seat};
use super::metrics;
use super::push::{Event, Place, Since, behind};
use super::queue::Queue;
use super::typing::Typing;
use crate::tables::feed::FeedRow;

/// Who sits where. One lock orders joining and handing out: whoever joins knows exactly which
/// events the group was handed before, and is told all others.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    contents: Mutex<Contents>,
}

#[derive(Debug, Default)]
struct Contents {
    by_entity: HashMap<Uuid, HashMap<GroupKey, Arc<Group>>>,
    /// All events up to here were handed to the groups that there were.
    handed_out: LogPosition,
    seats: u64,
}

/// Somebody who wants a seat.
#[derive(Debug, Clone)]
pub(crate) struct Joining {
    /// The channel or wallet.
    pub(crate) entity: Uuid,
    pub(crate) follows: Follows,
    pub(crate) key: GroupKey,
    pub(crate) counts: Counts,
    pub(crate) viewer: UserId,
    /// When the viewer came in: what a membership lost before it is no loss any more.
    pub(crate) since: Since,
    pub(crate) queue: Arc<Queue>,
}

impl Groups {
    /// All events up to here were handed out.
    pub(crate) fn handed_out(&self) -> LogPosition {
        self.lock().handed_out
    }

    /// Takes a seat, in a new group if need be, which `start` sets going. The seat is told what
    /// lies behind both `cursor` and the position that is returned.
    pub(crate) fn join(
        self: &Arc<Self>,
        joining: Joining,
        cursor: Place,
        start: impl FnOnce(Arc<Group>, LogPosition),
    ) -> (Seated, LogPosition) {
        let Joining { entity, follows, key, counts, viewer, since, queue } = joining;
        let mut contents = self.lock();
        contents.seats += 1;
        let (id, handed_out) = (contents.seats, contents.handed_out);
        let of_entity = contents.by_entity.entry(entity).or_default();
        let there = of_entity.get(&key).filter(|group| !group.backlog.is_closed()).cloned();
        let group = if let Some(group) = there {
            group
        } else {
            let group = Arc::new(Group::new(entity, follows, counts));
            if of_entity.insert(key.clone(), group.clone()).is_none() {
                metrics::group_started();
            }
            start(group.clone(), handed_out);
            group
        };
        let seen = cursor.max(behind(handed_out));
        group.seats().push(Seat { id, viewer, since, seen, queue });
        (Seated { groups: self.clone(), key, group: group.clone(), id }, handed_out)
    }

    /// Marks the rows that are of concern to somebody here. Gives what they tell of messages.
    pub(crate) fn mark(&self, rows: &[FeedRow], wanted: &mut [bool]) -> Counts {
        let contents = self.lock();
        let mut counts = Counts::default();
        for (row, wanted) in rows.iter().zip(wanted) {
            let groups = contents.by_entity.get(&row.entity);
            let groups = groups.into_iter().flat_map(HashMap::values);
            for group in groups.filter(|group| group.follows.concerns(row.kind)) {
                counts = counts.with(group.counts);
                *wanted = true;
            }
        }
        counts
    }

    /// Hands out all rows up to `to`, in log order, with what was loaded for them.
    pub(crate) fn hand_out(&self, rows: &[FeedRow], batch: &Arc<Batch>, to: LogPosition) {
        let mut contents = self.lock();
        for row in rows.iter().filter(|row| row.kind.pushes() > 0) {
            let Some(groups) = contents.by_entity.get(&row.entity) else { continue };
            let event = Arc::new(Event { row: *row, batch: batch.clone() });
            for group in groups.values().filter(|group| group.follows.concerns(row.kind)) {
                group.backlog.push(&event);
            }
            metrics::dispatched(row.at);
        }
        contents.handed_out = contents.handed_out.max(to);
    }

    /// Hands out that somebody is writing.
    pub(crate) fn hand_out_typing(&self, typing: &Arc<Typing>) {
        let contents = self.lock();
        let groups = contents.by_entity.get(&typing.channel.0).into_iter();
        let groups = groups.flat_map(HashMap::values);
        for group in groups.filter(|group| group.follows == Follows::Typing) {
            group.backlog.push_typing(typing);
        }
    }

    fn leave(&self, seated: &Seated) {
        let mut contents = self.lock();
        let mut seats = seated.group.seats();
        seats.retain(|seat| seat.id != seated.id);
        if !seats.is_empty() {
            return;
        }
        seated.group.backlog.close();
        drop(seats);
        let entity = seated.group.entity;
        let Some(of_entity) = contents.by_entity.get_mut(&entity) else { return };
        let is_mine = |group: &Arc<Group>| Arc::ptr_eq(group, &seated.group);
        if of_entity.get(&seated.key).is_some_and(is_mine) {
            of_entity.remove(&seated.key);
            if of_entity.is_empty() {
                contents.by_entity.remove(&entity);
            }
            metrics::group_ended();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A seat that is given up when this is dropped; the last one to go ends the group.
#[derive(Debug)]
pub(crate) struct Seated {
    groups: Arc<Groups>,
    key: GroupKey,
    group: Arc<Group>,
    id: u64,
}

impl Drop for Seated {
    fn drop(&mut self) {
        self.groups.leave(self);
    }
}
