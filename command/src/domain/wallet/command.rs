//! What can be asked of a wallet, parsed.

use events::wallet::{Terms, WalletRole};
use events::{TransferId, UserId};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::asking::{
    Asker, CurrentPin, Debits, Open, Refund, Release, Seat, Transfer, Warrant, Withdraw,
};
use super::item::{deposit_key, withdrawal_key};
use crate::domain::Verified;
use crate::parse::{Approvals, Limits, PositiveAmount, Reference};

/// What can be asked of a wallet.
#[derive(Debug, Clone)]
pub enum Command {
    /// Be there. Commanded by the event of its user or channel that commits to it; a repeat
    /// changes nothing.
    Open(Open),
    /// Take in a member of its channel.
    Join {
        /// Who comes.
        user: UserId,
        /// What they are to the channel.
        seat: Seat,
    },
    /// Let a member go.
    Leave {
        /// Who goes.
        asker: Asker,
        /// See [`Debits`].
        debits: Debits,
    },
    /// Put a member out; oneself is leaving.
    RemoveMember {
        /// Who asks.
        asker: Asker,
        /// Who is to go.
        user: UserId,
    },
    /// Give a member another role.
    SetRole {
        /// Who asks.
        asker: Asker,
        /// Whose.
        user: UserId,
        /// The role to be.
        role: WalletRole,
    },
    /// Let go who loses the channel.
    Release(Release),
    /// Be closed with its channel, or with its owner's account. A repeat changes nothing.
    End {
        /// See [`Debits`].
        debits: Debits,
    },
    /// Be closed.
    Close {
        /// Who asks.
        asker: Asker,
        /// See [`Debits`].
        debits: Debits,
    },
    /// Give out no more, for an operator.
    Freeze {
        /// Why.
        reason: String,
    },
    /// Go on, for an operator.
    Unfreeze {
        /// Why.
        reason: String,
    },
    /// Say whether an admin's PIN is right. What the spend token is made of is read from the
    /// state then.
    Authorize {
        /// Who asks.
        asker: Asker,
        /// What came of verifying the PIN; `None` if there was none to verify it against.
        pin: Option<Verified>,
    },
    /// Take another PIN of an admin, or their first.
    ChangePin {
        /// Who asks.
        asker: Asker,
        /// What was sent for the current PIN.
        current: CurrentPin,
        /// Argon2id hash of the new one, in PHC form.
        pin: Zeroizing<String>,
    },
    /// Ask another number of admins.
    SetApprovals {
        /// Who asks.
        asker: Asker,
        /// The number to be.
        approvals: Approvals,
    },
    /// Have other limits.
    SetLimits {
        /// Who asks.
        asker: Asker,
        /// The limits to be.
        limits: Limits,
        /// By what.
        warrant: Warrant,
    },
    /// Take money in. A repeat of the reference with the same amount changes nothing.
    Deposit {
        /// Who asks; nobody when a payment provider tells of it.
        asker: Option<Asker>,
        /// How much.
        amount: PositiveAmount,
        /// The payment's own number.
        reference: Reference,
    },
    /// Give money out. A repeat of the reference with the same amount changes nothing.
    Withdraw(Withdraw),
    /// Pay another wallet, or ask for approvals of that. A repeat of the transfer's id, under
    /// whatever command, changes nothing.
    Transfer(Transfer),
    /// Pay a transfer back that this wallet received. A repeat as with [`Transfer`].
    Refund(Refund),
    /// Approve a transfer that waits; with the last approval it is paid.
    Approve {
        /// Who asks; here the other side is acquainted, too.
        asker: Asker,
        /// Which.
        transfer: TransferId,
    },
    /// End a transfer that waits.
    Decline {
        /// Who asks; here the other side is acquainted, too.
        asker: Asker,
        /// Which.
        transfer: TransferId,
    },
    /// End a transfer that has waited too long; otherwise nothing changes.
    Expire {
        /// Which.
        transfer: TransferId,
    },
    /// Payee: take what was debited, or let it bounce. A repeat changes nothing.
    Credit(Terms),
    /// Payer: take back what bounced. A repeat changes nothing.
    TakeBack(Terms),
}

impl Command {
    /// The items that deciding it looks at.
    pub(super) fn items(&self) -> Vec<Uuid> {
        match self {
            Self::Deposit { reference, .. } => vec![deposit_key(reference.as_str())],
            Self::Withdraw(withdraw) => vec![withdrawal_key(withdraw.reference.as_str())],
            Self::Transfer(Transfer { transfer, .. })
            | Self::Approve { transfer, .. }
            | Self::Decline { transfer, .. }
            | Self::Expire { transfer }
            | Self::Credit(Terms { transfer, .. })
            | Self::TakeBack(Terms { transfer, .. }) => vec![transfer.0],
            Self::Refund(refund) => vec![refund.of.0, refund.refund.0],
            Self::Open(_)
            | Self::Join { .. }
            | Self::Leave { .. }
            | Self::RemoveMember { .. }
            | Self::SetRole { .. }
            | Self::Release(_)
            | Self::End { .. }
            | Self::Close { .. }
            | Self::Freeze { .. }
            | Self::Unfreeze { .. }
            | Self::Authorize { .. }
            | Self::ChangePin { .. }
            | Self::SetApprovals { .. }
            | Self::SetLimits { .. } => Vec::new(),
        }
    }
}
