//! Messages.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};

use super::channel::Channel;
use super::scalars::DateTime;
use super::sight::{Look, id};
use super::user::User;
use crate::fault::Fault;
use crate::tables::members::UnreadOf;
use crate::tables::messages::{Kind, MessageRow};

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub(crate) enum MessageKind {
    /// Written by a member.
    Talk,
    /// A member came in.
    Enter,
    /// A member left or was removed.
    Leave,
    /// Said by the system: a transfer, dues, a scheduled payment.
    Notice,
}

/// A message.
#[derive(Debug, Clone)]
pub(crate) struct Message(Arc<MessageRow>);

impl From<Arc<MessageRow>> for Message {
    fn from(row: Arc<MessageRow>) -> Self {
        Self(row)
    }
}

/// One line of a channel's talk.
#[Object]
impl Message {
    /// The client's own id where it sent one, so that a resend is the same message.
    pub(crate) async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Where it was said.
    async fn channel(&self, ctx: &Context<'_>) -> Result<Channel, Fault> {
        let row = ctx.loads().channel(self.0.channel).await?;
        let missing = || Fault::Unavailable(format!("channel {} has no row", self.0.channel));
        row.map(Channel::from).ok_or_else(missing)
    }

    /// 1, 2, 3 … within the channel, without gaps.
    async fn seq(&self) -> i32 {
        self.0.seq
    }

    /// What it is.
    async fn kind(&self) -> MessageKind {
        self.0.kind.into()
    }

    /// Null for notices.
    async fn author(&self, ctx: &Context<'_>) -> Option<Result<User, Fault>> {
        Some(User::named(ctx, self.0.author?).await)
    }

    /// Null once deleted.
    async fn text(&self) -> Option<&str> {
        self.0.text.as_deref()
    }

    /// The message of the same channel that it answers.
    async fn reply_to(&self, ctx: &Context<'_>) -> Option<Result<Message, Fault>> {
        let message = ctx.loads().message(self.0.reply_to?).await.transpose()?;
        Some(message.map(Message))
    }

    /// When it was sent.
    async fn sent_at(&self) -> DateTime {
        DateTime(self.0.sent_at)
    }

    /// When it was deleted; null while it is not.
    async fn deleted_at(&self) -> Option<DateTime> {
        self.0.deleted_at.map(DateTime)
    }

    /// Members who were there when it was sent and still are, the author aside, who have not
    /// read it.
    async fn unread_count(&self, ctx: &Context<'_>) -> Result<i32, Fault> {
        ctx.loads().unread(UnreadOf { channel: self.0.channel, seq: self.0.seq }).await
    }
}
