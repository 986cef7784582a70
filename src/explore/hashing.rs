//! Hashes of 128 bits: states are told apart by them.
//!
//! Of n states two are alike with a probability of about n² ÷ 2¹²⁹: for a thousand million, 10⁻²¹. It does *not* know what is
//! hashed.

use std::hash::Hasher;

/// Two products, of words that are mixed into two halves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wide {
    halves: [u64; 2],
}

/// Odd numbers with many bits (from the digits of the golden ratio, and of the square root of 3).
const FACTORS: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xBB67_AE85_84CA_A73B];

impl Default for Wide {
    fn default() -> Self {
        Self {
            halves: [0x6A09_E667_F3BC_C908, 0x3C6E_F372_FE94_F82B],
        }
    }
}

impl Wide {
    /// All 128 bits.
    pub(super) fn whole(self) -> u128 {
        let [one, other] = self.halves;
        let one = folded(one ^ other.rotate_left(32), FACTORS[0]);
        let other = folded(other ^ one, FACTORS[1]);
        u128::from(one) << 64 | u128::from(other)
    }
}

/// Both halves of a product, put together.
#[inline]
fn folded(word: u64, factor: u64) -> u64 {
    let product = u128::from(word) * u128::from(factor);
    (product >> 64) as u64 ^ product as u64
}

impl Hasher for Wide {
    #[inline]
    fn write_u64(&mut self, word: u64) {
        let [one, other] = self.halves;
        self.halves = [
            folded(one ^ word, FACTORS[0]).wrapping_add(other),
            folded(other.rotate_left(23) ^ word, FACTORS[1]) ^ word.rotate_left(32),
        ];
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
        self.write_u64(bytes.len() as u64);
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_u16(&mut self, number: u16) {
        self.write_u64(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        self.whole() as u64
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::hash::Hash;

    use super::*;

    fn hash(what: impl Hash) -> u128 {
        let mut wide = Wide::default();
        what.hash(&mut wide);
        wide.whole()
    }

    #[test]
    fn what_differs_little_differs_in_either_half() {
        let small = (0..200_u32).flat_map(|a| (0..200_u32).map(move |b| hash((a, b))));
        let hashes: Vec<u128> = small.collect();
        let halves = |shift: u32| -> BTreeSet<u64> {
            hashes.iter().map(|hash| (hash >> shift) as u64).collect()
        };
        assert_eq!((halves(0).len(), halves(64).len()), (40_000, 40_000));
        assert_ne!(hash([0_u32; 2].as_slice()), hash([0_u32; 3].as_slice()));
        assert_ne!(hash("a"), hash("a\0"));
    }
}
