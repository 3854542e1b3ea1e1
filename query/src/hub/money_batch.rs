//! The rows that feed rows of wallets need.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use events::feed::FeedKind;
use events::{EventId, TransferId, UserId, WalletId};

use super::batch::{Asking, Batch, Counts};
use crate::fault::Fault;
use crate::tables::entries::EntryRow;
use crate::tables::feed::FeedRow;
use crate::tables::transfers::{ApprovalsOf, RefundedOf, TransferRow};
use crate::tables::wallets::WalletRow;

/// Rows by id.
#[derive(Debug, Default)]
pub(crate) struct Money {
    pub(crate) wallets: HashMap<WalletId, Arc<WalletRow>>,
    pub(crate) entries: HashMap<EventId, Arc<EntryRow>>,
    pub(crate) transfers: HashMap<TransferId, Arc<TransferRow>>,
    pub(crate) approvals: HashMap<ApprovalsOf, Arc<[UserId]>>,
    pub(crate) refunded: HashMap<RefundedOf, i64>,
}

/// The entry that a row refers to.
fn entry(row: &FeedRow) -> Option<EventId> {
    let tells = matches!(row.kind, FeedKind::EntryPosted | FeedKind::TransferPosted);
    row.reference.filter(|_| tells).map(EventId)
}

/// The transfer that a row refers to.
fn transfer(row: &FeedRow) -> Option<TransferId> {
    let tells = matches!(row.kind, FeedKind::TransferChanged | FeedKind::OtherSideChanged);
    row.reference.filter(|_| tells).map(TransferId)
}

impl Money {
    /// Loads what the pushes usually tell: entries, their transfers, and the wallets on all sides.
    pub(super) async fn load(
        asking: Asking<'_>,
        rows: &[FeedRow],
        counts: Counts,
    ) -> Result<Self, Fault> {
        let entries: HashMap<_, Arc<EntryRow>> =
            asking.many(rows.iter().filter_map(entry).collect()).await?;
        let ids = rows.iter().filter_map(transfer);
        let ids: HashSet<_> = ids.chain(entries.values().filter_map(|it| it.transfer)).collect();
        let mut money = Self { entries, ..Self::default() };
        if counts.approvals {
            money.approvals = asking.many(ids.iter().copied().map(ApprovalsOf).collect()).await?;
        }
        if counts.refunds {
            money.refunded = asking.many(ids.iter().copied().map(RefundedOf).collect()).await?;
        }
        money.transfers = asking.many(ids).await?;
        let told = rows.iter().map(|row| WalletId(row.entity));
        let sides = money.transfers.values().flat_map(|it| [it.from, it.to]);
        money.wallets = asking.many(told.chain(sides).collect()).await?;
        Ok(money)
    }

    /// Who is named by these rows.
    pub(super) fn people(&self) -> HashSet<UserId> {
        let by = self.entries.values().filter_map(|entry| entry.by);
        let requested_by = self.transfers.values().map(|transfer| transfer.requested_by);
        let owners = self.wallets.values().map(|wallet| wallet.owner);
        by.chain(requested_by).chain(owners).collect()
    }
}

impl Batch {
    /// Whether there is what the pushes of a wallet's row tell.
    pub(super) fn has_money_of(&self, row: &FeedRow) -> bool {
        let money = &self.money;
        match (entry(row), transfer(row)) {
            (Some(entry), _) => money.entries.contains_key(&entry),
            (None, Some(transfer)) => money.transfers.contains_key(&transfer),
            (None, None) => money.wallets.contains_key(&WalletId(row.entity)),
        }
    }
}
