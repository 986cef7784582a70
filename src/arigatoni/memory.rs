//! About how much memory a run takes, by a rough estimate, and that it is not far too much.
//!
//! It does *not* know how much there is.

use super::config::Config;
use crate::error::{Error, Result};
use crate::system::Memory;

/// A run that would need more memory than this is refused before any is taken.
const BYTES_MAX: f64 = 64e9;

/// What the units and the workload take, by a rough estimate.
pub(super) fn of(config: &Config, brokers: u32) -> Memory {
    let overlay = &config.overlay;
    let brokers = f64::from(brokers);
    let computers = brokers * overlay.population.mean();
    let offers = computers * f64::from(overlay.services) * overlay.density;
    // Bytes of a request (issue and record), of a computer with its access and timers, of a row of
    // a routing table, and of an offer: at the peak of the set-up, where it is in the population
    // and in a table that is being made.
    let parts = [
        ("requests/count", f64::from(config.requests.count) * 160.0),
        ("gcus_per_broker", computers * 200.0),
        (
            "services/count",
            brokers * f64::from(overlay.services) * 4.0,
        ),
        ("services/density", offers * 12.0),
    ];
    let most = parts.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    Memory {
        bytes: parts.iter().map(|(_, bytes)| bytes).sum(),
        member: most.map_or("", |(member, _)| member),
    }
}

/// That a run does not need far more memory than any machine has.
///
/// # Errors
/// If it does; names the member that needs most.
pub(super) fn check(config: &Config, brokers: u32) -> Result<()> {
    let Memory { bytes, member } = of(config, brokers);
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
