//! Transfers.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};

use super::scalars::{Amount, DateTime};
use super::sight::{Look, id};
use super::user::User;
use super::wallet::Wallet;
use crate::fault::Fault;
use crate::tables::transfers::{ApprovalsOf, Origin, RefundedOf, Status, TransferRow};

/// How far a transfer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub(crate) enum TransferStatus {
    /// It waits until enough admins have approved it; its amount is held.
    AwaitingApproval,
    /// Taken from the payer, not yet with the payee.
    Debited,
    /// With the payee.
    Completed,
    /// An admin declined it.
    Declined,
    /// It waited too long for approvals.
    Expired,
    /// The payee could not take it; it went back. Later refunds leave a transfer COMPLETED.
    Refunded,
}

/// Where a transfer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Origin")]
pub(crate) enum TransferOrigin {
    /// Somebody asked for it.
    Manual,
    /// A scheduled payment.
    Scheduled,
    /// A member's dues.
    Dues,
    /// It pays another transfer back, wholly or in part.
    Refund,
}

/// A transfer.
#[derive(Debug, Clone)]
pub(crate) struct Transfer(Arc<TransferRow>);

impl From<Arc<TransferRow>> for Transfer {
    fn from(row: Arc<TransferRow>) -> Self {
        Self(row)
    }
}

/// Money on its way from one wallet to another, or there.
#[Object]
impl Transfer {
    /// Names the transfer for good: the `commandId` that asked for it.
    pub(crate) async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Who pays.
    #[graphql(name = "from")]
    async fn payer(&self, ctx: &Context<'_>) -> Result<Wallet, Fault> {
        Wallet::named(ctx, self.0.from).await
    }

    /// Who is paid.
    #[graphql(name = "to")]
    async fn payee(&self, ctx: &Context<'_>) -> Result<Wallet, Fault> {
        Wallet::named(ctx, self.0.to).await
    }

    /// How much.
    async fn amount(&self) -> Amount {
        self.0.amount.into()
    }

    /// What it is for; perhaps empty.
    async fn memo(&self) -> &str {
        &self.0.memo
    }

    /// How far it has come.
    async fn status(&self) -> TransferStatus {
        self.0.status.into()
    }

    /// Where it comes from.
    async fn origin(&self) -> TransferOrigin {
        self.0.origin.into()
    }

    /// Who asked for it.
    async fn requested_by(&self, ctx: &Context<'_>) -> Result<User, Fault> {
        User::named(ctx, self.0.requested_by).await
    }

    /// When it was asked for.
    async fn requested_at(&self) -> DateTime {
        DateTime(self.0.requested_at)
    }

    /// When it came to its end: with the payee, back with the payer, declined or expired; null
    /// before.
    async fn settled_at(&self) -> Option<DateTime> {
        self.0.settled_at.map(DateTime)
    }

    /// When a transfer that waits for approval lapses; null for those that never waited.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime)
    }

    /// Admins who must approve it, the requester included; as it was asked of the wallet then.
    async fn approvals_required(&self) -> i32 {
        self.0.approvals_required
    }

    /// Who approved it, the requester first, in the order in which they did; at most 20.
    async fn approved_by(&self, ctx: &Context<'_>) -> Result<Vec<User>, Fault> {
        let approvals = ctx.loads().approvals(ApprovalsOf(self.0.id)).await?;
        let ids = || std::iter::once(self.0.requested_by).chain(approvals.iter().copied());
        let users = ctx.loads().users(ids()).await?;
        let user = |id| {
            let missing = || Fault::Unavailable(format!("user {id} has no row"));
            users.get(&id).cloned().map(User::from).ok_or_else(missing)
        };
        ids().map(user).collect()
    }

    /// The transfer that this one pays back.
    async fn refund_of(&self, ctx: &Context<'_>) -> Option<Result<Transfer, Fault>> {
        let transfer = ctx.loads().transfer(self.0.refund_of?).await.transpose()?;
        Some(transfer.map(Transfer))
    }

    /// The sum of its refunds, those that wait for approval included.
    async fn refunded_amount(&self, ctx: &Context<'_>) -> Result<Amount, Fault> {
        Ok(ctx.loads().refunded(RefundedOf(self.0.id)).await?.into())
    }
}
