//! About how much memory a run takes, by a rough estimate, and that it is not far too much.
//!
//! It does *not* know how much there is.

use super::config::{Config, Search};
use crate::error::{Error, Result};
use crate::overlay::Brokers;
use crate::system::{Memory, Underlay};

/// A run that would need more memory than this is refused before any is taken.
const BYTES_MAX: f64 = 64e9;

/// What the units and the workload take, by a rough estimate.
pub(super) fn of(underlay: &Underlay, config: &Config, brokers: &Brokers) -> Memory {
    let overlay = &config.overlay;
    let count = brokers.list().len() as f64;
    let computers = count * overlay.population.mean();
    let offers = computers * f64::from(overlay.services) * overlay.density;
    let root = brokers.list()[brokers.root() as usize].router;
    let across_s = underlay.routes.eccentricity(root).as_ns() as f64 / 1e9;
    // Bytes of a request (issue and record), of a computer with its access and timers, of a row of
    // a routing table, and of an offer: at the peak of the set-up, where it is in the population
    // and in a table that is being made.
    let parts = [
        ("requests/count", f64::from(config.requests.count) * 160.0),
        ("requests/rate_per_s", pending(config, count, across_s)),
        ("gcus_per_broker", computers * 200.0),
        ("services/count", count * f64::from(overlay.services) * 4.0),
        ("services/density", offers * 12.0),
    ];
    let most = parts.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    Memory {
        bytes: parts.iter().map(|(_, bytes)| bytes).sum(),
        member: most.map_or("", |(member, _)| member),
    }
}

/// What the requests take that are pending at the same time: at the brokers that they have reached,
/// and in the agenda. `across_s` is the latency from the root to the farthest router.
///
/// The bytes were measured on `t100-0.gb`, with all requests at once: 0.9 to 1.5 kB for one instance,
/// 3.0 kB for ten, 18 kB for a hundred; 1.7 times that with the exhaustive search.
fn pending(config: &Config, brokers: f64, across_s: f64) -> f64 {
    let (overlay, requests) = (&config.overlay, &config.requests);
    let able = overlay.population.mean() * overlay.density;
    let wanted = f64::from(requests.instances);
    let agreeing = (brokers * able * config.acceptance_probability).min(wanted);
    let bytes = 1500.0 + 160.0 * agreeing;
    // Selectively one colony after another is asked, of those where somebody is able.
    let (bytes, crossings) = match config.search {
        Search::Exhaustive => (1.7 * bytes, 2.0),
        Search::Selective => {
            let colonies = brokers * able.min(1.0);
            let agreeing_of_one = able.max(1.0) * config.acceptance_probability;
            (bytes, 1.0 + (wanted / agreeing_of_one).min(colonies))
        }
    };
    let deadline_s = config.deadline.as_ns() as f64 / 1e9;
    let lasting_s = (crossings * across_s).min(deadline_s);
    bytes * (requests.rate_per_s * lasting_s).min(f64::from(requests.count))
}

/// That a run does not need far more memory than any machine has.
///
/// # Errors
/// If it does; names the member that needs most.
pub(super) fn check(underlay: &Underlay, config: &Config, brokers: &Brokers) -> Result<()> {
    let Memory { bytes, member } = of(underlay, config, brokers);
    if bytes <= BYTES_MAX {
        return Ok(());
    }
    Err(Error::new(format!(
        "a run would need about {:.0} GB of memory",
        bytes / 1e9
    ))
    .at(format!("/system/*/{member}"))
    .help(format!(
        "at most {:.0} GB are allowed; take less of it",
        BYTES_MAX / 1e9
    )))
}
