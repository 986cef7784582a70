//! A model checker on the code of the units themselves: all histories of a small world are visited, and what must
//! hold is checked in each state.
//!
//! A breadth-first search over states of the whole world, which are told apart by hashes of 128 bits. So the first violation that is
//! found has a shortest history. No clock goes: any timer that is set may fire, a bounded number of times, and the
//! time that a query leaves is not counted. A world in which nothing is under way is also left alone until it
//! comes to rest. This room does *not* know what is simulated: a system says how it is
//! [explored](crate::system::Explorable).

mod bench;
mod blocks;
mod example;
mod hashing;
mod making;
mod properties;
mod replay;
mod rest;
mod rounds;
mod search;
mod state;
mod steps;
#[cfg(test)]
mod tests;
mod visited;

pub use example::{CounterExample, Line};
pub use properties::{Properties, properties};
pub use replay::Checked;
pub use search::{Covered, Explored, Stopped, explore};
pub use state::Faults;

use crate::random::RandomStreams;
use crate::simulation::stepping::Handle;
use crate::system::{Explorable, Following, Property};

/// How the units of a world act, and by which rules its histories are followed.
#[derive(Debug)]
pub struct Acting<S: Explorable> {
    /// Lets a unit handle an input.
    pub handle: Handle<S>,
    /// The draws of the world.
    pub streams: RandomStreams,
    /// How its histories are followed; `None`: they are not.
    pub following: Option<Following<S>>,
}

impl<S: Explorable> Acting<S> {
    /// As the system itself says it, with the draws of `streams`.
    pub fn of(streams: RandomStreams) -> Self {
        Self {
            handle: S::handle,
            streams,
            following: S::following(),
        }
    }
}

/// How far a world is explored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// What a history may have.
    pub faults: Faults,
    /// The maximum number of bytes that may be held.
    pub memory: u64,
    /// The properties that are checked; `None`: all.
    pub properties: Option<Vec<String>>,
    /// Instead of them, the goal to which a shortest history is looked for.
    pub reach: Option<String>,
}

/// No unit panics.
const NO_PANIC: Property = ("no-panic", "no unit panics");

/// No timer is forgotten.
const TIMERS: Property = (
    "timers",
    "whoever has set a timer has a use for it when it fires",
);

/// What was asked ends, as long as anything can happen.
const DEADLOCK: Property = (
    "deadlock",
    "where nothing can happen any more, nobody waits for the end of what it has asked",
);

/// Messages do not keep each other going.
const LIVELOCK: Property = (
    "livelock",
    "messages do not go round for ever: the arrival of messages alone never leads back to the same state of the world",
);

/// A world that is left alone comes to rest.
const REST: Property = (
    "rest",
    "a world in which nothing goes wrong any more comes to rest",
);

impl Bounds {
    /// Whether messages may be lost or doubled: then units send again what is not acknowledged.
    pub fn is_lossy(&self) -> bool {
        self.faults.losses > 0 || self.faults.duplicates > 0
    }
}
