//! Stays in channels, as far as a batch tells of them.

use std::collections::HashMap;

use uuid::Uuid;

/// A stay in a channel that began in this batch.
#[derive(Debug)]
pub(crate) struct Stay {
    pub(crate) channel: Uuid,
    pub(crate) user: Uuid,
    pub(crate) joined_position: i64,
    pub(crate) left_position: Option<i64>,
}

/// Stays that begin or end.
#[derive(Debug, Default)]
pub(crate) struct Stays {
    pub(crate) begun: Vec<Stay>,
    /// Ends of stays that began before this batch: channel, user, position.
    pub(crate) ended: Vec<(Uuid, Uuid, i64)>,
    open: HashMap<(Uuid, Uuid), usize>,
}

impl Stays {
    pub(crate) fn begin(&mut self, channel: Uuid, user: Uuid, joined_position: i64) {
        self.open.insert((channel, user), self.begun.len());
        self.begun.push(Stay { channel, user, joined_position, left_position: None });
    }

    pub(crate) fn end(&mut self, channel: Uuid, user: Uuid, position: i64) {
        match self.open.remove(&(channel, user)) {
            Some(index) => self.begun[index].left_position = Some(position),
            None => self.ended.push((channel, user, position)),
        }
    }
}
