//! Channels and their members.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use events::channel::Visibility;

use super::connection::{ChannelMemberConnection, MessageConnection, WalletConnection};
use super::message::Message;
use super::query::count_if_asked;
use super::scalars::DateTime;
use super::sight::{Look, id, require_member, standing};
use super::user::User;
use super::wallet::Wallet;
use crate::cursor::{End, Field, List, PageArgs};
use crate::fault::Fault;
use crate::tables::channels::{ChannelRow, CountersOf};
use crate::tables::members::{MemberRow, MembersPage, Role, Standing};
use crate::tables::messages::{LastOf, MessagesPage};
use crate::tables::wallets::{ChannelWalletCountOf, ChannelWalletsPage};

/// Who may find and join a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Visibility")]
pub(crate) enum ChannelVisibility {
    /// Anyone may find and join it.
    Public,
    /// Anyone may find it; joining takes its password or an invitation by a member.
    Private,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Role")]
pub(crate) enum ChannelRole {
    /// May change the channel and its members.
    Admin,
    /// May read, write and add others.
    Member,
}

/// A channel.
#[derive(Debug, Clone)]
pub(crate) struct Channel(Arc<ChannelRow>);

impl From<Arc<ChannelRow>> for Channel {
    fn from(row: Arc<ChannelRow>) -> Self {
        Self(row)
    }
}

/// Where people write to each other.
#[Object]
impl Channel {
    /// Names the channel for good: the `commandId` that made it.
    pub(crate) async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is for; perhaps empty.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// Who may find and join it.
    async fn visibility(&self) -> ChannelVisibility {
        self.0.visibility.into()
    }

    /// Who made it.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<User, Fault> {
        User::named(ctx, self.0.created_by).await
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// How many members it has, at most 10,000.
    async fn member_count(&self) -> i32 {
        self.0.member_count
    }

    /// The viewer's role; null when the viewer is no member.
    async fn viewer_role(&self, ctx: &Context<'_>) -> Option<Result<ChannelRole, Fault>> {
        let member = self.viewing_member(ctx).await.transpose()?;
        Some(member.map(|(member, _)| member.role.into()))
    }

    /// TALK and NOTICE messages by others that the viewer has not read; 0 for those who are no
    /// members.
    async fn unread_count(&self, ctx: &Context<'_>) -> Result<i32, Fault> {
        let Some((_, read)) = self.viewing_member(ctx).await? else { return Ok(0) };
        let counters = ctx.loads().one(CountersOf(self.0.id)).await?;
        Ok((counters.map_or(0, |counters| counters.last_number) - read).max(0))
    }

    /// Null for those who are no members.
    async fn last_message(&self, ctx: &Context<'_>) -> Option<Result<Message, Fault>> {
        self.newest(ctx).await.transpose()
    }

    /// Members only: null with FORBIDDEN for others.
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Length of the page, 1 to 100; 50 when nothing is said.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The page starts behind the item with this cursor.")] after: Option<
            String,
        >,
    ) -> Option<Result<ChannelMemberConnection, Fault>> {
        let args = PageArgs { first, after, ..PageArgs::default() };
        Some(self.members_page(ctx, args).await)
    }

    /// Members only. Ordered by `seq`; the newest page by default; page backwards with
    /// `last`/`before`.
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Length of a page taken from the oldest message on, 1 to 100.")]
        first: Option<i32>,
        #[graphql(desc = "Only messages behind the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "Length of a page taken from the newest message back, 1 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Only messages before the one with this cursor.")] before: Option<String>,
    ) -> Option<Result<MessageConnection, Fault>> {
        Some(self.messages_page(ctx, PageArgs { first, after, last, before }).await)
    }

    /// Members only. Group wallets that belong to the channel, in the order of their opening;
    /// closed ones, too.
    async fn wallets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Length of the page, 1 to 100; 50 when nothing is said.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The page starts behind the item with this cursor.")] after: Option<
            String,
        >,
    ) -> Option<Result<WalletConnection, Fault>> {
        let args = PageArgs { first, after, ..PageArgs::default() };
        Some(self.wallets_page(ctx, args).await)
    }
}

impl Channel {
    /// The viewer as a member, and the running number of what that one has read.
    async fn viewing_member(&self, ctx: &Context<'_>) -> Result<Option<(MemberRow, i32)>, Fault> {
        Ok(match standing(ctx, self.0.id).await? {
            Some(Standing::Member(member, read)) => Some((member, read)),
            _ => None,
        })
    }

    async fn newest(&self, ctx: &Context<'_>) -> Result<Option<Message>, Fault> {
        match require_member(ctx, self.0.id).await {
            Ok(()) => {}
            Err(Fault::Forbidden(_)) => return Ok(None),
            Err(fault) => return Err(fault),
        }
        Ok(ctx.loads().one(LastOf(self.0.id)).await?.map(Message::from))
    }

    async fn members_page(
        &self,
        ctx: &Context<'_>,
        args: PageArgs,
    ) -> Result<ChannelMemberConnection, Fault> {
        let list = List { field: Field::ChannelMembers, of: self.0.id.0 };
        let window = args.window(list, End::First)?;
        require_member(ctx, self.0.id).await?;
        let page = MembersPage { channel: self.0.id, window };
        let found = ctx.loads().one(page).await?.unwrap_or_default();
        let found = found.map(|member| (i64::from(member.joined_seq), ChannelMember(member)));
        Ok(ChannelMemberConnection::of(list, &window, found, self.0.member_count))
    }

    async fn messages_page(
        &self,
        ctx: &Context<'_>,
        args: PageArgs,
    ) -> Result<MessageConnection, Fault> {
        let list = List { field: Field::ChannelMessages, of: self.0.id.0 };
        let window = args.window(list, End::Last)?;
        require_member(ctx, self.0.id).await?;
        let page = MessagesPage { channel: self.0.id, window };
        let found = ctx.loads().one(page).await?.unwrap_or_default();
        let found = found.map(|message| (i64::from(message.seq), Message::from(message)));
        Ok(MessageConnection::of(list, &window, found))
    }

    async fn wallets_page(
        &self,
        ctx: &Context<'_>,
        args: PageArgs,
    ) -> Result<WalletConnection, Fault> {
        let (channel, loads) = (self.0.id, ctx.loads());
        let list = List { field: Field::ChannelWallets, of: channel.0 };
        let window = args.window(list, End::First)?;
        require_member(ctx, channel).await?;
        loads.money()?;
        let found = loads.one(ChannelWalletsPage { channel, window }).await?.unwrap_or_default();
        let count = async { Ok(loads.one(ChannelWalletCountOf(channel)).await?.unwrap_or(0)) };
        let count = count_if_asked(ctx, count).await?;
        let found = found.map(|row| (row.opened_position, Wallet::from(row)));
        Ok(WalletConnection::of(list, &window, found, count))
    }
}

/// A member of a channel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChannelMember(MemberRow);

/// Somebody in a channel.
#[Object]
impl ChannelMember {
    /// Who.
    async fn user(&self, ctx: &Context<'_>) -> Result<User, Fault> {
        User::named(ctx, self.0.user).await
    }

    /// What this member may do.
    async fn role(&self) -> ChannelRole {
        self.0.role.into()
    }

    /// When this member came in, the last time.
    async fn joined_at(&self) -> DateTime {
        DateTime(self.0.joined_at)
    }

    /// Highest message `seq` that this member has read.
    async fn read_up_to(&self) -> i32 {
        self.0.read_up_to
    }
}
