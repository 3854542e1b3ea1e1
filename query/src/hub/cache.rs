//! Rows that are asked for again and again. Only the feed's reader puts rows in, after it has
//! taken out what the feed says is stale: who loads at another time could put back an old row.

use std::sync::Arc;

use events::feed::FeedKind;
use events::{ChannelId, MessageId, UserId};
use moka::sync::Cache;

use super::batch::Batch;
use super::progress::Progress;
use crate::tables::channels::ChannelRow;
use crate::tables::feed::FeedRow;
use crate::tables::messages::MessageRow;
use crate::tables::users::UserRow;

const USERS_MAX: u64 = 50_000;
const CHANNELS_MAX: u64 = 20_000;
/// Enough for who waits for a mutation's result, and for what is answered.
const MESSAGES_MAX: u64 = 10_000;

/// The node's cached rows. While the feed can't be read they are not used.
#[derive(Debug)]
pub(crate) struct Caches {
    progress: Arc<Progress>,
    users: Cache<UserId, Arc<UserRow>>,
    channels: Cache<ChannelId, Arc<ChannelRow>>,
    messages: Cache<MessageId, Arc<MessageRow>>,
}

impl Caches {
    pub(crate) fn new(progress: Arc<Progress>) -> Self {
        Self {
            progress,
            users: Cache::new(USERS_MAX),
            channels: Cache::new(CHANNELS_MAX),
            messages: Cache::new(MESSAGES_MAX),
        }
    }

    pub(crate) fn user(&self, id: UserId) -> Option<Arc<UserRow>> {
        self.users.get(&id).filter(|_| self.progress.is_current())
    }

    pub(crate) fn channel(&self, id: ChannelId) -> Option<Arc<ChannelRow>> {
        self.channels.get(&id).filter(|_| self.progress.is_current())
    }

    pub(crate) fn message(&self, id: MessageId) -> Option<Arc<MessageRow>> {
        self.messages.get(&id).filter(|_| self.progress.is_current())
    }

    /// Takes out what a feed row says is stale.
    pub(crate) fn forget(&self, row: &FeedRow) {
        match row.kind {
            FeedKind::Changed => {
                self.users.invalidate(&UserId(row.entity));
                self.channels.invalidate(&ChannelId(row.entity));
            }
            FeedKind::MemberJoined
            | FeedKind::MemberLeft
            | FeedKind::ChannelUpdated
            | FeedKind::ChannelDeleted => {
                self.channels.invalidate(&ChannelId(row.entity));
            }
            FeedKind::MessageEdited | FeedKind::ReactionsChanged | FeedKind::MessageDeleted => {
                if let Some(message) = row.reference {
                    self.messages.invalidate(&MessageId(message));
                }
            }
            FeedKind::MessageSent
            | FeedKind::ReadMarkerMoved
            | FeedKind::SessionEnded
            | FeedKind::EntryPosted
            | FeedKind::TransferPosted
            | FeedKind::TransferChanged
            | FeedKind::OtherSideChanged
            | FeedKind::WalletChanged
            | FeedKind::WalletMemberJoined
            | FeedKind::WalletMemberLeft
            | FeedKind::ScheduledPaymentChanged
            | FeedKind::DuesChanged => {}
        }
    }

    /// Puts in what was loaded after [`Caches::forget`].
    pub(crate) fn keep(&self, batch: &Batch) {
        for (id, user) in &batch.users {
            self.users.insert(*id, user.clone());
        }
        for (id, channel) in &batch.channels {
            self.channels.insert(*id, channel.clone());
        }
        for (id, message) in &batch.messages {
            self.messages.insert(*id, message.clone());
        }
    }
}
