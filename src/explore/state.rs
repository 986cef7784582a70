//! A state of the world that is explored, in numbers: those of the units' states, of messages on their way, of
//! what was said; and how often what may still happen.
//!
//! It does *not* know what the numbers stand for.

use std::hash::Hasher;

use super::hashing::Wide;
use crate::system::About;

/// The faults that a history may have, each with a maximum number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Faults {
    /// Messages that are lost.
    pub losses: u8,
    /// Messages that are doubled.
    pub duplicates: u8,
    /// Units that crash.
    pub crashes: u8,
    /// Units that come back to life.
    pub restarts: u8,
    /// Units that are told to leave.
    pub leaves: u8,
    /// Units that are told to come back.
    pub joins: u8,
    /// Changes of what a computer offers.
    pub changes: u8,
    /// Pairs of colonies that are linked or unlinked.
    pub links: u8,
    /// Revocations of which a domain hears.
    pub revocations: u8,
    /// Timers that fire, at whatever time.
    pub timers: u8,
}

/// How many kinds there are.
const KINDS: usize = 10;

impl Faults {
    /// The kinds, each with what a number of it means.
    pub const KINDS: [(&'static str, &'static str); KINDS] = [
        ("losses", "So many messages may be lost"),
        ("duplicates", "So many messages may be doubled"),
        ("crashes", "So many units may crash"),
        (
            "restarts",
            "So many units that have crashed may come back to life",
        ),
        ("leaves", "So many units may be told to leave"),
        (
            "joins",
            "So many units that were told to leave may be told to come back",
        ),
        ("changes", "So often may a computer change what it offers"),
        (
            "links",
            "So often may two colonies be linked or unlinked that are ever linked",
        ),
        (
            "revocations",
            "So often may a domain hear that a credential is revoked",
        ),
        (
            "timers",
            "So many timers may fire, at whatever time; more fire only when the world is left alone",
        ),
    ];

    /// How many there may be of each kind.
    pub fn counts(self) -> [u8; KINDS] {
        [
            self.losses,
            self.duplicates,
            self.crashes,
            self.restarts,
            self.leaves,
            self.joins,
            self.changes,
            self.links,
            self.revocations,
            self.timers,
        ]
    }

    /// The other way round.
    pub fn of(counts: [u8; KINDS]) -> Self {
        Self {
            losses: counts[0],
            duplicates: counts[1],
            crashes: counts[2],
            restarts: counts[3],
            leaves: counts[4],
            joins: counts[5],
            changes: counts[6],
            links: counts[7],
            revocations: counts[8],
            timers: counts[9],
        }
    }

    /// How often units may be told of this.
    pub(super) fn about(&mut self, about: About) -> &mut u8 {
        match about {
            About::Offers => &mut self.changes,
            About::Links => &mut self.links,
            About::Credentials => &mut self.revocations,
        }
    }
}

/// A message on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Underway {
    /// The places of its sender and its receiver.
    pub(super) from: u8,
    pub(super) to: u8,
    pub(super) message: u32,
}

/// A state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct State {
    /// The state of each unit.
    pub(super) cells: Vec<u32>,
    /// The tasks that are not yet given, a bit each.
    pub(super) tasks: u32,
    /// The occasions that have come, and were not taken back, a bit each.
    pub(super) come: u32,
    /// What may still happen.
    pub(super) left: Faults,
    /// What was said.
    pub(super) said: u32,
    /// The state of the rules by which the history is followed, if it is.
    pub(super) followed: u32,
    /// In the order of channels; on one channel in the order of sending, if messages do not overtake each other.
    pub(super) under_way: Vec<Underway>,
}

/// Words that the counts of what may still happen take.
const COUNTS: usize = KINDS.div_ceil(size_of::<u32>());
/// Words of a packed state besides those of its units and messages.
const OTHERS: usize = COUNTS + 4;

impl State {
    /// Packs it behind what is in `words`.
    pub(super) fn pack(&self, words: &mut Vec<u32>) {
        words.extend(&self.cells);
        words.extend([self.tasks, self.come, self.said, self.followed]);
        for some in self.left.counts().chunks(size_of::<u32>()) {
            let mut bytes = [0; size_of::<u32>()];
            bytes[..some.len()].copy_from_slice(some);
            words.push(u32::from_le_bytes(bytes));
        }
        for under_way in &self.under_way {
            words.push(u32::from(under_way.from) << 8 | u32::from(under_way.to));
            words.push(under_way.message);
        }
    }

    /// Replaces this state by the one packed in `words`, in a world of `units` units.
    pub(super) fn unpack(&mut self, words: &[u32], units: usize) {
        let (cells, words) = words.split_at(units);
        self.cells.clear();
        self.cells.extend(cells);
        let (others, messages) = words.split_at(OTHERS);
        let (others, counts) = others.split_at(OTHERS - COUNTS);
        let [tasks, come, said, followed] = others else {
            unreachable!("so many words were packed");
        };
        (self.tasks, self.come) = (*tasks, *come);
        (self.said, self.followed) = (*said, *followed);
        let mut left = [0; KINDS];
        for (some, word) in left.chunks_mut(size_of::<u32>()).zip(counts) {
            some.copy_from_slice(&word.to_le_bytes()[..some.len()]);
        }
        self.left = Faults::of(left);
        self.under_way.clear();
        let messages = messages.chunks_exact(2);
        self.under_way.extend(messages.map(|pair| Underway {
            from: (pair[0] >> 8) as u8,
            to: pair[0] as u8,
            message: pair[1],
        }));
    }

    /// Puts a message behind the others of its channel; in one order if messages overtake each other.
    pub(super) fn send(&mut self, message: Underway, in_order: bool) {
        let place = self.under_way.partition_point(|other| {
            let channel = |it: &Underway| (it.from, it.to);
            if in_order {
                channel(other) <= channel(&message)
            } else {
                *other <= message
            }
        });
        self.under_way.insert(place, message);
    }
}

/// The hash of a packed state.
pub(super) fn hash(words: &[u32]) -> u128 {
    let mut wide = Wide::default();
    for pair in words.chunks(2) {
        let high = pair.get(1).map_or(1 << 32, |word| u64::from(*word));
        wide.write_u64(u64::from(pair[0]) | high << 32);
    }
    wide.write_u64(words.len() as u64);
    wide.whole()
}

/// Packed states in a row, to be taken in their order.
#[derive(Debug, Default)]
pub(super) struct Row {
    words: Vec<u32>,
}

impl Row {
    /// Puts a packed state with its number behind the others.
    pub(super) fn push(&mut self, number: u32, state: &[u32]) {
        self.words.extend([number, state.len() as u32]);
        self.words.extend(state);
    }

    /// The state at `place`, with its number, and the place of the next one.
    pub(super) fn at(&self, place: usize) -> Option<(u32, &[u32], usize)> {
        let [number, len, ..] = *self.words.get(place..)? else {
            return None;
        };
        let end = place + 2 + len as usize;
        Some((number, &self.words[place + 2..end], end))
    }

    /// Forgets all; the memory is used again.
    pub(super) fn clear(&mut self) {
        self.words.clear();
    }

    /// The bytes that are held.
    pub(super) fn bytes(&self) -> u64 {
        (self.words.capacity() * size_of::<u32>()) as u64
    }

    /// The additional bytes that are held for a moment while a state of `words` words is put into it.
    pub(super) fn bytes_ahead(&self, words: usize) -> u64 {
        let fits = self.words.len() + words + 2 <= self.words.capacity();
        if fits { 0 } else { 2 * self.bytes() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_state_is_the_same_again() {
        let mut state = State {
            cells: vec![3, 1, 4],
            tasks: 5,
            come: 8,
            left: Faults {
                losses: 1,
                timers: 9,
                joins: 2,
                links: 3,
                ..Faults::default()
            },
            said: 6,
            followed: 7,
            under_way: Vec::new(),
        };
        let message = |from, to, message| Underway { from, to, message };
        state.send(message(1, 2, 9), true);
        state.send(message(1, 2, 7), true);
        state.send(message(0, 2, 8), true);
        let order: Vec<u32> = state.under_way.iter().map(|it| it.message).collect();
        assert_eq!(order, [8, 9, 7]);
        let mut words = Vec::new();
        state.pack(&mut words);
        let mut other = State::default();
        other.unpack(&words, 3);
        assert_eq!(other, state);
        let mut row = Row::default();
        row.push(1, &words);
        row.push(2, &words[..4]);
        let (number, first, next) = row.at(0).unwrap();
        assert_eq!((number, first), (1, &words[..]));
        assert_eq!(row.at(next).unwrap().0, 2);
        assert_ne!(hash(&words), hash(&words[..words.len() - 1]));
    }

    #[test]
    fn where_messages_overtake_each_other_their_order_is_no_matter() {
        let message = |message| Underway {
            from: 0,
            to: 1,
            message,
        };
        let [mut one, mut other] = [State::default(), State::default()];
        for number in [4, 2] {
            one.send(message(number), false);
        }
        for number in [2, 4] {
            other.send(message(number), false);
        }
        assert_eq!(one, other);
    }
}
