//! Fingerprints: what a run did, in 64 bits.
//!
//! Each unit chains a hash over its inputs; a run's fingerprint is the wrapping sum over its units,
//! so it does not depend on how units are interleaved. Inputs are hashed through an explicit
//! little-endian encoding with a fixed code for each kind and field, so that a new kind of message
//! changes no old fingerprint, on any platform. The hash is XXH3 with the chain as its seed. This
//! module does *not* know what is encoded.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Something with a fixed encoding.
pub trait Encode {
    /// Writes a fixed code for its kind, then its fields in a fixed order.
    fn encode(&self, to: &mut Encoder);
}

/// Bytes in a word.
const WORD: usize = size_of::<u64>();
/// The number of words that are collected before they are folded into the chain.
const WORDS: usize = 8;

/// Collects the little-endian encoding of one input and folds it into a chain.
///
/// It collects whole words: bytes written one by one and read eight at a time would have to reach
/// the cache first, and every input would wait for that.
#[derive(Debug)]
pub struct Encoder {
    chain: u64,
    /// How many bytes are collected.
    len: usize,
    /// Those of the word that is not complete; zeros above them.
    open: u64,
    /// The complete words, and others left from before.
    words: [u64; WORDS],
}

impl Encoder {
    /// An encoder that goes on from `chain`.
    #[inline]
    pub fn new(chain: u64) -> Self {
        Self {
            chain,
            len: 0,
            open: 0,
            words: [0; WORDS],
        }
    }

    /// Appends a code or a small field.
    #[inline]
    pub fn u8(&mut self, value: u8) {
        self.append(u64::from(value), size_of::<u8>());
    }

    /// Appends a 32-bit field.
    #[inline]
    pub fn u32(&mut self, value: u32) {
        self.append(u64::from(value), size_of::<u32>());
    }

    /// Appends a 64-bit field.
    #[inline]
    pub fn u64(&mut self, value: u64) {
        self.append(value, size_of::<u64>());
    }

    /// Appends a code and a 32-bit field: the same bytes as one after the other, in one step where there is room.
    #[inline]
    pub fn u8_u32(&mut self, code: u8, value: u32) {
        let bytes = size_of::<u8>() + size_of::<u32>();
        if self.len + bytes > WORDS * WORD {
            self.u8(code);
            self.u32(value);
            return;
        }
        self.append(u64::from(code) | u64::from(value) << u8::BITS, bytes);
    }

    /// Appends two 32-bit fields: the same bytes as one after the other, in one step where there is room.
    #[inline]
    pub fn u32_u32(&mut self, first: u32, second: u32) {
        if self.len + WORD > WORDS * WORD {
            self.u32(first);
            self.u32(second);
            return;
        }
        self.append(u64::from(first) | u64::from(second) << u32::BITS, WORD);
    }

    /// Appends a list: its length, then its items.
    pub fn list(&mut self, items: impl ExactSizeIterator<Item = u32>) {
        self.u32(items.len() as u32);
        items.for_each(|item| self.u32(item));
    }

    /// The chain with everything appended folded in.
    #[inline]
    pub fn finish(&mut self) -> u64 {
        self.fold();
        self.chain
    }

    /// Appends the low `bytes` bytes of `value`, which has no others.
    #[expect(
        clippy::inline_always,
        reason = "widths are known where it is called; called instead, an input costs a tenth more"
    )]
    #[inline(always)]
    fn append(&mut self, value: u64, bytes: usize) {
        if self.len + bytes > WORDS * WORD {
            self.fold();
        }
        let bits = self.len % WORD * 8;
        self.open |= value << bits;
        if bits + bytes * 8 >= 64 {
            self.words[self.len / WORD] = self.open;
            // Two shifts: one by 64 bits would overflow.
            self.open = value >> 1 >> (63 - bits);
        }
        self.len += bytes;
    }

    #[inline]
    fn fold(&mut self) {
        if self.len < WORDS * WORD {
            self.words[self.len / WORD] = self.open;
        }
        self.chain = xxh3(&self.words, self.len, self.chain);
        (self.len, self.open) = (0, 0);
    }
}

/// The first eight words of XXH3's default secret.
const SECRET: [u64; WORDS] = [
    0xBE4B_A423_396C_FEB8,
    0x1CAD_21F7_2C81_017C,
    0xDB97_9083_E96D_D4DE,
    0x1F67_B3B7_A4A4_4072,
    0x78E5_C0CC_4EE6_79CB,
    0x2172_FFCC_7DD0_5A82,
    0x8E24_43F7_7446_08B8,
    0x4C26_3A81_E690_35E0,
];

/// XXH3 of the first `len` bytes of `words`, with `seed`.
///
/// For 9 to 64 bytes, as nearly all inputs have, it is computed here, from words in registers; the
/// library reads bytes from memory. The names are those of XXH3's specification.
#[inline]
fn xxh3(words: &[u64; WORDS], len: usize, seed: u64) -> u64 {
    let avalanche = |hash: u64| {
        let hash = (hash ^ hash >> 37).wrapping_mul(0x1656_6791_9E37_79F9);
        hash ^ hash >> 32
    };
    // The word that begins `back` bytes before the end.
    let last = |back: usize| {
        let (at, bits) = ((len - back) / WORD, (len - back) % WORD * 8);
        let above = words.get(at + 1).copied().unwrap_or_default();
        words[at] >> bits | above << 1 << (63 - bits)
    };
    let mix = |low: u64, high: u64, secret: usize| {
        let low = low ^ SECRET[secret].wrapping_add(seed);
        let high = high ^ SECRET[secret + 1].wrapping_sub(seed);
        multiply_and_fold(low, high)
    };
    let start = (len as u64).wrapping_mul(0x9E37_79B1_85EB_CA87);
    match len {
        17..=32 => {
            let ends = [mix(words[0], words[1], 0), mix(last(16), last(8), 2)];
            avalanche(start.wrapping_add(ends[0]).wrapping_add(ends[1]))
        }
        33..=64 => {
            let ends = [mix(words[0], words[1], 0), mix(last(16), last(8), 2)];
            let inner = [mix(words[2], words[3], 4), mix(last(32), last(24), 6)];
            let all = ends.into_iter().chain(inner);
            avalanche(all.fold(start, u64::wrapping_add))
        }
        9..=16 => {
            let low = words[0] ^ (SECRET[3] ^ SECRET[4]).wrapping_add(seed);
            let high = last(8) ^ (SECRET[5] ^ SECRET[6]).wrapping_sub(seed);
            let sum = (len as u64).wrapping_add(low.swap_bytes());
            let sum = sum.wrapping_add(high);
            avalanche(sum.wrapping_add(multiply_and_fold(low, high)))
        }
        _ => xxh3_64_with_seed(&words[0].to_le_bytes()[..len], seed),
    }
}

/// Both halves of the product, folded into one.
#[inline]
fn multiply_and_fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The encoding, byte by byte, hashed by the library.
    fn by_the_library(chain: u64, fields: &[(u64, usize)]) -> u64 {
        let (mut chain, mut bytes) = (chain, Vec::new());
        for (value, width) in fields {
            if bytes.len() + width > WORDS * WORD {
                chain = xxh3_64_with_seed(&bytes, chain);
                bytes.clear();
            }
            bytes.extend_from_slice(&value.to_le_bytes()[..*width]);
        }
        xxh3_64_with_seed(&bytes, chain)
    }

    #[test]
    fn every_length_and_place_of_a_field_hashes_as_the_library_does() {
        let mut lengths = [0; WORDS * WORD + 1];
        for number in 0..20_000_u64 {
            let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let mut next = || {
                state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
                state.rotate_left(23)
            };
            let chain = if number == 0 { 0 } else { next() };
            let mut encoder = Encoder::new(chain);
            let mut fields: Vec<(u64, usize)> = Vec::new();
            for _ in 0..=next() % 24 {
                let (value, low, high) = (next(), next() as u32, next() as u32);
                match next() % 5 {
                    0 => {
                        encoder.u8(value as u8);
                        fields.push((value & 0xFF, 1));
                    }
                    1 => {
                        encoder.u32(low);
                        fields.push((low.into(), 4));
                    }
                    2 => {
                        encoder.u64(value);
                        fields.push((value, 8));
                    }
                    3 => {
                        encoder.u8_u32(value as u8, low);
                        fields.extend([(value & 0xFF, 1), (low.into(), 4)]);
                    }
                    _ => {
                        encoder.u32_u32(low, high);
                        fields.extend([(low.into(), 4), (high.into(), 4)]);
                    }
                }
            }
            lengths[encoder.len] += 1;
            assert_eq!(encoder.finish(), by_the_library(chain, &fields));
        }
        assert!(lengths[1..].iter().all(|&count| count > 0), "{lengths:?}");
    }
}
