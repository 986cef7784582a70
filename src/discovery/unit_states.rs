//! How the states of a mechanism's units are told apart, and what must hold of them.
//!
//! It does *not* know what is in a state.

use std::fmt::Debug;

use super::{Mechanism, RequestId};
use crate::system::{Property, UnitState, Violation};
use crate::time::Time;
use crate::unit::UnitId;

/// What of computers and brokers, of which some live, does not hold.
type Bereft<M> = fn(
    &M,
    (&[<M as Mechanism>::Computer], &[<M as Mechanism>::Broker]),
    &dyn Fn(UnitId) -> bool,
    bool,
) -> Vec<Violation>;

/// How the states of a mechanism's units are told apart: see [`Explorable`](crate::system::Explorable).
pub struct UnitStates<M: Mechanism> {
    /// The state of a computer, with its clock set to 0 at an instant.
    pub computer: fn(&M, &M::Computer, Time) -> Box<dyn UnitState>,
    /// The same of a broker, without counting what time queries leave it.
    pub broker: fn(&M, &M::Broker, Time) -> Box<dyn UnitState>,
    /// A copy of the computer's state.
    pub as_computer: fn(&dyn UnitState) -> M::Computer,
    /// A copy of the broker's state.
    pub as_broker: fn(&dyn UnitState) -> M::Broker,
    /// Whether living units find out about those that have crashed and come back.
    pub recovers: fn(&M) -> bool,
    /// Whether a computer that is able and has room is sure to be asked for a request, and agrees to it.
    pub agrees: fn(&M, UnitId, RequestId) -> bool,
    /// Whether two computers may not serve each other: they are of different domains, and not to be trusted.
    pub distrusts: fn(&M, UnitId, UnitId) -> bool,
    /// Whether a broker is linked to another one.
    pub is_linked: fn(&M::Broker, UnitId) -> bool,
    /// How many instances more than it gives a computer may take before it is logged out; `None`: none is, or not at once.
    pub limit: fn(&M) -> Option<u32>,
    /// Whether a broker has logged a computer out that has taken more.
    pub has_logged_out: fn(&M::Broker, UnitId) -> bool,
    /// What must hold of units that could find out who does not live, before those come back, and does not; and whether
    /// a timer has fired early.
    pub bereft: Bereft<M>,
    /// What must hold of units at rest: names and sentences of [`Mechanism::violations`] and of [`Self::bereft`].
    pub properties: fn() -> Vec<Property>,
}

impl<M: Mechanism> Debug for UnitStates<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UnitStates")
    }
}
