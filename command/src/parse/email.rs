//! E-mail addresses.

use std::fmt;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization;

use super::text;
use crate::rejection::Rejection;

const FIELD: &str = "email";
const LEN_MAX: usize = 254;

/// An address, as it was written and in the form by which two are told to be the same.
///
/// The local part is a dot-atom of RFC 5322 widened by RFC 6531; the domain is a name with at
/// least two labels. Quoted local parts and address literals are refused: no one has them.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress {
    written: String,
    normalised: String,
}

impl EmailAddress {
    /// Reads the field `email`.
    pub fn parse(raw: &str) -> Result<Self, Rejection> {
        let written = raw.trim();
        text::has_length(FIELD, written, 1..=LEN_MAX)?;
        let normalised = normalise(written)
            .ok_or_else(|| Rejection::invalid(FIELD, "This is no e-mail address."))?;
        text::has_length(FIELD, &normalised, 1..=LEN_MAX)?;
        Ok(Self { written: written.to_owned(), normalised })
    }

    /// As the user wrote it, trimmed.
    pub fn as_written(&self) -> &str {
        &self.written
    }

    /// Trimmed, NFC, lower case, the domain in ASCII.
    pub fn normalised(&self) -> &str {
        &self.normalised
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

fn normalise(written: &str) -> Option<String> {
    let lower = written.nfc().collect::<String>().to_lowercase();
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
    !c.is_control() && !c.is_whitespace() && !text::is_bidi_control(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normalised(raw: &str) -> String {
        EmailAddress::parse(raw).unwrap().normalised().to_owned()
    }

    #[test]
    fn is_the_same_after_trimming_nfc_lower_case_and_ascii_domain() {
        assert_eq!(normalised(" Minji@Example.COM\n"), "minji@example.com");
        assert_eq!(normalised("민지@한국.kr"), "민지@xn--3e0b707e.kr");
        assert_eq!(normalised("민지@XN--3E0B707E.kr"), "민지@xn--3e0b707e.kr");
        assert_eq!(normalised("a@\u{1112}\u{1161}\u{11ab}국.kr"), "a@xn--3e0b707e.kr");
        assert_eq!(normalised("a@example。com"), "a@example.com");
    }

    #[test]
    fn keeps_what_was_written() {
        assert_eq!(
            EmailAddress::parse(" Minji@Example.COM ").unwrap().as_written(),
            "Minji@Example.COM"
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let bad = [
            "",
            " ",
            "nonsense",
            "@example.com",
            "a@",
            "a@b",
            "a b@example.com",
            "a@exa mple.com",
            "a@b@example.com",
            ".a@example.com",
            "a..b@example.com",
            "\"a\"@example.com",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@example..com",
            "a@-example.com",
            "a@example.com.",
            "a\0@example.com",
            "a\u{202e}@example.com",
            "a<b>@example.com",
            "a@exa_mple.com",
        ];
        for raw in bad {
            let refused = EmailAddress::parse(raw).unwrap_err();
            assert_eq!(refused.field.as_deref(), Some("email"), "{raw:?}");
        }
    }

    #[test]
    fn has_at_most_254_characters_in_either_form() {
        let local = "a".repeat(242);
        assert!(EmailAddress::parse(&format!("{local}@example.com")).is_ok());
        assert!(EmailAddress::parse(&format!("{local}a@example.com")).is_err());
        // 250 as written, more in ASCII.
        assert!(EmailAddress::parse(&format!("{}@한국.kr", "a".repeat(244))).is_err());
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(raw in "\\PC{1,12}@[a-zA-Z가-힣]{1,8}\\.(com|한국)") {
            if let Ok(address) = EmailAddress::parse(&raw) {
                let again = EmailAddress::parse(address.normalised()).unwrap();
                prop_assert_eq!(again.normalised(), address.normalised());
            }
        }
    }
}
