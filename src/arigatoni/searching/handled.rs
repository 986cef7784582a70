//! Which requests a broker has handled: in a graph it handles each one once, so that no query goes round for ever.
//!
//! It does *not* know what became of them.

use std::collections::BTreeMap;

use crate::discovery::RequestId;

/// Requests have numbers that follow each other: a bit for each, a word for each 64 of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Handled(BTreeMap<u32, u64>);

impl Handled {
    /// Notes that `request` is handled: whether it was not before.
    pub(super) fn insert(&mut self, request: RequestId) -> bool {
        let bit = 1 << (request.0 % u64::BITS);
        let word = self.0.entry(request.0 / u64::BITS).or_default();
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_is_new_once() {
        let mut handled = Handled::default();
        for number in [0, 63, 64, 65, u32::MAX] {
            assert!(handled.insert(RequestId(number)) && !handled.insert(RequestId(number)));
        }
        handled.clear();
        assert_eq!(handled, Handled::default());
    }
}
