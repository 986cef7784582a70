//! What theory expects of a run of a discovery system, where a closed form or an exact computation is known.
//!
//! Everything is expected given the world that was drawn: who is there, what is offered and asked for, who is
//! whose neighbour. What is left to chance is who agrees, which packets get lost, when messages come, and
//! when units come and go. This module does *not* know how a mechanism looks for anybody: that says a
//! [`Reach`], and it is computed from definitions, not from the code of the units.

mod acceptance;
pub mod chances;
mod presence;
mod queue;

use super::config::{self, DisconnectionMode};
use super::{Descriptor, Mechanism, Record, World};
use crate::measure::Prediction;

/// The minimum number of events of a mean whose spread theory does not know: means of fewer are too skewed to be
/// judged.
const EVENTS_MIN: f64 = 30.0;

/// Which computers the requests of a mechanism reach, where no unit comes or goes.
pub trait Reach {
    /// How many levels of the overlay above its own colony a request of `requester` goes to come to `computer`,
    /// which is another one and there; 0 where there are no levels. `None`: it never comes there.
    fn level(&mut self, requester: u32, computer: u32) -> Option<u32>;

    /// Whether there are levels, each of which is searched before the next, and which.
    fn has_levels(&self) -> bool {
        false
    }

    /// The chance that a request of `requester` for `demand` comes to anybody at all; 1 where no packet gets lost.
    fn arrives(&mut self, requester: u32, demand: Descriptor) -> f64 {
        let _ = (requester, demand);
        1.0
    }

    /// How many edges a request of `requester` for `demand` crosses until somebody can tell a provider; `None`:
    /// theory does not say.
    fn hops(&mut self, requester: u32, demand: Descriptor) -> Option<u32> {
        let _ = (requester, demand);
        None
    }
}

/// What theory expects of the run of a mechanism in a world; `by_name` tells what was observed of each metric.
pub(super) fn of<M: Mechanism>(
    (world, mechanism): (&World, &M),
    record: &Record<M>,
    by_name: &dyn Fn(&str) -> Option<f64>,
    loss: f64,
) -> Vec<Prediction> {
    let mut all = acceptance::of((world, mechanism), record, by_name, loss);
    let others = mechanism.expects(record.end(), loss).into_iter();
    let others = others.filter(|(_, expected)| *expected >= EVENTS_MIN);
    all.extend(others.filter_map(|(name, expected)| {
        Some(Prediction {
            quantity: name.into(),
            observed: by_name(name)?,
            expected,
            spread: None,
        })
    }));
    if loss == 0.0 {
        all.extend(presence::of(world, by_name));
        all.extend(queue::of(world, by_name));
    }
    all
}

/// The members of `config` because of which a request is not accepted exactly if enough computers agree that it comes to.
pub fn beyond(config: &config::World) -> Vec<&'static str> {
    let requests = &config.requests;
    let mut classes = config.classes.iter().map(Some).chain([None]);
    let unregistered = config.disconnection.mode == DisconnectionMode::Unregister;
    let members = [
        ("sessions", config.alternating().is_some()),
        ("faults", config.faults.is_some()),
        ("overlay", config.overlay.is_some()),
        ("services/change", config.renewal().is_some()),
        (
            "services/constraints",
            config.services.constraints.is_some(),
        ),
        ("disconnection/mode", !unregistered),
        ("slots", classes.any(|class| config.slots(class).is_some())),
        ("requests/all", requests.all.is_some()),
        ("requests/same", requests.same),
        ("requests/distinct", config.instances_each() != 1),
        ("brokers", config.brokers.taking_time().is_some()),
    ];
    let found = members.into_iter().filter(|(_, is_set)| *is_set);
    found.map(|(name, _)| name).collect()
}

/// The loss of packets, if it `is_unknown` what becomes of runs with it.
pub fn beyond_loss(is_unknown: bool) -> Vec<&'static str> {
    is_unknown.then_some("/network/loss").into_iter().collect()
}

/// Whether all units that are there at first stay, and offer the same.
fn is_still(world: &World) -> bool {
    let config = &world.config;
    !config.has_comings() && config.renewal().is_none() && config.overlay.is_none()
}
