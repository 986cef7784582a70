//! A list of offers, as messages carry it.
//!
//! Members come and go all the time in some studies, and each registration carries such a list. So its
//! memory is used again: a thread keeps some lists that are not needed any more. It does *not* know who
//! offers, nor in what order.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::discovery::Descriptor;

/// So many lists are kept at most: more than are usually under way at once.
const SPARE_MAX: usize = 256;
/// A longer list is not kept.
const LENGTH_MAX: usize = 1024;

thread_local! {
    #[allow(clippy::vec_box, reason = "the boxes themselves are used again")]
    static SPARE: RefCell<Vec<Box<Memory>>> = const { RefCell::new(Vec::new()) };
}

/// Some offers. Nothing is kept for none.
#[derive(Debug, Clone, Default)]
pub struct Offers(Option<Box<Memory>>);

/// What a list takes besides its place in a message, which is small that way.
#[derive(Debug, Clone, Default)]
struct Memory(Vec<Descriptor>);

impl Offers {
    /// Keeps the offers for which `keep` holds.
    pub(super) fn retain(&mut self, keep: impl FnMut(&Descriptor) -> bool) {
        if let Some(memory) = &mut self.0 {
            memory.0.retain(keep);
        }
    }
}

impl Deref for Offers {
    type Target = [Descriptor];

    #[inline]
    fn deref(&self) -> &[Descriptor] {
        self.0.as_ref().map_or(&[], |memory| &memory.0)
    }
}

impl FromIterator<Descriptor> for Offers {
    fn from_iter<I: IntoIterator<Item = Descriptor>>(offers: I) -> Self {
        let mut offers = offers.into_iter().peekable();
        if offers.peek().is_none() {
            return Self(None);
        }
        let spare = SPARE.with_borrow_mut(Vec::pop);
        let mut memory = spare.unwrap_or_default();
        memory.0.extend(offers);
        Self(Some(memory))
    }
}

impl<const N: usize> From<[Descriptor; N]> for Offers {
    fn from(offers: [Descriptor; N]) -> Self {
        offers.into_iter().collect()
    }
}

impl Drop for Offers {
    fn drop(&mut self) {
        let Some(mut memory) = self.0.take() else {
            return;
        };
        memory.0.clear();
        if memory.0.capacity() <= LENGTH_MAX {
            // A thread that ends keeps nothing.
            let _ = SPARE.try_with(|spare| {
                let mut spare = spare.borrow_mut();
                if spare.len() < SPARE_MAX {
                    spare.push(memory);
                }
            });
        }
    }
}

impl PartialEq for Offers {
    fn eq(&self, other: &Self) -> bool {
        self[..] == other[..]
    }
}

impl Eq for Offers {}

impl Hash for Offers {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self[..].hash(state);
    }
}

impl Serialize for Offers {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self[..].serialize(to)
    }
}

impl<'de> Deserialize<'de> for Offers {
    /// By way of a `Vec`, which takes no more room than there are bytes, whatever length they claim.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Vec::deserialize(from)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(numbers: impl Iterator<Item = u32>) -> Offers {
        numbers.map(Descriptor).collect()
    }

    #[test]
    fn a_list_is_what_it_was_made_of_whatever_its_memory_held_before() {
        let long = offers(0..9);
        assert_eq!(long.len(), 9);
        drop(long);
        let short = offers(3..5);
        assert_eq!(short[..], [Descriptor(3), Descriptor(4)]);
        assert_eq!(short.clone(), short);
        assert_eq!(offers(0..0), Offers::default());
    }

    #[test]
    fn memory_is_used_again_and_little_of_it_is_kept() {
        drop(offers(0..9));
        let taken = allocation_counter::measure(|| (0..99).for_each(|n| drop(offers(0..n % 9))));
        assert_eq!(taken.count_total, 0);
        let many: Vec<Offers> = (0..2 * SPARE_MAX).map(|_| offers(0..1)).collect();
        drop(many);
        drop(offers(0..2 * LENGTH_MAX as u32));
        SPARE.with_borrow(|spare| {
            assert!((SPARE_MAX - 1..=SPARE_MAX).contains(&spare.len()));
            assert!(spare.iter().all(|memory| memory.0.capacity() <= LENGTH_MAX));
        });
    }
}
