//! A broker's state, to be compared with others and looked at from outside.
//!
//! It does *not* know what for.

use super::Gbu;
use crate::arigatoni::policy::Policy;
use crate::time::{Span, Time};
use crate::unit::UnitId;

impl Gbu {
    /// This state with the clock set to 0 at `now`. States that differ only in when they arose become equal.
    pub fn canonical(&self, now: Time) -> Self {
        let mut state = self.clone();
        state.searching.set_clock(now);
        if let Some(links) = &mut state.links {
            links.set_clock(now);
        }
        state
    }

    /// The canonical state, but with all of `deadline` left for each query. States that differ only in this
    /// become equal.
    pub fn timeless(&self, now: Time, deadline: Span) -> Self {
        let mut state = self.canonical(now);
        state.searching.give_time(Time::ZERO + deadline);
        state
    }

    /// The brokers that it has tried by now, if it has lost its super-broker long ago (see `Moves::tries`).
    pub(in crate::arigatoni) fn tries<P: Policy>(&self, policy: &P, me: UnitId) -> Vec<UnitId> {
        match self.elected_under() {
            None => self.moves.tries(policy, me).collect(),
            Some(_) => Vec::new(),
        }
    }
}
