//! All histories of small worlds, and one of them again.
//!
//! It does *not* know how they are visited, nor what must hold.

use super::Setting;
use crate::error::{Error, Result};
use crate::explore::{self, Bounds, Checked, Covered, Explored, Properties};
use crate::measure::RunOutcome;
use crate::simulation::Run;
use crate::simulation::network::Conditions;
use crate::simulation::stepping::Stepper;
use crate::system::{Explorable, History, System, Violation};

/// A history that has been played again.
#[derive(Debug)]
pub struct Replayed {
    /// What came out of it. What was pending in the end was dropped, and open requests count as rejected.
    pub outcome: RunOutcome,
    /// How many inputs were handled.
    pub events: u64,
    /// Whether nothing was pending in the end.
    pub at_rest: bool,
    /// How many requests were not issued, and units not started, by then.
    pub not_given: usize,
    /// What does not hold: of what must at any time; and of what must at rest, if it was at rest and all was given.
    pub violations: Vec<Violation>,
}

/// What a schedule must fit.
const FITTING: &str = "give the scenario, seed and values of --set with which it was written";

/// How the system `S` is explored.
fn explorable<S: System>() -> Result<Explorable<S>> {
    S::explorable().ok_or_else(|| {
        Error::new(format!("worlds of `{}` cannot be explored", S::NAME))
            .at("/system")
            .help("those of `arigatoni` can")
    })
}

/// That a world of these parameters can be explored, as far as they tell before it is built.
pub(super) fn check<S: System>(setting: Setting<'_>, config: &S::Config) -> Result<()> {
    (explorable::<S>()?.may_fit)(setting.underlay, config)
}

/// What the parameters and the network say that changes no history.
pub(super) fn idle<S: System>(config: &S::Config, conditions: &Conditions) -> Result<Vec<String>> {
    let mut idle = (explorable::<S>()?.idle)(config);
    if conditions.have_queues() {
        let links = "links carry packets in any order here, and in no time: `bandwidth_mbps` of the network changes nothing";
        idle.push(links.into());
    }
    Ok(idle)
}

pub(super) fn properties<S: System>() -> Result<Properties> {
    Ok(explore::properties(&explorable::<S>()?))
}

pub(super) fn explore<S: System>(
    mut system: S,
    setting: Setting<'_>,
    bounds: &Bounds,
    go_on: &mut dyn FnMut(Covered) -> bool,
) -> Result<Explored> {
    let how = explorable::<S>()?;
    let lossy = bounds.is_lossy() || !setting.conditions.are_ideal();
    if lossy {
        system.expect_losses();
    }
    let acting = (S::handle as _, setting.streams);
    explore::explore(&mut system, &how, acting, bounds, !lossy, go_on)
}

pub(super) fn replay<S: System>(
    mut system: S,
    setting: Setting<'_>,
    history: &History,
) -> Result<Replayed> {
    let how = explorable::<S>()?;
    (how.fits)(&system)?;
    if history.losses {
        system.expect_losses();
    } else if !setting.conditions.are_ideal() {
        let what = "the schedule says `\"losses\": false`, but the network of the scenario may lose, double or delay \
                    messages";
        return Err(Error::new(what).help(FITTING));
    }
    let following = how.following.as_ref();
    let following = following.filter(|it| (it.misfit)(&system).is_none());
    let mut follower = following.map(|it| (it.follower)());
    let mut stepper = Stepper::new(&mut system, &how, S::handle, setting.streams);
    if let Some(follower) = &mut follower {
        stepper.follow_all(&mut **follower);
    }
    if !history.losses {
        stepper.keep_order();
    }
    let mut checked = Checked::default();
    for (number, step) in history.steps.iter().enumerate() {
        if checked.has_panicked {
            break;
        }
        checked.step(&mut stepper, step).map_err(|why| {
            let what = format!("the schedule does not fit the scenario: {why}");
            let place = format!("step {}", number + 1);
            Error::new(what).at(place).help(FITTING)
        })?;
    }
    let at_rest = stepper.is_at_rest();
    let not_given = stepper.not_given();
    let violations = checked.end(&stepper);
    stepper.stop();
    let (measures, totals, _) = stepper.finish();
    let run = Run {
        system,
        measures,
        totals,
        is_overdue: false,
    };
    Ok(Replayed {
        outcome: run.outcome(),
        events: totals.events,
        at_rest,
        not_given,
        violations,
    })
}
