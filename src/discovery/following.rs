//! The histories of a small world of a discovery system, followed by the rules of the colony calculus.
//!
//! It does *not* know which labels stand for what happens.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::adequacy::{ADEQUATE, Apply, Facts, Followed, unfit, violation};
use super::{Discovery, Mechanism, Observation};
use crate::calculus::Community;
use crate::system::{Follower, Following, Happened, Violation};
use crate::unit::UnitId;

/// How histories of a mechanism are followed whose units say who belongs to whom.
pub(super) fn following<M: Mechanism>() -> Following<Discovery<M>> {
    Following {
        property: ADEQUATE,
        misfit: |_| None,
        follower: || Box::new(Communities::new(Community::change)),
    }
}

/// The communities that the rules give, each with a number.
pub(crate) struct Communities {
    all: Vec<Followed>,
    numbers: BTreeMap<Followed, u32>,
    bytes: u64,
    apply: Apply,
}

impl Communities {
    /// None yet; `apply` applies labels.
    pub(crate) fn new(apply: Apply) -> Self {
        Self {
            all: Vec::new(),
            numbers: BTreeMap::new(),
            bytes: 0,
            apply,
        }
    }

    /// The overlay of `system` when requests begin.
    #[cfg(test)]
    pub(crate) fn begun<M: Mechanism>(system: &Discovery<M>) -> Community {
        let facts = Arc::new(Facts::of(system));
        Followed::at_begin(&system.world, &facts)
            .community()
            .clone()
    }

    /// What the rules are told of `system` before anything has happened.
    #[cfg(test)]
    pub(crate) fn first_text<M: Mechanism>(system: &Discovery<M>) -> String {
        let membership = system.mechanism.membership(&system.gcus, &system.gbus);
        let facts = Arc::new(Facts::of(system));
        Followed::of(&membership.unwrap_or_default(), &facts).text()
    }

    /// What the rules give in a state.
    #[cfg(test)]
    pub(crate) fn community(&self, state: u32) -> &Community {
        self.all[state as usize].community()
    }

    fn number(&mut self, followed: Followed) -> u32 {
        if let Some(&number) = self.numbers.get(&followed) {
            return number;
        }
        let number = self.all.len() as u32;
        self.bytes += 2 * followed.bytes();
        self.numbers.insert(followed.clone(), number);
        self.all.push(followed);
        number
    }
}

impl<M: Mechanism> Follower<Discovery<M>> for Communities {
    fn first(&mut self, system: &Discovery<M>) -> u32 {
        let membership = system.mechanism.membership(&system.gcus, &system.gbus);
        let facts = Arc::new(Facts::of(system));
        self.number(Followed::of(&membership.unwrap_or_default(), &facts))
    }

    fn after(
        &mut self,
        state: u32,
        (unit, happened): (UnitId, Happened<'_, M::Protocol>),
        said: &[Observation],
    ) -> Result<u32, Violation> {
        if said.is_empty() && Followed::is_nothing::<M>(&happened) {
            return Ok(state);
        }
        let apply = self.apply;
        let mut next = self.all[state as usize].clone();
        let first = next.happens::<M>(unit, &happened, apply);
        let mut all = said.iter();
        let result = first.and_then(|()| all.try_for_each(|said| next.said(unit, said, apply)));
        match result {
            Ok(()) => Ok(self.number(next)),
            Err(failure) => Err(unfit(&failure, &next)),
        }
    }

    fn at_rest(
        &self,
        state: u32,
        system: &Discovery<M>,
        lives: &dyn Fn(UnitId) -> bool,
    ) -> Option<Violation> {
        let membership = system.mechanism.membership(&system.gcus, &system.gbus)?;
        let cases = self.all[state as usize].differences(&membership, lives);
        (!cases.is_empty()).then(|| violation(cases))
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }
}
