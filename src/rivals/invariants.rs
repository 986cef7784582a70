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
pub(super) fn invariants<'o, F: Finder>() -> [Invariant<Overlay<'o, F>>; 3] {
    [
        Invariant {
            name: "requests",
            sentence: "no computer has an open request or enquiry",
            check: |overlay| overlay.each(|node| node.asking.open_count()),
        },
        Invariant {
            name: "slots",
            sentence: "no computer holds a slot",
            check: |overlay| overlay.each(|node| node.serving.slots_held()),
        },
        Invariant {
            name: "awaited",
            sentence: "no computer waits to hear of what it has sent",
            check: |overlay| overlay.each(|node| F::awaited(&node.own) + node.kept()),
        },
    ]
}

impl<F: Finder> Overlay<'_, F> {
    /// Each living computer of which `count` counts some.
    fn each(&self, count: impl Fn(&Node<F>) -> usize) -> Vec<String> {
        let all = self.computers.iter().zip(0..);
        let living = all.filter(|&(_, id)| (self.lives)(gcu(id)));
        let counted = living.map(|(node, id)| (id, count(node)));
        let left = counted.filter(|&(_, count)| count > 0);
        left.map(|(id, count)| format!("gcu/{id} has {count}"))
            .collect()
    }
}
