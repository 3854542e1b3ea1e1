//! Grams as numbers, for an index over all messages of all channels, shared by who writes it
//! (`projections`) and who asks it (`query`).
//!
//! A message is found by the numbers of its grams and by marks: one of its channel, and one for
//! each width of the slices of the log that it lies in. Who looks for a text asks for all its
//! grams and for one slice after another, from new to old; the index intersects what it has on
//! each. Numbers of 32 bits may mean more than one thing: what is found has to be looked at.

use crate::id::ChannelId;
use crate::position::LogPosition;

/// Widths of slices, as powers of two, in log positions: 16 Ki, 256 Ki, 4 Mi.
const WIDTHS: [u32; 3] = [14, 18, 22];

/// How many marks a message has. They stand before its grams.
pub const MARKS: usize = 1 + WIDTHS.len();

/// How many widths of slices there are.
pub const SLICE_WIDTHS: usize = WIDTHS.len();

/// A part of the log: `2^width` positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    width: u32,
    number: u64,
}

impl Slice {
    fn of(width: u32, position: LogPosition) -> Self {
        Self { width, number: position >> width }
    }

    /// Its first position.
    pub fn start(self) -> LogPosition {
        self.number << self.width
    }

    /// What messages in it are marked with.
    pub fn mark(self) -> i32 {
        hash(2, u64::from(self.width), self.number)
    }
}

/// Slices that together hold every position below `below` once, from new to old, of the first
/// `widths` widths. Only the first one may reach beyond.
pub fn slices(mut below: LogPosition, widths: usize) -> impl Iterator<Item = Slice> {
    std::iter::from_fn(move || {
        let mut wide = WIDTHS.iter().take(widths).rev();
        let width = wide.find(|width| below.trailing_zeros() >= **width);
        let slice = Slice::of(*width.unwrap_or(&WIDTHS[0]), below.checked_sub(1)?);
        below = slice.start();
        Some(slice)
    })
}

/// All numbers of a message: its marks, then the grams of its folded text.
pub fn of_message(channel: ChannelId, position: LogPosition, folded: &str) -> Vec<i32> {
    let slices = WIDTHS.map(|width| Slice::of(width, position).mark());
    [of_channel(channel)].into_iter().chain(slices).chain(of_text(folded)).collect()
}

/// What messages of a channel are marked with.
pub fn of_channel(channel: ChannelId) -> i32 {
    let (high, low) = channel.0.as_u64_pair();
    hash(1, high, low)
}

/// The grams of a folded text.
pub fn of_text(folded: &str) -> Vec<i32> {
    super::grams(folded).into_iter().map(number).collect()
}

/// The grams that a message has to have, so as to contain a folded text: those of two characters
/// imply the others.
pub fn of_needle(folded: &str) -> Vec<i32> {
    let mut grams = super::grams(folded);
    let is_pair = |gram: &&str| gram.chars().nth(1).is_some();
    if grams.iter().any(is_pair) {
        grams.retain(is_pair);
    }
    grams.into_iter().map(number).collect()
}

/// One character is itself; two take 42 bits.
fn number(gram: &str) -> i32 {
    let code = gram.chars().fold(0, |code: u64, c| code << 21 | u64::from(u32::from(c)));
    i32::try_from(code).unwrap_or_else(|_| hash(0, 0, code))
}

/// 32 well-mixed bits; stored, so never to be changed.
/// Source: the finalizer of `MurmurHash3`, <https://github.com/aappleby/smhasher>
fn hash(kind: u64, high: u64, low: u64) -> i32 {
    let mix = |mut bits: u64| {
        bits = (bits ^ (bits >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        bits = (bits ^ (bits >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        bits ^ (bits >> 33)
    };
    let [a, b, c, d, ..] = mix(low ^ mix(high ^ mix(kind))).to_le_bytes();
    i32::from_le_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    #[test]
    fn numbers_are_for_good() {
        let channel = ChannelId(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001));
        let numbers = of_message(channel, 5_000_000, "산a");
        let marks = [-338_165_434, 305_239_961, 2_030_208_330, 1_067_463_770];
        assert_eq!(numbers[..MARKS], marks, "a stored format has changed");
        assert_eq!(numbers[MARKS..], [97, 49_328, 1_580_573_451], "a stored format has changed");
    }

    #[test]
    fn a_needle_asks_for_its_pairs() {
        assert_eq!(of_needle("산"), of_text("산"));
        assert_eq!(of_needle("등산회").len(), 2);
        assert_eq!(of_needle("산산"), [number("산산")]);
    }

    #[test]
    fn slices_are_as_wide_as_they_may_be() {
        let widths = |below, max| slices(below, max).map(|slice| slice.width).collect::<Vec<_>>();
        assert_eq!(widths(0, 3), [0; 0]);
        assert_eq!(widths(1, 3), [14]);
        assert_eq!(widths((1 << 18) + 1, 3), [14, 18]);
        assert_eq!(widths(1 << 18, 1), [14; 16]);
        let many = widths(100_000_000, 3);
        assert!(many.len() < 70 && many.is_sorted(), "{many:?}");
    }

    proptest! {
        #[test]
        fn slices_hold_every_position_once(
            below in 0_u64..50_000_000, at in 0_u64..50_000_000, widths in 1_usize..=SLICE_WIDTHS,
        ) {
            let mut next = None;
            for slice in slices(below, widths) {
                let end = slice.start() + (1 << slice.width);
                prop_assert_eq!(next.unwrap_or_else(|| below.max(end)).max(below), end.max(below));
                next = Some(slice.start());
            }
            prop_assert_eq!(next.unwrap_or(0), 0);
            let mine = of_message(ChannelId(Uuid::nil()), at, "");
            let marked = |slice: &Slice| mine[1..].contains(&slice.mark());
            let found = slices(below, widths).filter(marked).count();
            prop_assert!(at >= below || found == 1, "{found} slices");
        }

        #[test]
        fn what_contains_a_text_has_all_its_numbers(
            before in "\\PC{0,6}", text in "\\PC{1,6}", after in "\\PC{0,6}",
        ) {
            let all = of_text(&format!("{before}{text}{after}"));
            prop_assert!(of_needle(&text).iter().all(|number| all.contains(number)));
        }
    }
}
