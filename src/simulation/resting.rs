//! A run that is played until everything has come to rest, and what is left over then.
//!
//! It does *not* know what must hold then: the system says that.

use std::collections::BTreeSet;

use super::boundary::Boundary;
use super::{Driver, Run, Setting};
use crate::system::{Measures, System};
use crate::unit::{Protocol, UnitId};

/// How a run stands that has come to rest, or should have.
#[derive(Debug)]
pub struct Rest {
    /// The units that are dead.
    pub dead: BTreeSet<UnitId>,
    /// Why it has not come to rest, unless it has.
    pub unrest: Option<String>,
}

/// By when the stage at hand must come to rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RestDue {
    Never,
    AtLast,
    /// It has not.
    Missed,
}

/// Runs `system` until it comes to rest ([`Model::to_rest`](crate::system::Model::to_rest)), for at most
/// `inputs_max` inputs of each stage. A pure function of its arguments. When the first measured stage begins, `watch` is
/// shown the system as it is then, and says who observes the run as well from then on.
pub fn run_to_rest<'w, S: System>(
    system: S,
    setting: Setting<'_>,
    inputs_max: u64,
    watch: impl FnOnce(&S) -> &'w mut dyn Measures<S::Protocol>,
) -> (Run<S>, Rest)
where
    S::Protocol: 'w,
{
    let expected = setting.expected_at_rest(&system);
    // Stages that are not measured are not observed.
    let mut nobody = ();
    let nobody: &mut dyn Measures<S::Protocol> = &mut nobody;
    let mut driver = Driver::new(system, setting, &expected, nobody, Patience::ENDLESS);
    let mut watch = Some(watch);
    let mut unrest = None;
    for stage in driver.system.to_rest() {
        if let Some(watch) = watch.take_if(|_| stage.measured) {
            driver.watch = watch(&driver.system);
        }
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
        if !idle {
            unrest = Some("a stage ended at its last instant with events pending".into());
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
    run.system.conclude(setting.underlay, &run.measures);
    (run, Rest { dead, unrest })
}

/// How many more inputs a driver handles.
pub(super) struct Patience {
    left: u64,
}

impl Patience {
    /// More than any run has.
    pub(super) const ENDLESS: Self = Self { left: u64::MAX };
}

impl<P: Protocol> Boundary<P> for Patience {
    fn is_reached(&mut self) -> bool {
        self.left -= 1;
        self.left == 0
    }
}
