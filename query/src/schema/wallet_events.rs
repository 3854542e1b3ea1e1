//! What subscriptions push of wallets.

use async_graphql::{ID, Interface, SimpleObject};
use events::feed::FeedKind;
use events::{CycleId, EventId, LogId, PaymentId, TransferId, WalletId};
use uuid::Uuid;

use super::dues::DuesCycle;
use super::entry::Entry;
use super::events::missing;
use super::scalars::{DateTime, Position};
use super::scheduled_payment::ScheduledPayment;
use super::sight::id;
use super::transfer::Transfer;
use super::wallet::Wallet;
use crate::fault::Fault;
use crate::hub::push::Push;
use crate::loads::Loads;

/// Something that happened to a wallet.
#[derive(Interface)]
#[graphql(
    field(name = "position", ty = "&Position", desc = "Pass it as `after` to go on behind this."),
    field(name = "wallet_id", ty = "&ID", desc = "To which wallet."),
    field(name = "at", ty = "&DateTime", desc = "When it happened.")
)]
pub(crate) enum WalletEvent {
    EntryPosted(EntryPosted),
    TransferChanged(TransferChanged),
    ScheduledPaymentChanged(ScheduledPaymentChanged),
    DuesChanged(DuesChanged),
    WalletChanged(WalletChanged),
}

/// A line was added to the wallet's ledger.
#[derive(SimpleObject)]
pub(crate) struct EntryPosted {
    /// Pass it as `after` to go on behind this.
    position: Position,
    /// To which wallet.
    wallet_id: ID,
    /// When it happened.
    at: DateTime,
    /// The line.
    entry: Entry,
}

/// A transfer from or to the wallet was asked for, approved, or came further.
#[derive(SimpleObject)]
pub(crate) struct TransferChanged {
    /// Pass it as `after` to go on behind this.
    position: Position,
    /// To which wallet.
    wallet_id: ID,
    /// When it happened.
    at: DateTime,
    /// The transfer.
    transfer: Transfer,
}

/// Something happened to a payment that is made from the wallet by schedule, or to an occurrence.
#[derive(SimpleObject)]
pub(crate) struct ScheduledPaymentChanged {
    /// Pass it as `after` to go on behind this.
    position: Position,
    /// To which wallet.
    wallet_id: ID,
    /// When it happened.
    at: DateTime,
    /// The scheduled payment.
    scheduled_payment: ScheduledPayment,
}

/// A cycle of dues that the wallet collects was opened, paid, closed, or somebody's part of it
/// changed; of the newest cycle it is also told when its plan ends.
#[derive(SimpleObject)]
pub(crate) struct DuesChanged {
    /// Pass it as `after` to go on behind this.
    position: Position,
    /// To which wallet.
    wallet_id: ID,
    /// When it happened.
    at: DateTime,
    /// The cycle.
    cycle: DuesCycle,
}

/// The wallet was closed, frozen or let go on, or its members, roles or rules are others.
#[derive(SimpleObject)]
pub(crate) struct WalletChanged {
    /// Pass it as `after` to go on behind this.
    position: Position,
    /// To which wallet.
    wallet_id: ID,
    /// When it happened.
    at: DateTime,
    /// The wallet.
    wallet: Wallet,
}

impl WalletEvent {
    /// What a push tells.
    pub(crate) async fn of(loads: &Loads, log: LogId, push: &Push) -> Result<Self, Fault> {
        let row = &push.event.row;
        let place = (push.position(log).into(), id(WalletId(row.entity)), DateTime(row.at));
        let reference = || row.reference.ok_or_else(|| missing("reference", Some(row.entity)));
        match (row.kind, push.ordinal) {
            (FeedKind::EntryPosted, _) | (FeedKind::TransferPosted, 0) => {
                let entry = entry(loads, reference()?).await?;
                let (position, wallet_id, at) = place;
                Ok(Self::EntryPosted(EntryPosted { position, wallet_id, at, entry }))
            }
            (FeedKind::TransferPosted, _) => {
                let entry = loads.entry(EventId(reference()?)).await?;
                let transfer = entry.and_then(|entry| entry.transfer);
                let transfer = transfer.ok_or_else(|| missing("transfer", row.reference))?;
                Self::of_transfer(loads, place, transfer).await
            }
            (FeedKind::TransferChanged | FeedKind::OtherSideChanged, _) => {
                Self::of_transfer(loads, place, TransferId(reference()?)).await
            }
            (FeedKind::ScheduledPaymentChanged, _) => {
                let payment = loads.scheduled_payment(PaymentId(reference()?)).await?;
                let payment = payment.ok_or_else(|| missing("payment", row.reference))?;
                let (position, wallet_id, at) = place;
                let scheduled_payment = payment.into();
                let told = ScheduledPaymentChanged { position, wallet_id, at, scheduled_payment };
                Ok(Self::ScheduledPaymentChanged(told))
            }
            (FeedKind::DuesChanged, _) => {
                let cycle = loads.dues_cycle(CycleId(reference()?)).await?;
                let cycle = cycle.ok_or_else(|| missing("cycle", row.reference))?.into();
                let (position, wallet_id, at) = place;
                Ok(Self::DuesChanged(DuesChanged { position, wallet_id, at, cycle }))
            }
            _ => {
                let wallet = loads.wallet(WalletId(row.entity)).await?;
                let wallet = wallet.ok_or_else(|| missing("wallet", Some(row.entity)))?.into();
                let (position, wallet_id, at) = place;
                Ok(Self::WalletChanged(WalletChanged { position, wallet_id, at, wallet }))
            }
        }
    }

    async fn of_transfer(
        loads: &Loads,
        (position, wallet_id, at): (Position, ID, DateTime),
        id: TransferId,
    ) -> Result<Self, Fault> {
        let transfer = loads.transfer(id).await?;
        let transfer = transfer.ok_or_else(|| missing("transfer", Some(id.0)))?.into();
        Ok(Self::TransferChanged(TransferChanged { position, wallet_id, at, transfer }))
    }
}

async fn entry(loads: &Loads, id: Uuid) -> Result<Entry, Fault> {
    let entry = loads.entry(EventId(id)).await?;
    Ok(entry.ok_or_else(|| missing("entry", Some(id)))?.into())
}
