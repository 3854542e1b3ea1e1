//! The rows that a batch of feed rows needs, loaded at once: one query a table.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use events::feed::FeedKind;
use events::{ChannelId, MessageId, UserId};

use super::cache::Caches;
use super::money_batch::Money;
use crate::fault::Fault;
use crate::loads::Loads;
use crate::tables::Tables;
use crate::tables::channels::ChannelRow;
use crate::tables::feed::FeedRow;
use crate::tables::markers::MarkerOf;
use crate::tables::members::UnreadOf;
use crate::tables::messages::MessageRow;
use crate::tables::reactions::{ReactionRow, ReactionsTo};
use crate::tables::users::UserRow;

/// What operations select of messages and transfers that is not in their rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set of what may be asked for")]
pub(crate) struct Counts {
    /// How many members have not read it.
    pub(crate) unread: bool,
    /// How it was reacted to.
    pub(crate) reactions: bool,
    /// Who approved a transfer.
    pub(crate) approvals: bool,
    /// How much of a transfer was paid back.
    pub(crate) refunds: bool,
}

impl Counts {
    /// What either needs.
    pub(crate) fn with(self, other: Self) -> Self {
        Self {
            unread: self.unread || other.unread,
            reactions: self.reactions || other.reactions,
            approvals: self.approvals || other.approvals,
            refunds: self.refunds || other.refunds,
        }
    }
}

/// Rows by id.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) messages: HashMap<MessageId, Arc<MessageRow>>,
    pub(crate) users: HashMap<UserId, Arc<UserRow>>,
    pub(crate) channels: HashMap<ChannelId, Arc<ChannelRow>>,
    pub(crate) unread: HashMap<UnreadOf, i32>,
    pub(crate) reactions: HashMap<ReactionsTo, Arc<[ReactionRow]>>,
    pub(crate) markers: HashMap<MarkerOf, i32>,
    pub(crate) money: Money,
}

impl Batch {
    /// Loads what the pushes of feed rows usually tell. What else an operation selects is loaded
    /// when it is resolved.
    pub(crate) async fn load(
        asking: Asking<'_>,
        caches: &Caches,
        rows: &[FeedRow],
        counts: Counts,
    ) -> Result<Self, Fault> {
        let (of_wallets, of_channels): (Vec<_>, Vec<_>) =
            rows.iter().copied().partition(|row| row.kind.is_of_wallet());
        let mut batch = Self::default();
        if !of_channels.is_empty() {
            batch = Self::of_channels(asking, caches, &of_channels, counts).await?;
        }
        if !of_wallets.is_empty() {
            batch.money = Money::load(asking, &of_wallets, counts).await?;
            let people = batch.money.people();
            let (mut users, missing) = split(people.into_iter(), |id| caches.user(id));
            users.extend(asking.many(missing).await?);
            batch.users.extend(users);
        }
        Ok(batch)
    }

    /// Messages, those that they answer, authors and readers, channels.
    async fn of_channels(
        asking: Asking<'_>,
        caches: &Caches,
        rows: &[FeedRow],
        counts: Counts,
    ) -> Result<Self, Fault> {
        let told = rows.iter().filter(|row| tells_a_message(row.kind));
        let ids = told.filter_map(|row| row.reference).map(MessageId);
        let (mut messages, missing) = split(ids, |id| caches.message(id));
        messages.extend(asking.many(missing).await?);
        let answered = messages.values().filter_map(|message: &Arc<MessageRow>| message.reply_to);
        let answered = answered.filter(|id| !messages.contains_key(id));
        let (answers, answered) = split(answered, |id| caches.message(id));
        messages.extend(answers);
        messages.extend(asking.many(answered).await?);

        let markers: HashSet<_> = rows.iter().filter_map(marker).collect();
        let authors = messages.values().filter_map(|message| message.author);
        let people = authors.chain(markers.iter().map(|marker| marker.user));
        let (mut users, missing) = split(people, |id| caches.user(id));
        users.extend(asking.many(missing).await?);

        let ids = rows.iter().map(|row| ChannelId(row.entity));
        let (mut channels, missing) = split(ids, |id| caches.channel(id));
        channels.extend(asking.many(missing).await?);

        let mut batch = Self { messages, users, channels, ..Self::default() };
        batch.markers = asking.many(markers).await?;
        batch.count(asking, counts).await?;
        Ok(batch)
    }

    /// Loads what is counted of the messages.
    async fn count(&mut self, asking: Asking<'_>, counts: Counts) -> Result<(), Fault> {
        let places = || self.messages.values().map(|message| (message.channel, message.seq));
        if counts.unread {
            let of = places().map(|(channel, seq)| UnreadOf { channel, seq });
            self.unread = asking.many(of.collect()).await?;
        }
        if counts.reactions {
            let to = places().map(|(channel, seq)| ReactionsTo { channel, seq });
            self.reactions = asking.many(to.collect()).await?;
        }
        Ok(())
    }
}

/// Whose marker a row tells of.
fn marker(row: &FeedRow) -> Option<MarkerOf> {
    let user = row.reference.filter(|_| row.kind == FeedKind::ReadMarkerMoved)?;
    Some(MarkerOf { channel: ChannelId(row.entity), user: UserId(user) })
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
        | FeedKind::Changed
        | FeedKind::EntryPosted
        | FeedKind::TransferPosted
        | FeedKind::TransferChanged
        | FeedKind::OtherSideChanged
        | FeedKind::WalletChanged
        | FeedKind::WalletMemberJoined
        | FeedKind::WalletMemberLeft
        | FeedKind::ScheduledPaymentChanged
        | FeedKind::DuesChanged => false,
    }
}

/// What is known already, and the ids that are not.
pub(crate) fn split<K: Copy + Eq + Hash, V>(
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
    pub(super) async fn many<K>(
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
