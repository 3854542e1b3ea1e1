//! What can be asked of a channel, parsed.

use events::channel::{About, Role, Visibility};
use events::money::Currency;
use events::{MessageId, UserId, WalletId};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::domain::Verified;
use crate::parse::{Approvals, ChannelName, Description, Emoji, MessageText, WalletName};

/// What can be asked of a channel.
#[derive(Debug, Clone)]
pub enum Command {
    /// Be there.
    Create(Create),
    /// Be called or described otherwise.
    Update(Update),
    /// Be gone.
    Delete {
        /// Who asks.
        by: UserId,
        /// Its wallets that are closed by now; void if there is another.
        handled: Vec<WalletId>,
    },
    /// Have another wallet; its own stream follows.
    OpenWallet(OpenWallet),
    /// Have a wallet no more that is closed. A repeat changes nothing.
    CloseWallet {
        /// Which.
        wallet: WalletId,
    },
    /// Take in who comes.
    Join {
        /// Who comes.
        user: UserId,
        /// What was sent for a password.
        password: Proof,
    },
    /// Take in whom a member brings.
    AddMember {
        /// Who asks.
        by: UserId,
        /// Who is brought.
        candidate: Candidate,
    },
    /// Let a member go.
    Leave {
        /// Who goes.
        user: UserId,
        /// Its wallets that have let them go by now; if nobody else is in the channel, that are
        /// closed. Void if there is another.
        handled: Vec<WalletId>,
    },
    /// Put a member out; oneself is leaving.
    RemoveMember {
        /// Who asks.
        by: UserId,
        /// Who is to go.
        user: UserId,
        /// As with leaving.
        handled: Vec<WalletId>,
    },
    /// Let somebody go whose account ends, if that is a member; nothing can refuse it, and a
    /// repeat finds no member and changes nothing. Its LEAVE message has an id derived from the
    /// command's by [`LEAVE`](super::LEAVE), by which others can name it.
    Depart {
        /// Who goes.
        user: UserId,
    },
    /// Give a member another role.
    SetRole {
        /// Who asks.
        by: UserId,
        /// Whose.
        user: UserId,
        /// The role to be.
        role: Role,
    },
    /// Take a message.
    SendMessage(SendMessage),
    /// Be told of its money. A repeat changes nothing.
    Notify(Notice),
    /// Take a message's new text.
    EditMessage {
        /// Who asks.
        user: UserId,
        /// Which message.
        message: MessageId,
        /// The text to be.
        text: MessageText,
    },
    /// Make a message's text unreadable.
    DeleteMessage {
        /// Who asks.
        user: UserId,
        /// Which.
        message: MessageId,
    },
    /// Take a reaction to a message.
    AddReaction(Reaction),
    /// Give a reaction back.
    RemoveReaction(Reaction),
}

impl Command {
    /// The messages that deciding it looks at.
    pub(super) fn messages(&self) -> Vec<Uuid> {
        match self {
            Self::SendMessage(send) => send.reply_to.map(Uuid::from).into_iter().collect(),
            Self::EditMessage { message, .. } | Self::DeleteMessage { message, .. } => {
                vec![message.0]
            }
            Self::Notify(notice) => vec![notice.message.0],
            Self::AddReaction(reaction) | Self::RemoveReaction(reaction) => {
                vec![reaction.message.0]
            }
            Self::Create(_)
            | Self::Update(_)
            | Self::Delete { .. }
            | Self::OpenWallet(_)
            | Self::CloseWallet { .. }
            | Self::Join { .. }
            | Self::AddMember { .. }
            | Self::Leave { .. }
            | Self::RemoveMember { .. }
            | Self::Depart { .. }
            | Self::SetRole { .. } => Vec::new(),
        }
    }
}

/// A channel to be.
#[derive(Debug, Clone)]
pub struct Create {
    /// Who makes it.
    pub creator: UserId,
    /// Its name.
    pub name: ChannelName,
    /// Its description.
    pub description: Description,
    /// Who may join.
    pub visibility: Visibility,
    /// Argon2id hash of its password, in PHC form.
    pub password: Option<Zeroizing<String>>,
}

/// A group wallet to be.
#[derive(Debug, Clone)]
pub struct OpenWallet {
    /// Who asks: its first member, and an admin of both.
    pub by: UserId,
    /// Its id: the command's.
    pub wallet: WalletId,
    /// Its name.
    pub name: WalletName,
    /// Its description.
    pub description: Description,
    /// What its money is counted in.
    pub currency: Currency,
    /// Admins who must approve.
    pub approvals: Approvals,
    /// Argon2id hash of its PIN, in PHC form.
    pub pin: Zeroizing<String>,
}

/// What is to be otherwise; what is left out stays.
#[derive(Debug, Clone)]
pub struct Update {
    /// Who asks.
    pub by: UserId,
    /// The name to be.
    pub name: Option<ChannelName>,
    /// The description to be.
    pub description: Option<Description>,
}

/// A message to be; its id is the command's.
#[derive(Debug, Clone)]
pub struct SendMessage {
    /// Who writes.
    pub author: UserId,
    /// What.
    pub text: MessageText,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
}

/// What the channel is to be told of its money.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The message, by which it is known to be told.
    pub message: MessageId,
    /// A sentence for people.
    pub text: String,
    /// What it tells of.
    pub about: About,
}

/// Somebody's reaction to a message.
#[derive(Debug, Clone)]
pub struct Reaction {
    /// Who reacts.
    pub user: UserId,
    /// To which message.
    pub message: MessageId,
    /// How.
    pub emoji: Emoji,
}

/// Whom a member wants to bring in, as their own stream tells. The channel's rules come before
/// it, so it is found out first and told later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Candidate {
    /// A live account.
    Account(UserId),
    /// Nobody, or nobody any more.
    Unknown,
}

/// What somebody who wants to join has sent for a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Nothing.
    LeftOut,
    /// Something, when there was nothing to verify it against.
    Unverified,
    /// Something that was verified.
    Verified(Verified),
}
