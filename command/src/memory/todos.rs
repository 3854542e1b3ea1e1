//! The to-do list in memory.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use events::{ChannelId, LogId, LogPosition, Revision, StreamName, Timestamp, UserId};
use uuid::Uuid;

use super::lock;
use crate::ports::{Step, StoreError, Todo, Todos};

#[derive(Debug, Default)]
struct Contents {
    checkpoints: HashMap<LogId, LogPosition>,
    todos: HashMap<Uuid, Todo>,
    members: BTreeSet<(UserId, ChannelId)>,
    ended: HashSet<UserId>,
}

/// The to-do list in memory; clones share it.
#[derive(Debug, Clone, Default)]
pub struct MemoryTodos(Arc<Mutex<Contents>>);

impl MemoryTodos {
    /// [`Todos::checkpoint`] for those who don't wait.
    pub fn checkpoint_now(&self, log: LogId) -> LogPosition {
        lock(&self.0).checkpoints.get(&log).copied().unwrap_or(0)
    }

    /// [`Todos::advance`] for those who don't wait.
    pub fn advance_now(&self, log: LogId, step: Step) -> bool {
        let mut contents = lock(&self.0);
        let checkpoint = contents.checkpoints.entry(log).or_insert(0);
        if *checkpoint != step.from {
            return false;
        }
        *checkpoint = step.to;
        contents.ended.extend(step.ended);
        for joined in step.joined {
            contents.members.insert((joined.user, joined.channel));
            if contents.ended.contains(&joined.user) {
                contents.todos.insert(joined.then.key, joined.then);
            }
        }
        contents.members.retain(|member| !step.left.contains(member));
        contents.members.retain(|(_, channel)| !step.gone.contains(channel));
        contents.todos.extend(step.added.into_iter().map(|todo| (todo.key, todo)));
        for key in &step.removed {
            contents.todos.remove(key);
        }
        true
    }

    /// [`Todos::due`] for those who don't wait.
    pub fn due_now(&self, now: Timestamp, limit: usize) -> Vec<Todo> {
        let contents = lock(&self.0);
        let is_due = |todo: &&Todo| todo.due_at <= now;
        let mut due: Vec<_> = contents.todos.values().filter(is_due).cloned().collect();
        due.sort_by_key(|todo| (todo.due_at, todo.key));
        due.truncate(limit);
        due
    }

    /// [`Todos::postpone`] for those who don't wait.
    pub fn postpone_now(&self, key: Uuid, revision: Revision, until: Timestamp) {
        let mut contents = lock(&self.0);
        let todo = contents.todos.get_mut(&key).filter(|todo| todo.revision == revision);
        if let Some(todo) = todo {
            todo.due_at = until;
        }
    }

    /// [`Todos::remove`] for those who don't wait.
    pub fn remove_now(&self, key: Uuid, revision: Revision) {
        let mut contents = lock(&self.0);
        if contents.todos.get(&key).is_some_and(|todo| todo.revision == revision) {
            contents.todos.remove(&key);
        }
    }

    /// [`Todos::is_open_in`] for those who don't wait.
    pub fn is_open_in_now(&self, stream: &StreamName) -> bool {
        lock(&self.0).todos.values().any(|todo| todo.stream == *stream)
    }

    /// [`Todos::channels_of`] for those who don't wait.
    pub fn channels_of_now(
        &self,
        user: UserId,
        after: Option<ChannelId>,
        limit: usize,
    ) -> Vec<ChannelId> {
        let contents = lock(&self.0);
        let of_user = contents.members.iter().filter(|(member, _)| *member == user);
        let channels = of_user.map(|(_, channel)| *channel);
        channels.filter(|channel| Some(*channel) > after).take(limit).collect()
    }
}

#[async_trait]
impl Todos for MemoryTodos {
    async fn checkpoint(&self, log: LogId) -> Result<LogPosition, StoreError> {
        Ok(self.checkpoint_now(log))
    }

    async fn advance(&self, log: LogId, step: Step) -> Result<bool, StoreError> {
        Ok(self.advance_now(log, step))
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Todo>, StoreError> {
        Ok(self.due_now(now, limit))
    }

    async fn postpone(
        &self,
        key: Uuid,
        revision: Revision,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.postpone_now(key, revision, until);
        Ok(())
    }

    async fn remove(&self, key: Uuid, revision: Revision) -> Result<(), StoreError> {
        self.remove_now(key, revision);
        Ok(())
    }

    async fn is_open_in(&self, stream: &StreamName) -> Result<bool, StoreError> {
        Ok(self.is_open_in_now(stream))
    }

    async fn channels_of(
        &self,
        user: UserId,
        after: Option<ChannelId>,
        limit: usize,
    ) -> Result<Vec<ChannelId>, StoreError> {
        Ok(self.channels_of_now(user, after, limit))
    }
}
