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

/// What something is about that units are told from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// What a computer offers.
    Offers,
    /// Who is linked with whom.
    Links,
    /// Whose credential is revoked.
    Credentials,
}

/// Something that units are told from outside, and that need not happen: once, or to and fro.
pub struct Occasion<P: Protocol> {
    /// What it is about.
    pub about: About,
    /// Who is told what, all at once.
    pub told: Vec<Task<P>>,
    /// Who is told what if it is taken back; nobody: it is not.
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

/// Who is told what, by number of the occasion, if it comes in a history in which those have come that are set in `come` and
/// were not taken back; nobody, if it cannot come.
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

/// What does not hold as a unit says something: see [`Explorable::forbidden`].
type Forbidden<S> = fn(&S, (UnitId, &ObservationOf<S>), Course) -> Option<Violation>;

/// What must hold of a history: see [`Explorable::in_the_end`].
type InTheEnd<S> = fn(&S, &[Said<S>], Disturbed, u32) -> Vec<Violation>;

/// What does not hold while some do not live: see [`Explorable::bereft`].
type Bereft<S> = fn(&S, &dyn Fn(UnitId) -> bool, bool) -> Vec<Violation>;

/// What ends: see [`Explorable::given_up`].
type GivenUp<S> = fn(&Tasks<ProtocolOf<S>>, &[usize], &[Said<S>]) -> Vec<Said<S>>;

/// How all histories of a system are visited. For systems whose units, handled by
/// [`Model::handle`](super::Model::handle), touch nothing but their own state and what never changes, and draw
/// nothing that depends on when they do.
pub struct Explorable<S: Observed> {
    /// Whether a world of these parameters may be small enough, as far as they tell before it is built.
    pub may_fit: fn(&Underlay, &S::Config) -> Result<()>,
    /// What these parameters say that changes no history: a sentence each.
    pub idle: fn(&S::Config) -> Vec<String>,
    /// Whether the world is small enough.
    pub fits: fn(&S) -> Result<()>,
    /// Whether its units find out that others have crashed.
    pub can_crash: fn(&S) -> Result<()>,
    /// Whether units that have crashed come back in the end.
    pub revives: fn(&S) -> bool,
    /// What its units are given.
    pub tasks: fn(&S) -> Tasks<ProtocolOf<S>>,
    /// What its units may be told besides, at most 32 of them.
    pub occasions: fn(&S) -> Vec<Occasion<ProtocolOf<S>>>,
    /// Whether they can be told of this.
    pub can_be_told: fn(&S, About) -> Result<()>,
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
    /// Whether what no unit may say depends on how a history has gone, for such an observation.
    pub matters: fn(&ObservationOf<S>) -> bool,
    /// What does not hold if a unit says this in a history that has gone like that so far.
    pub forbidden: Forbidden<S>,
    /// What must hold at rest of all that was said in a history that was disturbed like this, and in which these occasions
    /// have come and were not taken back, and does not.
    pub in_the_end: InTheEnd<S>,
    /// What must hold of units as soon as all that live could find out who does not, before those come back, and
    /// does not; and whether a timer has fired early.
    pub bereft: Bereft<S>,
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
