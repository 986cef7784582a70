//! How many nodes more than it needs an application keeps where nodes fail.
//!
//! A pure function of the laws of failure. This module does *not* know which nodes there are, nor which have failed.

use super::config::Policy;
use super::manager::SILENT_HEARTBEATS;
use crate::opus::config::Opus;

/// With this chance as many nodes serve as an application needs, at any time.
const SURE: f64 = 0.99;

/// The fraction of the nodes counted for an application that do not serve, since they have failed and are not yet replaced.
/// A failure is noticed after three to four heartbeats of silence, another node is chosen at the beginning of the next epoch,
/// and fetches the state. The wait for that epoch is counted with a whole one, although it is half of one on average.
pub(super) fn missing(config: &Opus, move_s: f64) -> f64 {
    let allocation = &config.allocation;
    let moving_s = match allocation.policy {
        Policy::Optimum => 0.0,
        Policy::Static
        | Policy::Proportional
        | Policy::Greedy
        | Policy::GreedyReported
        | Policy::GreedyTracked => move_s,
    };
    let heartbeats = SILENT_HEARTBEATS as f64 + 0.5;
    let missing_s = heartbeats * allocation.heartbeat_s.0 + allocation.epoch_s.0 + moving_s;
    missing_s * failures_per_s(config) / (1.0 + missing_s * failures_per_s(config))
}

/// How often a node that is up fails in a second, by itself or with its domain; 0 where the mean time up is not finite.
fn failures_per_s(config: &Opus) -> f64 {
    let failures = config.failures.as_ref();
    let laws = [&config.sessions, &config.domain_failures].map(|failing| {
        let failing = failing.as_ref()?;
        Some(failing.checked_alternation().up.mean_s())
    });
    let means = laws.into_iter().flatten();
    let means = means.chain(failures.map(|failures| failures.mean_up_s.0));
    means.map(|mean_s| 1.0 / mean_s).sum()
}

/// The least number of nodes of which `needed` serve with the chance [`SURE`] if each does not with the chance `missing`, by
/// itself; no more than `most`, unless more are needed.
pub(super) fn with_margin(needed: u32, missing: f64, most: u32) -> u32 {
    if needed == 0 || missing == 0.0 {
        return needed;
    }
    // Node by node, the last one needed comes after exactly `gone` that do not serve with this chance. In logarithms: the
    // first chances may be smaller than any number.
    let mut log_chance = f64::from(needed) * libm::log1p(-missing);
    let mut sum = 0.0;
    for gone in 0..most.saturating_sub(needed) {
        if gone > 0 {
            let ways = f64::from(needed + gone - 1) / f64::from(gone);
            log_chance += libm::log(ways * missing);
        }
        sum += libm::exp(log_chance);
        if sum >= SURE {
            return needed + gone;
        }
    }
    needed.max(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_margin_is_the_least_that_suffices() {
        // Of 9 nodes all serve with the chance 0.8, of 10 at least 9 with 0.975, and of 11 with 0.998.
        assert_eq!(with_margin(9, 0.025, 15), 11);
        assert_eq!(with_margin(9, 0.001, 15), 9);
        assert_eq!(with_margin(9, 0.002, 15), 10);
        assert_eq!(with_margin(1, 0.1, 15), 2);
        assert_eq!(with_margin(1, 0.2, 15), 3);
        // No more than there may be, but not fewer than are needed.
        assert_eq!(with_margin(9, 0.025, 10), 10);
        assert_eq!(with_margin(9, 0.025, 5), 9);
        assert_eq!(with_margin(9, 0.0, 15), 9);
        assert_eq!(with_margin(0, 0.5, 15), 0);
        assert_eq!(with_margin(3, 1.0, 15), 15);
        // That all serve has a chance that is smaller than any number.
        assert_eq!(with_margin(2000, 0.4, 5000), 3445);
    }
}
