//! What can be asked of a plan of dues, parsed.

use events::dues::part_of;
use events::money::Amount;
use events::recurrence::Recurrence;
use events::wallet::DuesShare;
use events::{CycleId, TransferId, UserId, WalletId};
use uuid::Uuid;

use crate::domain::Permit;
use crate::parse::{PositiveAmount, WalletName};
use crate::rejection::Code;

/// What can be asked of a plan of dues. A [`Permit`] is the collecting wallet's.
#[derive(Debug, Clone)]
pub enum Command {
    /// Be there, with a first cycle.
    Create(Box<Create>),
    /// Open no more cycles.
    End {
        /// Who asks.
        by: UserId,
        /// Whether they may.
        permit: Permit,
    },
    /// Open the next cycle, or end where there is none. The scheduler's, who asks for it with the
    /// time at which it was to be woken as the cause's; sooner it is `CONFLICT`.
    OpenCycle {
        /// Whom to assess.
        assessed: Assessed,
    },
    /// Take no more payments for a cycle.
    CloseCycle {
        /// Who asks.
        by: UserId,
        /// Which.
        cycle: CycleId,
        /// Whether they may.
        permit: Permit,
    },
    /// Waive what is left of a member's part.
    Exempt {
        /// Who asks.
        by: UserId,
        /// Of which cycle.
        cycle: CycleId,
        /// Whose.
        user: UserId,
        /// Whether they may.
        permit: Permit,
    },
    /// Reserve a member's payment.
    Pay(Box<Pay>),
    /// Take what has become of a payment that was reserved. It may come late, and again.
    Settle {
        /// Whose part of which cycle.
        share: DuesShare,
        /// Its transfer.
        transfer: TransferId,
        /// What.
        outcome: Outcome,
    },
    /// Take that a payment went back, wholly or in part. It may come late, and again.
    Refund(Refund),
}

/// A plan to be; its id is the command's.
#[derive(Debug, Clone)]
pub struct Create {
    /// The group wallet that collects.
    pub wallet: WalletId,
    /// Its name.
    pub name: WalletName,
    /// What each member owes each time.
    pub amount: PositiveAmount,
    /// When.
    pub recurrence: Recurrence,
    /// Who asks.
    pub by: UserId,
    /// Whether they may, and whether the wallet is open.
    pub permit: Permit,
    /// Whom the first cycle assesses.
    pub members: Vec<UserId>,
}

/// Whom a cycle assesses: the wallet's members at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assessed {
    /// These, admins too.
    Members(Vec<UserId>),
    /// Nobody any more: the wallet is closed.
    WalletClosed,
}

/// A member's payment to be.
#[derive(Debug, Clone)]
pub struct Pay {
    /// Who pays their own part.
    pub user: UserId,
    /// Of which cycle.
    pub cycle: CycleId,
    /// Its transfer; the command's id.
    pub transfer: TransferId,
    /// Their wallet.
    pub from: WalletId,
    /// How much.
    pub amount: PositiveAmount,
    /// What they are to the wallet that collects.
    pub standing: Standing,
    /// Whether they may spend from theirs.
    pub permit: Permit,
    /// Whether theirs could pay it now. It is told last, and asked again when it pays.
    pub able: Permit,
}

/// What somebody is to the wallet that collects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A member of it or of its channel.
    Member,
    /// Neither.
    Stranger,
}

/// What has become of a payment's transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its money has arrived.
    Paid,
    /// It came to nothing: refused, declined, lapsed, or bounced.
    Released(Code),
}

/// Money that went back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refund {
    /// Whose part of which cycle.
    pub share: DuesShare,
    /// The payment's transfer.
    pub of: TransferId,
    /// The transfer that paid back.
    pub transfer: TransferId,
    /// How much.
    pub amount: Amount,
}

impl Command {
    /// The items that deciding it looks at.
    pub(super) fn items(&self) -> Vec<Uuid> {
        match self {
            Self::Create(_) | Self::End { .. } | Self::OpenCycle { .. } => Vec::new(),
            Self::CloseCycle { cycle, .. } => vec![cycle.0],
            Self::Exempt { cycle, user, .. } => vec![cycle.0, part_of(*cycle, *user)],
            Self::Pay(pay) => vec![pay.cycle.0, part_of(pay.cycle, pay.user), pay.transfer.0],
            Self::Settle { share, transfer, .. } => {
                vec![share.cycle.0, part_of(share.cycle, share.user), transfer.0]
            }
            Self::Refund(Refund { share, of, transfer, .. }) => {
                vec![share.cycle.0, part_of(share.cycle, share.user), of.0, transfer.0]
            }
        }
    }
}
