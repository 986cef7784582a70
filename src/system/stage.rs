//! The stages of a run: what happens to units from outside, and until when.
//!
//! This module does *not* know what a unit makes of it, nor who plays a stage.

use std::fmt;

use super::Site;
use crate::time::Span;
use crate::unit::{Input, Protocol, UnitId};

/// A stage of a run: what happens from outside, and all that follows from it, until nothing is
/// pending or the stage's time is over.
#[derive(Debug)]
pub struct Stage<P: Protocol> {
    /// The workload: what is given to units from outside.
    pub inputs: Inputs<P>,
    /// The events that happen to units. At one instant they precede everything else.
    pub environment: Environment<P>,
    /// The span from the stage's beginning to its last instant. What is due at that instant still happens. What
    /// is pending then (timers, packets and events from outside) is dropped, and the clock stops at that
    /// instant. `None`: the stage ends when nothing is pending.
    pub until: Option<Span>,
    /// Whether the run fails if something is pending at the last instant
    /// ([`Model::overdue`](super::Model::overdue)).
    pub must_rest: bool,
    /// How long after the beginning the network becomes calm: from then on each packet that is sent arrives,
    /// once and in time, and links and routers are up and as fast as usual. `None`: the network goes on as its
    /// conditions say.
    pub calm_after: Option<Span>,
    /// Whether the clock is set back to 0 at the beginning.
    pub clock_restarts: bool,
    /// Whether events, packets, metrics and the fingerprint count.
    pub measured: bool,
}

impl<P: Protocol + 'static> Stage<P> {
    /// A measured stage with this workload, in which nothing else happens to units and which ends when nothing
    /// is pending.
    pub fn of(inputs: impl Into<Inputs<P>>) -> Self {
        Self {
            inputs: inputs.into(),
            environment: Vec::new().into(),
            until: None,
            must_rest: false,
            calm_after: None,
            clock_restarts: false,
            measured: true,
        }
    }
}

/// An event that happens to a unit from outside.
#[derive(Debug)]
pub enum Act<P: Protocol> {
    /// It handles nothing more: its timers die, packets that reach it are lost, and its memory is
    /// lost ([`super::Model::forget`]). Nothing, if it is dead already.
    Crash,
    /// It comes to life, as a fresh unit, and is told [`Input::Start`]. If it lives, it crashes
    /// first.
    Restart,
    /// It sits elsewhere from now on. What has been sent to it or by it is on its way already, and
    /// arrives when it would have; with the fidelity `hop`, what is on its way to it follows it.
    Move(Site),
    /// It is asked something, if it lives: to leave, say.
    Command(P::Command),
}

/// Inputs from outside.
pub type Inputs<P> = Schedule<Input<P>>;

/// The events that happen to units.
pub type Environment<P> = Schedule<Act<P>>;

/// Events that happen to units, each with its span after a stage's beginning, ascending by (span, unit): a list, or
/// an iterator that makes them on demand, so that a million of them need no memory.
pub struct Schedule<T>(Box<dyn Iterator<Item = (Span, UnitId, T)>>);

impl<T> Schedule<T> {
    /// Those that `source` makes.
    pub fn made(source: impl Iterator<Item = (Span, UnitId, T)> + 'static) -> Self {
        Self(Box::new(source))
    }
}

impl<T: 'static> From<Vec<(Span, UnitId, T)>> for Schedule<T> {
    fn from(list: Vec<(Span, UnitId, T)>) -> Self {
        Self::made(list.into_iter())
    }
}

impl<T> Iterator for Schedule<T> {
    type Item = (Span, UnitId, T);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl<T> fmt::Debug for Schedule<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Schedule")
    }
}
