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
use crate::tables::reactions::{ReactionRow, ReactionsBy, ReactionsTo};

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

    /// When its text was last changed; null if it never was.
    async fn edited_at(&self) -> Option<DateTime> {
        self.0.edited_at.map(DateTime)
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

    /// How it was reacted to, an emoji each, in the order of their first use; at most 50.
    async fn reactions(&self, ctx: &Context<'_>) -> Result<Vec<Reaction>, Fault> {
        let to = ReactionsTo { channel: self.0.channel, seq: self.0.seq };
        let rows = ctx.loads().reactions(to).await?;
        Ok(rows.iter().map(|row| Reaction { row: row.clone(), to }).collect())
    }
}

/// An emoji that members put to a message.
pub(crate) struct Reaction {
    row: ReactionRow,
    to: ReactionsTo,
}

/// One emoji, and how many put it there.
#[Object]
impl Reaction {
    /// One grapheme.
    async fn emoji(&self) -> &str {
        &self.row.emoji
    }

    /// How many reacted with it.
    async fn count(&self) -> i32 {
        self.row.count
    }

    /// Whether the viewer is one of them.
    async fn viewer_reacted(&self, ctx: &Context<'_>) -> Result<bool, Fault> {
        let Some(viewer) = ctx.sight().viewer else { return Ok(false) };
        let own = ctx.loads().one(ReactionsBy { user: viewer.user, to: self.to }).await?;
        Ok(own.is_some_and(|emojis| emojis.contains(&self.row.emoji)))
    }
}
