//! Worlds of Arigatoni, whole and with faults planted in the code of the units.

mod adequate;
mod both_ways;
mod brute;
mod domains;
mod mended;
mod orders;
mod planted;
mod worlds;

use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;
use crate::arigatoni::{Arigatoni, Config};
use crate::parameters::Parameters;
use crate::random::RandomStreams;
use crate::simulation::stepping::Handle;
use crate::system::{Explorable, Model, System, Underlay};
use crate::topology::{self, ReadOptions, Routes, Routing};

/// The network of a scenario for exploring.
fn underlay(name: &str) -> Underlay {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = path.join(format!("scenarios/explore/{name}"));
    let (path, options) = if name == "domains" {
        // It tells no latencies.
        let options = json!({"default_latency_ms": 10});
        let options = ReadOptions::read(&options, "").unwrap();
        (path.with_extension("as-rel"), options)
    } else {
        (path.with_extension("csv"), ReadOptions::default())
    };
    let graph = topology::read_with(&path, &options).unwrap();
    let routes = Routes::new(&graph, 1.0, Routing::Latency).unwrap();
    Underlay { graph, routes }
}

/// The units of a world: all computers offer the one service and agree, unless `other` members say otherwise.
fn built(network: &str, other: &Value) -> Arigatoni {
    let mut config = json!({
        "brokers": {"root": 0},
        "gcus_per_broker": 1,
        "services": {"count": 1, "density": 1},
        "acceptance_probability": 1,
        "requests": {"count": 1},
    });
    for (member, value) in other.as_object().unwrap() {
        config[member] = value.clone();
    }
    let config = Config::read(&config, "").unwrap();
    let streams = RandomStreams::new(1, 0);
    Arigatoni::build(&underlay(network), &config, streams).unwrap()
}

fn how() -> Explorable<Arigatoni> {
    Arigatoni::explorable().unwrap()
}

/// What comes of exploring a world in which units act by `handle`.
fn explored(system: Arigatoni, handle: Handle<Arigatoni>, bounds: &Bounds) -> Explored {
    explored_on(bounds.is_lossy(), system, handle, bounds)
}

/// The same on a network that is lossy or not.
fn explored_on(
    is_lossy: bool,
    mut system: Arigatoni,
    handle: Handle<Arigatoni>,
    bounds: &Bounds,
) -> Explored {
    if is_lossy {
        system.expect_losses();
    }
    let acting = (handle, RandomStreams::new(1, 0));
    let ordered = !is_lossy;
    explore(&mut system, &how(), acting, bounds, ordered, &mut |_| true).unwrap()
}

fn bounds(faults: Faults) -> Bounds {
    Bounds {
        faults,
        memory: 500_000_000,
        properties: None,
        reach: None,
    }
}

#[test]
fn memory_is_bounded_and_counted() {
    let bounds = Bounds {
        memory: 4_000_000,
        ..bounds(Faults {
            losses: 1,
            timers: 1,
            ..Faults::default()
        })
    };
    let explored = explored(built("pair", &json!({})), Arigatoni::handle, &bounds);
    assert_eq!(explored.stopped, Some(Stopped::Memory));
    let Covered {
        states,
        finished,
        bytes,
        ..
    } = explored.covered;
    assert!(bytes <= bounds.memory && bytes > 3_000_000, "{bytes}");
    assert!(finished < states, "{finished} of {states}");
}

#[test]
fn who_is_asked_stops() {
    let mut system = built("pair", &json!({}));
    system.expect_losses();
    let acting = (Arigatoni::handle as _, RandomStreams::new(1, 0));
    let bounds = bounds(Faults {
        duplicates: 2,
        ..Faults::default()
    });
    let explored = explore(&mut system, &how(), acting, &bounds, false, &mut |_| false);
    let explored = explored.unwrap();
    assert_eq!(explored.stopped, Some(Stopped::Asked));
    assert_eq!(explored.covered.finished, 256);
}
