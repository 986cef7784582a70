//! A computer's neighbours in a graph, as far as it knows them. They announce when they leave and come back, and
//! silent ones are avoided for a while.
//!
//! It does *not* know what else neighbours say to each other.

use serde::Serialize;

use super::graph::Graph;
use super::message::{Context, Message, Said};
use crate::discovery::gcu;
use crate::fingerprint::{Encode, Encoder};
use crate::time::{Span, Time};
use crate::unit::UnitId;

/// How long a silent neighbour is avoided, unless it is heard of before: its packets may have been lost.
const LEFT_ALONE: Span = Span::from_s(60);

/// The numbers of the neighbours.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    known: Vec<u32>,
    /// Those that were silent, each with the instant, ascending.
    silent: Vec<(Time, u32)>,
}

/// What a computer tells its neighbours about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notice {
    /// It leaves.
    Gone,
    /// It is there again.
    Back,
}

impl Encode for Notice {
    fn encode(&self, to: &mut Encoder) {
        to.u8(match self {
            Self::Gone => 1,
            Self::Back => 2,
        });
    }
}

impl Neighbours {
    /// Those of `id` in `graph`.
    pub(super) fn of(graph: &Graph, id: u32) -> Self {
        Self {
            known: graph.neighbours(id).to_vec(),
            silent: Vec::new(),
        }
    }

    /// All of them.
    #[inline]
    pub(super) fn all(&self) -> impl Iterator<Item = u32> {
        self.known.iter().copied()
    }

    /// How many there are at `now`.
    pub(super) fn count(&mut self, now: Time) -> usize {
        let waited = |&(since, _): &(Time, u32)| now >= since + LEFT_ALONE;
        let again = self
            .silent
            .iter()
            .take_while(|silent| waited(silent))
            .count();
        let again: Vec<u32> = self.silent.drain(..again).map(|(_, other)| other).collect();
        for other in again {
            self.add(other);
        }
        self.known.len()
    }

    /// One of them.
    pub(super) fn at(&self, place: usize) -> Option<u32> {
        self.known.get(place).copied()
    }

    /// `neighbour` is silent at `now`.
    pub(super) fn strike(&mut self, neighbour: u32, now: Time) {
        self.remove(neighbour);
        self.silent.push((now, neighbour));
    }

    /// `from` tells something about itself.
    pub(super) fn take(&mut self, from: UnitId, notice: Notice) {
        match notice {
            Notice::Gone => self.remove(from.index()),
            Notice::Back => self.add(from.index()),
        }
    }

    /// Something comes from `from`, so it is there.
    pub(super) fn hear(&mut self, from: UnitId) {
        self.add(from.index());
    }

    fn add(&mut self, neighbour: u32) {
        self.silent.retain(|&(_, other)| other != neighbour);
        if !self.known.contains(&neighbour) {
            self.known.push(neighbour);
        }
    }

    fn remove(&mut self, neighbour: u32) {
        self.silent.retain(|&(_, other)| other != neighbour);
        self.known.retain(|&other| other != neighbour);
    }

    /// Tells all of them.
    pub(super) fn tell<S: Said>(&self, message: &Message<S>, context: &mut Context<'_, S>) {
        for neighbour in self.all() {
            context.send(gcu(neighbour), message.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_silent_is_tried_again_after_a_while() {
        let mut neighbours = Neighbours {
            known: vec![3, 5, 8],
            silent: Vec::new(),
        };
        let at = |s| Time::ZERO + Span::from_s(s);
        neighbours.strike(5, at(1));
        neighbours.strike(3, at(2));
        assert_eq!(neighbours.count(at(60)), 1);
        assert_eq!(neighbours.count(at(61)), 2);
        assert!(neighbours.all().eq([8, 5]));
        neighbours.hear(gcu(3));
        neighbours.hear(gcu(3));
        assert!(neighbours.all().eq([8, 5, 3]));
        neighbours.take(gcu(8), Notice::Gone);
        neighbours.strike(5, at(70));
        neighbours.take(gcu(5), Notice::Gone);
        assert_eq!(neighbours.count(at(500)), 1, "who has left is not tried");
    }
}
