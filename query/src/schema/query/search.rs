//! Questions for messages by what they say.

use std::collections::HashSet;

use async_graphql::{Context, ID, Object};
use events::{ChannelId, MessageId, UserId, id::derive};

use crate::cursor::{End, Field, Found, List, PageArgs, Window};
use crate::fault::Fault;
use crate::schema::connection::MessageConnection;
use crate::schema::message::Message;
use crate::schema::sight::{Look, standing};
use crate::search::{Needle, Page, Place, Scope};
use crate::tables::members::Standing;

/// The longest text that is looked for, in characters.
const TEXT_LEN_MAX: usize = 200;

/// Queries of messages.
#[derive(Debug, Default)]
pub(crate) struct SearchQueries;

#[Object]
impl SearchQueries {
    /// Messages in the viewer's channels that contain `text`, any script, newest first. A page
    /// of a text that is hard to find may have fewer messages than asked for, or none, although
    /// `hasNextPage` is true: go on from `endCursor`.
    async fn search_messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What messages shall contain, 1–200 characters, case-insensitive.")]
        text: String,
        #[graphql(desc = "Look in this channel only.")] channel_id: Option<ID>,
        #[graphql(desc = "Length of the page, 1 to 100; 50 when nothing is said.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The page starts behind the item with this cursor.")] after: Option<
            String,
        >,
    ) -> Result<MessageConnection, Fault> {
        let viewer = ctx.viewer()?;
        let needle = checked(&text)?;
        let list = list(viewer, channel_id.as_ref(), &needle);
        let args = PageArgs { first, after, ..PageArgs::default() };
        let window: Window<Place> = args.window(list, End::First)?;
        let (scope, channels) = channels(ctx, viewer, channel_id.as_ref()).await?;
        let page = ctx.loads().tables().search(&channels, scope, &needle, &window).await?;
        let ended_at = page.ended_at;
        let mut found = messages(ctx, page, &needle, &window).await?;
        found.more |= ended_at.is_some();
        let connection = MessageConnection::of(list, &window, found);
        Ok(match ended_at {
            Some(place) => connection.going_on_from(list.cursor(&place)),
            None => connection,
        })
    }
}

fn checked(text: &str) -> Result<Needle, Fault> {
    // What a message may have in it may be looked for.
    let is_foreign = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    let message = match text.chars().count() {
        1..=TEXT_LEN_MAX if text.chars().any(is_foreign) => "A text has no control characters.",
        1..=TEXT_LEN_MAX => return Ok(Needle::new(text)),
        _ => "A text to look for has 1 to 200 characters.",
    };
    Err(Fault::InvalidInput { field: "text", message })
}

/// Another list for every text and channel.
fn list(viewer: UserId, channel: Option<&ID>, needle: &Needle) -> List {
    let channel = channel.map_or("", |id| id.as_str());
    let of = derive(viewer.0, &[needle.folded().as_bytes(), channel.as_bytes()]);
    List { field: Field::SearchedMessages, of }
}

/// The channels that are to be searched.
async fn channels(
    ctx: &Context<'_>,
    viewer: UserId,
    channel: Option<&ID>,
) -> Result<(Scope, Vec<ChannelId>), Fault> {
    let Some(id) = channel else {
        let all = ctx.loads().tables().all_channels_of(viewer).await?;
        return Ok((Scope::Channels, all));
    };
    let unknown = || Fault::NotFound("There is no such channel.");
    let id: ChannelId = id.parse().map_err(|_| unknown())?;
    match standing(ctx, id).await? {
        Some(Standing::Member(..)) => Ok((Scope::Channel(id), vec![id])),
        Some(Standing::Stranger) => {
            Err(Fault::Forbidden("Only members of the channel may search it."))
        }
        Some(Standing::Dissolved | Standing::Gone) | None => Err(unknown()),
    }
}

/// The messages that were found. What was deleted or edited since the search is left out.
async fn messages(
    ctx: &Context<'_>,
    page: Page,
    needle: &Needle,
    window: &Window<Place>,
) -> Result<Found<(Place, Message)>, Fault> {
    let found = Found::of(window, page.hits);
    let ids: HashSet<_> = found.items.iter().map(|hit| MessageId(hit.id)).collect();
    let mut rows = ctx.loads().many(ids).await?;
    let items = found.items.into_iter().filter_map(|hit| {
        let row = rows.remove(&MessageId(hit.id))?;
        let is_there = row.text.as_ref().is_some_and(|text| needle.is_in(text));
        is_there.then(|| (hit.place, Message::from(row)))
    });
    Ok(Found { items: items.collect(), more: found.more })
}
