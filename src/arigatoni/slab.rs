//! Open business of a unit, kept in slots that are used again.
//!
//! A slot's number stays small, so it can name a timer; its generation tells an old ticket from a
//! new one. The slab does *not* know what is kept in it.

use crate::arigatoni::message::Ticket;

/// Values under tickets.
#[derive(Debug, Clone)]
pub(super) struct Slab<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

#[derive(Debug, Clone)]
struct Slot<T> {
    value: Option<T>,
    generation: u32,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Slab<T> {
    /// Keeps `value`.
    #[inline]
    pub(super) fn insert(&mut self, value: T) -> Ticket {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                value: None,
                generation: 0,
            });
            self.slots.len() as u32 - 1
        });
        let kept = &mut self.slots[slot as usize];
        kept.value = Some(value);
        Ticket {
            slot,
            generation: kept.generation,
        }
    }

    /// What is kept under `ticket`, unless it has been removed.
    #[inline]
    pub(super) fn get(&self, ticket: Ticket) -> Option<&T> {
        self.slots
            .get(ticket.slot as usize)
            .filter(|kept| kept.generation == ticket.generation)
            .and_then(|kept| kept.value.as_ref())
    }

    /// What is kept in `slot` now, if anything is.
    #[inline]
    pub(super) fn at(&self, slot: u32) -> Option<&T> {
        self.slots.get(slot as usize)?.value.as_ref()
    }

    /// What is kept in `slot` now, if anything is.
    #[inline]
    pub(super) fn at_mut(&mut self, slot: u32) -> Option<&mut T> {
        self.slots.get_mut(slot as usize)?.value.as_mut()
    }

    /// Removes what is kept in `slot`, if anything is.
    #[inline]
    pub(super) fn remove(&mut self, slot: u32) -> Option<T> {
        let kept = self.slots.get_mut(slot as usize)?;
        let value = kept.value.take()?;
        kept.generation = kept.generation.wrapping_add(1);
        self.free.push(slot);
        Some(value)
    }

    /// How many values are kept.
    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Everything that is kept, with its slot.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.slots
            .iter()
            .zip(0..)
            .filter_map(|(kept, slot)| Some((slot, kept.value.as_ref()?)))
    }
}
