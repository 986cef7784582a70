//! How the states of a mechanism's units are told apart, and what must hold of them.
//!
//! It does *not* know what is in a state.

use std::hash::Hash;

use super::{Mechanism, RequestId};
use crate::system::{Property, Violation};
use crate::time::Time;
use crate::unit::UnitId;

/// A mechanism of which all histories of a small world can be visited: see [`Explorable`](crate::system::Explorable).
pub trait ExplorableMechanism:
    Mechanism<Computer: Clone + Eq + Hash, Broker: Clone + Eq + Hash>
{
    /// The state of a computer, with its clock set to 0 at the instant `now`.
    fn computer_state(&self, computer: &Self::Computer, now: Time) -> Self::Computer;

    /// The state of a broker, with its clock set to 0 at the instant `now`, without counting what time queries leave it.
    fn broker_state(&self, broker: &Self::Broker, now: Time) -> Self::Broker;

    /// Whether living units find out about those that have crashed and come back.
    fn recovers(&self) -> bool;

    /// Whether a computer that is able and has room is sure to be asked for a request, and agrees to it.
    fn agrees(&self, computer: UnitId, request: RequestId) -> bool;

    /// Whether two computers may not serve each other: they are of different domains, and not to be trusted.
    fn distrusts(&self, one: UnitId, other: UnitId) -> bool;

    /// Whether a broker is linked to another one.
    fn is_linked(broker: &Self::Broker, peer: UnitId) -> bool;

    /// How many instances more than it gives a computer may take before it is logged out; `None`: none is, or not at once.
    fn limit(&self) -> Option<u32>;

    /// Whether a broker has logged a computer out that has taken more.
    fn has_logged_out(broker: &Self::Broker, computer: UnitId) -> bool;

    /// What must hold of units that could find out who does not live, before those come back, and does not; and whether
    /// a timer has fired early.
    fn degraded(
        &self,
        units: (&[Self::Computer], &[Self::Broker]),
        lives: &dyn Fn(UnitId) -> bool,
        is_early: bool,
    ) -> Vec<Violation>;

    /// What must hold of units at rest: names and sentences of [`Mechanism::violations`] and of [`Self::degraded`].
    fn properties() -> Vec<Property>;
}
