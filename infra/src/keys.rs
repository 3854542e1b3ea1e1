//! Secrets as they are configured: base64 of 32 random bytes, never printed.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// Length of every secret, in bytes.
pub const SECRET_LEN: usize = 32;

/// 32 secret bytes, configured in base64. `head -c 32 /dev/urandom | base64` makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(Zeroizing<[u8; SECRET_LEN]>);

impl SecretKey {
    /// From 32 secret bytes.
    pub fn new(bytes: [u8; SECRET_LEN]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The secret bytes.
    pub fn expose(&self) -> &[u8; SECRET_LEN] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// A text that holds no secret. It doesn't repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// Not 32 bytes in base64.
    #[error("a secret is 32 bytes in base64")]
    Key,
    /// Not `name:secret`, or no name, or the same name twice.
    #[error("token keys are `name:secret`, one or two, divided by a comma")]
    TokenKeys,
}

impl FromStr for SecretKey {
    type Err = BadSecret;

    fn from_str(text: &str) -> Result<Self, BadSecret> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| BadSecret::Key)?);
        let bytes: [u8; SECRET_LEN] = bytes.as_slice().try_into().map_err(|_| BadSecret::Key)?;
        Ok(Self::new(bytes))
    }
}

/// Keys that access tokens are signed with, by name: the first signs, all are accepted. To turn
/// keys over, put the new one first and drop the old one 15 minutes later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenKeys(Vec<(String, SecretKey)>);

/// The most keys that are accepted at a time.
pub const TOKEN_KEYS_MAX: usize = 2;

impl TokenKeys {
    /// Names and keys, the signing one first; at least one.
    pub fn all(&self) -> &[(String, SecretKey)] {
        &self.0
    }
}

/// Where a new key goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// First: it signs from now on.
    Sign,
    /// Second: it is only accepted, until every node knows it.
    Announce,
}

impl TokenKeys {
    /// These keys with a new one, of which at most one older one is kept. A key that was
    /// announced takes its turn to sign instead of another one being made.
    #[must_use]
    pub fn turned(&self, turn: Turn, fresh: SecretKey) -> Self {
        let signing = self.0[0].clone();
        let announced = self.0.get(1).filter(|(name, _)| number(name) > number(&signing.0));
        let newest = self.0.iter().map(|(name, _)| number(name)).max().unwrap_or(0);
        let new = match announced {
            Some(announced) => announced.clone(),
            None => (format!("k{}", newest + 1), fresh),
        };
        Self(match turn {
            Turn::Sign => vec![new, signing],
            Turn::Announce => vec![signing, new],
        })
    }
}

/// The number that a key's name ends in; 0 if it has none.
fn number(name: &str) -> u64 {
    let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.parse().unwrap_or(0)
}

impl TokenKeys {
    /// As they are configured, secrets and all.
    pub fn expose(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::new());
        for (name, key) in &self.0 {
            let comma = if text.is_empty() { "" } else { "," };
            let key = Zeroizing::new(STANDARD.encode(key.expose()));
            text.extend([comma, name, ":", key.as_str()]);
        }
        text
    }
}

impl FromStr for TokenKeys {
    type Err = BadSecret;

    fn from_str(text: &str) -> Result<Self, BadSecret> {
        let mut keys: Vec<(String, SecretKey)> = Vec::new();
        for part in text.split(',') {
            let (name, key) = part.trim().split_once(':').ok_or(BadSecret::TokenKeys)?;
            if name.is_empty() || keys.iter().any(|(other, _)| other == name) {
                return Err(BadSecret::TokenKeys);
            }
            keys.push((name.to_owned(), key.parse()?));
        }
        if keys.len() > TOKEN_KEYS_MAX { Err(BadSecret::TokenKeys) } else { Ok(Self(keys)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(byte: u8) -> String {
        STANDARD.encode([byte; SECRET_LEN])
    }

    #[test]
    fn a_secret_is_32_bytes_and_is_never_printed() {
        let key: SecretKey = encoded(7).parse().unwrap();
        assert_eq!(key.expose(), &[7; SECRET_LEN]);
        assert_eq!(format!("{key:?}"), "SecretKey(…)");
        assert_eq!("c2hvcnQ=".parse::<SecretKey>(), Err(BadSecret::Key));
        assert_eq!("".parse::<SecretKey>(), Err(BadSecret::Key));
    }

    fn names(keys: &TokenKeys) -> Vec<&str> {
        keys.all().iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn a_new_key_signs_and_the_one_before_is_kept() {
        let key = |byte| SecretKey::new([byte; SECRET_LEN]);
        let first: TokenKeys = format!("k1:{}", encoded(1)).parse().unwrap();
        let second = first.turned(Turn::Sign, key(2));
        assert_eq!(names(&second), ["k2", "k1"]);
        assert_eq!(second.all()[0].1, key(2));
        assert_eq!(names(&second.turned(Turn::Sign, key(3))), ["k3", "k2"]);
        let named: TokenKeys = format!("mine:{}", encoded(1)).parse().unwrap();
        assert_eq!(names(&named.turned(Turn::Sign, key(2))), ["k1", "mine"]);
    }

    #[test]
    fn a_key_that_was_announced_is_the_next_to_sign() {
        let key = |byte| SecretKey::new([byte; SECRET_LEN]);
        let first: TokenKeys = format!("k2:{},k1:{}", encoded(2), encoded(1)).parse().unwrap();
        let announced = first.turned(Turn::Announce, key(3));
        assert_eq!(names(&announced), ["k2", "k3"]);
        assert_eq!(announced.turned(Turn::Announce, key(4)), announced);
        let turned = announced.turned(Turn::Sign, key(4));
        assert_eq!((names(&turned), &turned.all()[0].1), (vec!["k3", "k2"], &key(3)));
    }

    #[test]
    fn what_is_exposed_is_read_back() {
        let keys: TokenKeys = format!("k2:{},k1:{}", encoded(2), encoded(1)).parse().unwrap();
        assert_eq!(keys.expose().parse::<TokenKeys>().unwrap(), keys);
    }

    #[test]
    fn token_keys_have_names_of_their_own() {
        let keys: TokenKeys = format!("new:{},old:{}", encoded(1), encoded(2)).parse().unwrap();
        assert_eq!(keys.all()[0], ("new".to_owned(), SecretKey::new([1; SECRET_LEN])));
        assert_eq!(keys.all().len(), 2);
        for bad in [
            encoded(1),
            format!(":{}", encoded(1)),
            format!("a:{},a:{}", encoded(1), encoded(2)),
            format!("a:{},b:{},c:{}", encoded(1), encoded(2), encoded(3)),
        ] {
            assert_eq!(bad.parse::<TokenKeys>(), Err(BadSecret::TokenKeys), "{bad}");
        }
    }
}
