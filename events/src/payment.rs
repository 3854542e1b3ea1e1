//! Streams `payment-{id}`: a scheduled payment and its occurrences.
//!
//! Every event tells what is ahead, so that neither who folds nor who projects it has to know the
//! calendar. An occurrence starts, perhaps waits for approvals, perhaps is tried again, and has one
//! outcome.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::{Payload, category};
use crate::id::{CommandId, PaymentId, TransferId, UserId, WalletId, derive};
use crate::money::Amount;
use crate::recurrence::{Due, Recurrence};
use crate::settled::CommandSettled;
use crate::time::Timestamp;
use crate::wallet::Terms;

category! {
    /// What happens to a scheduled payment.
    PaymentEvent of Payment {
        /// It is there, active.
        PaymentScheduled = 1,
        /// It stands still.
        PaymentPaused = 1,
        /// It goes on.
        PaymentResumed = 1,
        /// It has ended before its time.
        PaymentCancelled = 1,
        /// All its occurrences have had their outcome.
        PaymentCompleted = 1,
        /// Occurrences are left out for good: their outcome.
        OccurrencesSkipped = 1,
        /// An occurrence is carried out now, for the first time or again.
        OccurrenceStarted = 1,
        /// An occurrence's transfer waits for approvals.
        OccurrenceWaiting = 1,
        /// There was not enough money: the occurrence is tried again later.
        OccurrenceRetrying = 1,
        /// An occurrence's money has arrived: its outcome.
        OccurrenceSucceeded = 1,
        /// An occurrence has come to nothing: its outcome.
        OccurrenceFailed = 1,
        /// A command changed nothing.
        CommandSettled = 1,
    }
}

/// What is to come after an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ahead {
    /// The next occurrence that has not started and is not skipped, whatever the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Due>,
    /// When the payment has to do something by itself: start an occurrence, try one again. It
    /// replaces what events before have told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake_at: Option<Timestamp>,
}

/// It is there, active.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentScheduled {
    /// Who pays.
    pub from: WalletId,
    /// Who is paid.
    pub to: WalletId,
    /// How much each time.
    pub amount: Amount,
    /// What it is for, perhaps empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub memo: String,
    /// When.
    pub recurrence: Recurrence,
    /// On whose behalf every occurrence is paid.
    pub created_by: UserId,
    /// What is to come.
    pub ahead: Ahead,
}

/// It stands still: occurrences that have started go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentPaused {
    /// By whom.
    pub by: UserId,
    /// What is to come.
    pub ahead: Ahead,
}

/// It goes on. What was due by then is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentResumed {
    /// By whom.
    pub by: UserId,
    /// What is to come.
    pub ahead: Ahead,
}

/// It has ended before its time: occurrences that have started go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentCancelled {
    /// By whom.
    pub by: UserId,
    /// What is to come: perhaps another try of what has started.
    pub ahead: Ahead,
}

/// All its occurrences have had their outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentCompleted {
    /// Nothing.
    pub ahead: Ahead,
}

/// Occurrences are left out for good: one that somebody wanted to leave out, or those that fell
/// due while the payment was paused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OccurrencesSkipped {
    /// Which, in order; at least one, at most 1,000.
    pub skipped: Vec<Due>,
    /// By whom; nobody when it was paused then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
    /// What is to come.
    pub ahead: Ahead,
}

/// An occurrence is carried out now. This commits to it, and carries all that its debit needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OccurrenceStarted {
    /// Which, from 1.
    pub number: u32,
    /// For the how manieth time, from 1.
    pub attempt: u32,
    /// When it fell due.
    pub due_at: Timestamp,
    /// Its transfer, the same at every attempt.
    pub terms: Terms,
    /// What is to come.
    pub ahead: Ahead,
}

/// An occurrence's transfer waits for approvals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OccurrenceWaiting {
    /// Which.
    pub number: u32,
    /// Its transfer.
    pub transfer: TransferId,
    /// What is to come.
    pub ahead: Ahead,
}

/// There was not enough money: the occurrence is tried again later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OccurrenceRetrying {
    /// Which.
    pub number: u32,
    /// The attempt that was refused.
    pub attempt: u32,
    /// Why, as an error code.
    pub code: String,
    /// When it is tried again.
    pub retry_at: Timestamp,
    /// What is to come.
    pub ahead: Ahead,
}

/// An occurrence's money has arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OccurrenceSucceeded {
    /// Which.
    pub number: u32,
    /// Its transfer.
    pub transfer: TransferId,
    /// What is to come.
    pub ahead: Ahead,
}

/// An occurrence has come to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OccurrenceFailed {
    /// Which.
    pub number: u32,
    /// Why, as an error code.
    pub code: String,
    /// Its transfer, if there was one that came to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer: Option<TransferId>,
    /// What is to come.
    pub ahead: Ahead,
}

/// Of every kind but `CommandSettled`.
macro_rules! ahead {
    ($of:expr, $($borrow:tt)+) => {
        match $of {
            PaymentEvent::PaymentScheduled(event) => Some($($borrow)+ event.ahead),
            PaymentEvent::PaymentPaused(event) => Some($($borrow)+ event.ahead),
            PaymentEvent::PaymentResumed(event) => Some($($borrow)+ event.ahead),
            PaymentEvent::PaymentCancelled(event) => Some($($borrow)+ event.ahead),
            PaymentEvent::PaymentCompleted(event) => Some($($borrow)+ event.ahead),
            PaymentEvent::OccurrencesSkipped(event) => Some($($borrow)+ event.ahead),
            PaymentEvent::OccurrenceStarted(event) => Some($($borrow)+ event.ahead),
            PaymentEvent::OccurrenceWaiting(event) => Some($($borrow)+ event.ahead),
            PaymentEvent::OccurrenceRetrying(event) => Some($($borrow)+ event.ahead),
            PaymentEvent::OccurrenceSucceeded(event) => Some($($borrow)+ event.ahead),
            PaymentEvent::OccurrenceFailed(event) => Some($($borrow)+ event.ahead),
            PaymentEvent::CommandSettled(_) => None,
        }
    };
}

impl PaymentEvent {
    /// What is to come after it, as every kind but `CommandSettled` tells.
    pub fn ahead(&self) -> Option<&Ahead> {
        ahead!(self, &)
    }

    /// The same, to be filled in.
    pub fn ahead_mut(&mut self) -> Option<&mut Ahead> {
        ahead!(self, &mut)
    }
}

/// The transfer of an occurrence: the same at every attempt, so that its wallet takes it once.
pub fn transfer_of(payment: PaymentId, number: u32) -> TransferId {
    TransferId(derive(payment.0, &[b"occurrence", &number.to_be_bytes()]))
}

/// The command that debits an attempt at an occurrence: another one each time, because a retry is
/// no repeat of what was refused.
pub fn debit_of(payment: PaymentId, number: u32, attempt: u32) -> CommandId {
    let parts: [&[u8]; 3] = [b"debit", &number.to_be_bytes(), &attempt.to_be_bytes()];
    CommandId(derive(payment.0, &parts))
}

impl Payload for PaymentScheduled {}
impl Payload for PaymentPaused {}
impl Payload for PaymentResumed {}
impl Payload for PaymentCancelled {}
impl Payload for PaymentCompleted {}
impl Payload for OccurrencesSkipped {}
impl Payload for OccurrenceStarted {}
impl Payload for OccurrenceWaiting {}
impl Payload for OccurrenceRetrying {}
impl Payload for OccurrenceSucceeded {}
impl Payload for OccurrenceFailed {}
