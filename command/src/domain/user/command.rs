//! What can be asked of an account, parsed.

use std::time::Duration;

use events::money::Currency;
use events::{EventId, SessionId, UserId, WalletId};
use zeroize::Zeroizing;

use crate::domain::Verified;
use crate::parse::{Username, WalletName};
use crate::secrets::TokenHash;

/// What can be asked of an account.
#[derive(Debug, Clone)]
pub enum Command {
    /// Be there. Commanded by the reservation of its address.
    Register(Register),
    /// Start a session.
    LogIn {
        /// What came of verifying the password.
        verified: Verified,
        /// The session to be.
        session: NewSession,
    },
    /// Replace a session's refresh token.
    Refresh {
        /// The session.
        session: SessionId,
        /// The token that was sent; one of ours, but perhaps used before.
        presented: TokenHash,
        /// The token that replaces it.
        next: TokenHash,
        /// How long that one is good for.
        good_for: Duration,
    },
    /// End a session. Any token that is ours will do, used or not.
    LogOut {
        /// The session.
        session: SessionId,
    },
    /// Have another name, or the same address in another spelling.
    ChangeProfile(ChangeProfile),
    /// Have another address. Commanded by that address's reservation.
    Exchange(Exchange),
    /// Have another password.
    ChangePassword(ChangePassword),
    /// Be over.
    Delete {
        /// The session that asks.
        session: SessionId,
        /// What came of verifying the password.
        verified: Verified,
        /// The personal wallets that are closed by now; void if there is another.
        handled: Vec<WalletId>,
    },
    /// Have another personal wallet; its own stream follows.
    OpenWallet(OpenWallet),
    /// Have a wallet no more that is closed. A repeat changes nothing.
    CloseWallet {
        /// Which.
        wallet: WalletId,
    },
    /// Take somebody up as a contact.
    AddContact {
        /// The session that asks.
        session: SessionId,
        /// Who; nobody if no account has the address that was sent.
        contact: Option<UserId>,
    },
    /// Have a contact no more.
    RemoveContact {
        /// The session that asks.
        session: SessionId,
        /// Who.
        contact: UserId,
    },
}

/// A personal wallet to be.
#[derive(Debug, Clone)]
pub struct OpenWallet {
    /// The session that asks.
    pub session: SessionId,
    /// Its id: the command's.
    pub wallet: WalletId,
    /// Its name.
    pub name: WalletName,
    /// What its money is counted in.
    pub currency: Currency,
    /// Argon2id hash of its PIN, in PHC form.
    pub pin: Zeroizing<String>,
}

/// A profile to be; what is left out stays.
#[derive(Debug, Clone)]
pub struct ChangeProfile {
    /// The session that asks.
    pub session: SessionId,
    /// The address, if it is to be spelled anew.
    pub email: Option<Respelled>,
    /// The name that others see.
    pub username: Option<Username>,
}

/// The same address in another spelling.
#[derive(Debug, Clone)]
pub struct Respelled {
    /// As the user wrote it.
    pub text: Zeroizing<String>,
    /// The event that came with the address that it was found to be the same as.
    pub against: EventId,
}

/// An address to be, reserved by now.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Whose.
    pub user: UserId,
    /// As the user wrote it.
    pub email: Zeroizing<String>,
    /// The name, if that changes too.
    pub username: Option<Zeroizing<String>>,
    /// The event that came with the address that it replaces.
    pub since: EventId,
}

/// A password to be.
#[derive(Debug, Clone)]
pub struct ChangePassword {
    /// The session that asks: the others end.
    pub session: SessionId,
    /// What came of verifying the current password.
    pub verified: Verified,
    /// Argon2id hash of the new one, in PHC form.
    pub password: Zeroizing<String>,
}

/// An account to be.
#[derive(Debug, Clone)]
pub struct Register {
    /// Its id.
    pub user: UserId,
    /// The address as written.
    pub email: Zeroizing<String>,
    /// The name that others see.
    pub username: Zeroizing<String>,
    /// Argon2id hash of the password, in PHC form.
    pub password: Zeroizing<String>,
}

/// A session to be.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Its refresh token.
    pub refresh: TokenHash,
    /// How long that one is good for.
    pub good_for: Duration,
}
