//! The order in which simultaneous events of different units are handled.
//!
//! This module does *not* know what an event is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::random::{RandomStreams, StreamId};
use crate::unit::UnitId;

/// What the order of the units is drawn from; by round.
const TIES: StreamId = StreamId(134);

/// The order in which simultaneous events of different units are handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ties {
    /// By the kind and number of the unit that sent them.
    #[default]
    Canonical,
    /// In an order of the units that is drawn for each replication: the results must not depend on it.
    Shuffled,
}

/// The order of the units in one run. Its methods take `&self`, although it is `Copy`: copying its twenty bytes took a
/// twentieth of the time of the bare engine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order(Option<[u32; ROUNDS]>);

/// The number of rounds that make a random permutation of the values of random functions (Luby, Rackoff: *How to
/// construct pseudorandom permutations from pseudorandom functions*, 1988).
const ROUNDS: usize = 4;

impl Order {
    /// The order in a run with these draws.
    pub(super) fn of(ties: Ties, streams: RandomStreams) -> Self {
        match ties {
            Ties::Canonical => Self(None),
            Ties::Shuffled => Self(Some(std::array::from_fn(|round| {
                streams.bits(TIES, 0, round as u32) as u32
            }))),
        }
    }

    /// Whether units come by kind and number.
    #[inline]
    pub(super) fn is_canonical(&self) -> bool {
        self.0.is_none()
    }

    /// The place of `unit` among all that there could be.
    #[inline]
    pub(super) fn place(&self, unit: UnitId) -> u32 {
        let bits = unit.as_bits();
        self.0.as_ref().map_or(bits, |keys| shuffled(bits, keys))
    }

    /// The unit at this place.
    #[inline]
    pub(super) fn unit(&self, place: u32) -> UnitId {
        let keys = self.0.as_ref();
        UnitId::from_bits(keys.map_or(place, |keys| restored(place, keys)))
    }
}

#[inline(never)]
fn shuffled(bits: u32, keys: &[u32; ROUNDS]) -> u32 {
    let (mut left, mut right) = (bits >> 16, bits & 0xFFFF);
    for key in keys {
        (left, right) = (right, left ^ scrambled(right, *key));
    }
    left << 16 | right
}

#[inline(never)]
fn restored(place: u32, keys: &[u32; ROUNDS]) -> u32 {
    let (mut left, mut right) = (place >> 16, place & 0xFFFF);
    for key in keys.iter().rev() {
        (left, right) = (right ^ scrambled(left, *key), left);
    }
    left << 16 | right
}

/// Sixteen bits that depend on all of `half` and `key` (the finaliser of MurmurHash3).
fn scrambled(half: u32, key: u32) -> u32 {
    let mut word = half.wrapping_add(key);
    word = (word ^ word >> 16).wrapping_mul(0x85EB_CA6B);
    word = (word ^ word >> 13).wrapping_mul(0xC2B2_AE35);
    (word ^ word >> 16) & 0xFFFF
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_has_a_place_of_its_own_and_is_found_there() {
        for replication in 0..3 {
            let streams = RandomStreams::new(1, replication);
            for (ties, moves) in [(Ties::Canonical, false), (Ties::Shuffled, true)] {
                let order = Order::of(ties, streams);
                let units = (0..3).flat_map(|kind| (0..500).map(move |at| UnitId::new(kind, at)));
                let units: Vec<UnitId> = units.collect();
                let mut sorted = units.clone();
                sorted.sort_by_key(|unit| order.place(*unit));
                assert_eq!(sorted != units, moves);
                assert_eq!(order.is_canonical(), !moves);
                for unit in units {
                    assert_eq!(order.unit(order.place(unit)), unit);
                }
                // Of two neighbours either one comes first about as often.
                let pairs = (0..499).map(|at| [at, at + 1].map(|at| UnitId::new(0, at)));
                let kept = pairs.filter(|[a, b]| order.place(*a) < order.place(*b));
                let kept = kept.count();
                assert_eq!((200..300).contains(&kept), moves, "{kept}");
            }
        }
    }
}
