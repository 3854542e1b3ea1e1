//! Streams `dues-{id}`: a plan of dues, its cycles, and what members have paid of their parts.
//!
//! A payment is reserved here, which commits to it and counts against what is outstanding; then
//! its transfer moves; then it is paid or released here. `Sums` are the cycle's after the event.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::codec::{Payload, category};
use crate::id::{CycleId, PlanId, TransferId, UserId, WalletId, derive};
use crate::money::Amount;
use crate::recurrence::Recurrence;
use crate::settled::CommandSettled;
use crate::time::Timestamp;
use crate::wallet::Terms;

category! {
    /// What happens to a plan of dues.
    DuesEvent of Dues {
        /// It is there; its first cycle opens with it.
        DuesPlanCreated = 1,
        /// It opens no more cycles.
        DuesPlanEnded = 1,
        /// A cycle is there; who is assessed follows in the same append.
        DuesCycleOpened = 1,
        /// Members owe their part of a cycle.
        DuesAssessed = 1,
        /// A cycle takes no more payments.
        DuesCycleClosed = 1,
        /// A cycle that was closed by being paid takes payments again.
        DuesCycleReopened = 1,
        /// A member need not pay what is left of their part.
        DuesExempted = 1,
        /// A member's payment is under way.
        DuesPaymentReserved = 1,
        /// A member's payment has arrived.
        DuesPaid = 1,
        /// A member's payment came to nothing.
        DuesPaymentReleased = 1,
        /// A member's payment went back, wholly or in part.
        DuesRefunded = 1,
        /// A command changed nothing.
        CommandSettled = 1,
    }
}

/// A cycle's sums. Its parts are collected, under way, waived, or outstanding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sums {
    /// What has been paid, less what was refunded.
    pub collected: Amount,
    /// What payments that are under way will bring.
    pub reserved: Amount,
    /// What is still to be paid: not collected, not reserved, not waived.
    pub outstanding: Amount,
}

/// It is there; its first cycle follows in the same append.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DuesPlanCreated {
    /// The group wallet that collects.
    pub wallet: WalletId,
    /// Its name.
    pub name: String,
    /// What each member owes each time.
    pub amount: Amount,
    /// When.
    pub recurrence: Recurrence,
    /// By whom.
    pub created_by: UserId,
}

/// It opens no more cycles; those that are open can still be paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DuesPlanEnded {
    /// By whom; nobody when its last cycle has fallen due, or its wallet is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
}

/// A cycle is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DuesCycleOpened {
    /// The cycle.
    pub cycle: CycleId,
    /// Which, from 1.
    pub number: u32,
    /// When it falls due, which opens the next one or ends the plan: until then there is nothing
    /// to do.
    pub due_at: Timestamp,
    /// How many members are assessed.
    pub members: u32,
    /// What is outstanding: all of it.
    pub sums: Sums,
}

/// Members owe their part of a cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DuesAssessed {
    /// The cycle.
    pub cycle: CycleId,
    /// How much each.
    pub amount: Amount,
    /// Who: at least one, at most 1,000.
    pub users: Vec<UserId>,
}

/// A cycle takes no more payments; those that are under way finish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DuesCycleClosed {
    /// Which.
    pub cycle: CycleId,
    /// By whom; nobody when nothing was outstanding any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
}

/// A cycle that was closed by being paid takes payments again, because one went back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DuesCycleReopened {
    /// Which.
    pub cycle: CycleId,
}

/// A member need not pay what is left of their part, nor what comes back of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DuesExempted {
    /// Of which cycle.
    pub cycle: CycleId,
    /// Who.
    pub user: UserId,
    /// By whom.
    pub by: UserId,
    /// The cycle's sums then.
    pub sums: Sums,
}

/// A member's payment is under way. This commits to it, and carries all that its debit needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DuesPaymentReserved {
    /// For which cycle.
    pub cycle: CycleId,
    /// Whose part.
    pub user: UserId,
    /// Its transfer.
    pub terms: Terms,
    /// The cycle's sums then.
    pub sums: Sums,
}

/// A member's payment has arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DuesPaid {
    /// For which cycle.
    pub cycle: CycleId,
    /// Whose part.
    pub user: UserId,
    /// Its transfer.
    pub transfer: TransferId,
    /// How much.
    pub amount: Amount,
    /// What the member has paid then of their part.
    pub paid: Amount,
    /// The cycle's sums then.
    pub sums: Sums,
}

/// A member's payment came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DuesPaymentReleased {
    /// For which cycle.
    pub cycle: CycleId,
    /// Whose part.
    pub user: UserId,
    /// Its transfer, which may never have been.
    pub transfer: TransferId,
    /// How much.
    pub amount: Amount,
    /// Why, as an error code.
    pub code: String,
    /// The cycle's sums then.
    pub sums: Sums,
}

/// A member's payment went back, wholly or in part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DuesRefunded {
    /// Of which cycle.
    pub cycle: CycleId,
    /// Whose part.
    pub user: UserId,
    /// The transfer that paid back.
    pub transfer: TransferId,
    /// The payment's transfer.
    pub of: TransferId,
    /// How much went back.
    pub amount: Amount,
    /// What the member has paid then of their part.
    pub paid: Amount,
    /// The cycle's sums then.
    pub sums: Sums,
}

/// The cycle of a plan with that number: known before it opens, so that it can be named.
pub fn cycle_of(plan: PlanId, number: u32) -> CycleId {
    CycleId(derive(plan.0, &[b"cycle", &number.to_be_bytes()]))
}

/// Names one member's part of a cycle among the plan's items.
pub fn part_of(cycle: CycleId, user: UserId) -> Uuid {
    derive(cycle.0, &[b"part", user.0.as_bytes()])
}

impl Payload for DuesPlanCreated {}
impl Payload for DuesPlanEnded {}
impl Payload for DuesCycleOpened {}
impl Payload for DuesAssessed {}
impl Payload for DuesCycleClosed {}
impl Payload for DuesCycleReopened {}
impl Payload for DuesExempted {}
impl Payload for DuesPaymentReserved {}
impl Payload for DuesPaid {}
impl Payload for DuesPaymentReleased {}
impl Payload for DuesRefunded {}
