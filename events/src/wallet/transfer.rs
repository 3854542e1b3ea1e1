//! What happens to transfers, on either side.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::Payload;
use crate::id::{ChannelId, CycleId, PaymentId, PlanId, TransferId, UserId, WalletId};
use crate::log::Revision;
use crate::money::{Amount, Day};
use crate::time::Timestamp;

/// Where a transfer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Origin {
    /// Somebody asked for it.
    Manual,
    /// An occurrence of a scheduled payment.
    Scheduled {
        /// The payment.
        payment: PaymentId,
        /// The occurrence's number, from 1.
        number: u32,
    },
    /// A member's dues.
    Dues(DuesShare),
    /// It pays another transfer back, wholly or in part.
    Refund {
        /// The other.
        of: TransferId,
        /// What the other was paid for, if it was dues: they are owed again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dues: Option<DuesShare>,
    },
}

/// One member's part of a cycle of dues, and where that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct DuesShare {
    /// The plan, whose stream tells of it.
    pub plan: PlanId,
    /// The cycle.
    pub cycle: CycleId,
    /// Who was assessed.
    pub user: UserId,
}

/// What both sides of a transfer know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Terms {
    /// The transfer.
    pub transfer: TransferId,
    /// The payer.
    pub from: WalletId,
    /// The payee.
    pub to: WalletId,
    /// How much.
    pub amount: Amount,
    /// What it is for, perhaps empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub memo: String,
    /// Who asked.
    pub by: UserId,
    /// Where it comes from.
    pub origin: Origin,
}

/// A transfer waits for approvals; its amount is held. Asking counts as the asker's approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransferRequested {
    /// Of what.
    #[serde(flatten)]
    pub terms: Terms,
    /// Admins who must approve, the asker included; frozen here.
    pub approvals_required: u8,
    /// When it lapses.
    pub expires_at: Timestamp,
    /// The day that it counts on; refunds count on none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Day>,
    /// The payee's revision when it was seen to be open.
    pub payee_revision: Revision,
    /// The channel of a group wallet, which is told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
}

/// An admin approved a transfer that waits. With the last approval the debit follows in the same
/// append.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransferApproved {
    /// Which.
    pub transfer: TransferId,
    /// Who.
    pub by: UserId,
}

/// An admin declined a transfer that waited; the hold has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransferDeclined {
    /// Which.
    pub transfer: TransferId,
    /// Who; nobody when its wallet could not give it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
    /// Where it came from: a payment or a plan of dues has to know how it ended.
    pub origin: Origin,
    /// The channel of a group wallet, which is told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
}

/// A transfer waited too long; the hold has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransferExpired {
    /// Which.
    pub transfer: TransferId,
    /// Where it came from: a payment or a plan of dues has to know how it ended.
    pub origin: Origin,
    /// The channel of a group wallet, which is told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
}

/// Payer: the transfer's amount is taken. This commits to the transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransferDebited {
    /// Of what.
    #[serde(flatten)]
    pub terms: Terms,
    /// What is in the wallet then.
    pub balance_after: Amount,
    /// The day that it counts on; refunds count on none, and what waited has counted before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Day>,
    /// The payee's revision when it was seen to be open: the credit comes after it.
    pub payee_revision: Revision,
    /// The channel of a group wallet, which is told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
}

/// Payee: the transfer's amount is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransferCredited {
    /// Of what.
    #[serde(flatten)]
    pub terms: Terms,
    /// What is in the wallet then.
    pub balance_after: Amount,
    /// The channel of a group wallet, which is told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
}

/// Why a payee can't take a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BounceReason {
    /// It was closed meanwhile.
    Closed,
    /// Its balance would pass 2^63 - 1.
    Overflow,
}

/// Payee: the transfer's amount can't be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransferBounced {
    /// Of what.
    #[serde(flatten)]
    pub terms: Terms,
    /// Why.
    pub reason: BounceReason,
}

/// Payer: the amount of a transfer that bounced is back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransferRefunded {
    /// Of what.
    #[serde(flatten)]
    pub terms: Terms,
    /// What is in the wallet then.
    pub balance_after: Amount,
    /// The channel of a group wallet, which is told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
}

/// Payee: a refund of a transfer counts in what of it is paid back. It stands in the append that
/// asks for the refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefundReserved {
    /// The transfer that is paid back.
    pub transfer: TransferId,
    /// The refund.
    pub refund: TransferId,
    /// How much.
    pub amount: Amount,
}

/// Payee: a refund counts no more, because it was declined, lapsed, or came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefundReleased {
    /// The transfer that was to be paid back.
    pub transfer: TransferId,
    /// The refund.
    pub refund: TransferId,
    /// How much.
    pub amount: Amount,
}

impl Payload for TransferRequested {}
impl Payload for TransferApproved {}
impl Payload for TransferDeclined {}
impl Payload for TransferExpired {}
impl Payload for TransferDebited {}
impl Payload for TransferCredited {}
impl Payload for TransferBounced {}
impl Payload for TransferRefunded {}
impl Payload for RefundReserved {}
impl Payload for RefundReleased {}
