//! What subscriptions push of wallets.

use async_graphql::{ID, Interface, SimpleObject};
use events::feed::FeedKind;
use events::{EventId, LogId, TransferId, WalletId};
use uuid::Uuid;

use super::entry::Entry;
use super::events::missing;
use super::scalars::{DateTime, Position};
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
