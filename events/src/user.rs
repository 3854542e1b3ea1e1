//! Streams `user-{id}`: an account and its sessions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::{Payload, category};
use crate::id::{SessionId, UserId, WalletId};
use crate::money::Currency;
use crate::personal::Personal;
use crate::settled::CommandSettled;
use crate::time::Timestamp;

category! {
    /// What happens to an account.
    UserEvent of User {
        /// The account is there.
        UserRegistered = 1,
        /// A log-in.
        SessionStarted = 1,
        /// A refresh token was used and replaced.
        SessionRefreshed = 1,
        /// A session is over.
        SessionEnded = 1,
        /// A wrong password.
        LogInFailed = 1,
        /// Name or address are others.
        ProfileChanged = 1,
        /// The password is another.
        PasswordChanged = 1,
        /// Somebody is a contact now.
        ContactAdded = 1,
        /// Somebody is no contact any more.
        ContactRemoved = 1,
        /// A personal wallet is to be opened.
        PersonalWalletOpened = 1,
        /// A personal wallet is closed.
        PersonalWalletClosed = 1,
        /// The account is over.
        UserDeleted = 1,
        /// A command changed nothing.
        CommandSettled = 1,
    }
}

/// The account is there; its address was reserved before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserRegistered {
    /// The address as the user wrote it, trimmed.
    pub email: Personal,
    /// The name that others see.
    pub username: Personal,
    /// Argon2id hash in PHC form.
    pub password: Personal,
}

/// A log-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionStarted {
    /// The new session.
    pub session: SessionId,
    /// SHA-256 of its refresh token, base64.
    pub refresh: Personal,
    /// When the refresh token is no longer good.
    pub expires_at: Timestamp,
}

/// A refresh token was used and replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionRefreshed {
    /// The session.
    pub session: SessionId,
    /// SHA-256 of its new refresh token, base64.
    pub refresh: Personal,
    /// When that one is no longer good.
    pub expires_at: Timestamp,
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionEnd {
    /// The user logged out.
    LoggedOut,
    /// A refresh token was used twice: somebody else may have it.
    RefreshReused,
    /// It made room for a newer one: an account has a bounded number of sessions.
    Displaced,
    /// The password was changed by another session.
    PasswordChanged,
    /// The account was deleted.
    AccountDeleted,
}

/// A session is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionEnded {
    /// The session.
    pub session: SessionId,
    /// Why.
    pub reason: SessionEnd,
}

/// A wrong password; ten within a quarter of an hour lock log-in for that time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogInFailed {}

/// Name or address are others; what is left out stays. A new address was reserved before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProfileChanged {
    /// The new address as the user wrote it, trimmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Personal>,
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<Personal>,
}

/// The password is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasswordChanged {
    /// Argon2id hash in PHC form.
    pub password: Personal,
}

/// Somebody is a contact now: the user whose stream it is may see that person's address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContactAdded {
    /// Who.
    pub contact: UserId,
}

/// Somebody is no contact any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContactRemoved {
    /// Who.
    pub contact: UserId,
}

/// A personal wallet is to be opened: this commits to it, and carries all that its own stream
/// needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonalWalletOpened {
    /// The wallet.
    pub wallet: WalletId,
    /// Its name.
    pub name: String,
    /// What its money is counted in; a user has one open wallet a currency.
    pub currency: Currency,
    /// Argon2id hash of its PIN, in PHC form.
    pub pin: Personal,
}

/// A personal wallet is closed: there may be another in its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonalWalletClosed {
    /// The wallet.
    pub wallet: WalletId,
}

/// The account is over: its key is destroyed, its address released, its channels left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserDeleted {}

impl Payload for UserRegistered {
    fn personal(&mut self) -> Vec<&mut Personal> {
        vec![&mut self.email, &mut self.username, &mut self.password]
    }
}

impl Payload for SessionStarted {
    fn personal(&mut self) -> Vec<&mut Personal> {
        vec![&mut self.refresh]
    }
}

impl Payload for SessionRefreshed {
    fn personal(&mut self) -> Vec<&mut Personal> {
        vec![&mut self.refresh]
    }
}

impl Payload for SessionEnded {}
impl Payload for LogInFailed {}

impl Payload for ProfileChanged {
    fn personal(&mut self) -> Vec<&mut Personal> {
        self.email.iter_mut().chain(self.username.as_mut()).collect()
    }
}

impl Payload for PasswordChanged {
    fn personal(&mut self) -> Vec<&mut Personal> {
        vec![&mut self.password]
    }
}

impl Payload for PersonalWalletOpened {
    fn personal(&mut self) -> Vec<&mut Personal> {
        vec![&mut self.pin]
    }
}

impl Payload for PersonalWalletClosed {}
impl Payload for ContactAdded {}
impl Payload for ContactRemoved {}
impl Payload for UserDeleted {}
