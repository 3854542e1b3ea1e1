//! The rows that feed rows of wallets need.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use events::feed::FeedKind;
use events::{CycleId, EventId, PaymentId, PlanId, TransferId, UserId, WalletId};

use super::batch::{Asking, Batch, Counts};
use crate::fault::Fault;
use crate::tables::dues_cycles::CycleRow;
use crate::tables::dues_plans::PlanRow;
use crate::tables::entries::EntryRow;
use crate::tables::feed::FeedRow;
use crate::tables::scheduled_payments::PaymentRow;
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
    pub(crate) payments: HashMap<PaymentId, Arc<PaymentRow>>,
    pub(crate) plans: HashMap<PlanId, Arc<PlanRow>>,
    pub(crate) cycles: HashMap<CycleId, Arc<CycleRow>>,
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

/// The scheduled payment that a row refers to.
fn payment(row: &FeedRow) -> Option<PaymentId> {
    let tells = row.kind == FeedKind::ScheduledPaymentChanged;
    row.reference.filter(|_| tells).map(PaymentId)
}

/// The cycle of dues that a row refers to.
fn cycle(row: &FeedRow) -> Option<CycleId> {
    row.reference.filter(|_| row.kind == FeedKind::DuesChanged).map(CycleId)
}

impl Money {
    /// Loads what the pushes usually tell: entries, their transfers, scheduled payments, cycles of
    /// dues and their plans, and the wallets on all sides.
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
        money.payments = asking.many(rows.iter().filter_map(payment).collect()).await?;
        money.cycles = asking.many(rows.iter().filter_map(cycle).collect()).await?;
        money.plans = asking.many(money.cycles.values().map(|it| it.plan).collect()).await?;
        let sides = money.transfers.values().flat_map(|it| [it.from, it.to]);
        let scheduled = money.payments.values().flat_map(|it| [it.from, it.to]);
        money.wallets = asking.many(told.chain(sides).chain(scheduled).collect()).await?;
        Ok(money)
    }

    /// Who is named by these rows.
    pub(super) fn people(&self) -> HashSet<UserId> {
        let by = self.entries.values().filter_map(|entry| entry.by);
        let requested_by = self.transfers.values().map(|transfer| transfer.requested_by);
        let owners = self.wallets.values().map(|wallet| wallet.owner);
        let created_by = self.payments.values().map(|payment| payment.created_by);
        by.chain(requested_by).chain(owners).chain(created_by).collect()
    }
}

impl Batch {
    /// Whether there is what the pushes of a wallet's row tell.
    pub(super) fn has_money_of(&self, row: &FeedRow) -> bool {
        let money = &self.money;
        if let Some(entry) = entry(row) {
            money.entries.contains_key(&entry)
        } else if let Some(transfer) = transfer(row) {
            money.transfers.contains_key(&transfer)
        } else if let Some(payment) = payment(row) {
            money.payments.contains_key(&payment)
        } else if let Some(cycle) = cycle(row) {
            money.cycles.contains_key(&cycle)
        } else {
            money.wallets.contains_key(&WalletId(row.entity))
        }
    }
}
