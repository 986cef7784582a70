//! Which share of the time units are up that come and go.
//!
//! A unit that alternates between up and down, in steady state from the beginning, is up at any instant with the
//! probability E\[up\] ÷ (E\[up\] + E\[down\]), whatever the two laws are. So the number of units that are up is
//! binomial at every instant, and Poisson where their number is: as in an M/G/∞ queue. It does *not* know
//! what units do while they are up.

use std::collections::BTreeMap;

use super::EVENTS_MIN;
use crate::discovery::World;
use crate::discovery::config::Process;
use crate::discovery::sessions::units_with_sessions;
use crate::measure::Prediction;

/// What is expected of the units with sessions, if none of them follows a trace, nothing else takes them off, and many
/// of them come and go while requests are issued.
pub(super) fn of(world: &World, by_name: &dyn Fn(&str) -> Option<f64>) -> Option<Prediction> {
    let sessions = world.config.alternating()?;
    let observed = by_name("availability")?;
    if world.config.has_failures() || !world.scripted.is_empty() {
        return None;
    }
    let mut units: BTreeMap<u32, f64> = BTreeMap::new();
    for (_, way) in units_with_sessions(world, &sessions) {
        *units.entry(way).or_default() += 1.0;
    }
    let all: f64 = units.values().sum();
    let lasts_s = world.last_issue().as_ms() / 1e3;
    let (mut expected, mut absences) = (0.0, 0.0);
    for (way, count) in units {
        let Process::Laws(alternation) = &sessions.way(way).process else {
            return None;
        };
        expected += count / all * alternation.availability();
        absences += count * lasts_s / (alternation.up.mean_s() + alternation.down.mean_s());
    }
    (absences >= EVENTS_MIN).then(|| Prediction {
        quantity: "availability".into(),
        observed,
        expected,
        // It depends on the laws, and on how long the run is.
        spread: None,
    })
}
