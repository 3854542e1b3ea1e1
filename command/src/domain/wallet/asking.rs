//! Who asks something of a wallet, by what right, and what for.

use events::channel::GroupWalletOpened;
use events::money::{Currency, Day};
use events::user::PersonalWalletOpened;
use events::wallet::Origin;
use events::{ChannelId, EventId, Revision, TransferId, UserId, WalletId};
use zeroize::Zeroizing;

use crate::domain::Verified;
use crate::parse::{Approvals, Memo, PositiveAmount, Reference};

/// Who asks. A member is told of the wallet's rules; what anyone else is told depends on whether
/// they may know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asker {
    /// Who.
    pub user: UserId,
    /// What they are told if they are no member.
    pub otherwise: Outsider,
}

impl Asker {
    /// Who may know of the wallet as a member only.
    pub const fn stranger(user: UserId) -> Self {
        Self { user, otherwise: Outsider::Stranger }
    }

    /// Who knows of the wallet, member or not.
    pub const fn acquainted(user: UserId) -> Self {
        Self { user, otherwise: Outsider::Acquainted }
    }
}

/// Somebody who is no member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outsider {
    /// For them the wallet isn't there.
    Stranger,
    /// A member of its channel, or the other side of a transfer: it is there, but not theirs.
    Acquainted,
}

/// What somebody who wants to join is to the wallet's channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// Not in it; so for a personal wallet, too.
    Outside,
    /// In it, when the channel was at this revision.
    Inside(Revision),
}

/// Who loses the channel loses its wallets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// Who.
    pub user: UserId,
    /// Who removes them from the channel, if it isn't themselves.
    pub removed_by: Option<UserId>,
    /// The channel's revision: when the loss was asked for, or of the event that tells of it.
    pub channel_revision: Revision,
    /// Whether it may still be refused.
    pub loss: Loss,
    /// See [`Debits`].
    pub debits: Debits,
}

/// How far the loss of the channel has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It is asked for. The last admin of a wallet with money stays, and the channel is not lost;
    /// who is no member changes nothing.
    Asked,
    /// It has happened, and so it is noted even for who is no member: from then on nobody comes
    /// in by an older look at the channel. Nothing can refuse it; only the last member of a
    /// wallet with money stays until that is gone.
    Done,
}

/// Up to which revision of this wallet its debits are known to have arrived, or to have come
/// back. The wallet itself is told of those that bounced only, so whoever asks it to close looks
/// first. `None`: nobody looked; good enough for a wallet that never paid anything.
pub type Debits = Option<Revision>;

/// A wallet to be.
#[derive(Debug, Clone)]
pub struct Open {
    /// Its first member, an admin.
    pub owner: UserId,
    /// The channel of a group wallet; `None`: it is personal.
    pub channel: Option<ChannelId>,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// What its money is counted in.
    pub currency: Currency,
    /// Admins who must approve.
    pub approvals_required: u8,
    /// Argon2id hash of the owner's PIN, in PHC form.
    pub pin: Zeroizing<String>,
}

impl Open {
    /// What a user's event commits to; `pin` is its PIN, opened.
    pub fn personal(owner: UserId, event: &PersonalWalletOpened, pin: Zeroizing<String>) -> Self {
        Self {
            owner,
            channel: None,
            name: event.name.clone(),
            description: String::new(),
            currency: event.currency,
            approvals_required: Approvals::ONE.get(),
            pin,
        }
    }

    /// What a channel's event commits to; `pin` is its PIN, opened.
    pub fn group(channel: ChannelId, event: &GroupWalletOpened, pin: Zeroizing<String>) -> Self {
        Self {
            owner: event.owner,
            channel: Some(channel),
            name: event.name.clone(),
            description: event.description.clone(),
            currency: event.currency,
            approvals_required: event.approvals_required,
            pin,
        }
    }
}

/// What was sent for an admin's current PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurrentPin {
    /// Nothing.
    LeftOut,
    /// Something, when there was nothing to verify it against.
    Unverified,
    /// Something that was verified.
    Verified(Verified),
}

/// By what somebody spends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warrant {
    /// A spend token of this user, wallet and session that has not run out; it was given for the
    /// PIN that came with this event.
    Token {
        /// The PIN's version.
        pin: EventId,
    },
    /// What was sent for one is none.
    Void,
    /// None is needed: Moim runs what was authorised before (a scheduled payment, dues).
    Standing,
}

/// Whom a payment is for, as their own stream told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payee {
    /// There is no such wallet.
    Unknown,
    /// It was closed.
    Closed {
        /// Which.
        wallet: WalletId,
    },
    /// It was open.
    Open {
        /// Which.
        wallet: WalletId,
        /// What its money is counted in.
        currency: Currency,
        /// Its revision then.
        revision: Revision,
    },
}

/// Money to be given out.
#[derive(Debug, Clone)]
pub struct Withdraw {
    /// Who asks.
    pub asker: Asker,
    /// How much.
    pub amount: PositiveAmount,
    /// The payment's own number.
    pub reference: Reference,
    /// By what.
    pub warrant: Warrant,
    /// Today.
    pub day: Day,
}

/// A transfer to be.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// Its id: the client's command, or derived from the payment or dues that it comes from.
    pub transfer: TransferId,
    /// Who asks.
    pub asker: Asker,
    /// To whom.
    pub payee: Payee,
    /// How much.
    pub amount: PositiveAmount,
    /// What for.
    pub memo: Memo,
    /// Where it comes from; a refund is asked for otherwise.
    pub origin: Origin,
    /// By what.
    pub warrant: Warrant,
    /// Today.
    pub day: Day,
}

/// A refund to be: a transfer in the other direction.
#[derive(Debug, Clone)]
pub struct Refund {
    /// Its id.
    pub refund: TransferId,
    /// The transfer that it pays back; there is one of that id that has to do with this wallet.
    pub of: TransferId,
    /// Who asks.
    pub asker: Asker,
    /// Who paid.
    pub payee: Payee,
    /// How much; left out, all that is left.
    pub amount: Option<PositiveAmount>,
    /// By what.
    pub warrant: Warrant,
}
