//! How histories are followed by rules that stand outside a system.
//!
//! It does *not* know the rules, nor who makes histories.

use super::explorable::Property;
use super::{Measures, Model, Observed, Violation};
use crate::unit::{Input, Protocol, UnitId};

type ProtocolOf<S> = <S as Model>::Protocol;

/// What happens to a unit in one step.
#[derive(Debug)]
pub enum Happened<'i, P: Protocol> {
    /// It crashes.
    Crash,
    /// It comes back to life.
    Restart,
    /// A message of this unit reaches it.
    Message(UnitId, &'i P::Message),
    /// It is given this input, which is no message.
    Given(&'i Input<P>),
    /// Something else.
    Other,
}

/// Follows histories by rules. Its states have numbers; a state says all that the rules know of a history so far.
pub trait Follower<S: Observed> {
    /// The state before anything has happened to `system`.
    fn first(&mut self, system: &S) -> u32;

    /// The state after something has happened to `unit` and it has said this.
    ///
    /// # Errors
    /// If no rule fits.
    fn after(
        &mut self,
        state: u32,
        what: (UnitId, Happened<'_, ProtocolOf<S>>),
        said: &[<ProtocolOf<S> as Protocol>::Observation],
    ) -> Result<u32, Violation>;

    /// In what way `system`, which is at rest, is not what the rules give in `state`.
    fn at_rest(&self, state: u32, system: &S, lives: &dyn Fn(UnitId) -> bool) -> Option<Violation>;

    /// About how many bytes it holds.
    fn bytes(&self) -> u64;
}

/// How histories are followed: the property that is checked, and who does so.
pub struct Following<S: Observed> {
    /// What is checked.
    pub property: Property,
    /// Why histories of a world cannot be followed; `None`: they can.
    pub misfit: fn(&S) -> Option<&'static str>,
    /// One that has not followed any yet.
    pub follower: fn() -> Box<dyn Follower<S>>,
}

impl<S: Observed> std::fmt::Debug for Following<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Following")
    }
}

/// Follows a run by rules that stand outside its system.
pub trait Watcher<S: Observed>: Measures<S::Protocol> {
    /// In what way the units of `system`, which are at rest, are not what the rules give for what was watched.
    fn strays(&self, system: &S, lives: &dyn Fn(UnitId) -> bool) -> Option<Violation>;
}
