//! Rivals meet Arigatoni's world: the same computers, offers, requests, absences and willingness.

use arigatoni::discovery::config::{DisconnectionMode, Units, World};
use arigatoni::discovery::{RequestId, gcu};
use arigatoni::parameters::NoMembers;
use arigatoni::parameters::number::{Count, Degree, Fraction, SmallCount};
use arigatoni::rivals::chord::config::{Lookup, Own};
use arigatoni::rivals::{Central, Chord, Finder, Flooding, Synapse, flooding, synapse};
use arigatoni::simulation::network::Fidelity;

use super::{offers, parameters, requests, run};
use crate::support::{self, config, export, metric, t100};

/// Time, GCU, service, instances and outcome of each request, under Arigatoni.
fn reference(rate: f64, instances: u32) -> Vec<Vec<String>> {
    let mut config = config();
    config.world = parameters::<Central>(rate, instances, DisconnectionMode::Unregister).world;
    let run = support::run(t100(), &config, 7, Fidelity::Path);
    requests(&run, &[1, 2, 3, 4, 5])
}

/// Under a rival that nothing limits, every request has the fate that it has under Arigatoni.
fn has_arigatonis_fate<F: Finder>(rates: &[(f64, u32)], own: &F::Config) {
    let mut accepted = 0.0;
    for &(rate, instances) in rates {
        let mut config = parameters::<F>(rate, instances, DisconnectionMode::Unregister);
        config.own = own.clone();
        let run = run::<F>(&config, Fidelity::Path);
        let fates = requests(&run, &[1, 2, 3, 4, 5]);
        assert_eq!(fates, reference(rate, instances), "{} at {rate}", F::NAME);
        accepted += metric(&run, "accepted").unwrap();
    }
    let least = 100.0 * rates.len() as f64;
    let most = 400.0 * rates.len() as f64 - 50.0;
    assert!((least..most).contains(&accepted), "{}: {accepted}", F::NAME);
}

#[test]
fn a_directory_finds_whom_a_tree_of_colonies_finds() {
    let rates = [(0.0, 1), (0.3, 2), (0.7, 1)];
    has_arigatonis_fate::<Central>(&rates, &NoMembers {});
}

#[test]
fn a_directory_finds_whom_a_search_of_everybody_finds() {
    for (rate, instances) in [(0.0, 2), (0.5, 1), (0.8, 1)] {
        let config = parameters::<Central>(rate, instances, DisconnectionMode::Unregister);
        let run = run::<Central>(&config, Fidelity::Path);
        let world = run.system.world();
        let fate = |id: u32| {
            let requester = gcu(world.requests[id as usize].computer);
            let is_there = !world.disconnected.contains(&requester);
            let has_enough = offers(&run, RequestId(id)) >= instances as usize;
            match (is_there, has_enough) {
                (false, _) => "local",
                (true, true) => "accepted",
                (true, false) => "rejected",
            }
        };
        let outcomes = requests(&run, &[5]).concat();
        assert_eq!(outcomes, (0..400).map(fate).collect::<Vec<_>>(), "{rate}");
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_flood_without_limit_finds_whom_a_tree_of_colonies_finds() {
    let own = flooding::Own {
        ttl: None,
        ..flooding::Own::default()
    };
    has_arigatonis_fate::<Flooding>(&[(0.0, 1), (0.3, 2)], &own);
}

#[test]
fn a_ring_finds_whom_a_tree_of_colonies_finds() {
    for lookup in [Lookup::Recursive, Lookup::Iterative] {
        let own = Own {
            successors: SmallCount(1),
            replicas: SmallCount(1),
            lookup,
            ..Own::default()
        };
        has_arigatonis_fate::<Chord>(&[(0.0, 1), (0.3, 2), (0.7, 1)], &own);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn rings_that_all_are_on_find_whom_a_tree_of_colonies_finds() {
    for (rings, synapses) in [(1, 0.0), (3, 1.0)] {
        let own = synapse::config::Own {
            rings: SmallCount(rings),
            synapses: Fraction(synapses),
            synapse_degree: Degree(f64::from(rings.max(2))),
            ttl: None,
        };
        has_arigatonis_fate::<Synapse>(&[(0.0, 1), (0.3, 2)], &own);
    }
}

/// The same where a request may use several instances of one computer, and is content with fewer.
#[test]
fn instances_are_found_as_a_tree_of_colonies_finds_them() {
    fn fates<F: Finder>(change: impl Fn(&mut World)) -> Vec<Vec<String>> {
        let mut config = parameters::<F>(0.2, 6, DisconnectionMode::Unregister);
        change(&mut config.world);
        requests(&run::<F>(&config, Fidelity::Path), &[1, 2, 3, 4, 5])
    }
    let change = |world: &mut World| {
        world.services.instances = Count(2);
        world.requests.distinct = false;
        world.requests.at_least = Some(Count(4));
    };
    let mut config = config();
    config.world = parameters::<Central>(0.2, 6, DisconnectionMode::Unregister).world;
    change(&mut config.world);
    let reference = requests(
        &support::run(t100(), &config, 7, Fidelity::Path),
        &[1, 2, 3, 4, 5],
    );
    for outcome in ["accepted", "rejected"] {
        let count = reference.iter().filter(|row| row[4] == outcome).count();
        assert!(count > 40, "{count} {outcome}");
    }
    assert_eq!(fates::<Central>(change), reference);
    assert_eq!(fates::<Chord>(change), reference);
}

#[test]
fn the_computers_are_those_of_arigatoni() {
    let world = |text: String| -> serde_json::Value { serde_json::from_str(&text).unwrap() };
    let config = parameters::<Central>(0.3, 1, DisconnectionMode::Unregister);
    let theirs = export(t100(), &run::<Central>(&config, Fidelity::Path), "world");
    let mut config = support::config();
    config.world = parameters::<Central>(0.3, 1, DisconnectionMode::Unregister).world;
    let ours = support::run(t100(), &config, 7, Fidelity::Path);
    let (ours, theirs) = (world(export(t100(), &ours, "world")), world(theirs));
    assert_eq!(ours["gcus"], theirs["gcus"]);
    assert_eq!(theirs["gbus"].as_array().unwrap().len(), 1);
}

#[test]
fn without_its_directory_every_request_is_rejected_after_the_timeout() {
    let mut config = parameters::<Central>(1.0, 1, DisconnectionMode::Crash);
    config.world.disconnection.units = Units::Gbus;
    let run = run::<Central>(&config, Fidelity::Path);
    for request in requests(&run, &[5, 7]) {
        assert_eq!(request, ["rejected", "500000000"]);
    }
}

#[test]
fn a_request_to_a_directory_is_one_question() {
    let config = parameters::<Central>(0.3, 2, DisconnectionMode::Unregister);
    let run = run::<Central>(&config, Fidelity::Path);
    assert_eq!(metric(&run, "load_max"), Some(1.0));
    assert_eq!(metric(&run, "hops_mean"), Some(1.0));
    assert_eq!(metric(&run, "upkeep_messages"), Some(0.0));
    assert_eq!(metric(&run, "deadline_hits"), Some(0.0));
    // A question, a list; an enquiry and an answer for each computer that was asked; a start or a
    // release for each that has agreed.
    let connected = metric(&run, "issued_connected").unwrap();
    let asked = metric(&run, "reached_per_request").unwrap() * connected;
    let messages = metric(&run, "messages_per_request").unwrap() * 400.0;
    let ended = messages - 2.0 * connected - 2.0 * asked;
    let accepted = metric(&run, "accepted").unwrap();
    assert!(
        (2.0 * accepted..2.0 * connected).contains(&ended.round()),
        "{ended}"
    );
}
