//! A list of offers, as messages carry it.
//!
//! Members come and go all the time in some studies, and each registration carries such a list. So its
//! memory is used again. It does *not* know who offers, nor in what order.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::thread::LocalKey;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::arigatoni::pooled::{Pooled, Reuse};
use crate::arigatoni::wire;
use crate::discovery::Descriptor;

/// The memory of a longer list is not kept.
const LENGTH_MAX: usize = 1024;

/// Some offers. Nothing is kept for none.
#[derive(Debug, Clone, Default)]
pub struct Offers(Option<Pooled<Memory>>);

/// What a list takes besides its place in a message, which is small that way.
#[derive(Debug, Default)]
struct Memory(Vec<Descriptor>);

impl Clone for Memory {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    /// Into the memory that there is.
    fn clone_from(&mut self, other: &Self) {
        self.0.clone_from(&other.0);
    }
}

impl Reuse for Memory {
    fn spare() -> &'static LocalKey<RefCell<Vec<Box<Self>>>> {
        thread_local! {
            #[allow(clippy::vec_box, reason = "the boxes themselves are used again")]
            static SPARE: RefCell<Vec<Box<Memory>>> = const { RefCell::new(Vec::new()) };
        }
        &SPARE
    }

    fn clear(&mut self) -> bool {
        self.0.clear();
        self.0.capacity() <= LENGTH_MAX
    }
}

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
        let mut memory = Pooled::<Memory>::default();
        memory.0.extend(offers);
        Self(Some(memory))
    }
}

impl<const N: usize> From<[Descriptor; N]> for Offers {
    fn from(offers: [Descriptor; N]) -> Self {
        offers.into_iter().collect()
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
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        wire::list::<Descriptor, _, _>(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arigatoni::pooled::SPARE_MAX;

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
        Memory::spare().with_borrow(|spare| {
            assert!((SPARE_MAX - 1..=SPARE_MAX).contains(&spare.len()));
            assert!(spare.iter().all(|memory| memory.0.capacity() <= LENGTH_MAX));
        });
    }
}
