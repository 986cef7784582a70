//! Which share of the time units are up that come and go.
//!
//! A unit that alternates between up and down, in steady state from the beginning, is up at any instant with the
//! probability E\[up\] ÷ (E\[up\] + E\[down\]), whatever the two laws are. So the number of units that are up is
//! binomial at every instant, and Poisson where their number is: as in an M/G/∞ queue. It does *not* know
//! what units do while they are up.

use crate::discovery::World;
use crate::discovery::config::Process;
use crate::discovery::sessions::units_with_sessions;
use crate::measure::Prediction;

/// What is expected of the units with sessions, if none of them follows a trace.
pub(super) fn of(world: &World, by_name: &dyn Fn(&str) -> Option<f64>) -> Option<Prediction> {
    let sessions = world.config.alternating()?;
    let observed = by_name("availability")?;
    let (mut sum, mut count) = (0.0, 0.0);
    for (_, way) in units_with_sessions(world, &sessions) {
        let Process::Laws(alternation) = &sessions.way(way).process else {
            return None;
        };
        sum += alternation.availability();
        count += 1.0;
    }
    (count > 0.0).then(|| Prediction {
        quantity: "availability".into(),
        observed,
        expected: sum / count,
        // It depends on the laws, and on how long the run is.
        spread: None,
    })
}
