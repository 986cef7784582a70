//! A run that is played until everything has come to rest, and what is left over then.
//!
//! It does *not* know what must hold then: the system says that.

use std::collections::BTreeSet;

use super::boundary::Boundary;
use super::network::Conditions;
use super::{Driver, Run};
use crate::random::RandomStreams;
use crate::system::{Measures, System, Underlay};
use crate::time::Span;
use crate::unit::{Protocol, UnitId};

/// How a run stands that has come to rest, or should have.
#[derive(Debug)]
pub struct Rest {
    /// The units that are dead.
    pub dead: BTreeSet<UnitId>,
    /// Why it has not come to rest, unless it has.
    pub unrest: Option<String>,
}

/// Runs `system` until it comes to rest ([`Model::to_rest`](crate::system::Model::to_rest)), for at most
/// `inputs_max` inputs of each stage. A pure function of its arguments; `watch` observes as well.
pub fn run_to_rest<S: System, W: Measures<S::Protocol>>(
    system: S,
    underlay: &Underlay,
    streams: RandomStreams,
    conditions: impl Into<Conditions>,
    inputs_max: u64,
    watch: &mut W,
) -> (Run<S>, Rest) {
    let patience = Patience { left: inputs_max };
    let conditions = conditions.into();
    let system = expecting_calm(system, underlay, &conditions);
    let mut driver = Driver::new(system, underlay, streams, &conditions, watch, patience);
    let mut unrest = None;
    for stage in driver.system.to_rest() {
        driver.border.left = inputs_max;
        let (mut outside, last) = driver.begin(stage, |_| true);
        driver.play_through(&mut outside, last);
        let idle = driver.event_queue.is_empty() && outside.next().is_none();
        if driver.border.left == 0 {
            unrest = Some(format!(
                "{inputs_max} inputs were handled, and more are pending"
            ));
            break;
        }
        unrest = (!idle).then(|| "a stage ended at its last instant with events pending".into());
        if !idle {
            driver.cut(last);
        }
    }
    if unrest.is_none() && driver.records.have_armed() {
        unrest = Some("a timer is armed that is not pending".into());
    }
    let units: Vec<UnitId> = driver.system.sites().map(|(unit, _)| unit).collect();
    let dead = units.into_iter();
    let dead = dead
        .filter(|&unit| driver.records.of(unit).is_dead())
        .collect();
    let mut run = driver.finish();
    run.system.conclude(underlay, &run.measures);
    (run, Rest { dead, unrest })
}

/// `system`, told that the network can become calm before the end, if everything that was sent before arrives in a time that
/// is known.
pub(super) fn expecting_calm<S: System>(
    mut system: S,
    underlay: &Underlay,
    conditions: &Conditions,
) -> S {
    if !conditions.are_ideal()
        && !conditions.have_queues()
        && let Some(longest) = conditions.longest(underlay, access(&system))
    {
        system.expect_calm(longest);
    }
    system
}

/// The greatest latency of an access link.
fn access<S: System>(system: &S) -> Span {
    let all = system.sites().filter_map(|(_, site)| site.access);
    all.max().unwrap_or_default()
}

/// How many more inputs a driver handles.
struct Patience {
    left: u64,
}

impl<P: Protocol> Boundary<P> for Patience {
    fn is_reached(&mut self) -> bool {
        self.left -= 1;
        self.left == 0
    }
}
