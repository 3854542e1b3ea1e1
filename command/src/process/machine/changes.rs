//! What a batch of events means for list and index, all of it together: the last change of each
//! key and of each membership counts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use events::{ChannelId, LogPosition, Recorded, UserId};
use uuid::Uuid;

use crate::ports::{Joined, Step, Todo};
use crate::process::limits::DUE_AFTER_MS;
use crate::process::rules::Change;

/// Changes that are to be written together. In order, so that a run can be reproduced.
#[derive(Debug, Default)]
pub(super) struct Changes {
    opened: BTreeMap<Uuid, Todo>,
    closed: BTreeSet<Uuid>,
    /// With what is to be done should the account be over; nothing for who left.
    members: BTreeMap<(UserId, ChannelId), Option<Todo>>,
    gone: BTreeSet<ChannelId>,
    ended: BTreeSet<UserId>,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        let lists = self.opened.is_empty() && self.closed.is_empty() && self.ended.is_empty();
        lists && self.members.is_empty() && self.gone.is_empty()
    }

    pub(super) fn note(&mut self, event: &Recorded, change: Change) {
        match change {
            Change::Open(key) => self.open(todo(event, key)),
            Change::Schedule { key, due_at } => self.open(Todo { due_at, ..todo(event, key) }),
            Change::Close(key) => {
                self.opened.remove(&key);
                self.closed.insert(key);
            }
            Change::Joined { user, channel, key } => {
                self.members.insert((user, channel), Some(todo(event, key)));
            }
            Change::Left { user, channel } => {
                self.members.insert((user, channel), None);
            }
            Change::Gone(channel) => {
                self.gone.insert(channel);
            }
            Change::Ended(user) => {
                self.ended.insert(user);
            }
        }
    }

    fn open(&mut self, todo: Todo) {
        self.closed.remove(&todo.key);
        self.opened.insert(todo.key, todo);
    }

    pub(super) fn into_step(self, from: LogPosition, to: LogPosition) -> Step {
        let mut step = Step { from, to, ..Step::default() };
        step.added = self.opened.into_values().collect();
        step.removed = self.closed.into_iter().collect();
        // A channel that is gone takes its members along; nobody comes after that.
        for ((user, channel), then) in self.members {
            match then {
                _ if self.gone.contains(&channel) => {}
                Some(then) => step.joined.push(Joined { user, channel, then }),
                None => step.left.push((user, channel)),
            }
        }
        step.gone = self.gone.into_iter().collect();
        step.ended = self.ended.into_iter().collect();
        step
    }
}

fn todo(event: &Recorded, key: Uuid) -> Todo {
    let (stream, revision) = (event.stream.clone(), event.revision);
    let due_at = event.event.metadata.recorded_at.plus(Duration::from_millis(DUE_AFTER_MS));
    Todo { key, stream, revision, due_at }
}
