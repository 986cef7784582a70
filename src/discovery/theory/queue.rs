//! How long messages wait at a broker that takes time over each.
//!
//! One broker to which nothing comes but requests, as nobody can serve them, and these by a Poisson process, is an
//! M/M/1 queue that is empty at first: a message waits for all whom it finds, each of whom takes an exponential
//! time. It does *not* know what becomes of the messages.

use super::chances::found_by_first;
use super::{EVENTS_MIN, is_still};
use crate::discovery::World;
use crate::discovery::config::Gap;
use crate::measure::Prediction;
use crate::random::law::Law;

/// What is expected of the mean wait, if many messages have to wait.
pub(super) fn of(world: &World, by_name: &dyn Fn(&str) -> Option<f64>) -> Option<Prediction> {
    let config = &world.config;
    let observed = by_name("broker_wait_ms_mean")?;
    let Law::Exponential { mean_s } = config.brokers.service()? else {
        return None;
    };
    let arrivals = config.requests.arrivals("").ok()?;
    let Gap::Poisson { rate_per_s } = arrivals.gap else {
        return None;
    };
    let alone = world.brokers.list().len() == 1 && world.gbus().len() == 1;
    let computers = 0..world.population.len();
    let nobody_serves = computers
        .clone()
        .all(|id| world.population.offers(id).len() == 0);
    // Requests arrive as they are issued, all later by the same span.
    let [least, most] = config.access(None);
    let alike = least == most && config.classes.is_empty();
    let plain = is_still(world) && world.disconnected.is_empty() && config.requests.all.is_none();
    let counted = arrivals.until.is_none() && config.brokers.queue().is_none();
    if !(alone && nobody_serves && alike && plain && counted) {
        return None;
    }
    let found = found_by_first(world.requests.len() as u32, rate_per_s, 1.0 / mean_s);
    (found.waiting >= EVENTS_MIN).then(|| Prediction {
        quantity: "broker_wait_ms_mean".into(),
        observed,
        expected: found.others * mean_s * 1e3,
        spread: None,
    })
}
