//! Chance that is the same at every run.

/// `SplitMix64` (Steele, Lea, Flood 2014): small, and the same for good, which the generators of
/// `rand` don't promise over its versions.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    /// Throws that depend on `seed` alone.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `len`, which is not 0.
    pub(super) fn below(&mut self, len: usize) -> usize {
        usize::try_from(self.next() % (len as u64)).unwrap_or_default()
    }

    /// The same, small ones far more often: few people say most.
    pub(super) fn low_below(&mut self, len: usize) -> usize {
        let bound = self.below(len) + 1;
        self.below(bound)
    }

    /// True `times` in a thousand.
    pub(super) fn per_mille(&mut self, times: usize) -> bool {
        self.below(1_000) < times
    }

    /// One of them.
    pub(super) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throws_are_those_that_were_published() {
        // <https://prng.di.unimi.it/splitmix64.c>, seeded with 1234567.
        let mut dice = Dice::new(1_234_567);
        assert_eq!(dice.next(), 6_457_827_717_110_365_317);
        assert_eq!(dice.next(), 3_203_168_211_198_807_973);
    }
}
