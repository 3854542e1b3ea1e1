//! Randomness that a seed fixes: `SplitMix64` (Steele, Lea, Flood 2014).

use events::CommandId;
use uuid::Uuid;

#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap();
        usize::try_from(self.next() % end).unwrap()
    }

    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of them, if there is one.
    pub(crate) fn pick<T: Copy>(&mut self, among: &[T]) -> Option<T> {
        (!among.is_empty()).then(|| among[self.below(among.len())])
    }

    fn bytes(&mut self) -> [u8; 16] {
        let wide = (u128::from(self.next()) << 64) | u128::from(self.next());
        wide.to_be_bytes()
    }

    /// An id as a client makes it, of version 4.
    pub(crate) fn id(&mut self) -> CommandId {
        CommandId(uuid::Builder::from_random_bytes(self.bytes()).into_uuid())
    }

    /// An id as Moim derives it, of version 8.
    pub(crate) fn derived_id(&mut self) -> CommandId {
        CommandId(uuid::Builder::from_custom_bytes(self.bytes()).into_uuid())
    }

    pub(crate) fn uuid(&mut self) -> Uuid {
        self.id().0
    }
}
