//! Questions about channels.

use async_graphql::{Context, ID, Object};

use super::{channel, count_if_asked};
use crate::cursor::{End, Field, List, Named, PageArgs, Window};
use crate::fault::Fault;
use crate::schema::channel::Channel;
use crate::schema::connection::ChannelConnection;
use crate::schema::sight::Look;
use crate::tables::discovery::Keyword;

/// The longest keyword, in characters.
const KEYWORD_LEN_MAX: usize = 200;

/// Queries of channels.
#[derive(Debug, Default)]
pub(crate) struct ChannelQueries;

#[Object]
impl ChannelQueries {
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
        let window: Window = args.window(list, End::First)?;
        let tables = ctx.loads().tables();
        let found = tables.channels_of(viewer, window).await?;
        let found = found.map(|active| (active.last_position, Channel::from(active.channel)));
        let count = count_if_asked(ctx, tables.channel_count_of(viewer)).await?;
        Ok(ChannelConnection::of(list, &window, found, count))
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

    /// Channels whose name contains `keyword`, case-insensitive, any script; in the order of
    /// their names, in which paging misses and repeats nothing while others make channels and
    /// talk in them.
    async fn discover_channels(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the name shall contain, 1–200 characters.")] keyword: String,
        #[graphql(desc = "Length of the page, 1 to 100; 50 when nothing is said.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The page starts behind the item with this cursor.")] after: Option<
            String,
        >,
    ) -> Result<ChannelConnection, Fault> {
        let viewer = ctx.viewer()?;
        let keyword = checked(&keyword)?;
        let list = List::of_text(Field::DiscoveredChannels, viewer, keyword.folded());
        let args = PageArgs { first, after, ..PageArgs::default() };
        let window: Window<Named> = args.window(list, End::First)?;
        let tables = ctx.loads().tables();
        let found = tables.channels_named(&keyword, &window).await?;
        let count = count_if_asked(ctx, tables.count_of_channels_named(&keyword)).await?;
        let found = found.map(|(name, row)| (Named { name, id: row.id.0 }, Channel::from(row)));
        Ok(ChannelConnection::of(list, &window, found, count))
    }
}

fn checked(keyword: &str) -> Result<Keyword, Fault> {
    let message = match keyword.chars().count() {
        1..=KEYWORD_LEN_MAX if keyword.chars().any(char::is_control) => {
            "A keyword has no control characters."
        }
        1..=KEYWORD_LEN_MAX if keyword.trim().is_empty() => "A keyword is more than white space.",
        1..=KEYWORD_LEN_MAX => return Ok(Keyword::new(keyword)),
        _ => "A keyword has 1 to 200 characters.",
    };
    Err(Fault::InvalidInput { field: "keyword", message })
}
