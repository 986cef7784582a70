//! The histories of a small world of a discovery system, followed by the rules of the colony calculus.
//!
//! It does *not* know which labels stand for what happens.

use std::collections::BTreeMap;

use super::adequacy::{ADEQUATE, Apply, Followed, violation};
use super::{Command, Crossing, Discovery, GCU, Mechanism, Observation, Record};
use crate::calculus::{Community, Failure};
use crate::system::{Follower, Following, Happened, Violation};
use crate::unit::{Input, Protocol, UnitId};

/// How histories of a mechanism are followed whose units say who belongs to whom.
pub(super) fn following<M: Mechanism>() -> Following<Discovery<M>> {
    Following {
        property: ADEQUATE,
        misfit: |system| {
            let has_two_leaders = system.mechanism.crosses(Crossing::Tunnel);
            has_two_leaders
                .then_some("the rules of the colony calculus know nobody with two leaders")
        },
        follower: || Box::new(Communities::new(Community::change)),
    }
}

/// In what way the units of a run that is at rest are not what the rules give for what was observed of it.
pub(super) fn strays<M: Mechanism>(
    system: &Discovery<M>,
    record: &Record<M>,
    lives: &dyn Fn(UnitId) -> bool,
) -> Option<Violation> {
    let memberships = system.mechanism.membership(&system.gcus, &system.gbus)?;
    let mut followed = Followed::at_begin(&system.world);
    let config = &system.world.config;
    let changes = config.has_comings() || config.renewal().is_some();
    for happened in record.presence().filter(|_| changes)?.observed() {
        if let Err(failure) = followed.came_or_went(happened, Community::change) {
            return Some(unfit(&failure, &followed));
        }
    }
    let cases = followed.differences(&memberships, lives);
    (!cases.is_empty()).then(|| violation(cases))
}

/// That a label cannot be applied.
fn unfit(failure: &Failure, followed: &Followed) -> Violation {
    violation(vec![format!("{failure}, in {}", followed.text())])
}

/// Whether a computer is told to issue a request.
fn is_issue<P: Protocol<Command = Command>>(input: &Input<P>) -> bool {
    matches!(
        input,
        Input::Command(Command::Issue { .. } | Command::IssueAll { .. })
    )
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
        self.number(Followed::of(&membership.unwrap_or_default()))
    }

    fn after(
        &mut self,
        state: u32,
        (unit, happened): (UnitId, Happened<'_, M::Protocol>),
        said: &[Observation],
    ) -> Result<u32, Violation> {
        let is_idle = match &happened {
            Happened::Crash | Happened::Restart => false,
            Happened::Given(input) => !is_issue(input),
            Happened::Message(from, message) => from.kind() != GCU || !M::is_query(message),
            Happened::Other => true,
        };
        if is_idle && said.is_empty() {
            return Ok(state);
        }
        let apply = self.apply;
        let mut next = self.all[state as usize].clone();
        let first = match happened {
            Happened::Crash => next.crash(unit, apply),
            Happened::Restart => next.restart(unit, apply),
            Happened::Given(input) if is_issue(input) => {
                next.issue(unit);
                Ok(())
            }
            Happened::Message(from, message) if M::is_query(message) => {
                next.asks((from, unit), apply)
            }
            Happened::Given(_) | Happened::Message(..) | Happened::Other => Ok(()),
        };
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
