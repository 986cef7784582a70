//! The states of units, for a search that visits all histories of a small world.
//!
//! It does *not* know how the search goes, nor what must hold.

use super::{Colonies, Gbu, Gcu, bereft};
use crate::discovery::UnitStates;
use crate::system::unpacked;

/// How states of units are kept, taken out, and judged.
pub(super) fn unit_states() -> UnitStates<Colonies> {
    UnitStates {
        computer: |_, computer, now| Box::new(computer.canonical(now)),
        broker: |colonies, broker, now| {
            Box::new(broker.timeless(now, colonies.given.rules.deadline))
        },
        as_computer: unpacked::<Gcu>,
        as_broker: unpacked::<Gbu>,
        recovers: |colonies| colonies.given.rules.recovery.is_some(),
        agrees: bereft::agrees,
        bereft: bereft::violations,
        properties: bereft::properties,
    }
}
