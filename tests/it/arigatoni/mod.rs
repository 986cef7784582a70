//! The Arigatoni system, held against what brute force says of its world.

mod apart;
mod border;
mod conjunctions;
mod deadlines;
mod fidelity;
mod firewall;
mod handled;
mod linked;
mod oracle;
mod outcomes;
mod partial;
mod tunnels;
mod updates;

use arigatoni::arigatoni::Config;
use arigatoni::discovery::config::{Population, Units};
use arigatoni::parameters::number::{BoundedCount, Count, Fraction};
use serde_json::Value;

use crate::support::config;

/// All agree, each broker has two computers, and a fraction of the units is disconnected.
fn agreeing(own: &Value, density: f64, (rate, units): (f64, Units), instances: u32) -> Config {
    let mut config = config();
    config.world.acceptance_probability = Fraction(1.0);
    config.world.gcus_per_broker = Population::Fixed(BoundedCount(2));
    config.world.services.density = Some(Fraction(density));
    config.world.requests.count = Some(Count(150));
    config.world.requests.instances = Some(Count(instances));
    config.world.disconnection.rate = Fraction(rate);
    config.world.disconnection.units = units;
    config.own = serde_json::from_value(own.clone()).unwrap();
    config
}
