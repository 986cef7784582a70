//! Where the share of a driver in a run ends.
//!
//! It does *not* know what is beyond.

use super::Event;
use crate::event_queue::Key;
use crate::unit::{Protocol, UnitId};

/// Where what is sent leaves the part of the network that a driver plays, and after how many inputs it
/// stops.
pub(super) trait Boundary<P: Protocol> {
    /// The part in which `unit` (or a router) is, if it is another one.
    fn beyond(&self, unit: UnitId) -> Option<usize> {
        let _ = unit;
        None
    }

    /// Takes an event for that part.
    fn post(&mut self, part: usize, key: Key, event: Event<P>) {
        let _ = (part, key, event);
    }

    /// Counts an input that has been handled; whether it was the last one.
    fn is_reached(&mut self) -> bool {
        false
    }
}

/// A driver that plays the whole network to its end has none.
impl<P: Protocol> Boundary<P> for () {}
