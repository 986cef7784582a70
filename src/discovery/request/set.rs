//! A set of requests.
//!
//! It does *not* know what they are in the set for.

use std::collections::BTreeMap;

use super::RequestId;

/// Requests have numbers that follow each other: a bit for each, a word for each 128 of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct RequestSet(BTreeMap<u32, u128>);

impl RequestSet {
    /// Puts `request` in: whether it was not there before.
    pub fn insert(&mut self, request: RequestId) -> bool {
        let bit = 1_u128 << (request.0 % u128::BITS);
        let word = self.0.entry(request.0 / u128::BITS).or_default();
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Takes all out.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_is_new_once() {
        let mut set = RequestSet::default();
        for number in [0, 127, 128, 129, u32::MAX] {
            assert!(set.insert(RequestId(number)) && !set.insert(RequestId(number)));
        }
        set.clear();
        assert_eq!(set, RequestSet::default());
    }
}
