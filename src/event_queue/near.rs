//! The entries that come next, in order.
//!
//! An entry stays in the slot that it was put into; what is sorted are numbers of 31 bits that tell
//! time and slot. They are few, and each is put where it belongs by counting how many are greater:
//! several are compared at once, and no branch depends on a time, so the processor has none to
//! guess wrongly. Two different times may have the same number; then the keys decide. This module
//! does *not* know where entries come from.

use std::cmp::{Ordering, Reverse};

use super::Key;
use super::descending::{Descending, SORT_MAX};
use super::pool::{Entry, Slot};

/// The maximum number of entries that are sorted by their numbers, or that are still cheap to insert into.
const PLACES: usize = SORT_MAX;
/// The bits of a number that hold the slot of an entry.
const PLACE_BITS: u32 = PLACES.ilog2();
/// Bits of a number that tell the time.
const TIME_BITS: u32 = NUMBER_BITS - PLACE_BITS;
/// Bits of a number: all but the sign, because every processor compares signed ones at once.
const NUMBER_BITS: u32 = i32::BITS - 1;

/// Entries in the order of their keys.
#[derive(Debug)]
pub(super) struct Near<E> {
    /// Entries, and the places of those that were taken.
    slots: Vec<Slot<E>>,
    /// The number of each entry, that of the next one last.
    order: Descending,
    /// A number tells how many steps of 2^`shift` ns after `start` an entry is due.
    start: u64,
    shift: u32,
    /// How many bits of a number tell the slot.
    place_bits: u32,
    /// The slot from which an entry was taken last.
    vacant: usize,
}

impl<E> Default for Near<E> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            order: Descending::default(),
            start: 0,
            shift: 0,
            place_bits: PLACE_BITS,
            vacant: 0,
        }
    }
}

impl<E> Near<E> {
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.order.len() == 0
    }

    /// The first entry.
    #[inline]
    pub(super) fn first(&self) -> Option<&Entry<E>> {
        self.slots[self.place(self.order.last()?)].as_ref()
    }

    /// Takes out the first entry, if it comes before `limit`.
    #[inline]
    pub(super) fn take_before(&mut self, limit: Key) -> Option<Entry<E>> {
        let place = self.place(self.order.last()?);
        let slot = &mut self.slots[place];
        if slot.as_ref()?.key >= limit {
            return None;
        }
        self.order.pop();
        self.vacant = place;
        slot.take()
    }

    /// Takes in the entries that `put` puts into slots, all due from `start` to `last`; more than
    /// [`PLACES`] only if these are the same. It is empty before.
    pub(super) fn fill(&mut self, start: u64, last: u64, put: impl FnOnce(&mut Vec<Slot<E>>)) {
        debug_assert!(self.is_empty(), "what lies there would be lost");
        self.slots.clear();
        put(&mut self.slots);
        let bits = u64::BITS - (last - start).leading_zeros();
        (self.start, self.shift) = (start, bits.saturating_sub(TIME_BITS));
        if start < last {
            self.place_bits = PLACE_BITS;
            self.sort_numbers();
        } else {
            self.place_bits = NUMBER_BITS;
            self.sort_entries();
        }
    }

    /// Puts in an entry due no later than `last` of [`Self::fill`]; gives it back if there is no
    /// room.
    pub(super) fn insert(&mut self, entry: Entry<E>) -> Result<(), Entry<E>> {
        let vacant = self.slots.get(self.vacant).is_some_and(Option::is_none);
        let place = if vacant {
            self.vacant
        } else {
            self.slots.len()
        };
        if self.order.len() >= PLACES || place >> self.place_bits != 0 {
            return Err(entry);
        }
        let number = self.number(entry.key.time.as_ns(), place);
        // Of all at once: where to stop is nothing that the processor could guess.
        let later = self
            .order
            .count_greater(number | self.places().cast_signed());
        let tied = self.order.as_slice()[later..].iter().take_while(|other| {
            self.compare_times(**other, number).is_eq() && self.rank(**other) > entry.key.rank()
        });
        self.order.insert(later + tied.count(), number);
        if vacant {
            self.slots[place] = Some(entry);
        } else {
            self.slots.push(Some(entry));
        }
        Ok(())
    }

    /// Keeps only the entries that `keep` approves of.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Entry<E>) -> bool) {
        self.hand_out(|entry| if keep(&entry) { Some(entry) } else { None });
    }

    /// Hands out all entries; those that come back are kept.
    pub(super) fn hand_out(&mut self, mut to: impl FnMut(Entry<E>) -> Option<Entry<E>>) {
        let mut order = std::mem::take(&mut self.order);
        order.retain(|number| {
            let place = self.place(number);
            let slot = &mut self.slots[place];
            *slot = slot.take().and_then(&mut to);
            slot.is_some()
        });
        self.order = order;
    }

    /// Sorts at most [`PLACES`] entries.
    fn sort_numbers(&mut self) {
        let len = self.slots.len();
        debug_assert!(len <= PLACES, "more are spread over buckets first");
        let mut order = std::mem::take(&mut self.order);
        let number = |(slot, place): (&Slot<E>, usize)| {
            let time = slot.as_ref().map_or(0, |entry| entry.key.time.as_ns());
            self.number(time, place)
        };
        order.sort(self.slots.iter().zip(0..len).map(number));
        let numbers = order.as_slice();
        let pairs = numbers.iter().zip(numbers.iter().skip(1));
        let is_tie = |(a, b): (&i32, &i32)| (a ^ b) >> PLACE_BITS == 0;
        if pairs.fold(false, |any, pair| any | is_tie(pair)) {
            order.sort_by(|a, b| {
                let by_key = || self.rank(*b).cmp(&self.rank(*a));
                self.compare_times(*b, *a).then_with(by_key)
            });
        }
        self.order = order;
    }

    /// Sorts any number of entries, all due at the same time.
    fn sort_entries(&mut self) {
        self.slots
            .sort_unstable_by_key(|slot| Reverse(rank_of(slot.as_ref())));
        let mut order = std::mem::take(&mut self.order);
        let places = 0..self.slots.len();
        order.fill(places.map(|place| self.number(self.start, place)));
        self.order = order;
    }

    /// The number of the entry due at `time` in the slot `place`. Of entries due at the same time
    /// that in the last slot has the least: buckets give what was put in first last, and that is
    /// most often the first one of these.
    #[inline]
    fn number(&self, time: u64, place: usize) -> i32 {
        let steps = time.saturating_sub(self.start) >> self.shift;
        let (steps, place) = (steps as u32, self.places() - place as u32);
        (steps << self.place_bits | place).cast_signed()
    }

    /// The slot that `number` tells.
    #[inline]
    fn place(&self, number: i32) -> usize {
        (!number.cast_unsigned() & self.places()) as usize
    }

    /// The last slot of which a number can tell.
    #[inline]
    fn places(&self) -> u32 {
        !(u32::MAX << self.place_bits)
    }

    /// How the times that two numbers tell compare.
    fn compare_times(&self, a: i32, b: i32) -> Ordering {
        (a >> self.place_bits).cmp(&(b >> self.place_bits))
    }

    /// The place in the order of the entry with `number`.
    fn rank(&self, number: i32) -> u128 {
        rank_of(self.slots[self.place(number)].as_ref())
    }
}

/// The place in the order of `entry`; before all others if there is none.
#[inline]
fn rank_of<E>(entry: Option<&Entry<E>>) -> u128 {
    entry.map_or(0, |entry| entry.key.rank())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Time;

    /// A generator for tests: a different number each time.
    fn mixer() -> impl FnMut() -> u64 {
        let mut state = 1_u64;
        move || {
            state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
            let mixed = (state ^ state >> 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            mixed ^ mixed >> 29
        }
    }

    fn entry(time: u64, id: u32) -> Entry<u32> {
        let key = Key::new(Time::from_ns(time), 0, id % 5, id);
        Entry { key, event: id }
    }

    /// Takes out the first of both; whether they agree on it.
    fn take_both(near: &mut Near<u32>, model: &mut Vec<Key>) -> bool {
        model.sort_unstable_by_key(|key| Reverse(*key));
        let wanted = model.pop();
        assert_eq!(near.first().map(|entry| entry.key), wanted);
        assert!(wanted.is_none_or(|key| near.take_before(key).is_none()));
        near.take_before(Key::MAX).map(|entry| entry.key) == wanted
    }

    /// Spans of many steps, of none, and so long that unlike times have the same number.
    const SPANS: [u64; 6] = [0, 1, 1 << TIME_BITS, 1 << 40, 1 << 63, u64::MAX - 9];

    #[test]
    fn entries_come_out_in_the_order_of_their_keys() {
        let mut next = mixer();
        for span in SPANS {
            for len in [0, 1, 2, 7, 8, 9, 31, 63, 64, 65, 300] {
                // This many entries are due at one instant.
                let span = if len > PLACES { 0 } else { span };
                let (start, mut near, mut model) = (9, Near::default(), Vec::new());
                // Half of them close together, where the span is a long one.
                let mut time = || start + next() % (span >> (next() % 2 * 30)).max(1);
                near.fill(start, start + span, |slots| {
                    slots.extend((0..len as u32).map(|id| Some(entry(time(), id))));
                    model.extend(slots.iter().flatten().map(|entry| entry.key));
                });
                for id in 1000..1200 {
                    assert!(take_both(&mut near, &mut model), "{len} over {span} ns");
                    // Now and then before the start, too.
                    let time = if id % 7 == 0 { 3 } else { time() };
                    match near.insert(entry(time, id)) {
                        Ok(()) => model.push(entry(time, id).key),
                        Err(back) => assert!(back.event == id && model.len() >= PLACES),
                    }
                    assert_eq!(near.len(), model.len());
                }
                while !model.is_empty() {
                    assert!(take_both(&mut near, &mut model), "{len} over {span} ns");
                }
                assert!(near.is_empty() && near.first().is_none());
            }
        }
    }

    #[test]
    fn what_does_not_come_back_is_gone() {
        let mut near = Near::default();
        let ids = 0..40_u32;
        near.fill(0, 100, |slots| {
            slots.extend(ids.map(|id| Some(entry(u64::from(id * 37 % 101), id))));
        });
        near.retain(|entry| entry.event % 3 != 0);
        let mut handed = Vec::new();
        near.hand_out(|entry| {
            handed.push(entry.event);
            (entry.event % 2 == 0).then_some(entry)
        });
        handed.sort_unstable();
        assert!(handed.into_iter().eq((0..40).filter(|id| id % 3 != 0)));
        let mut left = Vec::new();
        while let Some(entry) = near.take_before(Key::MAX) {
            assert!(left.last() < Some(&entry.key));
            assert!(entry.event % 3 != 0 && entry.event % 2 == 0);
            left.push(entry.key);
        }
        assert_eq!(left.len(), 13);
    }
}
