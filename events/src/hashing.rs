//! Names for things that must not be readable: e-mail addresses and command inputs, as
//! HMAC-SHA-256 under one key that is never rotated.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

/// HMAC of a normalised e-mail address, in unpadded URL-safe base64.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct EmailHash(String);

impl fmt::Display for EmailHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// HMAC of a command's input without its secrets, in unpadded URL-safe base64.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct InputHash(pub String);

/// The key behind both; what is hashed for one purpose never equals what is hashed for another.
#[derive(Clone)]
pub struct HashKey(Zeroizing<[u8; 32]>);

impl HashKey {
    /// From 32 secret bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Names an address, which the caller has normalised.
    pub fn email(&self, normalised: &str) -> EmailHash {
        EmailHash(self.mac("email", normalised.as_bytes()))
    }

    /// Names a command's input.
    pub fn input(&self, canonical: &[u8]) -> InputHash {
        InputHash(self.mac("input", canonical))
    }

    /// Vouches that a refresh token is one of ours.
    pub fn token(&self, token: &[u8]) -> [u8; 32] {
        self.mac_bytes("token", token)
    }

    /// Vouches that a spend token is one of ours.
    pub fn spend_token(&self, token: &[u8]) -> [u8; 32] {
        self.mac_bytes("spend", token)
    }

    /// Tells this key from another without giving it away; kept beside the data, so that a node
    /// with another key refuses to start.
    pub fn check_value(&self) -> String {
        self.mac("check", b"")
    }

    fn mac(&self, purpose: &str, data: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.mac_bytes(purpose, data))
    }

    fn mac_bytes(&self, purpose: &str, data: &[u8]) -> [u8; 32] {
        // An HMAC takes a key of any length, so the error that its type allows can't happen.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_slice()) else {
            unreachable!("HMAC-SHA-256 takes keys of any length")
        };
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(data);
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashKey(…)")
    }
}
