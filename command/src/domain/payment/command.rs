//! What can be asked of a scheduled payment, parsed.

use events::recurrence::Recurrence;
use events::{UserId, WalletId};

use crate::domain::Permit;
use crate::parse::{Memo, PositiveAmount};
use crate::rejection::Code;

/// What can be asked of a scheduled payment. A [`Permit`] is the payer's wallet's.
#[derive(Debug, Clone)]
pub enum Command {
    /// Be there.
    Schedule(Box<Schedule>),
    /// Stand still.
    Pause {
        /// Who asks.
        by: UserId,
        /// Whether they may.
        permit: Permit,
    },
    /// Go on.
    Resume {
        /// Who asks.
        by: UserId,
        /// Whether they may.
        permit: Permit,
    },
    /// Leave out the next occurrence.
    Skip {
        /// Who asks.
        by: UserId,
        /// Whether they may.
        permit: Permit,
    },
    /// End.
    Cancel {
        /// Who asks.
        by: UserId,
        /// Whether they may.
        permit: Permit,
    },
    /// Do what is due now: start an occurrence, or try one again. The scheduler's, who asks for
    /// it with the time at which it was to be woken as the cause's; sooner it is `CONFLICT`.
    StartDue,
    /// Take what has become of an occurrence that has started. It may come late, and again.
    Settle {
        /// Which.
        number: u32,
        /// What.
        outcome: Outcome,
    },
}

/// A scheduled payment to be; its id is the command's.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Who pays.
    pub from: WalletId,
    /// Who is paid.
    pub to: WalletId,
    /// How much each time.
    pub amount: PositiveAmount,
    /// What it is for.
    pub memo: Memo,
    /// When.
    pub recurrence: Recurrence,
    /// Who asks.
    pub by: UserId,
    /// Whether they may, and whether both wallets could do it now.
    pub permit: Permit,
}

/// What has become of an occurrence's transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It waits for approvals.
    Waiting,
    /// Its money has arrived.
    Succeeded,
    /// It was there and has come to nothing: declined, lapsed, or bounced.
    Failed(Code),
    /// The payer's wallet didn't make it.
    Refused {
        /// At which attempt.
        attempt: u32,
        /// Why.
        code: Code,
    },
}
