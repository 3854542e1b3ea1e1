//! A feed row with its rows, and the pushes that it expands to.

use std::sync::Arc;

use events::feed::FeedKind;
use events::{ChannelId, LogId, LogPosition, MessageId, Position, UserId};

use super::batch::Batch;
use crate::tables::bigint;
use crate::tables::channels::ChannelRow;
use crate::tables::feed::FeedRow;
use crate::tables::markers::MarkerOf;
use crate::tables::messages::MessageRow;

/// Where a push stands among all pushes: position in the log, ordinal there.
pub(crate) type Place = (LogPosition, u16);

/// Behind all pushes of the event at `position`.
pub(crate) fn behind(position: LogPosition) -> Place {
    (position, Position::LAST)
}

/// Something that happened in a channel or to a wallet, with the rows of the feed batch that it
/// came in.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) row: FeedRow,
    pub(crate) batch: Arc<Batch>,
}

/// One thing to tell.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    pub(crate) event: Arc<Event>,
    pub(crate) ordinal: u16,
}

/// A stay that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    user: UserId,
    /// As [`Since`] counts.
    at: i64,
}

/// Where a stay began: `seq` of the ENTER message in a channel, which LEAVE messages have, too;
/// the position of the coming in a wallet.
pub(crate) type Since = i64;

impl Left {
    /// Whether it is the stay of this one that began at `since`, and not an earlier one.
    pub(crate) fn is_of(self, user: UserId, since: Since) -> bool {
        self.user == user && self.at > since
    }
}

/// What becomes of those who were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// They go on.
    Nothing,
    /// This one has lost the right to more.
    Lost(Left),
    /// There is no more.
    Over,
}

impl Event {
    /// The message that the row refers to, as far as it was loaded.
    pub(crate) fn message(&self) -> Option<Arc<MessageRow>> {
        self.batch.messages.get(&MessageId(self.row.reference?)).cloned()
    }

    /// The channel, as far as it was loaded.
    pub(crate) fn channel(&self) -> Option<&Arc<ChannelRow>> {
        self.batch.channels.get(&ChannelId(self.row.entity))
    }

    /// Who came into the channel or wallet by this: by joining, or by making it.
    pub(crate) fn joiner(&self) -> Option<UserId> {
        match self.row.kind {
            FeedKind::WalletMemberJoined => self.row.reference.map(UserId),
            FeedKind::MemberJoined => self.message()?.author,
            FeedKind::Changed => {
                let channel = self.channel()?;
                (channel.created_at == self.row.at).then_some(channel.created_by)
            }
            _ => None,
        }
    }

    /// Who left the channel or wallet by this.
    pub(crate) fn leaver(&self) -> Option<UserId> {
        match self.row.kind {
            FeedKind::WalletMemberLeft => self.row.reference.map(UserId),
            FeedKind::MemberLeft => self.message()?.author,
            _ => None,
        }
    }

    /// Whose marker the row tells of and where that stands, as far as it was loaded.
    pub(crate) fn marker(&self) -> Option<(UserId, i32)> {
        let (channel, user) = (ChannelId(self.row.entity), UserId(self.row.reference?));
        let read_up_to = self.batch.markers.get(&MarkerOf { channel, user })?;
        Some((user, *read_up_to))
    }

    /// Whether the channel was deleted at the instant of this event.
    fn ends_the_channel(&self) -> bool {
        self.channel().is_some_and(|channel| channel.deleted_at == Some(self.row.at))
    }

    /// Whether the batch has what the pushes tell.
    pub(crate) fn is_loaded(&self) -> bool {
        match self.row.kind {
            FeedKind::ChannelDeleted => true,
            FeedKind::ChannelUpdated => self.channel().is_some(),
            FeedKind::ReadMarkerMoved => self.marker().is_some(),
            kind if kind.is_of_wallet() => self.batch.has_money_of(&self.row),
            _ => self.message().is_some(),
        }
    }
}

impl Push {
    /// The pushes of an event, in order.
    pub(crate) fn of(event: &Arc<Event>) -> impl Iterator<Item = Self> + use<> {
        let event = event.clone();
        let first = event.row.kind.first_ordinal();
        (0..event.row.kind.pushes())
            .map(move |nth| Self { event: event.clone(), ordinal: first + nth })
    }

    pub(crate) fn place(&self) -> Place {
        (self.event.row.position, self.ordinal)
    }

    pub(crate) fn position(&self, log: LogId) -> Position {
        Position { log, at: self.event.row.position, ordinal: self.ordinal }
    }

    /// What becomes of those who were told: who left is told that, and no more. Who left as the
    /// last is told of the channel's end, too, which is the same command's.
    pub(crate) fn consequence(&self) -> Consequence {
        match (self.event.row.kind, self.ordinal) {
            (FeedKind::MemberLeft, 0) if !self.event.ends_the_channel() => {
                let left = self.event.message().and_then(|message| {
                    message.author.map(|user| Left { user, at: i64::from(message.seq) })
                });
                left.map_or(Consequence::Nothing, Consequence::Lost)
            }
            (FeedKind::WalletMemberLeft, _) => {
                let at = bigint(self.event.row.position);
                let left = self.event.leaver().map(|user| Left { user, at });
                left.map_or(Consequence::Nothing, Consequence::Lost)
            }
            (FeedKind::ChannelDeleted, _) => Consequence::Over,
            _ => Consequence::Nothing,
        }
    }
}
