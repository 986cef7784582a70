//! Brokers that take time over messages: which do, and what is reported of those that waited.
//!
//! It does *not* know how a line is kept, nor what a message says.

use super::{BrokerUnits, GBU, World};
use crate::error::{Error, Result};
use crate::measure::{Cell, Named, Row, absent};
use crate::system::{Queueing, Serving, Totals};
use crate::time::Span;

/// Whether there are brokers to take time, if any shall.
///
/// # Errors
/// If there are none.
pub(super) fn check(config: &super::config::World, units: BrokerUnits) -> Result<()> {
    let Some(member) = config.brokers.taking_time() else {
        return Ok(());
    };
    if units != BrokerUnits::None {
        return Ok(());
    }
    let error = Error::new(
        "this system has computers (GCUs) only, and no brokers (GBUs) that could take time",
    );
    let by_default = if member == "queue" { "null" } else { "0" };
    Err(error
        .at(format!("/system/*/brokers/{member}"))
        .help(format!(
            "use {by_default}, or one of the systems arigatoni and central"
        )))
}

/// The units that take time over messages, if any do.
pub(super) fn serving(world: &World) -> Option<Serving> {
    let brokers = &world.config.brokers;
    Some(Serving {
        kind: GBU,
        law: brokers.service()?,
        queue: brokers.queue(),
    })
}

/// The ends of the names of what is told of one broker or link.
const NAMES: [&str; 5] = [
    "wait_ms_mean",
    "wait_ms_max",
    "drops",
    "drop_ratio",
    "busy_max",
];

/// Sets the cells of the columns about what waits, of brokers and of links.
pub(super) fn set(row: &mut Row, world: &World, totals: Totals) {
    let loaded = world.last_issue();
    for (what, queueing) in [("broker_", totals.units), ("link_", totals.links)] {
        let told = queueing.map(|queueing| told(queueing, loaded));
        row.set_under(what, told.unwrap_or_else(|| absent(NAMES)));
    }
}

/// The cells of what has waited at one broker or link, or at several, with the ends of their names: mean and longest wait,
/// how many were dropped, their share, and how busy the busiest one was until the instant `loaded`.
pub(super) fn told(queueing: Queueing, loaded: Span) -> [Named; 5] {
    let Queueing {
        taken,
        dropped,
        waited_ns,
        wait_max,
        busy_max,
    } = queueing;
    let some = taken > 0;
    let mean = some.then(|| waited_ns as f64 / taken as f64 / 1e6);
    [
        ("wait_ms_mean", mean.into()),
        ("wait_ms_max", some.then(|| wait_max.as_ms()).into()),
        ("drops", Cell::Count(dropped)),
        ("drop_ratio", Cell::ratio(dropped, taken + dropped)),
        ("busy_max", Cell::ratio(busy_max.as_ns(), loaded.as_ns())),
    ]
}
