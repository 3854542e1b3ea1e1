//! What only the members of a wallet see of its money. Whoever makes a [`Ledger`] has checked that.

use async_graphql::Context;
use events::money::Day;
use events::{Timestamp, WalletId};

use super::WalletLimits;
use crate::cursor::{End, EntryKey, Field, List, PageArgs, Window};
use crate::fault::Fault;
use crate::schema::connection::{EntryConnection, TransferConnection};
use crate::schema::entry::Entry;
use crate::schema::scalars::Amount;
use crate::schema::sight::{Look, require_wallet_member};
use crate::schema::transfer::Transfer;
use crate::tables::entries::{BalanceAt, EntriesPage};
use crate::tables::spendings::SpentOn;
use crate::tables::transfers::WaitingPage;
use crate::tables::wallets::{AvailableIn, WalletRow};

/// A wallet's money, to one of its members.
pub(super) struct Ledger<'w>(pub(super) &'w WalletRow);

/// Of when a balance is asked for.
pub(super) enum AsOf {
    Now,
    Instant(Timestamp),
}

impl Ledger<'_> {
    pub(super) async fn balance(&self, ctx: &Context<'_>, as_of: AsOf) -> Result<Amount, Fault> {
        let AsOf::Instant(at) = as_of else { return Ok(self.0.balance.into()) };
        let balance = ctx.loads().one(BalanceAt { wallet: self.0.id, at }).await?;
        Ok(balance.unwrap_or(0).into())
    }

    pub(super) async fn available(&self, ctx: &Context<'_>) -> Result<Amount, Fault> {
        let available = ctx.loads().one(AvailableIn(self.0.id)).await?;
        Ok(available.unwrap_or(0).into())
    }

    pub(super) async fn limits(&self, ctx: &Context<'_>) -> Result<WalletLimits, Fault> {
        let rules = &ctx.services().spending;
        let most = (rules.per_transfer.minor_units(), rules.per_day.minor_units());
        let (per_transfer, per_day) = self.0.limits.unwrap_or(most);
        let day = Day::at(Timestamp::now(), &rules.time_zone);
        let spent = ctx.loads().one(SpentOn { wallet: self.0.id, day }).await?.unwrap_or(0);
        // A limit that was lowered today may be below what was spent before.
        let remaining = per_day.saturating_sub(spent).max(0);
        Ok(WalletLimits {
            per_transfer: per_transfer.into(),
            per_day: per_day.into(),
            remaining_today: remaining.into(),
        })
    }
}

pub(super) async fn entries(
    ctx: &Context<'_>,
    wallet: WalletId,
    args: PageArgs,
) -> Result<EntryConnection, Fault> {
    let list = List { field: Field::WalletEntries, of: wallet.0 };
    let window: Window<EntryKey> = args.window(list, End::First)?;
    require_wallet_member(ctx, wallet).await?;
    let found = ctx.loads().one(EntriesPage { wallet, window }).await?.unwrap_or_default();
    let found = found.map(|row| {
        let key = EntryKey { at_us: row.at.as_micros(), revision: row.revision };
        (key, Entry::from(row))
    });
    Ok(EntryConnection::of(list, &window, found))
}

pub(super) async fn awaiting_approval(
    ctx: &Context<'_>,
    wallet: WalletId,
    args: PageArgs,
) -> Result<TransferConnection, Fault> {
    let list = List { field: Field::AwaitingApproval, of: wallet.0 };
    let window = args.window(list, End::First)?;
    require_wallet_member(ctx, wallet).await?;
    let found = ctx.loads().one(WaitingPage { wallet, window }).await?.unwrap_or_default();
    let found = found.map(|row| (row.requested_position, Transfer::from(row)));
    Ok(TransferConnection::of(list, &window, found))
}
