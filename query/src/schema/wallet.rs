//! Wallets, and who is in them.

mod ledger;
mod member;

pub(crate) use self::member::{WalletMember, WalletRole};

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use events::wallet::WalletKind as Kind;

use self::ledger::{AsOf, Ledger};
use super::channel::Channel;
use super::connection::{
    DuesPlanConnection, EntryConnection, ScheduledPaymentConnection, TransferConnection,
    WalletMemberConnection,
};
use super::query::channel;
use super::scalars::{Amount, DateTime};
use super::sight::{Look, id, require_wallet_member, wallet_member};
use super::user::User;
use super::{dues, scheduled_payment};
use crate::cursor::PageArgs;
use crate::fault::Fault;
use crate::tables::wallets::WalletRow;

/// Whose a wallet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub(crate) enum WalletKind {
    /// One person's.
    Personal,
    /// A channel's, that its members may join.
    Group,
}

/// What can be done with a wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum WalletStatus {
    /// It takes and gives.
    Open,
    /// An operator stopped all spending; money still arrives.
    Frozen,
    /// It takes and gives no more.
    Closed,
}

/// What may be spent from a wallet.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct WalletLimits {
    /// The most that one transfer may take.
    per_transfer: Amount,
    /// The most that all of a day may take; days are those of the server's time zone.
    per_day: Amount,
    /// What is left of today's.
    remaining_today: Amount,
}

/// A wallet.
#[derive(Debug, Clone)]
pub(crate) struct Wallet(Arc<WalletRow>);

impl From<Arc<WalletRow>> for Wallet {
    fn from(row: Arc<WalletRow>) -> Self {
        Self(row)
    }
}

impl Wallet {
    /// One that has to be there, because a row names it.
    pub(crate) async fn named(ctx: &Context<'_>, id: events::WalletId) -> Result<Self, Fault> {
        let row = ctx.loads().wallet(id).await?;
        row.map(Self).ok_or_else(|| Fault::Unavailable(format!("wallet {id} has no row")))
    }

    async fn ledger<'w>(&'w self, ctx: &Context<'_>) -> Result<Ledger<'w>, Fault> {
        require_wallet_member(ctx, self.0.id).await?;
        Ok(Ledger(&self.0))
    }
}

/// Where money is. Its balance and all that follows it is for members: null with FORBIDDEN for
/// others, who may see the fields before it of a wallet that they deal with.
#[Object]
impl Wallet {
    /// Names the wallet for good: the `commandId` that opened it.
    pub(crate) async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Whose it is.
    async fn kind(&self) -> WalletKind {
        self.0.kind.into()
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is for; perhaps empty.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// Who opened it.
    async fn owner(&self, ctx: &Context<'_>) -> Result<User, Fault> {
        User::named(ctx, self.0.owner).await
    }

    /// The channel of a group wallet; null once that was deleted.
    async fn channel(&self, ctx: &Context<'_>) -> Option<Result<Channel, Fault>> {
        channel(ctx, self.0.channel?).await.transpose()
    }

    /// ISO 4217 code.
    async fn currency(&self) -> &str {
        &self.0.currency
    }

    /// What can be done with it.
    async fn status(&self) -> WalletStatus {
        match (self.0.closed_at, self.0.frozen) {
            (Some(_), _) => WalletStatus::Closed,
            (None, true) => WalletStatus::Frozen,
            (None, false) => WalletStatus::Open,
        }
    }

    /// The viewer's role; null when the viewer is no member.
    async fn viewer_role(&self, ctx: &Context<'_>) -> Option<Result<WalletRole, Fault>> {
        let member = wallet_member(ctx, self.0.id).await.transpose()?;
        Some(member.map(|member| member.role.into()))
    }

    /// Posted balance, now or as it was at `asOf` (entries with `at` <= `asOf`).
    async fn balance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An instant; one that is to come means now.")] as_of: Option<DateTime>,
    ) -> Option<Result<Amount, Fault>> {
        let as_of = as_of.map_or(AsOf::Now, |instant| AsOf::Instant(instant.0));
        let balance = async { self.ledger(ctx).await?.balance(ctx, as_of).await };
        Some(balance.await)
    }

    /// Balance less what is held for transfers that wait for approval.
    async fn available(&self, ctx: &Context<'_>) -> Option<Result<Amount, Fault>> {
        let available = async { self.ledger(ctx).await?.available(ctx).await };
        Some(available.await)
    }

    /// Admins who must approve a spending from a group wallet, the requester included.
    async fn approvals_required(&self, ctx: &Context<'_>) -> Option<Result<i32, Fault>> {
        let ledger = self.ledger(ctx).await;
        Some(ledger.map(|_| self.0.approvals_required))
    }

    /// What may be spent.
    async fn limits(&self, ctx: &Context<'_>) -> Option<Result<WalletLimits, Fault>> {
        let limits = async { self.ledger(ctx).await?.limits(ctx).await };
        Some(limits.await)
    }

    /// Who is in it, in the order in which they came.
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Length of the page, 1 to 100; 50 when nothing is said.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The page starts behind the item with this cursor.")] after: Option<
            String,
        >,
    ) -> Option<Result<WalletMemberConnection, Fault>> {
        let args = PageArgs { first, after, ..PageArgs::default() };
        Some(member::page(ctx, self.0.id, args).await)
    }

    /// The lines of its ledger, newest first.
    async fn entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Length of the page, 1 to 100; 50 when nothing is said.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The page starts behind the item with this cursor.")] after: Option<
            String,
        >,
    ) -> Option<Result<EntryConnection, Fault>> {
        let args = PageArgs { first, after, ..PageArgs::default() };
        Some(ledger::entries(ctx, self.0.id, args).await)
    }

    /// Transfers that wait for approval, oldest first.
    async fn awaiting_approval(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Length of the page, 1 to 100; 50 when nothing is said.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The page starts behind the item with this cursor.")] after: Option<
            String,
        >,
    ) -> Option<Result<TransferConnection, Fault>> {
        let args = PageArgs { first, after, ..PageArgs::default() };
        Some(ledger::awaiting_approval(ctx, self.0.id, args).await)
    }
    /// What is paid from it by schedule, newest first; ended ones, too.
    async fn scheduled_payments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Length of the page, 1 to 100; 50 when nothing is said.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The page starts behind the item with this cursor.")] after: Option<
            String,
        >,
    ) -> Option<Result<ScheduledPaymentConnection, Fault>> {
        let args = PageArgs { first, after, ..PageArgs::default() };
        Some(scheduled_payment::page(ctx, self.0.id, args).await)
    }

    /// Dues that it collects, newest first; ended ones, too.
    async fn dues_plans(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Length of the page, 1 to 100; 50 when nothing is said.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The page starts behind the item with this cursor.")] after: Option<
            String,
        >,
    ) -> Option<Result<DuesPlanConnection, Fault>> {
        let args = PageArgs { first, after, ..PageArgs::default() };
        Some(dues::page(ctx, self.0.id, args).await)
    }
}
