//! Refresh tokens: random, told to the client once, kept as a hash.
//!
//! A token is base64url of user, session, 32 random bytes and a MAC. The MAC proves that it was
//! ours: a token that is genuine but no longer its session's current one has been used, however
//! long ago, and a forged one can't end anybody's session. No memory of used tokens is needed.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use events::hashing::HashKey;
use events::{SessionId, UserId};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::bus::Secret;

const SIGNED_LEN: usize = 16 + 16 + 32;
const MAC_LEN: usize = 16;
const LEN: usize = SIGNED_LEN + MAC_LEN;

/// A refresh token that is one of ours.
#[derive(Clone)]
pub struct RefreshToken {
    /// Whose.
    pub user: UserId,
    /// Of which session.
    pub session: SessionId,
    bytes: Zeroizing<[u8; LEN]>,
}

impl RefreshToken {
    /// A new one for that session.
    pub fn generate(key: &HashKey, user: UserId, session: SessionId) -> Self {
        let random: Zeroizing<[u8; 32]> = Zeroizing::new(rand::random());
        let mut bytes = Zeroizing::new([0; LEN]);
        bytes[..16].copy_from_slice(user.0.as_bytes());
        bytes[16..32].copy_from_slice(session.0.as_bytes());
        bytes[32..SIGNED_LEN].copy_from_slice(random.as_slice());
        let mac = mac(key, &bytes);
        bytes[SIGNED_LEN..].copy_from_slice(&mac);
        Self { user, session, bytes }
    }

    /// Reads what a client sent; `None` unless it is one of ours.
    pub fn parse(key: &HashKey, text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; LEN]);
        let len = URL_SAFE_NO_PAD.decode_slice(text, bytes.as_mut_slice()).ok()?;
        let genuine = mac(key, &bytes).ct_eq(&bytes[SIGNED_LEN..]);
        if len != LEN || !bool::from(genuine) {
            return None;
        }
        let user = UserId(Uuid::from_slice(&bytes[..16]).ok()?);
        let session = SessionId(Uuid::from_slice(&bytes[16..32]).ok()?);
        Some(Self { user, session, bytes })
    }

    /// As the client holds it.
    pub fn text(&self) -> Secret {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.bytes.as_slice()))
    }

    /// As the log holds it.
    pub fn hash(&self) -> TokenHash {
        TokenHash(STANDARD_NO_PAD.encode(Sha256::digest(self.bytes.as_slice())))
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RefreshToken(of {})", self.session)
    }
}

fn mac(key: &HashKey, bytes: &[u8; LEN]) -> [u8; MAC_LEN] {
    let mut mac = [0; MAC_LEN];
    mac.copy_from_slice(&key.token(&bytes[..SIGNED_LEN])[..MAC_LEN]);
    mac
}

/// SHA-256 of a refresh token, base64. The token is random, so a fast hash does.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHash(String);

impl TokenHash {
    /// The text that is sealed into an event.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the kept one; takes the same time either way.
    pub fn matches(&self, kept: &str) -> bool {
        self.0.as_bytes().ct_eq(kept.as_bytes()).into()
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token() -> (HashKey, RefreshToken) {
        let key = HashKey::new([3; 32]);
        let token = RefreshToken::generate(&key, UserId::generate(), SessionId::generate());
        (key, token)
    }

    #[test]
    fn is_read_back_and_hashes_the_same() {
        let (key, token) = token();
        let read = RefreshToken::parse(&key, &token.text()).unwrap();
        assert_eq!((read.user, read.session), (token.user, token.session));
        assert!(read.hash().matches(token.hash().as_str()));
        assert!(!read.hash().matches(""));
    }

    #[test]
    fn another_keys_token_is_none_of_ours() {
        let (_, token) = token();
        assert!(RefreshToken::parse(&HashKey::new([4; 32]), &token.text()).is_none());
    }

    proptest! {
        #[test]
        fn an_altered_token_is_none_of_ours(at in 0..LEN, flip in 1u8..) {
            let (key, mut token) = token();
            token.bytes[at] ^= flip;
            prop_assert!(RefreshToken::parse(&key, &token.text()).is_none());
        }

        #[test]
        fn other_texts_are_none_of_ours(text in "\\PC{0,120}") {
            prop_assert!(RefreshToken::parse(&HashKey::new([3; 32]), &text).is_none());
        }
    }
}
