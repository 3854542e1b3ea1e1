//! What a channel is told of its money: NOTICE messages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::Payload;
use crate::id::{CycleId, MessageId, PaymentId, PlanId, TransferId, WalletId};

/// The channel is told of its money (NOTICE). Nobody has written it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoticeSent {
    /// The message.
    pub message: MessageId,
    /// Its place among the channel's messages, from 1, without gaps.
    pub seq: u32,
    /// Its running number among TALK and NOTICE, from 1.
    pub number: u32,
    /// A sentence for people. It names wallets, never people: their names can be erased.
    pub text: String,
    /// What it tells of.
    pub about: About,
}

/// What a notice tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum About {
    /// A transfer to or from a group wallet.
    Transfer {
        /// The channel's wallet.
        wallet: WalletId,
        /// The transfer.
        transfer: TransferId,
    },
    /// A cycle of dues that a group wallet collects.
    Cycle {
        /// The channel's wallet.
        wallet: WalletId,
        /// The plan.
        plan: PlanId,
        /// The cycle.
        cycle: CycleId,
    },
    /// An occurrence of a scheduled payment from a group wallet.
    Occurrence {
        /// The channel's wallet.
        wallet: WalletId,
        /// The payment.
        payment: PaymentId,
        /// The occurrence's number, from 1.
        number: u32,
    },
}

impl Payload for NoticeSent {}
