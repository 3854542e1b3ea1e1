//! Lines of wallets' ledgers.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};

use super::scalars::{Amount, DateTime};
use super::sight::{Look, id};
use super::transfer::Transfer;
use super::user::User;
use super::wallet::Wallet;
use crate::fault::Fault;
use crate::tables::entries::{Direction, EntryRow};

/// Which way money went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Direction")]
pub(crate) enum EntryDirection {
    /// Out of the wallet.
    Debit,
    /// Into the wallet.
    Credit,
}

/// A line.
#[derive(Debug, Clone)]
pub(crate) struct Entry(Arc<EntryRow>);

impl From<Arc<EntryRow>> for Entry {
    fn from(row: Arc<EntryRow>) -> Self {
        Self(row)
    }
}

/// One line of a wallet's ledger.
#[Object]
impl Entry {
    /// Names the line for good.
    pub(crate) async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Whose ledger it is in.
    async fn wallet(&self, ctx: &Context<'_>) -> Result<Wallet, Fault> {
        Wallet::named(ctx, self.0.wallet).await
    }

    /// Which way the money went.
    async fn direction(&self) -> EntryDirection {
        self.0.direction.into()
    }

    /// How much.
    async fn amount(&self) -> Amount {
        self.0.amount.into()
    }

    /// What was in the wallet then.
    async fn balance_after(&self) -> Amount {
        self.0.balance_after.into()
    }

    /// Null for deposits and withdrawals.
    async fn counterparty(&self, ctx: &Context<'_>) -> Option<Result<Wallet, Fault>> {
        Some(Wallet::named(ctx, self.0.counterparty?).await)
    }

    /// The transfer that it is a side of; null for deposits and withdrawals.
    async fn transfer(&self, ctx: &Context<'_>) -> Option<Result<Transfer, Fault>> {
        let transfer = ctx.loads().transfer(self.0.transfer?).await.transpose()?;
        Some(transfer.map(Transfer::from))
    }

    /// Who caused it: for a group wallet, who spent. Null where a payment provider told of a
    /// deposit.
    async fn by(&self, ctx: &Context<'_>) -> Option<Result<User, Fault>> {
        Some(User::named(ctx, self.0.by?).await)
    }

    /// What it was for: a transfer's memo, perhaps empty; the reference of a deposit or withdrawal.
    async fn memo(&self) -> &str {
        &self.0.memo
    }

    /// When it was posted.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }
}
