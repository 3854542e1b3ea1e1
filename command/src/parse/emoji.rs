//! Emojis.

use unicode_segmentation::UnicodeSegmentation;

use super::text::{self, Controls};
use crate::rejection::Rejection;

const EMOJI_BYTES_MAX: usize = 32;

/// A reaction: one grapheme of at most 32 bytes that can be seen, as sent. That it is a picture
/// is not asked: Unicode gets new ones every year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emoji(String);

impl Emoji {
    /// Reads the field `emoji`.
    pub fn parse(raw: &str) -> Result<Self, Rejection> {
        if raw.len() > EMOJI_BYTES_MAX {
            let message = format!("At most {EMOJI_BYTES_MAX} bytes.");
            return Err(Rejection::invalid("emoji", message));
        }
        text::has_length("emoji", raw, 1..=EMOJI_BYTES_MAX)?;
        text::has_controls("emoji", raw, Controls::Never)?;
        text::has_no_bidi_control("emoji", raw)?;
        if raw.graphemes(true).nth(1).is_some() || raw.chars().all(is_invisible) {
            return Err(Rejection::invalid("emoji", "One emoji."));
        }
        Ok(Self(raw.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Joins, selects or separates what stands around it, and shows nothing by itself.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_grapheme_is_an_emoji_however_many_characters_it_has() {
        for emoji in ["👍", "👍🏽", "❤️", "👨‍👩‍👧‍👦", "🇰🇷", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "가", "é"]
        {
            assert_eq!(Emoji::parse(emoji).map(|emoji| emoji.as_str().to_owned()).unwrap(), emoji);
        }
    }

    #[test]
    fn anything_else_is_none() {
        let no_emoji = [
            "", " ", "\u{3000}", "👍👍", "ab", "👍 ", "\0", "\n", "\r\n", "\u{85}", "\u{202e}",
            "\u{200d}", "\u{fe0f}", "\u{feff}", "\u{200b}",
        ];
        for no_emoji in no_emoji {
            let refused = Emoji::parse(no_emoji).unwrap_err();
            assert_eq!(refused.field.as_deref(), Some("emoji"), "{no_emoji:?}");
        }
    }

    #[test]
    fn an_emoji_has_32_bytes_at_most() {
        let accents = |len: usize| format!("ab{}", "\u{301}".repeat(len)).split_off(1);
        assert_eq!(accents(15).len(), 31);
        assert!(Emoji::parse(&accents(15)).is_ok());
        assert!(Emoji::parse(&accents(16)).is_err());
    }
}
