//! Numbers in order, of which several are compared at once.
//!
//! They lie in whole blocks, and what fills the last one up is less than any number. So what is counted ends
//! where a block does, and the processor seldom guesses an end wrongly. This module does *not* know what a
//! number tells.

use std::cmp::Ordering;

/// The number of numbers that are compared at once.
const LANES: usize = 8;
/// The maximum number of numbers that are sorted by counting.
pub(super) const SORT_MAX: usize = 64;
/// Less than any number.
const NONE: i32 = -1;

/// Different numbers from 0 upwards, the greatest first.
#[derive(Debug, Default)]
pub(super) struct Descending {
    /// Whole blocks. Behind the first `len` there is only [`NONE`].
    all: Vec<i32>,
    len: usize,
}

impl Descending {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn as_slice(&self) -> &[i32] {
        &self.all[..self.len]
    }

    /// The least number.
    #[inline]
    pub(super) fn last(&self) -> Option<i32> {
        Some(self.all[self.len.checked_sub(1)?])
    }

    /// Removes the least number.
    #[inline]
    pub(super) fn pop(&mut self) {
        self.len -= 1;
        self.all[self.len] = NONE;
    }

    /// How many are greater than `number`, which is none of them or one.
    #[inline]
    pub(super) fn count_greater(&self, number: i32) -> usize {
        let blocks = &self.all[..self.len.next_multiple_of(LANES)];
        let greater = blocks.iter().map(|other| i32::from(*other > number));
        greater.sum::<i32>() as usize
    }

    /// Puts `number` behind the first `place` numbers, where it belongs.
    #[inline]
    pub(super) fn insert(&mut self, place: usize, number: i32) {
        self.make_room(self.len + 1);
        self.all.copy_within(place..self.len, place + 1);
        self.all[place] = number;
        self.len += 1;
    }

    /// Keeps only the numbers that `keep` approves of.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(i32) -> bool) {
        let mut kept = 0;
        for place in 0..self.len {
            let number = std::mem::replace(&mut self.all[place], NONE);
            if keep(number) {
                self.all[kept] = number;
                kept += 1;
            }
        }
        self.len = kept;
    }

    /// Takes in at most [`SORT_MAX`] numbers by counting how many are greater than each. It is empty before.
    pub(super) fn sort(&mut self, numbers: impl ExactSizeIterator<Item = i32>) {
        debug_assert!(self.len == 0, "what is there would be counted");
        self.len = numbers.len();
        self.make_room(self.len);
        let mut unsorted = [NONE; SORT_MAX];
        for (place, number) in unsorted.iter_mut().zip(numbers) {
            *place = number;
        }
        let (blocks, _) = unsorted.as_chunks::<LANES>();
        let blocks = &blocks[..self.len.div_ceil(LANES)];
        for block in blocks {
            let mut ranks = [0; LANES];
            for number in blocks.as_flattened() {
                for (rank, own) in ranks.iter_mut().zip(block) {
                    *rank += i32::from(number > own);
                }
            }
            for (rank, number) in ranks.iter().zip(block) {
                // What fills the last block up comes behind all numbers.
                self.all[*rank as usize] = *number;
            }
        }
    }

    /// Takes in numbers that are in order. It is empty before.
    pub(super) fn fill(&mut self, numbers: impl ExactSizeIterator<Item = i32>) {
        debug_assert!(self.len == 0, "what is there would be counted");
        self.len = numbers.len();
        self.make_room(self.len);
        for (place, number) in self.all.iter_mut().zip(numbers) {
            *place = number;
        }
    }

    /// Puts them in the order of `compare`.
    pub(super) fn sort_by(&mut self, compare: impl FnMut(&i32, &i32) -> Ordering) {
        self.all[..self.len].sort_unstable_by(compare);
    }

    fn make_room(&mut self, len: usize) {
        if len > self.all.len() {
            self.all.resize(len.next_multiple_of(LANES), NONE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Different numbers in no order.
    fn mixed(count: usize) -> impl ExactSizeIterator<Item = i32> {
        let places = 0..i32::try_from(count).unwrap();
        places.map(|at| at * 37 % 67 * 3)
    }

    fn sorted(count: usize) -> Vec<i32> {
        let mut numbers: Vec<i32> = mixed(count).collect();
        numbers.sort_unstable_by_key(|number| std::cmp::Reverse(*number));
        numbers
    }

    #[test]
    fn all_are_sorted_and_counted_whatever_blocks_they_fill() {
        let mut all = Descending::default();
        for count in (0..=SORT_MAX).chain([5, 8, 0]) {
            all.sort(mixed(count));
            let mut model = sorted(count);
            assert_eq!(all.as_slice(), model);
            for number in 0..210 {
                let greater = model.iter().filter(|other| **other > number).count();
                assert_eq!(all.count_greater(number), greater);
            }
            while let Some(least) = model.pop() {
                assert_eq!(all.last(), Some(least));
                all.pop();
            }
            assert_eq!((all.last(), all.len()), (None, 0));
        }
    }

    #[test]
    fn what_is_put_in_and_taken_out_leaves_the_others_in_order() {
        let (mut all, mut model) = (Descending::default(), Vec::new());
        for (number, turn) in mixed(60).zip(0..) {
            let place = all.count_greater(number);
            all.insert(place, number);
            model.insert(place, number);
            if turn % 9 == 8 {
                all.retain(|number| number % 5 != 0);
                model.retain(|number| number % 5 != 0);
            }
            assert!(model.is_sorted_by(|a, b| a > b));
            assert_eq!(all.as_slice(), model);
            assert_eq!(
                all.count_greater(0),
                model.iter().filter(|it| **it > 0).count()
            );
        }
    }

    #[test]
    fn any_number_of_them_can_be_taken_in() {
        let mut all = Descending::default();
        all.fill((0..300).rev());
        all.sort_by(|a, b| (a % 7, *a).cmp(&(b % 7, *b)));
        assert_eq!((all.len(), all.last()), (300, Some(293)));
        all.retain(|number| number < 10);
        assert_eq!(all.len(), 10);
    }
}
