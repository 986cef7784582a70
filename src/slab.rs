//! Open business of a unit, kept in slots that are used again.
//!
//! A slot's number stays small, so it can name a timer: the lowest that is free is taken. The first
//! slot lies in the slab itself: few units ever need a second one, and there may be millions of
//! units. Two slabs are equal if they keep the same in the same slots, whatever they have kept
//! before. The slab does *not* know what is kept in it.

use std::hash::{Hash, Hasher};
use std::slice;

use smallvec::{SmallVec, smallvec};

/// Values in numbered slots.
#[derive(Debug, Clone)]
pub(crate) enum Slab<T> {
    /// Slot 0 only.
    One(Option<T>),
    /// More than one slot, from the first time that two values were kept at once.
    Many(Box<Slots<T>>),
}

#[derive(Debug, Clone)]
pub(crate) struct Slots<T> {
    all: Vec<Option<T>>,
    /// A bit for each slot that is taken: the lowest that is free is found without a branch to guess.
    taken: SmallVec<[u64; 2]>,
}

impl<T> Slots<T> {
    #[inline]
    fn insert(&mut self, value: T) -> u32 {
        let mut words = self.taken.iter();
        let word = words.position(|word| *word != u64::MAX);
        let word = word.unwrap_or_else(|| {
            self.taken.push(0);
            self.taken.len() - 1
        });
        let bit = self.taken[word].trailing_ones();
        self.taken[word] |= 1 << bit;
        let slot = word * WORD + bit as usize;
        if slot < self.all.len() {
            self.all[slot] = Some(value);
        } else {
            self.all.push(Some(value));
        }
        slot as u32
    }
}

/// Bits in a word.
const WORD: usize = u64::BITS as usize;

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self::One(None)
    }
}

impl<T: PartialEq> PartialEq for Slab<T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<T: Eq> Eq for Slab<T> {}

impl<T: Hash> Hash for Slab<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.len());
        self.iter().for_each(|kept| kept.hash(state));
    }
}

impl<T> Slab<T> {
    /// Keeps `value`; in which slot.
    #[inline]
    pub(crate) fn insert(&mut self, value: T) -> u32 {
        if let Self::One(slot) = self {
            if slot.is_none() {
                *slot = Some(value);
                return 0;
            }
            *self = Self::Many(Box::new(Slots {
                all: vec![slot.take()],
                taken: smallvec![1],
            }));
        }
        let Self::Many(slots) = self else {
            unreachable!("one slot has just become many")
        };
        slots.insert(value)
    }

    /// What is kept in `slot`, if anything is.
    #[inline]
    pub(crate) fn at(&self, slot: u32) -> Option<&T> {
        self.slots().get(slot as usize)?.as_ref()
    }

    /// What is kept in `slot`, if anything is.
    #[inline]
    pub(crate) fn at_mut(&mut self, slot: u32) -> Option<&mut T> {
        self.slots_mut().get_mut(slot as usize)?.as_mut()
    }

    /// Removes what is kept in `slot`, if anything is.
    #[inline]
    pub(crate) fn remove(&mut self, slot: u32) -> Option<T> {
        let value = self.slots_mut().get_mut(slot as usize)?.take()?;
        if let Self::Many(slots) = self {
            slots.taken[slot as usize / WORD] &= !(1 << (slot as usize % WORD));
        }
        Some(value)
    }

    /// Removes all that is kept.
    pub(crate) fn clear(&mut self) {
        self.slots_mut().iter_mut().for_each(|slot| *slot = None);
        if let Self::Many(slots) = self {
            slots.taken.iter_mut().for_each(|word| *word = 0);
        }
    }

    /// How many values are kept.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::One(slot) => usize::from(slot.is_some()),
            Self::Many(slots) => {
                let taken = slots.taken.iter();
                taken.map(|word| word.count_ones() as usize).sum()
            }
        }
    }

    /// Everything that is kept, with its slot.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.slots()
            .iter()
            .zip(0..)
            .filter_map(|(kept, slot)| Some((slot, kept.as_ref()?)))
    }

    /// Everything that is kept.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.slots_mut().iter_mut().flatten()
    }

    #[inline]
    fn slots(&self) -> &[Option<T>] {
        match self {
            Self::One(slot) => slice::from_ref(slot),
            Self::Many(slots) => &slots.all,
        }
    }

    #[inline]
    fn slots_mut(&mut self) -> &mut [Option<T>] {
        match self {
            Self::One(slot) => slice::from_mut(slot),
            Self::Many(slots) => &mut slots.all,
        }
    }
}

/// Room that a unit keeps for its capacity: no part of its state, so all rooms are equal.
#[derive(Debug, Default)]
pub(crate) struct Room<T>(pub(crate) T);

impl<T: Default> Clone for Room<T> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<T> PartialEq for Room<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for Room<T> {}

impl<T> Hash for Room<T> {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

    use super::*;
    use crate::random::{RandomStreams, StreamId};

    fn hash(slab: &Slab<u64>) -> u64 {
        BuildHasherDefault::<DefaultHasher>::default().hash_one(slab)
    }

    #[test]
    fn the_lowest_free_slot_is_taken_and_the_past_is_forgotten() {
        let mut stream = RandomStreams::new(3, 0).stream(StreamId(241), 0);
        let (mut slab, mut map) = (Slab::default(), BTreeMap::new());
        for value in 0..2000 {
            if stream.unit() < 0.6 {
                let lowest = (0..2000).find(|slot| !map.contains_key(slot)).unwrap();
                assert_eq!(slab.insert(value), lowest);
                map.insert(lowest, value);
            } else {
                let slot = (stream.unit() * 100.0) as u32;
                assert_eq!(slab.remove(slot), map.remove(&slot));
            }
            if map.len() > 150 {
                (0..200).for_each(|slot| assert_eq!(slab.remove(slot), map.remove(&slot)));
            }
            assert_eq!(slab.len(), map.len());
            assert!(
                slab.iter()
                    .eq(map.iter().map(|(&slot, value)| (slot, value)))
            );
            // One that has kept nothing else.
            let mut fresh = Slab::default();
            let top = map.keys().last().map_or(0, |last| last + 1);
            (0..top).for_each(|slot| assert_eq!(fresh.insert(0), slot));
            for slot in 0..top {
                match map.get(&slot) {
                    Some(&value) => *fresh.at_mut(slot).unwrap() = value,
                    None => assert_eq!(fresh.remove(slot), Some(0)),
                }
            }
            assert!(fresh == slab && hash(&fresh) == hash(&slab));
            fresh.insert(u64::MAX);
            assert!(fresh != slab);
        }
    }
}
