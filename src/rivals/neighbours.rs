//! A computer's neighbours in a graph, as far as it knows them: they tell when they leave.
//!
//! It does *not* know what else neighbours say to each other.

use serde::Serialize;

use super::graph::Graph;
use super::message::{Context, Message, Said};
use crate::discovery::gcu;
use crate::fingerprint::{Encode, Encoder};
use crate::unit::UnitId;

/// The numbers of the neighbours.
#[derive(Debug, Default)]
pub(super) struct Neighbours(Vec<u32>);

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
        Self(graph.neighbours(id).to_vec())
    }

    /// All of them.
    #[inline]
    pub(super) fn all(&self) -> impl Iterator<Item = u32> {
        self.0.iter().copied()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// One of them.
    pub(super) fn at(&self, place: usize) -> Option<u32> {
        self.0.get(place).copied()
    }

    /// `neighbour` is silent.
    pub(super) fn strike(&mut self, neighbour: u32) {
        self.0.retain(|&other| other != neighbour);
    }

    /// `from` tells something about itself.
    pub(super) fn take(&mut self, from: UnitId, notice: Notice) {
        self.strike(from.index());
        if notice == Notice::Back {
            self.0.push(from.index());
        }
    }

    /// Tells all of them.
    pub(super) fn tell<S: Said>(&self, message: &Message<S>, context: &mut Context<'_, S>) {
        for neighbour in self.all() {
            context.send(gcu(neighbour), message.clone());
        }
    }
}
