//! What subscriptions push.

use std::sync::Arc;

use async_graphql::{ID, Interface, SimpleObject};
use events::feed::FeedKind;
use events::{ChannelId, LogId, UserId};
use uuid::Uuid;

use super::channel::Channel;
use super::message::Message;
use super::scalars::{DateTime, Position};
use super::sight::id;
use super::user::User;
use super::wallet_events::WalletEvent;
use crate::fault::Fault;
use crate::hub::push::Push;
use crate::hub::typing::Typing;
use crate::loads::Loads;
use crate::tables::messages::MessageRow;

/// Something that happened in a channel.
#[derive(Interface)]
#[graphql(
    field(name = "position", ty = "&Position", desc = "Pass it as `after` to go on behind this."),
    field(name = "channel_id", ty = "&ID", desc = "Where it happened."),
    field(name = "at", ty = "&DateTime", desc = "When it happened.")
)]
pub(crate) enum ChannelEvent {
    MessageSent(MessageSent),
    MessageEdited(MessageEdited),
    MessageDeleted(MessageDeleted),
    ReactionsChanged(ReactionsChanged),
    MemberJoined(MemberJoined),
    MemberLeft(MemberLeft),
    ReadMarkerMoved(ReadMarkerMoved),
    ChannelUpdated(ChannelUpdated),
    ChannelDeleted(ChannelDeleted),
}

/// An event with the fields that all have, and its own.
macro_rules! event {
    (
        $(#[doc = $doc:literal])*
        $name:ident { $($(#[doc = $field_doc:literal])* $field:ident: $ty:ty),* $(,)? }
    ) => {
        $(#[doc = $doc])*
        #[derive(SimpleObject)]
        pub(crate) struct $name {
            /// Pass it as `after` to go on behind this.
            position: Position,
            /// Where it happened.
            channel_id: ID,
            /// When it happened.
            at: DateTime,
            $($(#[doc = $field_doc])* $field: $ty,)*
        }
    };
}

event! {
    /// A message was written, or says that somebody came or left.
    MessageSent {
        /// The message.
        message: Message
    }
}
event! {
    /// A message was written anew.
    MessageEdited {
        /// The message.
        message: Message
    }
}
event! {
    /// A message's text was taken away.
    MessageDeleted {
        /// The message.
        message: Message
    }
}
event! {
    /// Somebody reacted to a message or took that back.
    ReactionsChanged {
        /// The message.
        message: Message
    }
}
event! {
    /// Somebody came into the channel; the ENTER message follows.
    MemberJoined {
        /// Who.
        user: User
    }
}
event! {
    /// Somebody left the channel or was removed; the LEAVE message follows.
    MemberLeft {
        /// Who.
        user: User
    }
}
event! {
    /// Somebody has read further and said so; sending is reading, and pushes none of these.
    ReadMarkerMoved {
        /// Who.
        user: User,
        /// Highest message `seq` that this member has read.
        up_to_seq: i32
    }
}
event! {
    /// The channel's name or description is another, or somebody's role in it.
    ChannelUpdated {
        /// The channel.
        channel: Channel
    }
}
event! {
    /// The channel is gone; nothing follows.
    ChannelDeleted {}
}

impl ChannelEvent {
    /// What a push tells.
    pub(crate) async fn of(loads: &Loads, log: LogId, push: &Push) -> Result<Self, Fault> {
        let (event, row) = (&push.event, &push.event.row);
        let position: Position = push.position(log).into();
        let (channel_id, at) = (id(ChannelId(row.entity)), DateTime(row.at));
        let message = || event.message().ok_or_else(|| missing("message", row.reference));
        Ok(match (row.kind, push.ordinal) {
            (FeedKind::ChannelDeleted, _) => {
                Self::ChannelDeleted(ChannelDeleted { position, channel_id, at })
            }
            (FeedKind::ChannelUpdated, _) => {
                let channel = event.channel().ok_or_else(|| missing("channel", Some(row.entity)));
                let channel = Channel::from(channel?.clone());
                Self::ChannelUpdated(ChannelUpdated { position, channel_id, at, channel })
            }
            (FeedKind::ReadMarkerMoved, _) => {
                let marker = event.marker().ok_or_else(|| missing("marker", row.reference));
                let (user, up_to_seq) = marker?;
                let user = person(loads, user).await?;
                Self::ReadMarkerMoved(ReadMarkerMoved { position, channel_id, at, user, up_to_seq })
            }
            (FeedKind::MemberJoined, 0) => {
                let user = author(loads, &*message()?).await?;
                Self::MemberJoined(MemberJoined { position, channel_id, at, user })
            }
            (FeedKind::MemberLeft, 0) => {
                let user = author(loads, &*message()?).await?;
                Self::MemberLeft(MemberLeft { position, channel_id, at, user })
            }
            (kind, _) => {
                let (message, place) = (message()?, (position, channel_id, at));
                Self::of_message(kind, place, message)
            }
        })
    }

    fn of_message(
        kind: FeedKind,
        (position, channel_id, at): (Position, ID, DateTime),
        message: Arc<MessageRow>,
    ) -> Self {
        let message = message.into();
        match kind {
            FeedKind::MessageEdited => {
                Self::MessageEdited(MessageEdited { position, channel_id, at, message })
            }
            FeedKind::MessageDeleted => {
                Self::MessageDeleted(MessageDeleted { position, channel_id, at, message })
            }
            FeedKind::ReactionsChanged => {
                Self::ReactionsChanged(ReactionsChanged { position, channel_id, at, message })
            }
            _ => Self::MessageSent(MessageSent { position, channel_id, at, message }),
        }
    }
}

/// Something of the viewer's.
#[derive(SimpleObject)]
pub(crate) struct InboxEvent {
    /// Pass it as `after` to go on behind this.
    position: Position,
    /// When it happened.
    at: DateTime,
    /// What happened in one of the viewer's channels; null if it happened to a wallet.
    channel_event: Option<ChannelEvent>,
    /// What happened to one of the viewer's wallets; null if it happened in a channel.
    wallet_event: Option<WalletEvent>,
}

impl InboxEvent {
    /// What a push tells.
    pub(crate) async fn of(loads: &Loads, log: LogId, push: &Push) -> Result<Self, Fault> {
        let (position, at) = (push.position(log).into(), DateTime(push.event.row.at));
        let (mut channel_event, mut wallet_event) = (None, None);
        if push.event.row.kind.is_of_wallet() {
            wallet_event = Some(WalletEvent::of(loads, log, push).await?);
        } else {
            channel_event = Some(ChannelEvent::of(loads, log, push).await?);
        }
        Ok(Self { position, at, channel_event, wallet_event })
    }
}

/// Somebody is writing.
#[derive(SimpleObject)]
pub(crate) struct TypingEvent {
    /// Where.
    channel_id: ID,
    /// Who.
    user: User,
    /// When the user's client said so.
    at: DateTime,
}

impl TypingEvent {
    pub(crate) async fn of(loads: &Loads, typing: &Typing) -> Result<Self, Fault> {
        let user = person(loads, typing.user).await?;
        Ok(Self { channel_id: id(typing.channel), user, at: DateTime(typing.at) })
    }
}

/// Who came or left: the author of the ENTER or LEAVE message.
async fn author(loads: &Loads, message: &MessageRow) -> Result<User, Fault> {
    let id = message.author.ok_or_else(|| missing("author", Some(message.id.0)))?;
    person(loads, id).await
}

async fn person(loads: &Loads, id: UserId) -> Result<User, Fault> {
    loads.user(id).await?.map(User::from).ok_or_else(|| missing("user", Some(id.0)))
}

/// Rows and feed are written in one transaction.
pub(super) fn missing(what: &str, id: Option<Uuid>) -> Fault {
    Fault::Internal(format!("the feed tells of a {what} without a row: {id:?}"))
}
