//! Who is writing just now. Nothing of it is stored: it goes to those who follow here, and by
//! `NOTIFY` to the other nodes. It is a hint, which may be lost.

use std::sync::Arc;
use std::time::Duration;

use events::{ChannelId, Timestamp, UserId};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, mpsc};
use uuid::Uuid;

use super::groups::Groups;
use crate::tables::Tables;

/// PostgreSQL's channel of notifications between nodes.
pub(crate) const TYPING_CHANNEL: &str = "moim_typing";

/// A user's typing in a channel is told once within this time.
const TOLD_EVERY: Duration = Duration::from_secs(1);
/// The most pairs of user and channel that this is kept for; beyond, some are told more often.
const REMEMBERED_MAX: u64 = 100_000;
/// The most that waits to be told to other nodes; beyond, it is not.
const OUTGOING_MAX: usize = 1_000;
/// The most in one notification, whose payload is below 8,000 bytes.
const NOTIFICATION_LEN_MAX: usize = 70;
/// Between notifications, so that many fit into one.
const NOTIFY_PAUSE: Duration = Duration::from_millis(20);

/// That somebody is writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Typing {
    pub(crate) channel: ChannelId,
    pub(crate) user: UserId,
    pub(crate) at: Timestamp,
}

/// What a node tells the others.
#[derive(Debug, Serialize, Deserialize)]
struct Notification {
    node: Uuid,
    /// Channel, user, microseconds since the Unix epoch.
    typing: Vec<(Uuid, Uuid, i64)>,
}

/// Passes on who is writing.
pub(crate) struct TypingDesk {
    /// Tells this node's own notifications from the others'.
    node: Uuid,
    groups: Arc<Groups>,
    told: Cache<(ChannelId, UserId), ()>,
    outgoing: mpsc::Sender<Typing>,
    waiting: Mutex<mpsc::Receiver<Typing>>,
}

impl TypingDesk {
    pub(crate) fn new(groups: Arc<Groups>) -> Self {
        let (outgoing, waiting) = mpsc::channel(OUTGOING_MAX);
        let told = Cache::builder().max_capacity(REMEMBERED_MAX).time_to_live(TOLD_EVERY).build();
        Self { node: Uuid::now_v7(), groups, told, outgoing, waiting: Mutex::new(waiting) }
    }

    /// Somebody is writing, and asked this node to tell.
    pub(crate) fn say(&self, channel: ChannelId, user: UserId) {
        let typing = Typing { channel, user, at: Timestamp::now() };
        if self.tell(typing) {
            // Full: the next second tells it again.
            let _ = self.outgoing.try_send(typing);
        }
    }

    /// What another node says, or this one: notifications come back to who sends them.
    pub(crate) fn hear(&self, payload: &str) {
        let Ok(Notification { node, typing }) = serde_json::from_str(payload) else {
            tracing::warn!("another node says something about typing that can't be read");
            return;
        };
        if node == self.node {
            return;
        }
        for (channel, user, at_us) in typing {
            let (channel, user) = (ChannelId(channel), UserId(user));
            self.tell(Typing { channel, user, at: Timestamp::from_micros(at_us) });
        }
    }

    /// Tells those who follow on this node; false if that was done a moment ago.
    fn tell(&self, typing: Typing) -> bool {
        let is_news = self.told.entry((typing.channel, typing.user)).or_insert(()).is_fresh();
        if is_news {
            self.groups.hand_out_typing(&Arc::new(typing));
        }
        is_news
    }

    /// Tells the other nodes, until it is dropped.
    pub(crate) async fn run(&self, tables: &Tables) {
        let mut waiting = self.waiting.lock().await;
        let mut next = Vec::with_capacity(NOTIFICATION_LEN_MAX);
        while waiting.recv_many(&mut next, NOTIFICATION_LEN_MAX).await > 0 {
            let typing =
                next.drain(..).map(|it: Typing| (it.channel.0, it.user.0, it.at.as_micros()));
            let notification = Notification { node: self.node, typing: typing.collect() };
            let payload = serde_json::to_string(&notification).unwrap_or_default();
            if let Err(fault) = tables.notify(TYPING_CHANNEL, &payload).await {
                tracing::debug!(?fault, "other nodes were not told who is typing");
            }
            tokio::time::sleep(NOTIFY_PAUSE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_fits() {
        let longest = (Uuid::max(), Uuid::max(), Timestamp::now().as_micros());
        let typing = vec![longest; NOTIFICATION_LEN_MAX];
        let payload = serde_json::to_string(&Notification { node: Uuid::max(), typing }).unwrap();
        assert!(payload.len() < 8_000, "{}", payload.len());
    }
}
