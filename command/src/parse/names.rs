//! Names, descriptions and messages; what money is sent with.

use events::money::Currency;

use super::text::{self, Controls};
use crate::rejection::Rejection;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )*};
}

texts! {
    /// The name that others see: 1–50 characters, trimmed, NFC, one line.
    Username,
    /// A channel's name: 1–100 characters, trimmed, NFC, one line.
    ChannelName,
    /// A description: 0–1,000 characters, as sent; line feeds and tabs are fine.
    Description,
    /// A message's text: 1–8,000 characters, as sent; line feeds and tabs are fine.
    MessageText,
    /// A wallet's name: 1–100 characters, trimmed, NFC, one line.
    WalletName,
    /// What a transfer is for: 0–200 characters, as sent, one line.
    Memo,
    /// A payment's own number: 1–100 characters, as sent, one line.
    Reference,
}

const USERNAME_LEN_MAX: usize = 50;
const CHANNEL_NAME_LEN_MAX: usize = 100;
const DESCRIPTION_LEN_MAX: usize = 1_000;
const MESSAGE_LEN_MAX: usize = 8_000;
const WALLET_NAME_LEN_MAX: usize = 100;
const MEMO_LEN_MAX: usize = 200;
const REFERENCE_LEN_MAX: usize = 100;

impl Username {
    /// Reads the field `username`.
    pub fn parse(raw: &str) -> Result<Self, Rejection> {
        name("username", raw, USERNAME_LEN_MAX).map(Self)
    }
}

impl ChannelName {
    /// Reads the field `name`.
    pub fn parse(raw: &str) -> Result<Self, Rejection> {
        name("name", raw, CHANNEL_NAME_LEN_MAX).map(Self)
    }
}

impl Description {
    /// Reads the field `description`; left out, it is empty.
    pub fn parse(raw: Option<&str>) -> Result<Self, Rejection> {
        let raw = raw.unwrap_or_default();
        text::has_length("description", raw, 0..=DESCRIPTION_LEN_MAX)?;
        text::has_controls("description", raw, Controls::LineFeedAndTab)?;
        Ok(Self(raw.to_owned()))
    }
}

impl MessageText {
    /// Reads the field `text`.
    pub fn parse(raw: &str) -> Result<Self, Rejection> {
        text::has_length("text", raw, 1..=MESSAGE_LEN_MAX)?;
        text::has_controls("text", raw, Controls::LineFeedAndTab)?;
        Ok(Self(raw.to_owned()))
    }
}

impl WalletName {
    /// Reads the field `name`.
    pub fn parse(raw: &str) -> Result<Self, Rejection> {
        name("name", raw, WALLET_NAME_LEN_MAX).map(Self)
    }

    /// A personal wallet's, if none is given: its currency, of which a user has one.
    pub fn of(currency: Currency) -> Self {
        Self(currency.to_string())
    }
}

impl Memo {
    /// Reads the field `memo`; left out, it is empty.
    pub fn parse(raw: Option<&str>) -> Result<Self, Rejection> {
        let raw = raw.unwrap_or_default();
        text::has_length("memo", raw, 0..=MEMO_LEN_MAX)?;
        text::has_controls("memo", raw, Controls::Never)?;
        Ok(Self(raw.to_owned()))
    }

    /// Of a transfer that nobody wrote anything to.
    pub fn empty() -> Self {
        Self(String::new())
    }
}

impl Reference {
    /// Reads the field `reference`.
    pub fn parse(raw: &str) -> Result<Self, Rejection> {
        text::has_length("reference", raw, 1..=REFERENCE_LEN_MAX)?;
        text::has_controls("reference", raw, Controls::Never)?;
        Ok(Self(raw.to_owned()))
    }
}

fn name(field: &'static str, raw: &str, len_max: usize) -> Result<String, Rejection> {
    let name = text::trimmed_nfc(raw);
    text::has_length(field, &name, 1..=len_max)?;
    text::has_controls(field, &name, Controls::Never)?;
    text::has_no_bidi_control(field, &name)?;
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field_of<T: std::fmt::Debug>(refused: Result<T, Rejection>) -> String {
        refused.unwrap_err().field.unwrap()
    }

    #[test]
    fn names_are_trimmed_and_composed() {
        let decomposed = "  \u{1100}\u{1161}  ";
        assert_eq!(Username::parse(decomposed).unwrap().as_str(), "가");
        assert_eq!(ChannelName::parse("\u{3000}모임\n").unwrap().as_str(), "모임");
    }

    #[test]
    fn lengths_count_characters_not_bytes() {
        assert!(Username::parse(&"가".repeat(50)).is_ok());
        assert_eq!(field_of(Username::parse(&"가".repeat(51))), "username");
        assert!(ChannelName::parse(&"😀".repeat(100)).is_ok());
        assert_eq!(field_of(ChannelName::parse(&"😀".repeat(101))), "name");
        assert!(MessageText::parse(&"글".repeat(8_000)).is_ok());
        assert_eq!(field_of(MessageText::parse(&"글".repeat(8_001))), "text");
        assert!(Description::parse(Some(&"글".repeat(1_000))).is_ok());
        assert_eq!(field_of(Description::parse(Some(&"글".repeat(1_001)))), "description");
    }

    #[test]
    fn white_space_alone_is_no_text() {
        for blank in ["", " ", "\u{3000}\u{a0}", "\n\t"] {
            assert_eq!(field_of(Username::parse(blank)), "username");
            assert_eq!(field_of(ChannelName::parse(blank)), "name");
            assert_eq!(field_of(MessageText::parse(blank)), "text");
        }
        assert_eq!(Description::parse(None).unwrap().as_str(), "");
        assert_eq!(Description::parse(Some("")).unwrap().as_str(), "");
        assert_eq!(field_of(Description::parse(Some("  "))), "description");
    }

    #[test]
    fn control_characters_are_refused_but_for_line_feed_and_tab_in_long_texts() {
        for control in ['\0', '\r', '\u{1b}', '\u{7f}', '\u{85}'] {
            let text = format!("a{control}b");
            assert!(Username::parse(&text).is_err() && ChannelName::parse(&text).is_err());
            assert!(MessageText::parse(&text).is_err() && Description::parse(Some(&text)).is_err());
        }
        for control in ['\n', '\t'] {
            let text = format!("a{control}b");
            assert!(Username::parse(&text).is_err() && ChannelName::parse(&text).is_err());
            assert!(MessageText::parse(&text).is_ok() && Description::parse(Some(&text)).is_ok());
        }
    }

    #[test]
    fn bidi_controls_are_refused_in_names_only() {
        for control in ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}') {
            let text = format!("a{control}b");
            assert!(Username::parse(&text).is_err() && ChannelName::parse(&text).is_err());
            assert!(MessageText::parse(&text).is_ok());
        }
    }

    #[test]
    fn a_wallet_is_named_like_a_channel_or_by_its_currency() {
        assert_eq!(WalletName::parse(" 회비 ").unwrap().as_str(), "회비");
        assert_eq!(field_of(WalletName::parse(&"가".repeat(101))), "name");
        assert_eq!(field_of(WalletName::parse(" ")), "name");
        assert_eq!(WalletName::of(Currency::KRW).as_str(), "KRW");
    }

    #[test]
    fn memos_and_references_are_one_line_as_sent() {
        assert_eq!(Memo::parse(None).unwrap(), Memo::empty());
        assert_eq!(Memo::parse(Some(" 3월 회비")).unwrap().as_str(), " 3월 회비");
        assert!(Memo::parse(Some(&"글".repeat(200))).is_ok());
        assert_eq!(field_of(Memo::parse(Some(&"글".repeat(201)))), "memo");
        assert_eq!(field_of(Memo::parse(Some("  "))), "memo");
        assert_eq!(Reference::parse("a-1").unwrap().as_str(), "a-1");
        assert!(Reference::parse(&"글".repeat(100)).is_ok());
        for bad in ["", " ", "a\nb", "a\0", &"글".repeat(101)] {
            assert_eq!(field_of(Reference::parse(bad)), "reference", "{bad:?}");
        }
        assert_eq!(field_of(Memo::parse(Some("a\tb"))), "memo");
    }

    #[test]
    fn messages_stay_as_sent() {
        let sent = " \u{1100}\u{1161}\n ";
        assert_eq!(MessageText::parse(sent).unwrap().as_str(), sent);
    }
}
