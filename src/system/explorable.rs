//! How the states of a system's units are told apart, so that all histories of a small world can be visited.
//!
//! This module does *not* know how they are visited, nor any system.

use std::fmt;
use std::hash::Hash;

use super::{Following, Observed, Underlay, Violation};
use crate::error::Result;
use crate::time::{Span, Time};
use crate::unit::{Input, Protocol, UnitId};

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
    /// Tasks that are given at any time, in any order.
    pub any_time: Vec<Task<P>>,
    /// Tasks that are given once no more faults occur.
    pub last: Vec<Task<P>>,
    /// How long after everything else the last tasks are given.
    pub last_after: Span,
    /// Whenever a unit comes back to life, after [`Input::Start`].
    pub restarted: fn() -> Vec<Input<P>>,
}

impl<P: Protocol> fmt::Debug for Tasks<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tasks")
    }
}

/// What something is about that units are told from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// What a computer offers.
    Offers,
    /// Which units are linked with each other.
    Links,
    /// Whose credential is revoked.
    Credentials,
}

/// Something that units are told from outside, and that need not happen: once, or to and fro.
pub struct Occasion<P: Protocol> {
    /// What it is about.
    pub about: About,
    /// The tasks of the occasion, all given at once.
    pub told: Vec<Task<P>>,
    /// The tasks that are given when it is taken back; if there are none, it cannot be taken back.
    pub back: Vec<Task<P>>,
    /// The number of the occasion that must have come before.
    pub after: Option<usize>,
    /// Whether a unit that comes back to life is told again.
    pub again: bool,
}

impl<P: Protocol> fmt::Debug for Occasion<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Occasion({:?})", self.about)
    }
}

/// The tasks of the occasion with this number, in a history in which the occasions set in `come` have come and were
/// not taken back. There are none if it cannot come.
pub fn told_by<P: Protocol>(occasions: &[Occasion<P>], number: usize, come: u32) -> &[Task<P>] {
    let has_come = |number: usize| come >> number & 1 == 1;
    let Some(occasion) = occasions.get(number) else {
        return &[];
    };
    if has_come(number) {
        return &occasion.back;
    }
    if occasion.after.is_none_or(has_come) {
        &occasion.told
    } else {
        &[]
    }
}

/// What `unit` is told again as it comes back to life, after those occasions that are set in `come`: of those that follow each
/// other the last one.
pub fn told_again<P: Protocol>(
    occasions: Vec<Occasion<P>>,
    unit: UnitId,
    come: u32,
) -> Vec<Input<P>> {
    let has_come = |number: usize| come >> number & 1 == 1;
    let before: Vec<Option<usize>> = occasions.iter().map(|it| it.after).collect();
    let is_last = |number: usize| {
        let mut later = before.iter().enumerate();
        !later.any(|(other, after)| *after == Some(number) && has_come(other))
    };
    let all = occasions.into_iter().enumerate();
    let all = all.filter(|(number, it)| it.again && has_come(*number) && is_last(*number));
    let all = all.flat_map(|(_, it)| it.told);
    all.filter_map(|(whose, input)| (whose == unit).then_some(input))
        .collect()
}

/// What has happened in a history that would not happen in a world that is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Disturbed {
    /// A timer has fired before it was due.
    pub timers: bool,
    /// A unit has crashed.
    pub crashes: bool,
    /// Something else has gone wrong, or a unit was told to leave, or of a change from outside.
    pub others: bool,
}

impl Disturbed {
    /// Whether nothing has.
    pub fn is_not(self) -> bool {
        self == Self::default()
    }
}

/// How a history has gone so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Course {
    /// Whether a message has been lost, a unit has crashed, or a timer has fired before it was due.
    pub is_troubled: bool,
    /// Whether a unit has crashed.
    pub has_crash: bool,
    /// The occasions that have come, and were not taken back, a bit each.
    pub come: u32,
}

/// A system of which all histories of a small world can be visited: its units, handled by
/// [`Model::handle`](super::Model::handle), touch nothing but their own state and what never changes, and draw
/// nothing that depends on when they do.
pub trait Explorable: Observed {
    /// The state of one unit; a copy is cheap.
    type UnitState: Clone + Hash + Eq;

    /// Whether a world of these parameters may be small enough, as far as they tell before it is built.
    ///
    /// # Errors
    /// If it is too large.
    fn may_fit(underlay: &Underlay, config: &Self::Config) -> Result<()>;

    /// What these parameters say that changes no history: a sentence each.
    fn idle(config: &Self::Config) -> Vec<String>;

    /// Whether the world is small enough.
    ///
    /// # Errors
    /// If it is too large.
    fn fits(&self) -> Result<()>;

    /// Whether its units find out that others have crashed.
    ///
    /// # Errors
    /// If they do not.
    fn can_crash(&self) -> Result<()>;

    /// Whether units that have crashed come back in the end.
    fn revives(&self) -> bool;

    /// What its units are given.
    fn tasks(&self) -> Tasks<Self::Protocol>;

    /// What its units may be told besides, at most 32 of them.
    fn occasions(&self) -> Vec<Occasion<Self::Protocol>>;

    /// Whether they can be told of this.
    ///
    /// # Errors
    /// If they cannot.
    fn can_be_told(&self, about: About) -> Result<()>;

    /// What a unit is told that is to leave.
    fn leave() -> <Self::Protocol as Protocol>::Command;

    /// What it is told if it is to come back.
    fn join() -> <Self::Protocol as Protocol>::Command;

    /// The state of a unit, with its clock set to 0 at the instant `now`, and without counting what time others leave it.
    fn state(&self, unit: UnitId, now: Time) -> Self::UnitState;

    /// Puts such a state into the place of a unit's.
    fn put(&mut self, unit: UnitId, state: &Self::UnitState);

    /// How many bytes such a state takes, besides what it keeps elsewhere.
    fn bytes(state: &Self::UnitState) -> usize;

    /// The observation, if what holds later depends on it.
    fn recall(said: &ObservationOf<Self>) -> Option<ObservationOf<Self>>;

    /// The tasks that a crash ends: those given to a unit that crashes or is dead, for which no end has been
    /// observed.
    fn given_up(
        tasks: &Tasks<Self::Protocol>,
        given: &[usize],
        said: &[Said<Self>],
    ) -> Vec<Said<Self>>;

    /// What must hold of all that was said at any time, and does not.
    fn always(&self, said: &[Said<Self>]) -> Vec<Violation>;

    /// Whether what no unit may say depends on how a history has gone, for such an observation.
    fn matters(said: &ObservationOf<Self>) -> bool;

    /// What does not hold if a unit says this in a history that has gone like that so far.
    fn forbidden(
        &self,
        unit: UnitId,
        said: &ObservationOf<Self>,
        course: Course,
    ) -> Option<Violation>;

    /// What must hold at rest of all that was said in a history that was disturbed like this, and in which these occasions
    /// have come and were not taken back, and does not.
    fn in_the_end(&self, said: &[Said<Self>], disturbed: Disturbed, come: u32) -> Vec<Violation>;

    /// What must hold of units as soon as all that live could find out who does not, before those come back, and
    /// does not; and whether a timer has fired early.
    fn degraded(&self, lives: &dyn Fn(UnitId) -> bool, is_early: bool) -> Vec<Violation>;

    /// What must hold at any time, and what must hold at rest.
    fn properties() -> [Vec<Property>; 2];

    /// How histories are followed by rules, if they are: what must hold then at any time and at rest.
    fn following() -> Option<Following<Self>>;

    /// What need not hold, but can be looked for.
    fn goals() -> Vec<Property>;

    /// The goals that have been reached by what was said, with the cases.
    fn reached(&self, said: &[Said<Self>]) -> Vec<Violation>;
}
