//! The names of units: a kind, and a number within it.
//!
//! This module does *not* know any kind but the routers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Names a unit: a kind and a number within its kind.
///
/// A system names its kinds from 0; kind [`UnitId::ROUTER`] is the network's own. Each of the first three
/// kinds has room for 2³⁰ units, the network for 2²⁹ routers, and each of 32 further kinds for 2²⁴ units:
/// the two topmost bits tell the first three apart, and the last quarter is shared by routers and further
/// kinds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(u32);

impl fmt::Debug for UnitId {
    /// Kind and number: `0/17`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind(), self.index())
    }
}

impl FromStr for UnitId {
    type Err = ();

    /// Reads kind and number: `0/17`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, index) = text.split_once('/').ok_or(())?;
        let kind: u8 = kind.parse().map_err(drop)?;
        let index: u32 = index.parse().map_err(drop)?;
        let is_kind = kind < Self::KINDS_MAX || kind == Self::ROUTER;
        let is_one = is_kind && index < Self::units_max(kind);
        is_one.then(|| Self::new(kind, index)).ok_or(())
    }
}

/// Kind and number (`0/17`) in formats for people, one number in others.
impl Serialize for UnitId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            to.collect_str(&format_args!("{self:?}"))
        } else {
            self.0.serialize(to)
        }
    }
}

impl<'de> Deserialize<'de> for UnitId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            let text = String::deserialize(from)?;
            let wrong =
                || de::Error::invalid_value(de::Unexpected::Str(&text), &"a unit, such as 0/17");
            text.parse().map_err(|()| wrong())
        } else {
            u32::deserialize(from).map(Self)
        }
    }
}

impl UnitId {
    /// The kind of the units that forward packets.
    pub const ROUTER: u8 = u8::MAX;
    /// How many kinds a system can have.
    pub const KINDS_MAX: u8 = FIRST_KINDS + (1 << FURTHER_BITS);

    /// The unit of `kind` (a system's, below [`Self::KINDS_MAX`], or [`Self::ROUTER`]) with number `index`
    /// (below [`Self::units_max`]).
    #[inline]
    pub const fn new(kind: u8, index: u32) -> Self {
        debug_assert!(kind < Self::KINDS_MAX || kind == Self::ROUTER);
        debug_assert!(index < Self::units_max(kind));
        Self(if kind < FIRST_KINDS {
            (kind as u32) << FIRST_SHIFT | index
        } else if kind == Self::ROUTER {
            LAST_QUARTER | index
        } else {
            FIRST_OF_FURTHER | ((kind - FIRST_KINDS) as u32) << FURTHER_SHIFT | index
        })
    }

    /// Numbers within `kind` are below this.
    pub const fn units_max(kind: u8) -> u32 {
        if kind < FIRST_KINDS {
            1 << FIRST_SHIFT
        } else if kind == Self::ROUTER {
            FURTHER
        } else {
            1 << FURTHER_SHIFT
        }
    }

    /// Its kind.
    #[inline]
    pub const fn kind(self) -> u8 {
        if self.0 < LAST_QUARTER {
            (self.0 >> FIRST_SHIFT) as u8
        } else {
            self.kind_in_last_quarter()
        }
    }

    /// Whether it is a router.
    #[inline]
    pub const fn is_router(self) -> bool {
        self.0 >> FIRST_SHIFT == FIRST_KINDS as u32 && self.0 & FURTHER == 0
    }

    /// Its number within its kind.
    #[inline]
    pub const fn index(self) -> u32 {
        if self.0 < FIRST_OF_FURTHER {
            // Bit 29 of a router is 0.
            self.0 & ((1 << FIRST_SHIFT) - 1)
        } else {
            self.index_of_further()
        }
    }

    /// The place of its kind in a [`ByKind`].
    #[inline]
    const fn place(self) -> usize {
        if self.0 < FIRST_OF_FURTHER {
            (self.0 >> FIRST_SHIFT) as usize
        } else {
            self.kind_in_last_quarter() as usize + 1
        }
    }

    // Names are taken apart several times for each event. Few systems have more than three kinds: what those need is
    // kept out of the way of all others.

    #[cold]
    #[inline(never)]
    const fn kind_in_last_quarter(self) -> u8 {
        if self.is_router() {
            Self::ROUTER
        } else {
            FIRST_KINDS + ((self.0 - FIRST_OF_FURTHER) >> FURTHER_SHIFT) as u8
        }
    }

    #[cold]
    #[inline(never)]
    const fn index_of_further(self) -> u32 {
        self.0 & ((1 << FURTHER_SHIFT) - 1)
    }

    /// The unit of which [`Self::as_bits`] is `bits`.
    #[inline]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Kind and number in one word, ordered like the ids.
    #[inline]
    pub const fn as_bits(self) -> u32 {
        self.0
    }
}

/// The number of kinds that have a quarter of all bit patterns each.
const FIRST_KINDS: u8 = 3;
const FIRST_SHIFT: u32 = 30;
const LAST_QUARTER: u32 = (FIRST_KINDS as u32) << FIRST_SHIFT;
/// In the last quarter: a unit of a further kind, and no router.
const FURTHER: u32 = 1 << 29;
/// The least bits of a unit of a further kind.
const FIRST_OF_FURTHER: u32 = LAST_QUARTER | FURTHER;
const FURTHER_BITS: u8 = 5;
const FURTHER_SHIFT: u32 = 29 - FURTHER_BITS as u32;

/// Where a [`ByKind`] has what is the routers': between the first kinds and the further ones, as their bits are.
const ROUTERS_PLACE: usize = FIRST_KINDS as usize;

/// Something for each kind of units, routers included.
#[derive(Debug)]
pub struct ByKind<T>([T; UnitId::KINDS_MAX as usize + 1]);

impl<T: Default> Default for ByKind<T> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| T::default()))
    }
}

impl<T> ByKind<T> {
    /// What is there for the kind of `unit`.
    #[inline]
    pub fn of(&self, unit: UnitId) -> &T {
        &self.0[unit.place()]
    }

    /// Mutable access to what is there for the kind of `unit`.
    #[inline]
    pub fn of_mut(&mut self, unit: UnitId) -> &mut T {
        &mut self.0[unit.place()]
    }

    /// What is there for the kinds of a system, each with its number; the routers' comes last, with
    /// [`UnitId::ROUTER`].
    pub fn iter(&self) -> impl Iterator<Item = (u8, &T)> {
        let (first, rest) = self.0.split_at(ROUTERS_PLACE);
        let (routers, further) = rest.split_at(1);
        let kinds = (0..UnitId::KINDS_MAX).chain([UnitId::ROUTER]);
        kinds.zip(first.iter().chain(further).chain(routers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_room_of_its_own() {
        let kinds = (0..UnitId::KINDS_MAX).chain([UnitId::ROUTER]);
        let mut bits = Vec::new();
        for kind in kinds {
            for index in [0, 1, 77, UnitId::units_max(kind) - 1] {
                let unit = UnitId::new(kind, index);
                assert_eq!((unit.kind(), unit.index()), (kind, index));
                assert_eq!(format!("{unit:?}").parse(), Ok(unit));
                assert_eq!(UnitId::from_bits(unit.as_bits()), unit);
                bits.push(unit.as_bits());
            }
        }
        let units = bits.len();
        bits.sort_unstable();
        bits.dedup();
        assert_eq!(bits.len(), units, "no two units are alike");
        for wrong in ["35/0", "254/0", "3/16777216", "255/536870912", "0", "x/1"] {
            assert_eq!(wrong.parse::<UnitId>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn the_first_kinds_and_the_routers_keep_their_bits() {
        // They are part of every fingerprint.
        for kind in 0..3 {
            assert_eq!(UnitId::new(kind, 5).as_bits(), u32::from(kind) << 30 | 5);
        }
        assert_eq!(UnitId::new(UnitId::ROUTER, 5).as_bits(), 3 << 30 | 5);
    }

    #[test]
    fn each_kind_finds_its_own() {
        let mut by_kind: ByKind<u8> = ByKind::default();
        let kinds = || (0..UnitId::KINDS_MAX).chain([UnitId::ROUTER]);
        for kind in kinds() {
            *by_kind.of_mut(UnitId::new(kind, 3)) = kind;
        }
        assert!(kinds().all(|kind| *by_kind.of(UnitId::new(kind, 9)) == kind));
        assert!(by_kind.iter().all(|(kind, found)| kind == *found));
    }
}
