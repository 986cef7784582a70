//! The agenda: the set of pending events, taken out in one total order.
//!
//! The order is [`Key`]: least (time, class, sending unit, that unit's own send count) first. It
//! depends only on what units do, never on when an event was inserted, so it is the same whatever
//! the fidelity of the network or the number of cores.
//!
//! A four-ary heap of 24-byte entries over an arena of events; every event knows its place in the
//! heap, so that cancelling removes it at once: deadline timers lie far ahead and are nearly
//! always cancelled, and a heap that kept them until they are due would hold little else. The
//! arena and the heap grow to the largest number of pending events and are then reused: no
//! allocation per event. This module does *not* know what an event is, nor the clock.

use crate::time::Time;

/// Children of a heap node; four of them share two cache lines.
const ARITY: usize = 4;

/// The place of an event in the total order of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// When the event is due.
    pub time: Time,
    order: u64,
}

impl Key {
    /// Sends of one unit are counted below this.
    pub const COUNT_MAX: u32 = 1 << 31;

    /// The key of the event of `class` (0 or 1) that `sender` (units in their order, as numbers)
    /// sends as its `count`-th, to be due at `time`.
    ///
    /// # Panics
    /// If `count` reaches [`Self::COUNT_MAX`]: the order would no longer be total.
    #[inline]
    pub fn new(time: Time, class: u8, sender: u32, count: u32) -> Self {
        assert!(
            count < Self::COUNT_MAX,
            "a unit sends fewer than 2^31 events in a run"
        );
        let order = u64::from(class) << 63 | u64::from(sender) << 31 | u64::from(count);
        Self { time, order }
    }

    /// The same event, due at another time: a packet keeps its key across hops.
    #[inline]
    #[must_use]
    pub fn at(self, time: Time) -> Self {
        Self {
            time,
            order: self.order,
        }
    }
}

/// Names a pending event, for cancelling. Harmless once the event is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handle {
    slot: u32,
    generation: u32,
}

impl Handle {
    /// A handle that never names an event.
    pub const NONE: Self = Self {
        slot: u32::MAX,
        generation: 0,
    };
}

/// The set of pending events.
#[derive(Debug)]
pub struct Agenda<E> {
    heap: Vec<Entry>,
    slots: Vec<Slot<E>>,
    free: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    key: Key,
    slot: u32,
}

#[derive(Debug)]
struct Slot<E> {
    event: Option<E>,
    generation: u32,
    /// Index in the heap while there is an event.
    place: u32,
}

impl<E> Default for Agenda<E> {
    fn default() -> Self {
        Self {
            heap: Vec::new(),
            slots: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<E> Agenda<E> {
    /// How many events are pending.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// The key of the next event.
    #[inline]
    pub fn peek(&self) -> Option<Key> {
        self.heap.first().map(|entry| entry.key)
    }

    /// Adds an event. Keys are distinct among pending events. O(log n), O(1) when far ahead.
    #[inline]
    pub fn schedule(&mut self, key: Key, event: E) -> Handle {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                event: None,
                generation: 0,
                place: 0,
            });
            (self.slots.len() - 1) as u32
        });
        let cell = &mut self.slots[slot as usize];
        cell.event = Some(event);
        let generation = cell.generation;
        self.heap.push(Entry { key, slot });
        self.rise(self.heap.len() - 1);
        Handle { slot, generation }
    }

    /// Takes out the next event. O(log n).
    #[inline]
    pub fn pop(&mut self) -> Option<(Key, E)> {
        let first = *self.heap.first()?;
        self.remove(0);
        Some((first.key, self.vacate(first.slot)))
    }

    /// Takes out the event that `handle` names, if it is still pending. O(log n).
    pub fn cancel(&mut self, handle: Handle) -> Option<E> {
        let cell = self.slots.get(handle.slot as usize)?;
        if cell.generation != handle.generation || cell.event.is_none() {
            return None;
        }
        self.remove(cell.place as usize);
        Some(self.vacate(handle.slot))
    }

    fn vacate(&mut self, slot: u32) -> E {
        let cell = &mut self.slots[slot as usize];
        cell.generation = cell.generation.wrapping_add(1);
        self.free.push(slot);
        cell.event
            .take()
            .expect("a heap entry's slot holds its event")
    }

    /// Removes the heap entry at `place`, whose slot is then to be vacated.
    #[inline]
    fn remove(&mut self, place: usize) {
        let last = self.heap.pop().expect("the entry to remove is in the heap");
        if place < self.heap.len() {
            let gone = std::mem::replace(&mut self.heap[place], last);
            if last.key < gone.key {
                self.rise(place);
            } else {
                self.sink(place);
            }
        }
    }

    #[inline]
    fn rise(&mut self, mut place: usize) {
        let entry = self.heap[place];
        while place > 0 {
            let parent = (place - 1) / ARITY;
            if self.heap[parent].key < entry.key {
                break;
            }
            self.put(place, self.heap[parent]);
            place = parent;
        }
        self.put(place, entry);
    }

    #[inline]
    fn sink(&mut self, mut place: usize) {
        let entry = self.heap[place];
        loop {
            let first = place * ARITY + 1;
            let children = first..(first + ARITY).min(self.heap.len());
            let Some(least) = children.min_by_key(|&child| self.heap[child].key) else {
                break;
            };
            if entry.key < self.heap[least].key {
                break;
            }
            self.put(place, self.heap[least]);
            place = least;
        }
        self.put(place, entry);
    }

    #[inline]
    fn put(&mut self, place: usize, entry: Entry) {
        self.heap[place] = entry;
        self.slots[entry.slot as usize].place = place as u32;
    }
}
