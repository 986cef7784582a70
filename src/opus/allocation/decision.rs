//! What the manager has decided of a division of the nodes.
//!
//! It does *not* know how that was found.

use super::message::{Observation, Utility};
use super::moves::Move;

type Context<'a> = crate::unit::Context<'a, Utility>;

/// A division of the nodes: how many each application has, how many it should have, and which nodes are moved
/// now because it pays.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) present: Vec<u32>,
    pub(super) target: Vec<u32>,
    /// Those that each has besides, which are never moved.
    pub(super) replicas: Vec<u32>,
    pub(super) moves: Vec<Move>,
}

impl Decision {
    /// Reports it.
    pub(super) fn tell(&self, context: &mut Context<'_>) {
        let mut after = self.present.clone();
        for step in &self.moves {
            after[step.to] += 1;
            if let Some(from) = step.from {
                after[from] -= 1;
            }
        }
        let all = self.present.iter().zip(&self.target).zip(after);
        for ((((&before, &wanted), after), kept), application) in all.zip(&self.replicas).zip(0..) {
            let nodes = [before, wanted, after].map(|nodes| nodes + kept);
            context.emit(Observation::Decides { application, nodes });
        }
    }
}
