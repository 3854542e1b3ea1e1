//! What can be asked for.

use async_graphql::{Context, ID, Interface, Object};
use events::{ChannelId, MessageId, UserId};

use super::channel::Channel;
use super::connection::ChannelConnection;
use super::message::Message;
use super::sight::{Look, require_member};
use super::user::User;
use crate::cursor::{End, Field, List, PageArgs};
use crate::fault::Fault;

/// Anything that can be fetched again by its id.
#[derive(Debug, Clone, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Names it for good."))]
pub(crate) enum Node {
    User(User),
    Channel(Channel),
    Message(Message),
}

/// The root of queries.
#[derive(Debug, Default)]
pub(crate) struct Query;

/// What can be asked for. All of it needs a viewer.
#[Object]
impl Query {
    /// The viewer.
    async fn me(&self, ctx: &Context<'_>) -> Result<User, Fault> {
        User::named(ctx, ctx.viewer()?).await
    }

    /// Anything by its id; null for what there isn't, and for what the viewer may not see.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of a user, a channel or a message.")] id: ID,
    ) -> Option<Result<Node, Fault>> {
        node(ctx, &id).await.transpose()
    }

    /// Channels that the viewer is in, latest activity first.
    async fn channels(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Length of the page, 1 to 100; 50 when nothing is said.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The page starts behind the item with this cursor.")] after: Option<
            String,
        >,
    ) -> Result<ChannelConnection, Fault> {
        let viewer = ctx.viewer()?;
        let list = List { field: Field::Channels, of: viewer.0 };
        let args = PageArgs { first, after, ..PageArgs::default() };
        let window = args.window(list, End::First)?;
        let tables = ctx.loads().tables();
        let found = tables.channels_of(viewer, window).await?;
        let found = found.map(|active| (active.last_position, Channel::from(active.channel)));
        // Counting reads all of a user's memberships, so only if it is asked for.
        let count = if ctx.look_ahead().field("totalCount").exists() {
            tables.channel_count_of(viewer).await?
        } else {
            0
        };
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        Ok(ChannelConnection::of(list, window, found, count))
    }

    /// A channel by its id; null when there is none.
    async fn channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The channel's id.")] id: ID,
    ) -> Option<Result<Channel, Fault>> {
        let found = async {
            ctx.viewer()?;
            match id.parse() {
                Ok(id) => channel(ctx, id).await,
                Err(_) => Ok(None),
            }
        };
        found.await.transpose()
    }
}

/// A channel that is there.
pub(crate) async fn channel(ctx: &Context<'_>, id: ChannelId) -> Result<Option<Channel>, Fault> {
    let row = ctx.loads().channel(id).await?;
    Ok(row.filter(|row| row.deleted_at.is_none()).map(Channel::from))
}

/// A message that the viewer may see.
pub(crate) async fn message(ctx: &Context<'_>, id: MessageId) -> Result<Option<Message>, Fault> {
    let Some(row) = ctx.loads().message(id).await? else { return Ok(None) };
    match require_member(ctx, row.channel).await {
        Ok(()) => Ok(Some(row.into())),
        Err(Fault::Forbidden(_)) => Ok(None),
        Err(fault) => Err(fault),
    }
}

async fn node(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>, Fault> {
    ctx.viewer()?;
    // One id space: a text that is an id of one kind is one of each.
    let Ok(id) = id.parse::<MessageId>() else { return Ok(None) };
    if let Some(message) = message(ctx, id).await? {
        return Ok(Some(message.into()));
    }
    if let Some(channel) = channel(ctx, ChannelId(id.0)).await? {
        return Ok(Some(channel.into()));
    }
    let user = ctx.loads().user(UserId(id.0)).await?;
    Ok(user.map(|row| User::from(row).into()))
}
