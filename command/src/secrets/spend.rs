//! Spend tokens: given for a right PIN, signed, and kept nowhere.
//!
//! A token is base64url of wallet, user, session, the event that the PIN came with (its version),
//! the instant up to which it is good, and a MAC over all of it. Whether the PIN is still that
//! one, the wallet's own stream tells.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use events::hashing::HashKey;
use events::{EventId, SessionId, Timestamp, UserId, WalletId};
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::bus::Secret;

const ID_LEN: usize = 16;
const IDS: usize = 4;
const SIGNED_LEN: usize = IDS * ID_LEN + 8;
const MAC_LEN: usize = 32;
const LEN: usize = SIGNED_LEN + MAC_LEN;

/// What a token stands for: this user has given that PIN of this wallet, in this session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpendToken {
    /// The wallet that may be spent from.
    pub wallet: WalletId,
    /// By whom.
    pub user: UserId,
    /// In which session.
    pub session: SessionId,
    /// The event that the PIN came with: its version.
    pub pin: EventId,
    /// When it is no longer good.
    pub expires_at: Timestamp,
}

impl SpendToken {
    /// As the client holds it.
    pub fn sign(&self, key: &HashKey) -> Secret {
        let mut bytes = Zeroizing::new([0; LEN]);
        let ids = [self.wallet.0, self.user.0, self.session.0, self.pin.0];
        for (place, id) in bytes.chunks_exact_mut(ID_LEN).zip(ids) {
            place.copy_from_slice(id.as_bytes());
        }
        let until = self.expires_at.as_micros().to_be_bytes();
        bytes[IDS * ID_LEN..SIGNED_LEN].copy_from_slice(&until);
        let mac = key.spend_token(&bytes[..SIGNED_LEN]);
        bytes[SIGNED_LEN..].copy_from_slice(&mac);
        Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()))
    }

    /// Reads what a client sent; `None` unless it is one of ours.
    pub fn verify(key: &HashKey, text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; LEN]);
        let len = URL_SAFE_NO_PAD.decode_slice(text, bytes.as_mut_slice()).ok()?;
        let genuine = key.spend_token(&bytes[..SIGNED_LEN]).ct_eq(&bytes[SIGNED_LEN..]);
        if len != LEN || !bool::from(genuine) {
            return None;
        }
        let id = |at: usize| Uuid::from_slice(&bytes[at * ID_LEN..(at + 1) * ID_LEN]).ok();
        let until = bytes[IDS * ID_LEN..SIGNED_LEN].try_into().ok()?;
        Some(Self {
            wallet: WalletId(id(0)?),
            user: UserId(id(1)?),
            session: SessionId(id(2)?),
            pin: EventId(id(3)?),
            expires_at: Timestamp::from_micros(i64::from_be_bytes(until)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token() -> SpendToken {
        SpendToken {
            wallet: WalletId::generate(),
            user: UserId::generate(),
            session: SessionId::generate(),
            pin: EventId::generate(),
            expires_at: Timestamp::from_micros(1_234_567_890_123_456),
        }
    }

    fn key() -> HashKey {
        HashKey::new([3; 32])
    }

    #[test]
    fn is_read_back_under_its_key_and_no_other() {
        let (token, text) = (token(), token().sign(&key()));
        assert_ne!(SpendToken::verify(&key(), &text), Some(token), "of another wallet");
        assert_eq!(SpendToken::verify(&key(), &token.sign(&key())), Some(token));
        assert_eq!(SpendToken::verify(&HashKey::new([4; 32]), &text), None);
    }

    proptest! {
        #[test]
        fn an_altered_token_is_none_of_ours(at in 0..LEN, flip in 1u8..) {
            let mut bytes = URL_SAFE_NO_PAD.decode(token().sign(&key()).as_bytes()).unwrap();
            bytes[at] ^= flip;
            let text = URL_SAFE_NO_PAD.encode(bytes);
            prop_assert_eq!(SpendToken::verify(&key(), &text), None);
        }

        #[test]
        fn other_texts_are_none_of_ours(text in "\\PC{0,160}") {
            prop_assert_eq!(SpendToken::verify(&key(), &text), None);
        }
    }
}
