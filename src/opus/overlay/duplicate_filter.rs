//! The duplicate filter: which packets a member has received.
//!
//! This module does *not* know what packets are.

use std::collections::VecDeque;

/// The number of words of 64 packets before the latest that are told apart; earlier packets count as seen.
const WORDS_MAX: usize = 1 << 14;

/// A set of numbers, as bits from the first one on.
#[derive(Debug, Default)]
pub(super) struct DuplicateFilter {
    /// The place of the first word among all words from number 0 on.
    first: usize,
    words: VecDeque<u64>,
}

impl DuplicateFilter {
    /// Puts `number` in. Returns whether it is new.
    pub(super) fn insert(&mut self, number: u32) -> bool {
        let (word, bit) = (number as usize / 64, 1_u64 << (number % 64));
        if self.words.is_empty() {
            self.first = word;
        }
        while word < self.first {
            if self.words.len() == WORDS_MAX {
                return false;
            }
            self.words.push_front(0);
            self.first -= 1;
        }
        while word - self.first >= self.words.len() {
            self.words.push_back(0);
            if self.words.len() > WORDS_MAX {
                self.words.pop_front();
                self.first += 1;
            }
        }
        let word = &mut self.words[word - self.first];
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_is_new_once_in_any_order() {
        let mut duplicate_filter = DuplicateFilter::default();
        for number in [700, 3, 64, 63, 5000, 4, 0] {
            assert!(duplicate_filter.insert(number), "{number}");
        }
        for number in [0, 3, 4, 63, 64, 700, 5000] {
            assert!(!duplicate_filter.insert(number), "{number}");
        }
        assert!(duplicate_filter.insert(1));
    }

    #[test]
    fn only_the_latest_million_is_remembered() {
        let mut duplicate_filter = DuplicateFilter::default();
        let latest = u32::MAX - 7;
        assert!(duplicate_filter.insert(0) && duplicate_filter.insert(latest));
        assert_eq!(duplicate_filter.words.len(), WORDS_MAX);
        assert!(!duplicate_filter.insert(1), "long ago counts as seen");
        assert!(duplicate_filter.insert(latest - 1_000_000));
        assert!(!duplicate_filter.insert(latest - 1_000_000));
        assert_eq!(duplicate_filter.words.len(), WORDS_MAX);
    }
}
