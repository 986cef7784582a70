//! Philox 4x32-10 with the AVX2 instructions of x86-64 processors that have them: four blocks side by side in a register.
//!
//! It does *not* know whether the processor at hand has them: [`super::hits`] asks.

#![expect(
    clippy::inline_always,
    reason = "what is not inlined into `vectorize` is not compiled for AVX2"
)]

use std::arch::x86_64::__m256i;

use pulp::NullaryFnOnce;
use pulp::x86::V3;

use super::{LANES, MULTIPLIERS, WEYL};

/// The number of blocks in one register.
const WIDTH: usize = 4;

/// What [`super::hits`] does, as a piece of code to be compiled for AVX2.
pub(super) struct Hits<F> {
    pub simd: V3,
    pub counter: [u32; 4],
    pub key: [u32; 2],
    pub count: u32,
    pub bound: u64,
    pub each: F,
}

impl<F: FnMut(u32)> NullaryFnOnce for Hits<F> {
    type Output = ();

    #[inline(always)]
    fn call(mut self) {
        for first in (0..self.count).step_by(LANES) {
            let mut mask = self.below_bound(first);
            while mask != 0 {
                let index = first + mask.trailing_zeros();
                mask &= mask - 1;
                if index < self.count {
                    (self.each)(index);
                }
            }
        }
    }
}

impl<F> Hits<F> {
    /// Computes the blocks from `first` on, as [`super::blocks`] does; bit i tells whether block i is below the
    /// bound.
    #[inline(always)]
    fn below_bound(&self, first: u32) -> u32 {
        let V3 { avx, avx2, .. } = self.simd;
        let spread = |word: u32| avx._mm256_set1_epi64x(word.into());
        let [c0, c1, c2, c3] = self.counter;
        let mut blocks: [[__m256i; 4]; LANES / WIDTH] = std::array::from_fn(|group| {
            let at = first.wrapping_add((group * WIDTH) as u32);
            let indices = avx2._mm256_add_epi64(
                spread(c0.wrapping_add(at)),
                avx._mm256_set_epi64x(3, 2, 1, 0),
            );
            [indices, spread(c1), spread(c2), spread(c3)]
        });
        let [mut k0, mut k1] = self.key;
        for _ in 0..10 {
            for [c0, c1, c2, c3] in &mut blocks {
                let p0 = avx2._mm256_mul_epu32(spread(MULTIPLIERS[0]), *c0);
                let p1 = avx2._mm256_mul_epu32(spread(MULTIPLIERS[1]), *c2);
                let mixed = |product, word, key| {
                    let kept = avx2._mm256_xor_si256(word, spread(key));
                    avx2._mm256_xor_si256(avx2._mm256_srli_epi64::<32>(product), kept)
                };
                (*c0, *c1) = (mixed(p1, *c1, k0), p1);
                (*c2, *c3) = (mixed(p0, *c3, k1), p0);
            }
            k0 = k0.wrapping_add(WEYL[0]);
            k1 = k1.wrapping_add(WEYL[1]);
        }
        // Both are below 2⁵⁴, so that a comparison with signs serves.
        let bound = avx._mm256_set1_epi64x(self.bound.cast_signed());
        let mut mask = 0;
        for (group, [low, high, ..]) in blocks.into_iter().enumerate() {
            let high = avx2._mm256_slli_epi64::<32>(high);
            let bits = avx2._mm256_blend_epi32::<0b01_01_01_01>(high, low);
            let below = avx2._mm256_cmpgt_epi64(bound, avx2._mm256_srli_epi64::<11>(bits));
            let below = avx._mm256_movemask_pd(avx._mm256_castsi256_pd(below));
            mask |= (below as u32) << (group * WIDTH);
        }
        mask
    }
}
