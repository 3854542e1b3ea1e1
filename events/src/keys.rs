//! Users' own keys, under which what is personal in events is sealed.

use std::collections::HashMap;
use std::fmt;

use async_trait::async_trait;
use chacha20poly1305::aead::KeyInit;
use chacha20poly1305::{Key, XChaCha20Poly1305};
use zeroize::Zeroizing;

use crate::id::UserId;

/// A user's own key.
#[derive(Clone, PartialEq, Eq)]
pub struct UserKey(Zeroizing<[u8; 32]>);

impl UserKey {
    /// From 32 secret bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The secret bytes, to be wrapped and kept.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.0))
    }
}

impl fmt::Debug for UserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserKey(…)")
    }
}

/// What the vault knows of a user's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// The key.
    Live(UserKey),
    /// A tombstone: what it sealed is erased for good.
    Destroyed,
}

/// Keys by user, as far as the vault has a row for them. A user without a row is an error of
/// whoever needs it, never an erased one.
pub type KeyRing = HashMap<UserId, KeyState>;

/// Where users' keys are kept. None but the vault writes them.
#[async_trait]
pub trait Keys: Send + Sync {
    /// The keys of these users; users without a row are left out.
    async fn get(&self, users: &[UserId]) -> Result<KeyRing, KeysUnavailable>;

    /// The user's key, made now if there is none. It is committed when this returns.
    async fn get_or_create(&self, user: UserId) -> Result<KeyState, KeysUnavailable>;
}

/// The vault can't be reached, or a key in it can't be unwrapped.
#[derive(Debug, Clone, thiserror::Error)]
#[error("user keys can't be read: {0}")]
pub struct KeysUnavailable(pub String);
