//! How the states of a system's units are told apart, so that all histories of a small world can be visited.
//!
//! This module does *not* know how they are visited, nor any system.

use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::{Following, Observed, Underlay, Violation};
use crate::error::Result;
use crate::time::{Span, Time};
use crate::unit::{Input, Protocol, UnitId};

/// The state of one unit.
pub trait UnitState: Any {
    /// Feeds all of it into `hasher`.
    fn hash_into(&self, hasher: &mut dyn Hasher);

    /// The state itself.
    fn as_any(&self) -> &dyn Any;
}

impl<T: Any + Hash> UnitState for T {
    fn hash_into(&self, mut hasher: &mut dyn Hasher) {
        self.hash(&mut hasher);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A copy of a unit's state.
///
/// # Panics
/// If `state` is not that of such a unit.
pub fn unpacked<T: Any + Clone>(state: &dyn UnitState) -> T {
    let state = state.as_any().downcast_ref::<T>();
    state.expect("it is the state of such a unit").clone()
}

/// Something that a unit is given.
pub type Task<P> = (UnitId, Input<P>);

/// What a unit has said, and must be remembered.
pub type Said<S> = (UnitId, ObservationOf<S>);

type ProtocolOf<S> = <S as super::Model>::Protocol;
type ObservationOf<S> = <ProtocolOf<S> as Protocol>::Observation;

/// A name, and what must hold as a sentence without a full stop.
pub type Property = (&'static str, &'static str);

/// What units are given.
pub struct Tasks<P: Protocol> {
    /// At first, before anything else happens.
    pub first: Vec<Task<P>>,
    /// At any time, in any order.
    pub any_time: Vec<Task<P>>,
    /// Once nothing goes wrong any more.
    pub last: Vec<Task<P>>,
    /// So long after all else these are given.
    pub last_after: Span,
    /// Whenever a unit comes back to life, after [`Input::Start`].
    pub restarted: fn() -> Vec<Input<P>>,
}

impl<P: Protocol> fmt::Debug for Tasks<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tasks")
    }
}

/// What has happened in a history that would not happen in a world that is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Disturbed {
    /// A timer has fired before it was due.
    pub timers: bool,
    /// A unit has crashed.
    pub crashes: bool,
    /// Something else has gone wrong, or a unit was told to leave.
    pub others: bool,
}

impl Disturbed {
    /// Whether nothing has.
    pub fn is_not(self) -> bool {
        self == Self::default()
    }
}

/// What ends: see [`Explorable::given_up`].
type GivenUp<S> = fn(&Tasks<ProtocolOf<S>>, &[usize], &[Said<S>]) -> Vec<Said<S>>;

/// How all histories of a system are visited. For systems whose units, handled by
/// [`Model::handle`](super::Model::handle), touch nothing but their own state and what never changes, and draw
/// nothing that depends on when they do.
pub struct Explorable<S: Observed> {
    /// Whether a world of these parameters may be small enough, as far as they tell before it is built.
    pub may_fit: fn(&Underlay, &S::Config) -> Result<()>,
    /// Whether the world is small enough.
    pub fits: fn(&S) -> Result<()>,
    /// Whether its units find out that others have crashed.
    pub can_crash: fn(&S) -> Result<()>,
    /// Whether units that have crashed come back in the end.
    pub revives: fn(&S) -> bool,
    /// What its units are given.
    pub tasks: fn(&S) -> Tasks<ProtocolOf<S>>,
    /// What a unit is told that is to leave.
    pub leave: fn() -> <ProtocolOf<S> as Protocol>::Command,
    /// What it is told if it is to come back.
    pub join: fn() -> <ProtocolOf<S> as Protocol>::Command,
    /// The state of a unit, with its clock set to 0 at an instant, and without counting what time others leave it.
    pub state: fn(&S, UnitId, Time) -> Box<dyn UnitState>,
    /// Puts such a state into the place of a unit's.
    pub put: fn(&mut S, UnitId, &dyn UnitState),
    /// The observation, if what holds later depends on it.
    pub recall: fn(&ObservationOf<S>) -> Option<ObservationOf<S>>,
    /// What ends as a unit crashes, or is dead already: of the tasks that it was given, those that have not ended by
    /// what was said.
    pub given_up: GivenUp<S>,
    /// What must hold of all that was said at any time, and does not.
    pub always: fn(&S, &[Said<S>]) -> Vec<Violation>,
    /// What must hold at rest of all that was said in a history that was disturbed like this, and does not.
    pub in_the_end: fn(&S, &[Said<S>], Disturbed) -> Vec<Violation>,
    /// What must hold of units as soon as all that live could find out who does not, before those come back, and
    /// does not; asked only if no timer has fired early.
    pub bereft: fn(&S, &dyn Fn(UnitId) -> bool) -> Vec<Violation>,
    /// What must hold at any time, and what must hold at rest.
    pub properties: fn() -> [Vec<Property>; 2],
    /// How histories are followed by rules, if they are: what must hold then at any time and at rest.
    pub following: Option<Following<S>>,
    /// What need not hold, but can be looked for.
    pub goals: fn() -> Vec<Property>,
    /// The goals that have been reached by what was said, with the cases.
    pub reached: fn(&S, &[Said<S>]) -> Vec<Violation>,
}

impl<S: Observed> fmt::Debug for Explorable<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Explorable")
    }
}
