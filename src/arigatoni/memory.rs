//! About how much memory the units of Arigatoni take, by a rough estimate.
//!
//! It does *not* know what all discovery systems need.

use super::Config;
use super::config::Search;
use crate::discovery::Brokers;
use crate::system::Underlay;

/// What the brokers' tables and open queries take.
pub(super) fn of(
    underlay: &Underlay,
    config: &Config,
    brokers: &Brokers,
) -> Vec<(&'static str, f64)> {
    let count = brokers.list().len() as f64;
    let root = brokers.list()[brokers.root() as usize].router;
    let across_s = underlay.routes.eccentricity(root).as_ns() as f64 / 1e9;
    // Bytes of a row of a routing table.
    let rows = count * f64::from(config.world.services.kinds()) * 4.0;
    let often = match config.world.requests.interarrival {
        Some(_) => "requests/interarrival",
        None => "requests/rate_per_s",
    };
    let kinds = match config.world.services.constraints {
        Some(_) => "services/constraints/offers",
        None => "services/count",
    };
    vec![(often, pending(config, count, across_s)), (kinds, rows)]
}

/// What the requests take that are pending at the same time: at the brokers that they have reached,
/// and in the event queue. `across_s` is the latency from the root to the farthest router.
///
/// The bytes were measured on `t100-0.gb`, with all requests at once: 0.9 to 1.5 kB for one instance,
/// 3.0 kB for ten, 18 kB for a hundred; 1.7 times that with the exhaustive search.
fn pending(config: &Config, brokers: f64, across_s: f64) -> f64 {
    let (overlay, requests) = (&config.world, &config.world.requests);
    let Ok(arrivals) = requests.arrivals("") else {
        return 0.0;
    };
    let mean = overlay.gcus_per_broker.mean();
    let able = mean * overlay.services.offering(brokers * mean);
    let wanted = f64::from(requests.instances_all());
    let queries = f64::from(requests.queries());
    let accepting = overlay.acceptance_probability_mean();
    let each = f64::from(config.world.instances_each());
    let agreeing = (brokers * able * accepting * each).min(wanted);
    let bytes = 1500.0 * queries + 160.0 * agreeing;
    // Selectively one colony after another is asked, of those where somebody is able.
    let (bytes, crossings) = match config.own.search {
        Search::Exhaustive => (1.7 * bytes, 2.0),
        Search::Selective | Search::RootFirst => {
            let colonies = brokers * able.min(1.0);
            let agreeing_of_one = able.max(1.0) * accepting * each;
            (bytes, 1.0 + (wanted / agreeing_of_one).min(colonies))
        }
    };
    let deadline_s = config.world.deadline().as_ns() as f64 / 1e9;
    let lasting_s = (crossings * across_s).min(deadline_s);
    bytes * (arrivals.rate_per_s() * lasting_s).min(arrivals.expected())
}
