//! What can be asked for.

mod channels;
mod money;
mod people;
mod search;

use async_graphql::{Context, ID, Interface, MergedObject, Object};
use events::{
    ChannelId, CycleId, EventId, MessageId, PaymentId, PlanId, TransferId, UserId, WalletId,
};

use self::channels::ChannelQueries;
use self::money::MoneyQueries;
pub(crate) use self::money::{dues_plan, scheduled_payment, transfer, wallet};
use self::people::PeopleQueries;
use self::search::SearchQueries;
use super::channel::Channel;
use super::dues::{DuesCycle, DuesPlan, cycle};
use super::entry::Entry;
use super::message::Message;
use super::scheduled_payment::ScheduledPayment;
use super::sight::{Look, require_member, wallet_member};
use super::transfer::Transfer;
use super::user::User;
use super::wallet::Wallet;
use uuid::Uuid;

use crate::fault::Fault;

/// Anything that can be fetched again by its id.
#[derive(Debug, Clone, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Names it for good."))]
pub(crate) enum Node {
    User(User),
    Channel(Channel),
    Message(Message),
    Wallet(Wallet),
    Entry(Entry),
    Transfer(Transfer),
    ScheduledPayment(ScheduledPayment),
    DuesPlan(DuesPlan),
    DuesCycle(DuesCycle),
}

/// What can be asked for. All of it needs a viewer.
#[derive(MergedObject, Default)]
pub(crate) struct Query(NodeQuery, PeopleQueries, ChannelQueries, SearchQueries, MoneyQueries);

/// The query of anything.
#[derive(Debug, Default)]
pub(crate) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything by its id; null for what there isn't, and for what the viewer may not see.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of a user, a channel, a message, a wallet, an entry, a transfer, a \
                          scheduled payment, or of a plan or cycle of dues.")]
        id: ID,
    ) -> Option<Result<Node, Fault>> {
        node(ctx, &id).await.transpose()
    }
}

/// The length of the whole list that a field gives a page of. Counting reads all of it, so only
/// if it is asked for.
pub(crate) async fn count_if_asked(
    ctx: &Context<'_>,
    count: impl Future<Output = Result<i32, Fault>>,
) -> Result<i32, Fault> {
    if ctx.look_ahead().field("totalCount").exists() { count.await } else { Ok(0) }
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
    if let Some(user) = ctx.loads().user(UserId(id.0)).await? {
        return Ok(Some(User::from(user).into()));
    }
    money_node(ctx, id.0).await
}

async fn money_node(ctx: &Context<'_>, id: Uuid) -> Result<Option<Node>, Fault> {
    if let Some(wallet) = wallet(ctx, WalletId(id)).await? {
        return Ok(Some(wallet.into()));
    }
    if let Some(transfer) = transfer(ctx, TransferId(id)).await? {
        return Ok(Some(transfer.into()));
    }
    if let Some(payment) = scheduled_payment(ctx, PaymentId(id)).await? {
        return Ok(Some(payment.into()));
    }
    if let Some(plan) = dues_plan(ctx, PlanId(id)).await? {
        return Ok(Some(plan.into()));
    }
    if let Some(cycle) = cycle(ctx, CycleId(id)).await? {
        return Ok(Some(cycle.into()));
    }
    let Some(entry) = ctx.loads().entry(EventId(id)).await? else { return Ok(None) };
    let member = wallet_member(ctx, entry.wallet).await?;
    Ok(member.map(|_| Entry::from(entry).into()))
}
