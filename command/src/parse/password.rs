//! Passwords: those that are set, which have rules, and those that are tried, which have none.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

use super::text::{self, Controls};
use crate::bus::Secret;
use crate::rejection::Rejection;

const PASSWORD_LEN_MIN: usize = 8;
const CHANNEL_PASSWORD_LEN_MIN: usize = 4;
const LEN_MAX: usize = 128;
/// NFC makes a text at most three times as long in UTF-8 (Unicode's own FAQ).
const NFC_GROWTH_MAX: usize = 3;

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Secret);

        impl $name {
            /// The text to be hashed.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

secrets! {
    /// An account's password: 8–128 characters, not easily guessed.
    Password,
    /// A channel's password: 4–128 characters.
    ChannelPassword,
    /// A password of either kind that somebody tries; it may be anything.
    PasswordTry,
}

impl Password {
    /// Reads the field `password`. `about` are words that a guesser would try first: the user's
    /// own. Takes milliseconds: not for async threads.
    pub fn parse(raw: &str, about: &[&str]) -> Result<Self, Rejection> {
        let password = secret("password", raw, PASSWORD_LEN_MIN)?;
        if zxcvbn(&password, about).score() < Score::Two {
            return Err(Rejection::invalid("password", "This password is too easily guessed."));
        }
        Ok(Self(password))
    }
}

impl ChannelPassword {
    /// Reads the field `password`.
    pub fn parse(raw: &str) -> Result<Self, Rejection> {
        secret("password", raw, CHANNEL_PASSWORD_LEN_MIN).map(Self)
    }
}

impl PasswordTry {
    /// Takes whatever was sent.
    pub fn new(raw: &str) -> Self {
        Self(nfc(raw))
    }
}

fn secret(field: &'static str, raw: &str, len_min: usize) -> Result<Secret, Rejection> {
    let secret = nfc(raw);
    text::has_length(field, &secret, len_min..=LEN_MAX)?;
    text::has_controls(field, &secret, Controls::Never)?;
    Ok(secret)
}

/// Keyboards differ in how they compose; the password is the same. Allocated once, so that no
/// copy stays behind unwiped.
fn nfc(raw: &str) -> Secret {
    let mut composed = Zeroizing::new(String::with_capacity(raw.len() * NFC_GROWTH_MAX));
    composed.extend(raw.nfc());
    composed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused_and_strong_ones_taken() {
        for weak in ["password", "12345678", "aaaaaaaaaaaa", "qwertyui", "        ", "short1!"] {
            let refused = Password::parse(weak, &[]).unwrap_err();
            assert_eq!(refused.field.as_deref(), Some("password"), "{weak}");
        }
        assert!(Password::parse("correct horse battery", &[]).is_ok());
        let longest = "x9!Kq가#8".repeat(16);
        assert!(Password::parse(&longest, &[]).is_ok());
        assert!(Password::parse(&format!("{longest}9"), &[]).is_err(), "longer than 128");
        assert!(Password::parse("correct horse\0battery", &[]).is_err());
    }

    #[test]
    fn the_users_own_words_are_weak() {
        assert!(Password::parse("trzqvwklpd", &[]).is_ok());
        assert!(Password::parse("trzqvwklpd", &["trzqvwklpd"]).is_err());
    }

    #[test]
    fn a_channel_password_has_4_to_128_characters() {
        assert!(ChannelPassword::parse("열려라참").is_ok());
        assert!(ChannelPassword::parse("abc").is_err());
        assert!(ChannelPassword::parse("    ").is_err());
        assert!(ChannelPassword::parse(&"a".repeat(128)).is_ok());
        assert!(ChannelPassword::parse(&"a".repeat(129)).is_err());
    }

    #[test]
    fn composed_and_decomposed_are_the_same_password() {
        assert_eq!(PasswordTry::new("\u{1100}\u{1161}").expose(), "가");
    }

    #[test]
    fn is_never_printed() {
        let tried = PasswordTry::new("secret");
        assert_eq!(format!("{tried:?}"), "PasswordTry(…)");
    }
}
