//! Randomness by key: a draw is a pure function of what it decides.
//!
//! `draw(seed, replication, id, entity, index)` is one block of the counter-based generator
//! Philox 4x32-10 (Salmon, Moraes, Dror, Shaw: *Parallel random numbers: as easy as 1, 2, 3*,
//! SC'11). No draw depends on when, in which order or on which thread it is made, so two points of
//! a sweep differ only by what was changed. The key never holds the sweep point.
//!
//! Samplers stand on `libm`, called explicitly, so that they agree across platforms and builds.
//! This module does *not* know what is decided: rooms that draw declare their own [`StreamId`]s.

pub mod alternation;
pub mod law;
mod philox;
mod rest_beyond;

use std::convert::Infallible;

use rand::TryRng;

use crate::time::Span;

/// The number of a random stream: the kind of decision that its draws make. So draws for two kinds of
/// decisions about one entity are independent.
///
/// Rooms own disjoint ranges: discovery 1 to 33, Arigatoni 34 to 63, the second
/// system 64 to 127, the network 128 to 143, the rivals of Arigatoni 144 to 159, constraints 160 and 161, the swarm 191; 192 to 239 are
/// for systems of other programs, 240 and above for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamId(pub u8);

/// What the generator is called, and what a draw depends on.
pub const GENERATOR: &str = "Philox 4x32-10, keyed by (seed, replication, stream, entity, index)";

/// Replications are numbered below this: a draw's counter has 24 bits for them.
pub const REPLICATIONS_MAX: u32 = 1 << 24;

/// The random streams of one replication of one scenario. They have no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RandomStreams {
    key: [u32; 2],
    replication: u32,
}

impl RandomStreams {
    /// The draws of `replication` under the scenario's `seed`.
    ///
    /// # Panics
    /// If `replication` is not below [`REPLICATIONS_MAX`].
    pub fn new(seed: u64, replication: u32) -> Self {
        assert!(
            replication < REPLICATIONS_MAX,
            "replications are numbered below 2^24"
        );
        Self {
            key: [seed as u32, (seed >> 32) as u32],
            replication,
        }
    }

    /// 64 uniform bits for (`id`, `entity`, `index`).
    #[inline]
    pub fn bits(self, id: StreamId, entity: u64, index: u32) -> u64 {
        self.pair(id, entity, index)[0]
    }

    #[inline]
    fn counter(self, id: StreamId, entity: u64, index: u32) -> [u32; 4] {
        [
            index,
            entity as u32,
            (entity >> 32) as u32,
            self.replication | u32::from(id.0) << 24,
        ]
    }

    /// Two independent draws of 64 uniform bits for the price of one; the first one is
    /// [`Self::bits`].
    #[inline]
    pub fn pair(self, id: StreamId, entity: u64, index: u32) -> [u64; 2] {
        philox::block(self.counter(id, entity, index), self.key)
    }

    /// A uniform number in [0, 1), a multiple of 2⁻⁵³.
    #[inline]
    pub fn unit(self, id: StreamId, entity: u64, index: u32) -> f64 {
        unit_from_bits(self.bits(id, entity, index))
    }

    /// Calls `each` with the indices below `count` at which [`Self::unit`] gives less than `bound`, ascending.
    /// Quicker than asking for one after another.
    #[inline]
    pub fn hits(self, id: StreamId, entity: u64, count: u32, bound: f64, each: impl FnMut(u32)) {
        // x · 2⁻⁵³ < bound, in whole numbers: the product is exact.
        let bound = (bound * (1_u64 << 53) as f64).ceil() as u64;
        philox::hits(self.counter(id, entity, 0), self.key, count, bound, each);
    }

    /// A uniform integer in 0 … `n` − 1 (`n` ≥ 1). The bias is below `n` · 2⁻⁶⁴.
    #[inline]
    pub fn below(self, id: StreamId, entity: u64, index: u32, n: u64) -> u64 {
        ((u128::from(self.bits(id, entity, index)) * u128::from(n)) >> 64) as u64
    }

    /// A uniform span in `min` … `max`, both included (`min` ≤ `max`).
    pub fn span(self, id: StreamId, entity: u64, index: u32, [min, max]: [Span; 2]) -> Span {
        let width = (max - min).as_ns();
        min + Span::from_ns(self.below(id, entity, index, width + 1))
    }

    /// An exponentially distributed number of mean 1, by inversion: −ln(1 − u).
    pub fn exponential(self, id: StreamId, entity: u64, index: u32) -> f64 {
        -libm::log(1.0 - self.unit(id, entity, index))
    }

    /// A Poisson-distributed count of the given `mean` (0 ≤ `mean`).
    ///
    /// Products of uniforms (Knuth, TAOCP 2, 3.4.1 F), over pieces of mean ≤ 500 so that
    /// `exp(-mean)` never underflows. Takes O(`mean`) time.
    pub fn poisson(self, id: StreamId, entity: u64, mean: f64) -> u32 {
        let mut stream = self.stream(id, entity);
        let (mut left, mut count) = (mean, 0);
        while left > 0.0 {
            let piece = left.min(500.0);
            left -= piece;
            let floor = libm::exp(-piece);
            let mut product = stream.unit();
            while product > floor {
                count += 1;
                product *= stream.unit();
            }
        }
        count
    }

    /// The draws for (`id`, `entity`) at the indices 0, 1, 2, … one after another.
    pub fn stream(self, id: StreamId, entity: u64) -> Stream {
        self.stream_from(id, entity, 0)
    }

    /// The draws for (`id`, `entity`) at the indices `index`, `index` + 1, … one after another.
    pub fn stream_from(self, id: StreamId, entity: u64, index: u32) -> Stream {
        Stream {
            streams: self,
            id,
            entity,
            index,
        }
    }
}

/// A sequence of draws for one (purpose, entity), as a generator for `rand`'s distributions.
#[derive(Debug)]
pub struct Stream {
    streams: RandomStreams,
    id: StreamId,
    entity: u64,
    index: u32,
}

impl Stream {
    /// The next uniform number in [0, 1).
    pub fn unit(&mut self) -> f64 {
        unit_from_bits(self.next_bits())
    }

    fn next_bits(&mut self) -> u64 {
        let bits = self.streams.bits(self.id, self.entity, self.index);
        self.index += 1;
        bits
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.next_bits() as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next_bits())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_bits().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// The number in [0, 1) that 64 uniform bits stand for, a multiple of 2⁻⁵³.
#[inline]
pub fn unit_from_bits(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_those_of_single_draws() {
        let streams = RandomStreams::new(0x1234_5678_9ABC_DEF0, 5);
        let id = StreamId(250);
        for (count, entity) in [0, 1, 15, 16, 17, 1000].into_iter().zip(u64::MAX - 7..) {
            for bound in [0.0, 1e-3, 0.3, streams.unit(id, entity, 0), 0.999, 1.0] {
                let single = |&index: &u32| streams.unit(id, entity, index) < bound;
                let mut hits = Vec::new();
                streams.hits(id, entity, count, bound, |index| hits.push(index));
                let expected: Vec<u32> = (0..count).filter(single).collect();
                assert_eq!(hits, expected, "{count} {bound}");
            }
        }
    }

    #[test]
    fn every_part_of_the_key_changes_the_draw() {
        let base = RandomStreams::new(1, 0).bits(StreamId(250), 7, 9);
        for other in [
            RandomStreams::new(2, 0).bits(StreamId(250), 7, 9),
            RandomStreams::new(1 | 1 << 32, 0).bits(StreamId(250), 7, 9),
            RandomStreams::new(1, 1).bits(StreamId(250), 7, 9),
            RandomStreams::new(1, 0).bits(StreamId(251), 7, 9),
            RandomStreams::new(1, 0).bits(StreamId(250), 8, 9),
            RandomStreams::new(1, 0).bits(StreamId(250), 7 | 1 << 32, 9),
            RandomStreams::new(1, 0).bits(StreamId(250), 7, 10),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn a_uniform_span_takes_both_ends_and_nothing_else() {
        let streams = RandomStreams::new(3, 0);
        let range = [Span::from_ns(10), Span::from_ns(12)];
        let mut seen = [0; 13];
        for index in 0..3000 {
            seen[streams.span(StreamId(250), 0, index, range).as_ns() as usize] += 1;
        }
        assert_eq!(seen[..10], [0; 10]);
        assert!(
            seen[10..].iter().all(|&n| (900..1100).contains(&n)),
            "{seen:?}"
        );
    }
}
