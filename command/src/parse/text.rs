//! Rules that texts share.

use std::ops::RangeInclusive;

use events::email::is_bidi_control;
use unicode_normalization::UnicodeNormalization;

use crate::rejection::Rejection;

/// Which control characters a text may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Controls {
    /// None at all.
    Never,
    /// Line feed and tab, as in texts of several lines.
    LineFeedAndTab,
}

/// The text in NFC, without white space around it.
pub(super) fn trimmed_nfc(raw: &str) -> String {
    raw.trim().nfc().collect()
}

/// Its length is within bounds, and it is not white space alone.
pub(super) fn has_length(
    field: &'static str,
    text: &str,
    bounds: RangeInclusive<usize>,
) -> Result<(), Rejection> {
    let (min, max) = (*bounds.start(), *bounds.end());
    // Counting stops where the answer is known, however long the text.
    let len = text.chars().take(max.saturating_add(1)).count();
    if len > max {
        return Err(Rejection::invalid(field, format!("At most {max} characters.")));
    }
    if len < min {
        return Err(Rejection::invalid(field, format!("At least {min} characters.")));
    }
    if len > 0 && text.chars().all(char::is_whitespace) {
        return Err(Rejection::invalid(field, "Not white space alone."));
    }
    Ok(())
}

/// It holds no control character but the allowed ones.
pub(super) fn has_controls(
    field: &'static str,
    text: &str,
    allowed: Controls,
) -> Result<(), Rejection> {
    let is_allowed = |c| allowed == Controls::LineFeedAndTab && matches!(c, '\n' | '\t');
    if text.chars().any(|c| c.is_control() && !is_allowed(c)) {
        return Err(Rejection::invalid(field, "No control characters."));
    }
    Ok(())
}

/// It holds none of the controls of writing direction, with which a name can pose as another.
pub(super) fn has_no_bidi_control(field: &'static str, text: &str) -> Result<(), Rejection> {
    if text.chars().any(is_bidi_control) {
        return Err(Rejection::invalid(field, "No controls of writing direction."));
    }
    Ok(())
}
