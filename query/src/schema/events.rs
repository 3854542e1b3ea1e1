//! What `channelEvents` pushes.

use async_graphql::{ID, Interface, SimpleObject};
use events::feed::FeedKind;
use events::{ChannelId, LogId};
use uuid::Uuid;

use super::message::Message;
use super::scalars::{DateTime, Position};
use super::sight::id;
use super::user::User;
use crate::fault::Fault;
use crate::hub::push::Push;
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
    MessageDeleted(MessageDeleted),
    MemberJoined(MemberJoined),
    MemberLeft(MemberLeft),
    ChannelDeleted(ChannelDeleted),
}

/// An event with the fields that all have, and its own.
macro_rules! event {
    (
        $(#[doc = $doc:literal])*
        $name:ident { $($(#[doc = $field_doc:literal])* $field:ident: $ty:ty)? }
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
            $($(#[doc = $field_doc])* $field: $ty,)?
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
    /// A message's text was taken away.
    MessageDeleted {
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
    /// The channel is gone; nothing follows.
    ChannelDeleted {}
}

impl ChannelEvent {
    /// What a push tells.
    pub(crate) async fn of(loads: &Loads, log: LogId, push: &Push) -> Result<Self, Fault> {
        let row = &push.event.row;
        let position: Position = push.position(log).into();
        let (channel_id, at) = (id(ChannelId(row.entity)), DateTime(row.at));
        if row.kind == FeedKind::ChannelDeleted {
            return Ok(Self::ChannelDeleted(ChannelDeleted { position, channel_id, at }));
        }
        let message = push.event.message();
        let message = message.ok_or_else(|| missing("message", row.reference))?;
        Ok(match (row.kind, push.ordinal) {
            (FeedKind::MemberJoined, 0) => {
                let user = author(loads, &message).await?;
                Self::MemberJoined(MemberJoined { position, channel_id, at, user })
            }
            (FeedKind::MemberLeft, 0) => {
                let user = author(loads, &message).await?;
                Self::MemberLeft(MemberLeft { position, channel_id, at, user })
            }
            (FeedKind::MessageDeleted, _) => {
                let message = message.into();
                Self::MessageDeleted(MessageDeleted { position, channel_id, at, message })
            }
            _ => {
                let message = message.into();
                Self::MessageSent(MessageSent { position, channel_id, at, message })
            }
        })
    }
}

/// Who came or left: the author of the ENTER or LEAVE message.
async fn author(loads: &Loads, message: &MessageRow) -> Result<User, Fault> {
    let id = message.author.ok_or_else(|| missing("author", Some(message.id.0)))?;
    let user = loads.user(id).await?;
    user.map(User::from).ok_or_else(|| missing("user", Some(id.0)))
}

/// Rows and feed are written in one transaction.
fn missing(what: &str, id: Option<Uuid>) -> Fault {
    Fault::Internal(format!("the feed tells of a {what} without a row: {id:?}"))
}
