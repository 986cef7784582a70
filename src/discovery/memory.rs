//! About how much memory a run takes, by a rough estimate, and that it is not far too much.
//!
//! It does *not* know how much there is.

use super::{Brokers, Config, Mechanism, config, sessions};
use crate::error::{Error, Result};
use crate::system::{Memory, Underlay};

/// A run that would need more memory than this is refused before any is taken.
const BYTES_MAX: f64 = 64e9;

/// What the units and the workload take, by a rough estimate.
pub(super) fn of<M: Mechanism>(
    underlay: &Underlay,
    config: &Config<M::Config>,
    brokers: &Brokers,
) -> Memory {
    let overlay = &config.world;
    let count = brokers.list().len() as f64;
    let computers = count * overlay.gcus_per_broker.mean();
    let services = &overlay.services;
    let offers = computers * services.offers_each(computers);
    // Bytes of a request (issue and record), of a computer with its access and timers, and of an
    // offer: at the peak of the set-up, where it is in the population and in a table that is being
    // made. Of a unit that comes or goes its leader knows it as well, and a list has room to grow.
    let requests = overlay.requests.expected() * 152.0 + overlay.requests.queries_expected() * 8.0;
    let mut parts = vec![
        (requests_member(overlay), requests),
        ("gcus_per_broker", computers * 200.0),
        (services.offering_member(), offers * 12.0),
        (
            "sessions",
            sessions::expected::<M>(overlay, brokers).changes * 64.0,
        ),
    ];
    parts.extend(M::memory(underlay, config, brokers));
    let most = parts.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    Memory {
        bytes: parts.iter().map(|(_, bytes)| bytes).sum(),
        member: most.map_or("", |(member, _)| member),
    }
}

/// The member that says how many requests there are.
fn requests_member(overlay: &config::World) -> &'static str {
    match overlay.requests.for_s {
        Some(_) => "requests/for_s",
        None => "requests/count",
    }
}

/// Checks that a run does not need far more memory than any machine has.
///
/// # Errors
/// If it does; names the member that needs most.
pub(super) fn check(Memory { bytes, member }: Memory) -> Result<()> {
    if bytes <= BYTES_MAX {
        return Ok(());
    }
    Err(Error::new(format!(
        "a run would need about {:.0} GB of memory",
        bytes / 1e9
    ))
    .at(format!("/system/*/{member}"))
    .help(format!(
        "at most {:.0} GB are allowed; reduce it",
        BYTES_MAX / 1e9
    )))
}
