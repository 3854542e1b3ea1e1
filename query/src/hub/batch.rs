//! The rows that a batch of feed rows needs, loaded at once: one query a table.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use events::feed::FeedKind;
use events::{ChannelId, MessageId, UserId};

use super::cache::Caches;
use crate::fault::Fault;
use crate::loads::Loads;
use crate::tables::Tables;
use crate::tables::channels::ChannelRow;
use crate::tables::feed::FeedRow;
use crate::tables::members::UnreadOf;
use crate::tables::messages::MessageRow;
use crate::tables::users::UserRow;

/// Whether pushes tell how many members have not read a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnreadCounts {
    Told,
    NotTold,
}

/// Rows by id.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) messages: HashMap<MessageId, Arc<MessageRow>>,
    pub(crate) users: HashMap<UserId, Arc<UserRow>>,
    pub(crate) channels: HashMap<ChannelId, Arc<ChannelRow>>,
    pub(crate) unread: HashMap<UnreadOf, i32>,
}

impl Batch {
    /// Loads what the pushes of channels' feed rows usually tell: messages, those that they
    /// answer, authors, channels. What else an operation selects is loaded when it is resolved.
    pub(crate) async fn load(
        asking: Asking<'_>,
        caches: &Caches,
        rows: &[FeedRow],
        unread: UnreadCounts,
    ) -> Result<Self, Fault> {
        let told = rows.iter().filter(|row| tells_a_message(row.kind));
        let ids = told.filter_map(|row| row.reference).map(MessageId);
        let mut messages: HashMap<_, _> = asking.many(ids.collect()).await?;

        let answered = messages.values().filter_map(|message: &Arc<MessageRow>| message.reply_to);
        let answered = answered.filter(|id| !messages.contains_key(id));
        let (mut answers, answered) = split(answered, |id| caches.message(id));
        answers.extend(asking.many(answered).await?);

        let mut seen = HashMap::new();
        if unread == UnreadCounts::Told {
            let of =
                |message: &Arc<MessageRow>| UnreadOf { channel: message.channel, seq: message.seq };
            seen = asking.many(messages.values().chain(answers.values()).map(of).collect()).await?;
        }
        messages.extend(answers);

        let authors = messages.values().filter_map(|message| message.author);
        let (mut users, missing) = split(authors, |id| caches.user(id));
        users.extend(asking.many(missing).await?);

        let ids = rows.iter().map(|row| ChannelId(row.entity));
        let (mut channels, missing) = split(ids, |id| caches.channel(id));
        channels.extend(asking.many(missing).await?);
        Ok(Self { messages, users, channels, unread: seen })
    }
}

fn tells_a_message(kind: FeedKind) -> bool {
    match kind {
        FeedKind::MessageSent
        | FeedKind::MessageEdited
        | FeedKind::ReactionsChanged
        | FeedKind::MessageDeleted
        | FeedKind::MemberJoined
        | FeedKind::MemberLeft => true,
        FeedKind::ChannelDeleted
        | FeedKind::ChannelUpdated
        | FeedKind::ReadMarkerMoved
        | FeedKind::SessionEnded
        | FeedKind::Changed => false,
    }
}

/// What is known already, and the ids that are not.
fn split<K: Copy + Eq + Hash, V>(
    ids: impl Iterator<Item = K>,
    known: impl Fn(K) -> Option<V>,
) -> (HashMap<K, V>, HashSet<K>) {
    let (mut found, mut missing) = (HashMap::new(), HashSet::new());
    for id in ids.collect::<HashSet<_>>() {
        match known(id) {
            Some(value) => drop(found.insert(id, value)),
            None => drop(missing.insert(id)),
        }
    }
    (found, missing)
}

/// How rows are asked for.
#[derive(Clone, Copy)]
pub(crate) enum Asking<'a> {
    /// At once: the reader of the feed, whose batches are large already.
    Alone(&'a Tables),
    /// Together with whoever asks at the same time: subscribers who resume.
    Together(&'a Loads),
}

impl Asking<'_> {
    async fn many<K>(
        self,
        ids: HashSet<K>,
    ) -> Result<HashMap<K, <Tables as Loader<K>>::Value>, Fault>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Tables: Loader<K, Error = Fault>,
    {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        match self {
            Self::Alone(tables) => <Tables as Loader<K>>::load(tables, &Vec::from_iter(ids)).await,
            Self::Together(loads) => loads.many(ids).await,
        }
    }
}
