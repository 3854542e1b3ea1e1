//! What a batch of events changes, folded so that every row is touched once.

use std::collections::HashMap;

use events::ChannelId;
use events::grams::{fold, index};
use uuid::Uuid;

/// A message, by channel and seq.
type Key = (ChannelId, i32);

/// A message that is new.
#[derive(Debug)]
pub(super) struct New {
    pub(super) position: i64,
    pub(super) id: Uuid,
    pub(super) folded: String,
}

/// Changes of the one table.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(super) new: HashMap<Key, New>,
    /// What becomes of a message from before this batch: its folded text, or `None` if that is
    /// gone, for good.
    pub(super) changed: HashMap<Key, Option<String>>,
}

impl Changes {
    pub(super) fn sent(
        &mut self,
        channel: ChannelId,
        seq: i32,
        position: i64,
        id: Uuid,
        text: &str,
    ) {
        self.new.insert((channel, seq), New { position, id, folded: fold(text) });
    }

    pub(super) fn edited(&mut self, channel: ChannelId, seq: i32, text: &str) {
        let key = (channel, seq);
        if let Some(new) = self.new.get_mut(&key) {
            new.folded = fold(text);
        } else if !matches!(self.changed.get(&key), Some(None)) {
            self.changed.insert(key, Some(fold(text)));
        }
    }

    pub(super) fn deleted(&mut self, channel: ChannelId, seq: i32) {
        let key = (channel, seq);
        // An edit that comes later finds no row: what is gone stays gone.
        if self.new.remove(&key).is_none() {
            self.changed.insert(key, None);
        }
    }
}

impl New {
    /// All that the message is found by.
    pub(super) fn grams(&self, channel: ChannelId) -> Vec<i32> {
        index::of_message(channel, crate::checkpoint::position(self.position), &self.folded)
    }
}
