//! Streams: one an entity, named `{category}-{id}`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::hashing::EmailHash;
use crate::id::{ChannelId, PaymentId, PlanId, UserId, WalletId};

/// What kind of entity a stream tells about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// An account: registration, credentials, sessions.
    User,
    /// An e-mail address, under its HMAC: who holds it.
    Email,
    /// A channel with its members and messages.
    Channel,
    /// The read markers of a channel's members.
    Readers,
    /// A wallet with its members and its money.
    Wallet,
    /// A scheduled payment with its occurrences.
    Payment,
    /// A plan of dues with its cycles.
    Dues,
}

impl Category {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::User,
        Self::Email,
        Self::Channel,
        Self::Readers,
        Self::Wallet,
        Self::Payment,
        Self::Dues,
    ];

    /// The part of a stream's name before the first hyphen.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Email => "email",
            Self::Channel => "channel",
            Self::Readers => "readers",
            Self::Wallet => "wallet",
            Self::Payment => "payment",
            Self::Dues => "dues",
        }
    }
}

/// Name of a stream; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamName(Arc<str>);

impl StreamName {
    /// The stream of an account.
    pub fn user(id: UserId) -> Self {
        Self(format!("user-{id}").into())
    }

    /// The stream of an e-mail address.
    pub fn email(hash: &EmailHash) -> Self {
        Self(format!("email-{hash}").into())
    }

    /// The stream of a channel.
    pub fn channel(id: ChannelId) -> Self {
        Self(format!("channel-{id}").into())
    }

    /// The stream of a channel's read markers.
    pub fn readers(id: ChannelId) -> Self {
        Self(format!("readers-{id}").into())
    }

    /// The stream of a wallet.
    pub fn wallet(id: WalletId) -> Self {
        Self(format!("wallet-{id}").into())
    }

    /// The stream of a scheduled payment.
    pub fn payment(id: PaymentId) -> Self {
        Self(format!("payment-{id}").into())
    }

    /// The stream of a plan of dues.
    pub fn dues(id: PlanId) -> Self {
        Self(format!("dues-{id}").into())
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it tells about.
    pub fn category(&self) -> Category {
        let prefix = self.0.split('-').next().unwrap_or_default();
        match prefix {
            "user" => Category::User,
            "email" => Category::Email,
            "readers" => Category::Readers,
            "wallet" => Category::Wallet,
            "payment" => Category::Payment,
            "dues" => Category::Dues,
            _ => Category::Channel,
        }
    }

    /// The part behind the category: the entity's id.
    pub fn entity(&self) -> &str {
        self.0.split_once('-').map_or("", |(_, id)| id)
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that names no stream of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no stream of Moim")]
pub struct BadStream(pub String);

impl FromStr for StreamName {
    type Err = BadStream;

    fn from_str(text: &str) -> Result<Self, BadStream> {
        let known = text.split_once('-').is_some_and(|(prefix, id)| {
            !id.is_empty() && Category::ALL.iter().any(|category| category.as_str() == prefix)
        });
        if known { Ok(Self(text.into())) } else { Err(BadStream(text.to_owned())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_category_and_entity() {
        let id = ChannelId::generate();
        let stream = StreamName::channel(id);
        assert_eq!(stream.category(), Category::Channel);
        assert_eq!(stream.entity(), id.to_string());
        assert_eq!(stream.as_str().parse(), Ok(stream));
        assert!("$all".parse::<StreamName>().is_err());
        assert!("purses-1".parse::<StreamName>().is_err());
    }
}
