//! Philox 4x32-10: 128 bits for a 128-bit counter and a 64-bit key.
//!
//! It does *not* know what counter and key stand for.

#[cfg(target_arch = "x86_64")]
mod avx2;

/// The multipliers of the first and the third word of a block.
const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// What is added to the two words of the key from round to round.
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// The block for `counter`, its words two by two.
///
/// A vector instruction is a call where nothing is optimized: plain numbers are quicker there.
#[inline]
pub(super) fn block(counter: [u32; 4], key: [u32; 2]) -> [u64; 2] {
    #[cfg(target_arch = "x86_64")]
    if !cfg!(debug_assertions) {
        return block_in_a_register(counter, key);
    }
    block_anywhere(counter, key)
}

/// The block [c0, c1, c2, c3] lies in one register, which takes half the instructions. Each round
/// multiplies c0 and c2, reverses the order of the four words of the products, and adds c1, c3 and
/// the key (exclusively) to the first and the third of them.
#[cfg(target_arch = "x86_64")]
#[inline]
fn block_in_a_register(counter: [u32; 4], key: [u32; 2]) -> [u64; 2] {
    use safe_arch::{
        add_i32_m128i, m128i, mul_widen_u32_odd_m128i, shr_imm_u64_m128i, shuffle_ai_f32_all_m128i,
    };
    const REVERSED: i32 = 0b00_01_10_11;
    let spread = |[a, b]: [u32; 2]| m128i::from([a, 0, b, 0]);
    let mut block = m128i::from(counter);
    let mut key = spread(key);
    for _ in 0..10 {
        let products = mul_widen_u32_odd_m128i(block, spread(MULTIPLIERS));
        let kept = shr_imm_u64_m128i::<32>(block) ^ key;
        block = shuffle_ai_f32_all_m128i::<REVERSED>(products) ^ kept;
        key = add_i32_m128i(key, spread(WEYL));
    }
    block.into()
}

/// The lower half of 64 bits.
const LOW: u64 = 0xFFFF_FFFF;

/// Computes one block on any processor, with a word in the lower half of a register. Without optimization, a `for`
/// takes longer than its body.
#[inline]
fn block_anywhere(counter: [u32; 4], key: [u32; 2]) -> [u64; 2] {
    const M: [u64; 2] = [MULTIPLIERS[0] as u64, MULTIPLIERS[1] as u64];
    const W: [u64; 2] = [WEYL[0] as u64, WEYL[1] as u64];
    let [c0, c1, c2, c3] = counter;
    let (mut c0, mut c1) = (u64::from(c0), u64::from(c1));
    let (mut c2, mut c3) = (u64::from(c2), u64::from(c3));
    let (mut k0, mut k1) = (u64::from(key[0]), u64::from(key[1]));
    let mut round = 0;
    while round < 10 {
        let p0 = M[0] * c0;
        let p1 = M[1] * c2;
        c0 = p1 >> 32 ^ c1 ^ k0;
        c1 = p1 & LOW;
        c2 = p0 >> 32 ^ c3 ^ k1;
        c3 = p0 & LOW;
        k0 = (k0 + W[0]) & LOW;
        k1 = (k1 + W[1]) & LOW;
        round += 1;
    }
    [c1 << 32 | c0, c3 << 32 | c2]
}

/// Calls `each` with the indices below `count`, ascending, for which the first 53 bits of a block, as a
/// whole number, are below `bound`: of the block for `counter` with the index added to its first part.
#[inline]
pub(super) fn hits(
    counter: [u32; 4],
    key: [u32; 2],
    count: u32,
    bound: u64,
    each: impl FnMut(u32),
) {
    if cfg!(debug_assertions) {
        return hits_one_by_one(counter, key, count, bound, each);
    }
    hits_side_by_side(counter, key, count, bound, each);
}

/// Does what [`hits`] does, in a build without optimization.
fn hits_one_by_one(
    [index, rest @ ..]: [u32; 4],
    key: [u32; 2],
    count: u32,
    bound: u64,
    mut each: impl FnMut(u32),
) {
    let [c1, c2, c3] = rest;
    let mut at = 0;
    while at < count {
        let [bits, _] = block_anywhere([index.wrapping_add(at), c1, c2, c3], key);
        if bits >> 11 < bound {
            each(at);
        }
        at += 1;
    }
}

/// Does what [`hits`] does, in an optimized build.
#[inline]
fn hits_side_by_side(
    counter: [u32; 4],
    key: [u32; 2],
    count: u32,
    bound: u64,
    each: impl FnMut(u32),
) {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        return simd.vectorize(avx2::Hits {
            simd,
            counter,
            key,
            count,
            bound,
            each,
        });
    }
    hits_anywhere(counter, key, count, bound, each);
}

/// Does what [`hits`] does, on any processor.
#[inline]
fn hits_anywhere(
    [index, rest @ ..]: [u32; 4],
    key: [u32; 2],
    count: u32,
    bound: u64,
    mut each: impl FnMut(u32),
) {
    for first in (0..count).step_by(LANES) {
        let [c1, c2, c3] = rest;
        let bits = blocks([index.wrapping_add(first), c1, c2, c3], key);
        // Where bounds are low, most blocks hold no hit: one branch for all of them is quicker than one for each.
        let any = bits
            .iter()
            .fold(0, |any, bits| any | u8::from(bits >> 11 < bound));
        if any != 0 {
            let hits = (first..count)
                .zip(bits)
                .filter(|(_, bits)| bits >> 11 < bound);
            hits.for_each(|(index, _)| each(index));
        }
    }
}

/// The number of blocks that are computed at once.
const LANES: usize = 16;

/// The first 64 bits of each of the blocks for `counter` and those after it, by its first part.
///
/// The same steps as in [`block`] for all blocks side by side, each word in the lower half of
/// 64 bits (the upper one is whatever a product left there): what a compiler makes vector
/// instructions of, on every processor.
#[inline]
fn blocks(counter: [u32; 4], key: [u32; 2]) -> [u64; LANES] {
    let mut words = counter.map(|word| [u64::from(word); LANES]);
    for (word, lane) in words[0].iter_mut().zip(0..) {
        *word = counter[0].wrapping_add(lane).into();
    }
    let [mut c0, mut c1, mut c2, mut c3] = words;
    let [mut k0, mut k1] = key;
    for _ in 0..10 {
        for lane in 0..LANES {
            let p0 = u64::from(MULTIPLIERS[0]) * (c0[lane] & LOW);
            let p1 = u64::from(MULTIPLIERS[1]) * (c2[lane] & LOW);
            c0[lane] = p1 >> 32 ^ c1[lane] ^ u64::from(k0);
            c1[lane] = p1;
            c2[lane] = p0 >> 32 ^ c3[lane] ^ u64::from(k1);
            c3[lane] = p0;
        }
        k0 = k0.wrapping_add(WEYL[0]);
        k1 = k1.wrapping_add(WEYL[1]);
    }
    std::array::from_fn(|lane| c1[lane] << 32 | c0[lane] & LOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a processor without the instructions draws, and a counter that overflows.
    #[test]
    fn hits_are_the_same_on_every_processor() {
        let key = [0x1234_5678, 0x9ABC_DEF0];
        for index in [0, 7, u32::MAX - 20] {
            for bound in [0, 1 << 45, 1 << 52, (1 << 53) - 1, 1 << 53] {
                for count in [0, 1, 15, 16, 17, 1000] {
                    let [mut here, mut anywhere, mut one_by_one] = [const { Vec::new() }; 3];
                    let counter = [index, 2, 3, 4];
                    hits_side_by_side(counter, key, count, bound, |index| here.push(index));
                    hits_anywhere(counter, key, count, bound, |index| anywhere.push(index));
                    hits_one_by_one(counter, key, count, bound, |index| one_by_one.push(index));
                    assert_eq!(here, anywhere, "{index} {bound} {count}");
                    assert_eq!(here, one_by_one, "{index} {bound} {count}");
                }
            }
        }
    }

    /// The known-answer vectors published with Random123 (`kat_vectors`, philox 4x32 10).
    #[test]
    fn it_gives_the_published_vectors() {
        for (counter, key, expected) in [
            (
                [0; 4],
                [0; 2],
                [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8],
            ),
            (
                [u32::MAX; 4],
                [u32::MAX; 2],
                [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd],
            ),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ] {
            #[cfg(target_arch = "x86_64")]
            assert_eq!(block_in_a_register(counter, key), block(counter, key));
            for drawn in [block(counter, key), block_anywhere(counter, key)] {
                let words = drawn.map(|word| [word as u32, (word >> 32) as u32]);
                assert_eq!(words.as_flattened(), expected);
            }
        }
    }
}
