//! Runs that are made to see what is left over: they come to rest, and the system's invariants are checked.
//!
//! It does *not* know the invariants, nor which runs are worth it.

use super::Setting;
use super::running::not_spread;
use super::trace::Trace;
use crate::error::Result;
use crate::measure::RunOutcome;
use crate::simulation::{self, Decomposition, Rest};
use crate::system::{Measures, System, Violation};

/// A run that has come to rest, or should have.
#[derive(Debug)]
pub struct Examined {
    /// What came out of it, if nothing is violated: else it need not make sense.
    pub outcome: Option<RunOutcome>,
    /// How many inputs were handled.
    pub events: u64,
    /// Of what must hold under some conditions only, the names of what it has put to the test.
    pub asked: Vec<&'static str>,
    /// What must hold and does not.
    pub violations: Vec<Violation>,
}

/// Runs `system` until it comes to rest, and checks its invariants.
pub(super) fn examine<S: System>(system: S, setting: Setting<'_>, inputs_max: u64) -> Examined {
    let (mut watcher, mut nobody) = (None, ());
    let (run, Rest { dead, unrest }) =
        simulation::run_to_rest(system, setting, inputs_max, |system| {
            watcher = system.watcher();
            match &mut watcher {
                Some(watcher) => &mut **watcher,
                None => &mut nobody as &mut dyn Measures<S::Protocol>,
            }
        });
    let mut asked = Vec::new();
    let violations = if let Some(case) = unrest {
        vec![Violation {
            name: "rest",
            sentence: "everything comes to rest",
            cases: vec![case],
        }]
    } else {
        asked = run.system.asked(&run.measures);
        let lives = |unit| !dead.contains(&unit);
        let mut violations = run.system.violations(&run.measures, &lives);
        let strays = watcher.and_then(|it| it.strays(&run.system, &lives));
        violations.extend(strays.or_else(|| run.system.strays(&run.measures)));
        violations
    };
    Examined {
        outcome: violations.is_empty().then(|| run.outcome()),
        events: run.totals.events,
        asked,
        violations,
    }
}

/// The trace of the same run.
///
/// # Errors
/// If it cannot be written.
pub(super) fn trace<S: System>(
    system: S,
    setting: Setting<'_>,
    inputs_max: u64,
) -> Result<Vec<u8>> {
    let mut trace = Trace::<S>::new(None);
    simulation::run_to_rest(system, setting, inputs_max, |_| &mut trace);
    trace.into_bytes()
}

/// The run on two threads, if it can be split.
pub(super) fn examine_divided<S: System>(
    system: S,
    setting: Setting<'_>,
) -> Result<Option<RunOutcome>> {
    let Some(divisible) = S::divisible() else {
        return Ok(None);
    };
    let Some(parts) = Decomposition::of(&system, setting.underlay, 2) else {
        return Ok(None);
    };
    let run = simulation::run_divided_to_rest(system, setting, &parts, &divisible);
    let run = run.map_err(|error| not_spread(&format!("threads cannot be started: {error}")))?;
    Ok(Some(run.outcome()))
}
