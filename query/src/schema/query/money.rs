//! Questions about money.

use async_graphql::{Context, ID, Object};
use events::wallet::WalletKind;
use events::{PaymentId, TransferId, WalletId};

use super::count_if_asked;
use crate::cursor::{End, Field, List, PageArgs, Window};
use crate::fault::Fault;
use crate::schema::connection::WalletConnection;
use crate::schema::dues::DuesPlan;
pub(crate) use crate::schema::dues::plan as dues_plan;
use crate::schema::scheduled_payment::ScheduledPayment;
use crate::schema::sight::{Look, standing, wallet_member};
use crate::schema::transfer::Transfer;
use crate::schema::wallet::Wallet;
use crate::tables::members::Standing;

/// Queries of wallets and transfers.
#[derive(Debug, Default)]
pub(crate) struct MoneyQueries;

#[Object]
impl MoneyQueries {
    /// Personal and group wallets that the viewer belongs to, in the order in which the viewer
    /// came into them; closed ones, too.
    async fn wallets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Length of the page, 1 to 100; 50 when nothing is said.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The page starts behind the item with this cursor.")] after: Option<
            String,
        >,
    ) -> Result<WalletConnection, Fault> {
        let viewer = ctx.viewer()?;
        let list = List { field: Field::Wallets, of: viewer.0 };
        let args = PageArgs { first, after, ..PageArgs::default() };
        let window: Window = args.window(list, End::First)?;
        ctx.loads().money()?;
        let tables = ctx.loads().tables();
        let found = tables.wallets_of(viewer, window).await?;
        let count = count_if_asked(ctx, tables.wallet_count_of(viewer)).await?;
        let found = found.map(|(joined_position, row)| (joined_position, Wallet::from(row)));
        Ok(WalletConnection::of(list, &window, found, count))
    }

    /// A wallet by its id: of its members, and of the members of a group wallet's channel. Null
    /// for others, and when there is none.
    async fn wallet(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The wallet's id.")] id: ID,
    ) -> Option<Result<Wallet, Fault>> {
        let found = async {
            ctx.viewer()?;
            match id.parse() {
                Ok(id) => wallet(ctx, id).await,
                Err(_) => Ok(None),
            }
        };
        found.await.transpose()
    }

    /// A transfer by its id, for the members of either wallet; null for others, and when there
    /// is none.
    async fn transfer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The transfer's id.")] id: ID,
    ) -> Option<Result<Transfer, Fault>> {
        let found = async {
            ctx.viewer()?;
            match id.parse() {
                Ok(id) => transfer(ctx, id).await,
                Err(_) => Ok(None),
            }
        };
        found.await.transpose()
    }

    /// A scheduled payment by its id, for the members of the wallet that pays; null for others,
    /// and when there is none.
    async fn scheduled_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The scheduled payment's id.")] id: ID,
    ) -> Option<Result<ScheduledPayment, Fault>> {
        let found = async {
            ctx.viewer()?;
            match id.parse() {
                Ok(id) => scheduled_payment(ctx, id).await,
                Err(_) => Ok(None),
            }
        };
        found.await.transpose()
    }

    /// A plan of dues by its id, for the members of the wallet that collects, and for who was
    /// assessed and has left; null for others, and when there is none.
    async fn dues_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan's id.")] id: ID,
    ) -> Option<Result<DuesPlan, Fault>> {
        let found = async {
            ctx.viewer()?;
            match id.parse() {
                Ok(id) => dues_plan(ctx, id).await,
                Err(_) => Ok(None),
            }
        };
        found.await.transpose()
    }
}

/// A scheduled payment that the viewer may see.
pub(crate) async fn scheduled_payment(
    ctx: &Context<'_>,
    id: PaymentId,
) -> Result<Option<ScheduledPayment>, Fault> {
    let Some(row) = ctx.loads().scheduled_payment(id).await? else { return Ok(None) };
    let member = wallet_member(ctx, row.from).await?;
    Ok(member.map(|_| row.into()))
}

/// A wallet that the viewer may know of.
pub(crate) async fn wallet(ctx: &Context<'_>, id: WalletId) -> Result<Option<Wallet>, Fault> {
    let Some(row) = ctx.loads().wallet(id).await? else { return Ok(None) };
    if wallet_member(ctx, id).await?.is_some() {
        return Ok(Some(row.into()));
    }
    let channel = row.channel.filter(|_| row.kind == WalletKind::Group);
    let Some(channel) = channel else { return Ok(None) };
    let is_near = matches!(standing(ctx, channel).await?, Some(Standing::Member(..)));
    Ok(is_near.then(|| row.into()))
}

/// A transfer that the viewer may see.
pub(crate) async fn transfer(ctx: &Context<'_>, id: TransferId) -> Result<Option<Transfer>, Fault> {
    let Some(row) = ctx.loads().transfer(id).await? else { return Ok(None) };
    let sides = [wallet_member(ctx, row.from), wallet_member(ctx, row.to)];
    let memberships = futures::future::try_join_all(sides).await?;
    let is_near = memberships.iter().any(Option::is_some);
    Ok(is_near.then(|| row.into()))
}
