//! Worlds of Arigatoni, whole and with faults planted in the code of the units.

mod adequate;
mod below;
mod both_ways;
mod brute;
mod by_themselves;
mod domains;
mod mended;
mod orders;
mod planted;
mod scripted;
mod worlds;

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;
use crate::arigatoni::{Arigatoni, Config};
use crate::parameters::Parameters;
use crate::simulation::stepping::Handle;
use crate::system::{Expected, Model, Underlay};
use crate::topology::{self, ReadOptions, Routes, Routing};

/// The network of a scenario for exploring.
fn underlay(name: &str) -> Underlay {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = path.join(format!("scenarios/explore/{name}"));
    // Relations of systems tell no latencies.
    let relations = || ReadOptions::read(&json!({"default_latency_ms": 10}), "").unwrap();
    let mut made = tempfile::Builder::new()
        .suffix(".as-rel")
        .tempfile()
        .unwrap();
    let (path, options) = match name {
        "domains" => (path.with_extension("as-rel"), relations()),
        // Each domain below the one before it.
        "chain" => {
            made.write_all(b"1|2|-1\n2|3|-1\n").unwrap();
            (made.path().to_owned(), relations())
        }
        _ => (path.with_extension("csv"), ReadOptions::default()),
    };
    let graph = topology::read_with(&path, &options).unwrap();
    let routes = Routes::new(&graph, 1.0, Routing::Latency).unwrap();
    Underlay { graph, routes }
}

/// The units of a world: all computers offer the one service and agree, unless `other` members say otherwise.
fn built(network: &str, other: &Value) -> Arigatoni {
    let streams = RandomStreams::new(1, 0);
    Arigatoni::build(&underlay(network), &configured(other), streams).unwrap()
}

/// The parameters of that world.
fn configured(other: &Value) -> Config {
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
    Config::read(&config, "").unwrap()
}

/// How units act by themselves.
fn acting() -> Acting<Arigatoni> {
    Acting::of(RandomStreams::new(1, 0))
}

/// What a system is told if packets may be lost.
fn losses() -> Expected {
    Expected {
        losses: true,
        ..Expected::default()
    }
}

/// The result of exploring a world in which units act by `handle`.
fn explored(system: Arigatoni, handle: Handle<Arigatoni>, bounds: &Bounds) -> Explored {
    explored_on(bounds.is_lossy(), system, handle, bounds)
}

/// The result of exploring a world on a network that is lossy or not.
fn explored_on(
    is_lossy: bool,
    mut system: Arigatoni,
    handle: Handle<Arigatoni>,
    bounds: &Bounds,
) -> Explored {
    if is_lossy {
        system.expect(&losses());
    }
    let acting = Acting { handle, ..acting() };
    let ordered = !is_lossy;
    explore(&mut system, &acting, bounds, ordered, &mut |_| true).unwrap()
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
    system.expect(&losses());
    let bounds = bounds(Faults {
        duplicates: 2,
        ..Faults::default()
    });
    let explored = explore(&mut system, &acting(), &bounds, false, &mut |_| false);
    let explored = explored.unwrap();
    assert_eq!(explored.stopped, Some(Stopped::Asked));
    assert_eq!(explored.covered.finished, 256);
}
