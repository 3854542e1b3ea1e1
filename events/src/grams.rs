//! Texts as they are compared when something is looked for, in any script.

pub mod index;

use unicode_normalization::UnicodeNormalization;

/// The text in NFC and lower case. Each character is put in lower case for itself, so that the
/// middle of a text folds as it does alone (unlike the Greek sigma at the end of words).
pub fn fold(text: &str) -> String {
    let lower = text.nfc().flat_map(char::to_lowercase);
    // Lower case can come out decomposed.
    lower.nfc().collect()
}

/// All distinct sequences of one and of two characters in a folded text, sorted. A text that
/// contains another has all of that one's grams; those of two characters tell words apart in
/// scripts that write a syllable or a word with one.
pub fn grams(folded: &str) -> Vec<&str> {
    let ends =
        |from: usize| folded[from..].char_indices().map(move |(at, c)| from + at + c.len_utf8());
    let mut grams: Vec<&str> = folded
        .char_indices()
        .flat_map(|(start, _)| ends(start).take(2).map(move |end| &folded[start..end]))
        .collect();
    grams.sort_unstable();
    grams.dedup();
    grams
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folded_are_composition_and_case() {
        assert_eq!(fold("Hiking CLUB"), "hiking club");
        assert_eq!(fold("\u{1112}\u{1161}\u{11ab}국"), "한국");
        assert_eq!(fold("E\u{301}TÉ"), "été");
        assert_eq!(fold("ΟΔΟΣ ΣΑ"), "οδοσ σα");
    }

    #[test]
    fn grams_are_of_one_and_two_characters() {
        assert_eq!(grams(""), [""; 0]);
        assert_eq!(grams("산"), ["산"]);
        assert_eq!(grams("등산회"), ["등", "등산", "산", "산회", "회"]);
        assert_eq!(grams("aaa"), ["a", "aa"]);
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,20}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn what_contains_a_text_has_all_its_grams(
            before in "\\PC{0,6}", text in "\\PC{1,6}", after in "\\PC{0,6}",
        ) {
            let whole = format!("{before}{text}{after}");
            let all = grams(&whole);
            for gram in grams(&text) {
                prop_assert!(all.contains(&gram));
            }
        }
    }
}
