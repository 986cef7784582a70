//! Long lists of small numbers, in as few bytes as they need.
//!
//! Two bytes a number until the first one does not fit; from then on four. What such a list costs is
//! most of what a large overlay costs. It does *not* know what is counted.

use std::hash::{Hash, Hasher};
use std::ops::Range;

/// A list of numbers.
#[derive(Debug, Clone, Eq)]
pub(crate) enum Numbers {
    /// All fit into two bytes.
    Narrow(Vec<u16>),
    /// There is, was, or was expected to be, one that does not.
    Wide(Vec<u32>),
}

impl PartialEq for Numbers {
    /// Whether the numbers are the same, in however many bytes each list keeps them.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Narrow(list), Self::Narrow(other)) => list == other,
            (Self::Wide(list), Self::Wide(other)) => list == other,
            (Self::Narrow(narrow), Self::Wide(wide)) | (Self::Wide(wide), Self::Narrow(narrow)) => {
                let widened = narrow.iter().map(|&number| u32::from(number));
                widened.eq(wide.iter().copied())
            }
        }
    }
}

/// Equal lists hash alike, whatever they are kept in.
impl Hash for Numbers {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.len());
        (0..self.len()).for_each(|index| state.write_u32(self.get(index)));
    }
}

impl Default for Numbers {
    fn default() -> Self {
        Self::Narrow(Vec::new())
    }
}

impl Numbers {
    /// `len` zeros, with room for numbers up to `most`.
    pub(crate) fn zeros(len: usize, most: u32) -> Self {
        if u16::try_from(most).is_ok() {
            Self::Narrow(vec![0; len])
        } else {
            Self::Wide(vec![0; len])
        }
    }

    /// How many there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Narrow(list) => list.len(),
            Self::Wide(list) => list.len(),
        }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number at `index`.
    ///
    /// # Panics
    /// If there is none, as for every index below.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> u32 {
        match self {
            Self::Narrow(list) => list[index].into(),
            Self::Wide(list) => list[index],
        }
    }

    /// Adds `number` behind the others.
    #[inline]
    pub(crate) fn push(&mut self, number: u32) {
        self.make_room(number);
        match self {
            Self::Narrow(list) => list.push(number as u16),
            Self::Wide(list) => list.push(number),
        }
    }

    /// Puts `number` in place of the one at `index`.
    #[inline]
    pub(crate) fn set(&mut self, index: usize, number: u32) {
        self.make_room(number);
        match self {
            Self::Narrow(list) => list[index] = number as u16,
            Self::Wide(list) => list[index] = number,
        }
    }

    /// Puts `change` of each number in `range` in its place; none of them exceeds `most`.
    #[inline]
    pub(crate) fn change(&mut self, range: Range<usize>, most: u32, change: impl Fn(u32) -> u32) {
        self.make_room(most);
        match self {
            Self::Narrow(list) => {
                for number in &mut list[range] {
                    *number = change((*number).into()) as u16;
                }
            }
            Self::Wide(list) => {
                for number in &mut list[range] {
                    *number = change(*number);
                }
            }
        }
    }

    /// Copies the numbers in `range` to where `to` is the first.
    pub(crate) fn copy_within(&mut self, range: Range<usize>, to: usize) {
        match self {
            Self::Narrow(list) => list.copy_within(range, to),
            Self::Wide(list) => list.copy_within(range, to),
        }
    }

    /// Makes the list `len` long: drops the last numbers, or adds zeros.
    pub(crate) fn resize(&mut self, len: usize) {
        match self {
            Self::Narrow(list) => list.resize(len, 0),
            Self::Wide(list) => list.resize(len, 0),
        }
    }

    /// Gives back the memory that it does not need.
    pub(crate) fn shrink_to_fit(&mut self) {
        match self {
            Self::Narrow(list) => list.shrink_to_fit(),
            Self::Wide(list) => list.shrink_to_fit(),
        }
    }

    /// The first index in `range` at which `before` does not hold any more: it holds for the
    /// numbers up to some index, and for none from there on. O(log length).
    #[inline]
    pub(crate) fn partition_point(
        &self,
        range: Range<usize>,
        before: impl Fn(u32) -> bool,
    ) -> usize {
        range.start
            + match self {
                Self::Narrow(list) => list[range].partition_point(|&number| before(number.into())),
                Self::Wide(list) => list[range].partition_point(|&number| before(number)),
            }
    }

    /// Tells the indices of `number`, ascending.
    pub(crate) fn each_place_of(&self, number: u32, tell: impl FnMut(usize)) {
        match self {
            Self::Narrow(list) => {
                if let Ok(number) = u16::try_from(number) {
                    each_place(list, number, tell);
                }
            }
            Self::Wide(list) => each_place(list, number, tell),
        }
    }

    /// Sees to it that numbers up to `most` fit.
    #[inline]
    fn make_room(&mut self, most: u32) {
        if let Self::Narrow(list) = self
            && most > u16::MAX.into()
        {
            *self = Self::Wide(list.iter().map(|&number| number.into()).collect());
        }
    }
}

/// Tells the indices of `number` in `list`. Most of a long list has none, which is seen many at a time.
fn each_place<T: PartialEq + Copy>(list: &[T], number: T, mut tell: impl FnMut(usize)) {
    const AT_ONCE: usize = 64;
    for (part, first) in list.chunks(AT_ONCE).zip((0..).step_by(AT_ONCE)) {
        if part.contains(&number) {
            let here = part
                .iter()
                .zip(first..)
                .filter(|(other, _)| **other == number);
            here.for_each(|(_, index)| tell(index));
        }
    }
}

impl Extend<u32> for Numbers {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, numbers: I) {
        numbers.into_iter().for_each(|number| self.push(number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(numbers: &Numbers) -> Vec<u32> {
        (0..numbers.len()).map(|index| numbers.get(index)).collect()
    }

    /// Makes equal changes to a list that stays narrow and to one that becomes wide on the way.
    #[test]
    fn numbers_are_kept_in_two_bytes_until_one_does_not_fit() {
        for great in [0xFFFF, 0x1_0000] {
            let mut numbers = Numbers::zeros(2, 7);
            numbers.extend([3, 5, 5, 8]);
            assert!(matches!(numbers, Numbers::Narrow(_)));
            numbers.set(1, great);
            let wide = matches!(numbers, Numbers::Wide(_));
            assert_eq!(wide, great > 0xFFFF);
            assert_eq!(all(&numbers), [0, great, 3, 5, 5, 8]);
            assert_eq!(numbers.partition_point(2..6, |number| number < 5), 3);
            assert_eq!(places_of(5, &numbers), [3, 4]);
            assert!(places_of(5 + 0x1_0000, &numbers).is_empty());
            numbers.copy_within(2..6, 1);
            numbers.resize(5);
            numbers.change(1..4, great, |number| number + 1);
            assert_eq!(all(&numbers), [0, 4, 6, 6, 8]);
            numbers.push(great);
            assert_eq!(numbers.get(5), great);
        }
    }

    fn places_of(number: u32, numbers: &Numbers) -> Vec<usize> {
        let mut found = Vec::new();
        numbers.each_place_of(number, |index| found.push(index));
        found
    }

    #[test]
    fn lists_are_equal_if_their_numbers_are() {
        let list = |most, numbers: &[u32]| {
            let mut list = Numbers::zeros(0, most);
            list.extend(numbers.iter().copied());
            list
        };
        let (narrow, wide) = (list(9, &[1, 2]), list(70_000, &[1, 2]));
        assert!(matches!(narrow, Numbers::Narrow(_)) && matches!(wide, Numbers::Wide(_)));
        assert_eq!(narrow, wide);
        for most in [9, 70_000] {
            for other in [&[1][..], &[1, 3], &[1, 2, 0], &[1, 2 + 0x1_0000]] {
                let other = list(most, other);
                assert!(narrow != other && wide != other, "{other:?}");
            }
        }
    }

    #[test]
    fn every_way_in_makes_room() {
        let ways: [fn(&mut Numbers); 3] = [
            |numbers| numbers.push(70_000),
            |numbers| numbers.set(0, 70_000),
            |numbers| numbers.change(0..1, 70_000, |number| number + 70_000),
        ];
        for put in ways {
            let mut numbers = Numbers::zeros(1, 0);
            put(&mut numbers);
            assert_eq!(all(&numbers).iter().max(), Some(&70_000));
        }
        assert_eq!(all(&Numbers::zeros(2, 70_000)), [0, 0]);
    }

    #[test]
    fn a_number_is_found_wherever_it_is() {
        for most in [9, 70_000] {
            for len in [0, 1, 63, 64, 65, 300] {
                let mut numbers = Numbers::zeros(0, most);
                numbers.extend((0..len).map(|index| index * index % 7));
                let wanted = |index: &usize| numbers.get(*index) == 2;
                let places: Vec<usize> = (0..numbers.len()).filter(wanted).collect();
                assert_eq!(places_of(2, &numbers), places, "{len}");
            }
        }
    }
}
