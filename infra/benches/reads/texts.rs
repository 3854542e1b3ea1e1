//! What people write in the channel that is measured: words of two languages, a few of them often
//! and most of them seldom, the same ones in every run.

/// Words of the vocabulary.
const WORDS_LEN: usize = 20_000;
/// Every message of so many has the rare word.
pub(crate) const RARE_EVERY: u64 = 50_000;
/// In one message of [`RARE_EVERY`].
pub(crate) const RARE: &str = "바늘구멍";
/// Its syllables are in no message.
pub(crate) const ABSENT: &str = "쀍쀓";
/// Its pairs of letters are in many messages, itself in none.
pub(crate) const NOWHERE: &str = "nanonanona";

/// A small generator of numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap_or_default()
    }
}

/// Makes messages' texts.
pub(crate) struct Texts {
    random: Random,
    words: Vec<String>,
}

impl Texts {
    pub(crate) fn new() -> Self {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let words = (0..WORDS_LEN).map(|_| word(&mut random)).collect();
        Self { random, words }
    }

    /// The word that is used most often, of two syllables.
    pub(crate) fn frequent(&self) -> &str {
        let fits = |word: &&String| word.chars().count() == 2 && !word.is_ascii();
        self.words.iter().find(fits).map_or("", String::as_str)
    }

    /// A syllable that stands in many words.
    pub(crate) fn syllable(&self) -> String {
        self.frequent().chars().take(1).collect()
    }

    /// A word that one message of some hundreds has.
    pub(crate) fn middling(&self) -> &str {
        let fits = |word: &&String| word.chars().count() == 3 && !word.is_ascii();
        self.words.iter().skip(300).find(fits).map_or("", String::as_str)
    }

    /// The text of the message with that number.
    pub(crate) fn text(&mut self, number: u64) -> String {
        let len = 3 + self.random.below(14);
        let mut text = String::new();
        for _ in 0..len {
            // The product of three even numbers is mostly small: nearly Zipf's law.
            let mut word = WORDS_LEN;
            for _ in 0..3 {
                word = self.random.below(WORDS_LEN) * word / WORDS_LEN;
            }
            text.push_str(&self.words[word]);
            text.push(' ');
        }
        if number.is_multiple_of(RARE_EVERY) {
            text.push_str(RARE);
        }
        text.trim_end().to_owned()
    }
}

fn word(random: &mut Random) -> String {
    let len = [1, 2, 2, 2, 3, 3, 4][random.below(7)];
    if random.below(5) < 3 {
        // Syllables from all over the block, some 800 of 11,172.
        let syllable = |random: &mut Random| {
            let code = 0xac00 + u32::try_from(random.below(800) * 13).unwrap_or_default();
            char::from_u32(code).unwrap_or('가')
        };
        (0..len).map(|_| syllable(random)).collect()
    } else {
        let letters = |random: &mut Random| {
            let (consonants, vowels) = (b"bcdfghklmnprstvw", b"aeiou");
            let consonant = char::from(consonants[random.below(consonants.len())]);
            [consonant, char::from(vowels[random.below(vowels.len())])]
        };
        (0..len).flat_map(|_| letters(random)).collect()
    }
}
