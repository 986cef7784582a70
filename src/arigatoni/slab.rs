//! Open business of a unit, kept in slots that are used again.
//!
//! A slot's number stays small, so it can name a timer; its generation tells an old ticket from a
//! new one. The first slot lies in the slab itself: few units ever need a second one, and there may
//! be millions of units. The slab does *not* know what is kept in it.

use crate::arigatoni::message::Ticket;

use std::slice;

/// Values under tickets.
#[derive(Debug, Clone)]
pub(super) enum Slab<T> {
    /// Slot 0 only.
    One(Slot<T>),
    /// More than one slot, from the first time that two values were kept at once.
    Many(Box<Slots<T>>),
}

#[derive(Debug, Clone)]
pub(super) struct Slots<T> {
    all: Vec<Slot<T>>,
    free: Vec<u32>,
}

#[derive(Debug, Clone)]
pub(super) struct Slot<T> {
    value: Option<T>,
    generation: u32,
}

impl<T> Slot<T> {
    const EMPTY: Self = Self {
        value: None,
        generation: 0,
    };

    #[inline]
    fn fill(&mut self, value: T, slot: u32) -> Ticket {
        self.value = Some(value);
        Ticket {
            slot,
            generation: self.generation,
        }
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self::One(Slot::EMPTY)
    }
}

impl<T> Slab<T> {
    /// Keeps `value`.
    #[inline]
    pub(super) fn insert(&mut self, value: T) -> Ticket {
        if let Self::One(slot) = self {
            if slot.value.is_none() {
                return slot.fill(value, 0);
            }
            let first = std::mem::replace(slot, Slot::EMPTY);
            *self = Self::Many(Box::new(Slots {
                all: vec![first],
                free: Vec::new(),
            }));
        }
        let Self::Many(slots) = self else {
            unreachable!("one slot has just become many")
        };
        let slot = slots.free.pop().unwrap_or_else(|| {
            slots.all.push(Slot::EMPTY);
            slots.all.len() as u32 - 1
        });
        slots.all[slot as usize].fill(value, slot)
    }

    /// What is kept under `ticket`, unless it has been removed.
    #[inline]
    pub(super) fn get(&self, ticket: Ticket) -> Option<&T> {
        self.slots()
            .get(ticket.slot as usize)
            .filter(|kept| kept.generation == ticket.generation)
            .and_then(|kept| kept.value.as_ref())
    }

    /// What is kept in `slot` now, if anything is.
    #[inline]
    pub(super) fn at(&self, slot: u32) -> Option<&T> {
        self.slots().get(slot as usize)?.value.as_ref()
    }

    /// What is kept in `slot` now, if anything is.
    #[inline]
    pub(super) fn at_mut(&mut self, slot: u32) -> Option<&mut T> {
        self.slots_mut().get_mut(slot as usize)?.value.as_mut()
    }

    /// Removes what is kept in `slot`, if anything is.
    #[inline]
    pub(super) fn remove(&mut self, slot: u32) -> Option<T> {
        let kept = self.slots_mut().get_mut(slot as usize)?;
        let value = kept.value.take()?;
        kept.generation = kept.generation.wrapping_add(1);
        if let Self::Many(slots) = self {
            slots.free.push(slot);
        }
        Some(value)
    }

    /// How many values are kept.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::One(slot) => usize::from(slot.value.is_some()),
            Self::Many(slots) => slots.all.len() - slots.free.len(),
        }
    }

    /// Everything that is kept, with its slot.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.slots()
            .iter()
            .zip(0..)
            .filter_map(|(kept, slot)| Some((slot, kept.value.as_ref()?)))
    }

    #[inline]
    fn slots(&self) -> &[Slot<T>] {
        match self {
            Self::One(slot) => slice::from_ref(slot),
            Self::Many(slots) => &slots.all,
        }
    }

    #[inline]
    fn slots_mut(&mut self) -> &mut [Slot<T>] {
        match self {
            Self::One(slot) => slice::from_mut(slot),
            Self::Many(slots) => &mut slots.all,
        }
    }
}
