//! The to-do list in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use events::{LogId, LogPosition, Timestamp};
use uuid::Uuid;

use super::lock;
use crate::ports::{StoreError, Todo, Todos};

#[derive(Debug, Default)]
struct Contents {
    checkpoints: HashMap<LogId, LogPosition>,
    todos: HashMap<Uuid, Todo>,
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
    pub fn advance_now(
        &self,
        log: LogId,
        from: LogPosition,
        to: LogPosition,
        added: Vec<Todo>,
        removed: &[Uuid],
    ) -> bool {
        let mut contents = lock(&self.0);
        let checkpoint = contents.checkpoints.entry(log).or_insert(0);
        if *checkpoint != from {
            return false;
        }
        *checkpoint = to;
        for todo in added {
            contents.todos.entry(todo.key).or_insert(todo);
        }
        for key in removed {
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
    pub fn postpone_now(&self, key: Uuid, until: Timestamp) {
        if let Some(todo) = lock(&self.0).todos.get_mut(&key) {
            todo.due_at = until;
        }
    }
}

#[async_trait]
impl Todos for MemoryTodos {
    async fn checkpoint(&self, log: LogId) -> Result<LogPosition, StoreError> {
        Ok(self.checkpoint_now(log))
    }

    async fn advance(
        &self,
        log: LogId,
        from: LogPosition,
        to: LogPosition,
        added: Vec<Todo>,
        removed: Vec<Uuid>,
    ) -> Result<bool, StoreError> {
        Ok(self.advance_now(log, from, to, added, &removed))
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Todo>, StoreError> {
        Ok(self.due_now(now, limit))
    }

    async fn postpone(&self, key: Uuid, until: Timestamp) -> Result<(), StoreError> {
        self.postpone_now(key, until);
        Ok(())
    }
}
