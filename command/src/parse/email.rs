//! E-mail addresses.

use std::fmt;

use events::email;

use super::text;
use crate::rejection::Rejection;

const FIELD: &str = "email";
const LEN_MAX: usize = 254;

/// An address, as it was written and in the form by which two are told to be the same
/// ([`email::normalise`]).
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
        let normalised = email::normalise(written)
            .ok_or_else(|| Rejection::invalid(FIELD, "This is no e-mail address."))?;
        text::has_length(FIELD, &normalised, 1..=LEN_MAX)?;
        Ok(Self { written: written.to_owned(), normalised })
    }

    /// As the user wrote it, trimmed.
    pub fn as_written(&self) -> &str {
        &self.written
    }

    /// As addresses are compared.
    pub fn normalised(&self) -> &str {
        &self.normalised
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
