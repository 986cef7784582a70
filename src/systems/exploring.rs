//! All histories of small worlds, and one of them again.
//!
//! It does *not* know how they are visited, nor what must hold.

use super::Setting;
use crate::error::{Error, Result};
use crate::explore::{self, Acting, Bounds, Checked, Covered, Explored, Properties};
use crate::measure::RunOutcome;
use crate::simulation::Run;
use crate::simulation::network::Conditions;
use crate::simulation::stepping::Stepper;
use crate::system::{Expected, Explorable, History, System, Violation};

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

/// How the histories of the system `S` are visited. These are pointers, so that the model checker is compiled for the systems
/// that can be explored, and for no others.
pub(super) struct Exploring<S: System> {
    /// Checks that a world of these parameters can be explored, as far as they tell before it is built.
    pub(super) check: fn(Setting<'_>, &S::Config) -> Result<()>,
    /// What the parameters and the network say that changes no history.
    pub(super) idle: fn(&S::Config, &Conditions) -> Vec<String>,
    /// What is checked.
    pub(super) properties: fn() -> Properties,
    /// Visits all of them.
    pub(super) explore: Explore<S>,
    /// Plays one of them again.
    pub(super) replay: fn(S, Setting<'_>, &History) -> Result<Replayed>,
}

type Explore<S> = fn(S, Setting<'_>, &Bounds, &mut dyn FnMut(Covered) -> bool) -> Result<Explored>;

impl<S: System + Explorable + 'static> Exploring<S> {
    pub(super) const POINTERS: &'static Self = &Self {
        check: |setting, config| S::may_fit(setting.underlay, config),
        idle: idle::<S>,
        properties: explore::properties::<S>,
        explore: explore::<S>,
        replay: replay::<S>,
    };
}

/// The histories of the system called `name` cannot be visited.
pub(super) fn refused(name: &str) -> Error {
    Error::new(format!("worlds of `{name}` cannot be explored"))
        .at("/system")
        .help("those of `arigatoni` can")
}

fn idle<S: Explorable>(config: &S::Config, conditions: &Conditions) -> Vec<String> {
    let mut idle = S::idle(config);
    if conditions.have_queues() {
        let links = "links carry packets in any order here, and in no time: `bandwidth_mbps` of the network changes nothing";
        idle.push(links.into());
    }
    idle
}

/// What a system is told of a network on which packets may be lost.
fn losses() -> Expected {
    Expected {
        losses: true,
        ..Expected::default()
    }
}

fn explore<S: Explorable>(
    mut system: S,
    setting: Setting<'_>,
    bounds: &Bounds,
    go_on: &mut dyn FnMut(Covered) -> bool,
) -> Result<Explored> {
    let lossy = bounds.is_lossy() || !setting.conditions.are_ideal();
    if lossy {
        system.expect(&losses());
    }
    let acting = Acting::of(setting.streams);
    explore::explore(&mut system, &acting, bounds, !lossy, go_on)
}

fn replay<S: System + Explorable>(
    mut system: S,
    setting: Setting<'_>,
    history: &History,
) -> Result<Replayed> {
    system.fits()?;
    if history.losses {
        system.expect(&losses());
    } else if !setting.conditions.are_ideal() {
        let what = "the schedule says `\"losses\": false`, but the network of the scenario may lose, double or delay \
                    messages";
        return Err(Error::new(what).help(FITTING));
    }
    let following = S::following();
    let following = following.filter(|it| (it.misfit)(&system).is_none());
    let mut follower = following.map(|it| (it.follower)());
    let mut stepper = Stepper::new(&mut system, S::handle, setting.streams);
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
