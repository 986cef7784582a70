//! What must hold of a rival's computers when nothing is pending: nothing is left over.
//!
//! It does *not* know how the overlay came to rest, how providers are found, nor what became of requests.

use super::finder::Finder;
use super::node::Node;
use crate::discovery::gcu;
use crate::system::Invariant;
use crate::unit::UnitId;

/// The units of an overlay at rest.
pub(super) struct Overlay<'o, F: Finder> {
    /// The computers, by number.
    pub(super) computers: &'o [Node<F>],
    /// Whether a unit lives. Nothing is said of the dead.
    pub(super) lives: &'o dyn Fn(UnitId) -> bool,
}

/// All of them.
pub(super) fn invariants<'o, F: Finder>() -> [Invariant<Overlay<'o, F>>; 4] {
    [
        Invariant {
            name: "requests",
            sentence: "no computer has an open request or enquiry",
            check: |overlay| overlay.each(|node| node.asking.open_count()),
        },
        Invariant {
            name: "slots",
            sentence: "no computer holds a slot",
            check: |overlay| overlay.each(|node| node.serving.count()),
        },
        Invariant {
            name: "awaited",
            sentence: "no computer waits to hear of what it has sent",
            check: |overlay| overlay.each(|node| F::awaited(&node.own) + node.kept()),
        },
        Invariant {
            name: "places",
            sentence: "every computer that has not left has its place in the overlay",
            check: |overlay| {
                let outside = overlay.all(|node| node.connected && !F::has_place(&node.own));
                outside.map(|id| format!("gcu/{id} has none")).collect()
            },
        },
    ]
}

impl<F: Finder> Overlay<'_, F> {
    /// The living computers that are so.
    fn all(&self, is: impl Fn(&Node<F>) -> bool) -> impl Iterator<Item = u32> {
        let all = self.computers.iter().zip(0..);
        let living = all.filter(|&(_, id)| (self.lives)(gcu(id)));
        living.filter(move |(node, _)| is(node)).map(|(_, id)| id)
    }

    /// Each living computer of which `count` counts some.
    fn each(&self, count: impl Fn(&Node<F>) -> usize) -> Vec<String> {
        let has = |id: u32| count(&self.computers[id as usize]);
        let left = self.all(|node| count(node) > 0);
        left.map(|id| format!("gcu/{id} has {}", has(id))).collect()
    }
}
