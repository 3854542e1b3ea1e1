//! What a wallet has without number: transfers and payment numbers. Each is an item, loaded by
//! its key when a command needs it.

use events::money::Amount;
use events::wallet::{DuesShare, Origin, Terms};
use events::{TransferId, UserId, WalletEvent, WalletId, id};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::execution::aggregate::Touch;

/// A transfer or a payment number, as far as deciding needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// A transfer that the wallet pays.
    Paid(Paid),
    /// A transfer that was paid to the wallet.
    Received(Received),
    /// The number of a deposit or withdrawal.
    Reference {
        /// Of how much.
        amount: Amount,
    },
}

/// A transfer that the wallet pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// Who asked.
    pub by: UserId,
    /// The payee.
    pub to: WalletId,
    /// How much.
    pub amount: Amount,
    /// Where it comes from.
    pub origin: Origin,
    /// Whether it had to wait for approvals.
    pub approval: Approval,
    /// How far it has come.
    pub phase: Phase,
}

/// Whether a transfer had to wait for approvals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// It hadn't.
    NotNeeded,
    /// It had.
    Needed,
}

/// How far a transfer has come, as its payer knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It waits for approvals.
    Waiting,
    /// An admin declined it.
    Declined,
    /// It waited too long.
    Expired,
    /// It is taken from the payer; whether it has arrived, the payee knows.
    Debited,
    /// The payee couldn't take it, and it is back.
    Returned,
}

/// A transfer that was paid to the wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    amount: Amount,
    origin: Origin,
    arrival: Arrival,
    /// What of it was paid back, refunds that wait included.
    refunded: Amount,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Arrival {
    Credited,
    Bounced,
}

impl Received {
    /// Whether the wallet couldn't take it.
    pub fn has_bounced(&self) -> bool {
        self.arrival == Arrival::Bounced
    }

    /// What of it may still be paid back; `None` if it never may: it didn't come in, or is a
    /// refund itself.
    pub(super) fn refundable(&self) -> Option<Amount> {
        let is_refund = matches!(self.origin, Origin::Refund { .. });
        if self.arrival == Arrival::Bounced || is_refund {
            return None;
        }
        self.amount.minus(self.refunded)
    }

    /// The dues that it was paid for.
    pub(super) fn dues(&self) -> Option<DuesShare> {
        match self.origin {
            Origin::Dues(share) => Some(share),
            Origin::Manual | Origin::Scheduled { .. } | Origin::Refund { .. } => None,
        }
    }
}

impl Paid {
    /// Whether it is the same transfer that is asked for again.
    pub(super) fn is(&self, terms: &Terms) -> bool {
        let Terms { to, amount, by, origin, .. } = terms;
        (&self.to, &self.amount, &self.by, &self.origin) == (to, amount, by, origin)
    }

    fn of(terms: &Terms, approval: Approval, phase: Phase) -> Self {
        let Terms { to, amount, by, origin, .. } = *terms;
        Self { by, to, amount, origin, approval, phase }
    }
}

/// Key of the item of a deposit's number.
pub fn deposit_key(reference: &str) -> Uuid {
    id::derive(Uuid::nil(), &[b"deposit", reference.as_bytes()])
}

/// Key of the item of a withdrawal's number.
pub fn withdrawal_key(reference: &str) -> Uuid {
    id::derive(Uuid::nil(), &[b"withdrawal", reference.as_bytes()])
}

pub(super) fn touches(event: &WalletEvent) -> Option<Touch> {
    match event {
        WalletEvent::Deposited(new) => Some(Touch::Creates(deposit_key(&new.reference))),
        WalletEvent::Withdrawn(new) => Some(Touch::Creates(withdrawal_key(&new.reference))),
        WalletEvent::TransferRequested(new) => creates(new.terms.transfer),
        WalletEvent::TransferCredited(new) => creates(new.terms.transfer),
        WalletEvent::TransferBounced(new) => creates(new.terms.transfer),
        // There before, if it had to wait.
        WalletEvent::TransferDebited(event) => changes(event.terms.transfer),
        WalletEvent::TransferDeclined(event) => changes(event.transfer),
        WalletEvent::TransferExpired(event) => changes(event.transfer),
        WalletEvent::TransferRefunded(event) => changes(event.terms.transfer),
        WalletEvent::RefundReserved(event) => changes(event.transfer),
        WalletEvent::RefundReleased(event) => changes(event.transfer),
        _ => None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as every event's touch")]
fn creates(transfer: TransferId) -> Option<Touch> {
    Some(Touch::Creates(transfer.0))
}

#[expect(clippy::unnecessary_wraps, reason = "as every event's touch")]
fn changes(transfer: TransferId) -> Option<Touch> {
    Some(Touch::Changes(transfer.0))
}

pub(super) fn evolve(item: Option<Item>, event: &WalletEvent) -> Option<Item> {
    match event {
        WalletEvent::Deposited(new) => Some(Item::Reference { amount: new.amount }),
        WalletEvent::Withdrawn(new) => Some(Item::Reference { amount: new.amount }),
        WalletEvent::TransferRequested(new) => {
            Some(Item::Paid(Paid::of(&new.terms, Approval::Needed, Phase::Waiting)))
        }
        WalletEvent::TransferDebited(new) => match item {
            Some(Item::Paid(paid)) => Some(Item::Paid(Paid { phase: Phase::Debited, ..paid })),
            _ => Some(Item::Paid(Paid::of(&new.terms, Approval::NotNeeded, Phase::Debited))),
        },
        WalletEvent::TransferDeclined(_) => in_phase(item, Phase::Declined),
        WalletEvent::TransferExpired(_) => in_phase(item, Phase::Expired),
        WalletEvent::TransferRefunded(_) => in_phase(item, Phase::Returned),
        WalletEvent::TransferCredited(new) => Some(received(&new.terms, Arrival::Credited)),
        WalletEvent::TransferBounced(new) => Some(received(&new.terms, Arrival::Bounced)),
        WalletEvent::RefundReserved(more) => {
            refunded(item, |sum| sum.plus(more.amount).unwrap_or(sum))
        }
        WalletEvent::RefundReleased(less) => {
            refunded(item, |sum| sum.minus(less.amount).unwrap_or(sum))
        }
        _ => item,
    }
}

fn received(terms: &Terms, arrival: Arrival) -> Item {
    let Terms { amount, origin, .. } = *terms;
    Item::Received(Received { amount, origin, arrival, refunded: Amount::ZERO })
}

fn in_phase(item: Option<Item>, phase: Phase) -> Option<Item> {
    match item {
        Some(Item::Paid(paid)) => Some(Item::Paid(Paid { phase, ..paid })),
        other => other,
    }
}

fn refunded(item: Option<Item>, change: impl FnOnce(Amount) -> Amount) -> Option<Item> {
    match item {
        Some(Item::Received(received)) => {
            let refunded = change(received.refunded);
            Some(Item::Received(Received { refunded, ..received }))
        }
        other => other,
    }
}
