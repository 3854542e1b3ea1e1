//! Streams `email-{hmac}`: who holds an address. Reserved and Released take turns. And by which
//! form two addresses are told to be the same.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::codec::{Payload, category};
use crate::hashing::EmailHash;
use crate::id::{EventId, UserId};
use crate::personal::Personal;
use crate::settled::CommandSettled;

category! {
    /// What happens to an address.
    EmailEvent of Email {
        /// Somebody holds it now.
        EmailReserved = 1,
        /// It is free again.
        EmailReleased = 1,
        /// A command changed nothing.
        CommandSettled = 1,
    }
}

/// Somebody holds the address now. At sign-up this is the point of commitment, and it carries
/// all that the registration needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmailReserved {
    /// Who.
    pub user: UserId,
    /// At sign-up, the account to be registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Box<Registration>>,
    /// At a change of address, the profile to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Box<ProfileChange>>,
}

/// The profile of an account that exchanges its address for this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProfileChange {
    /// The new address as the user wrote it, trimmed.
    pub email: Personal,
    /// The new name, if that changes too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<Personal>,
    /// The address that is exchanged for it, and is released afterwards.
    pub replaces: EmailHash,
    /// The event that set that address: if the profile has another since, this change is void,
    /// and its own address is released.
    pub since: EventId,
}

/// The account to be registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Registration {
    /// The address as the user wrote it, trimmed.
    pub email: Personal,
    /// The name that others see.
    pub username: Personal,
    /// Argon2id hash in PHC form.
    pub password: Personal,
}

/// The address is free again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmailReleased {
    /// Who held it.
    pub user: UserId,
}

impl Payload for EmailReserved {
    fn personal(&mut self) -> Vec<&mut Personal> {
        let mut personal = Vec::new();
        if let Some(new) = &mut self.registration {
            personal.extend([&mut new.email, &mut new.username, &mut new.password]);
        }
        if let Some(change) = &mut self.change {
            personal.push(&mut change.email);
            personal.extend(change.username.as_mut());
        }
        personal
    }
}

impl Payload for EmailReleased {}

/// The form by which two addresses are told to be the same: trimmed, NFC, lower case, the domain
/// in ASCII. `None` if it is no address: the local part is a dot-atom of RFC 5322 widened by RFC
/// 6531, the domain a name with at least two labels. Quoted local parts and address literals are
/// refused: no one has them.
pub fn normalise(written: &str) -> Option<String> {
    let lower = written.trim().nfc().collect::<String>().to_lowercase();
    // Lower case can come out decomposed.
    let lower: String = lower.nfc().collect();
    let (local, domain) = lower.rsplit_once('@')?;
    if !is_dot_atom(local) {
        return None;
    }
    let domain = Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        )
        .ok()?;
    // Top-level domains hold no mailboxes (RFC 7085) and are never numbers (RFC 3696).
    let (_, top) = domain.rsplit_once('.')?;
    if top.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(format!("{local}@{domain}"))
}

fn is_dot_atom(local: &str) -> bool {
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_text))
}

fn is_atom_text(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    }
    !c.is_control() && !c.is_whitespace() && !is_bidi_control(c)
}

/// One of the controls of writing direction, with which a name can pose as another: U+202A–202E
/// and U+2066–2069.
pub fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn is_the_same_after_trimming_nfc_lower_case_and_ascii_domain() {
        let normalised = |raw| normalise(raw).unwrap();
        assert_eq!(normalised(" Minji@Example.COM\n"), "minji@example.com");
        assert_eq!(normalised("민지@한국.kr"), "민지@xn--3e0b707e.kr");
        assert_eq!(normalised("민지@XN--3E0B707E.kr"), "민지@xn--3e0b707e.kr");
        assert_eq!(normalised("a@\u{1112}\u{1161}\u{11ab}국.kr"), "a@xn--3e0b707e.kr");
        assert_eq!(normalised("a@example。com"), "a@example.com");
    }

    #[test]
    fn what_is_no_address_has_no_form() {
        for raw in ["", "nonsense", "@example.com", "a@b", "a b@example.com", "a@127.0.0.1"] {
            assert_eq!(normalise(raw), None, "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(raw in "\\PC{1,12}@[a-zA-Z가-힣]{1,8}\\.(com|한국)") {
            if let Some(once) = normalise(&raw) {
                prop_assert_eq!(normalise(&once), Some(once));
            }
        }
    }
}
