//! Chord, against the ring and the keys that a run exports.

use arigatoni::discovery::Descriptor;
use arigatoni::discovery::config::DisconnectionMode;
use arigatoni::parameters::law::LawSpec;
use arigatoni::parameters::number::{Count, Fraction, NonNegative, Positive, SmallCount};
use arigatoni::random::RandomStreams;
use arigatoni::rivals::chord::config::{Lookup, Maintenance, Own};
use arigatoni::rivals::{Chord, System};
use arigatoni::simulation::network::{Conditions, Fidelity};
use arigatoni::simulation::{Run, Setting, run_to_rest};
use arigatoni::system::Model;

use super::{parameters, run};
use crate::support::{export, metric, t100};

/// A computer on the ring.
struct Member {
    computer: u32,
    point: u64,
    contacts: Vec<u32>,
}

fn numbers(list: &str) -> impl Iterator<Item = u32> {
    let words = list.split(';').filter(|word| !word.is_empty());
    words.map(|word| word.parse().unwrap())
}

fn ring(run: &Run<System<Chord>>) -> Vec<Member> {
    let text = export(t100(), run, "ring");
    let member = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        Member {
            computer: cells[0].parse().unwrap(),
            point: cells[1].parse().unwrap(),
            contacts: numbers(cells[2]).chain(numbers(cells[3])).collect(),
        }
    };
    text.lines().skip(1).map(member).collect()
}

/// The steps from `from` to the predecessor of `key`, each to the contact that is nearest before it.
fn steps(ring: &[Member], from: u32, key: u64) -> u32 {
    let member = |computer| ring.iter().find(|it| it.computer == computer).unwrap();
    let (mut at, mut steps) = (member(from), 0);
    loop {
        let ahead = |point: u64| point.wrapping_sub(at.point).wrapping_sub(1);
        let contacts = at.contacts.iter().map(|&other| member(other));
        let before = contacts.filter(|other| ahead(other.point) < ahead(key));
        let Some(next) = before.max_by_key(|other| ahead(other.point)) else {
            return steps;
        };
        at = next;
        steps += 1;
    }
}

/// Everybody offers everything, so every look-up ends accepted.
fn willing(lookup: Lookup) -> Run<System<Chord>> {
    let mut config = parameters::<Chord>(0.0, 1, DisconnectionMode::Unregister);
    config.world.services.density = Some(Fraction(1.0));
    config.world.acceptance_probability = Fraction(1.0);
    config.own = Own {
        successors: SmallCount(1),
        replicas: SmallCount(1),
        lookup,
        ..Own::default()
    };
    run::<Chord>(&config, Fidelity::Path)
}

#[test]
fn look_ups_take_the_hops_that_the_ring_implies() {
    let run = willing(Lookup::Recursive);
    let ring = ring(&run);
    assert_eq!(ring.len(), 200);
    let keys: Vec<u64> = export(t100(), &run, "keys")
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(1).unwrap().parse().unwrap())
        .collect();
    let requests = run.system.world().requests.iter();
    let steps = requests.map(|request| {
        let key = keys[request.service.0 as usize];
        f64::from(steps(&ring, request.computer, key))
    });
    let mean = steps.sum::<f64>() / 400.0;
    let hops = metric(&run, "hops_mean").unwrap();
    assert!((hops - mean).abs() < 1e-12, "{hops} instead of {mean}");
    // Half the logarithm of the number of computers.
    let expected = libm::log2(200.0) / 2.0;
    assert!(
        (hops - expected).abs() < 0.5,
        "{hops} instead of {expected}"
    );
}

#[test]
fn who_asks_changes_the_messages_but_not_the_hops() {
    let (one, other) = (willing(Lookup::Recursive), willing(Lookup::Iterative));
    let same = |name| assert_eq!(metric(&one, name), metric(&other, name), "{name}");
    same("hops_mean");
    same("accepted");
    let (hops, recursive) = (
        metric(&one, "hops_mean").unwrap(),
        metric(&one, "messages_per_request").unwrap(),
    );
    let iterative = metric(&other, "messages_per_request").unwrap();
    // An answer for each step, but that of the last one is there anyway.
    assert!(
        iterative > recursive && iterative < recursive + hops,
        "{iterative} {recursive}"
    );
}

#[test]
fn lists_are_held_by_the_next_on_the_ring() {
    let config = parameters::<Chord>(0.3, 1, DisconnectionMode::Unregister);
    let run = run::<Chord>(&config, Fidelity::Path);
    let ring = ring(&run);
    assert_eq!(ring.len(), 140, "those that have not left");
    for line in export(t100(), &run, "keys").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let key: u64 = cells[1].parse().unwrap();
        let mut next: Vec<&Member> = ring.iter().collect();
        next.sort_by_key(|member| member.point.wrapping_sub(key));
        let holders: Vec<u32> = next[..4].iter().map(|member| member.computer).collect();
        assert!(numbers(cells[2]).eq(holders), "{line}");
    }
}

/// Of those that have crashed nobody is told; with nobody to spare a look-up ends at the first one.
#[test]
fn spare_successors_save_look_ups() {
    let accepted = |spare| {
        let mut config = parameters::<Chord>(0.3, 1, DisconnectionMode::Crash);
        config.world.services.density = Some(Fraction(0.2));
        config.own = Own {
            successors: SmallCount(spare),
            replicas: SmallCount(spare),
            lookup: Lookup::Recursive,
            ..Own::default()
        };
        let run = run::<Chord>(&config, Fidelity::Path);
        assert_eq!(
            metric(&run, "deadline_hits"),
            Some(0.0),
            "who is silent is noticed"
        );
        metric(&run, "acceptance_ratio_connected").unwrap()
    };
    let (none, some) = (accepted(1), accepted(6));
    assert!(none < 0.6 && some > 0.9, "{none} {some}");
}

/// Each step is lost with the same chance, and so is the question to the holder; nothing else is.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_look_up_is_as_likely_to_end_as_all_its_steps() {
    let loss = 0.12;
    let mut config = parameters::<Chord>(0.0, 1, DisconnectionMode::Unregister);
    config.world.services.density = Some(Fraction(0.2));
    config.world.acceptance_probability = Fraction(1.0);
    config.world.requests.count = Some(Count(4000));
    config.own = Own {
        successors: SmallCount(1),
        replicas: SmallCount(1),
        lookup: Lookup::Recursive,
        ..Own::default()
    };
    let conditions = Conditions {
        loss: Fraction(loss),
        ..Fidelity::Path.into()
    };
    let run = run::<Chord>(&config, conditions);
    let ring = ring(&run);
    let keys: Vec<(u64, u32)> = export(t100(), &run, "keys")
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[1].parse().unwrap(), cells[2].parse().unwrap())
        })
        .collect();
    let chance = |request: &arigatoni::discovery::Request| {
        let (key, holder) = keys[request.service.0 as usize];
        let asks = u32::from(holder != request.computer);
        libm::pow(
            1.0 - loss,
            f64::from(steps(&ring, request.computer, key) + asks),
        )
    };
    let requests = run.system.world().requests.iter();
    let expected = requests.map(chance).sum::<f64>() / 4000.0;
    let accepted = metric(&run, "acceptance_ratio").unwrap();
    let deviation = (expected * (1.0 - expected) / 4000.0).sqrt();
    assert!(
        (accepted - expected).abs() < 3.5 * deviation,
        "{accepted} instead of {expected}"
    );
}

/// Computers draw their offers anew every 40 s and tell the holders: once all is over, the lists are right.
#[test]
fn lists_follow_what_computers_offer() {
    for maintenance in [None, Some(Maintenance::default())] {
        let mut config = parameters::<Chord>(0.0, 1, DisconnectionMode::Unregister);
        config.world.services.change = Some(LawSpec::Constant(NonNegative(40.0)));
        config.world.requests.rate_per_s = Some(Positive(6.0));
        config.own.maintenance = maintenance;
        let streams = RandomStreams::new(7, 0);
        let system = System::<Chord>::build(t100(), &config, streams).unwrap();
        let conditions = Fidelity::Path.into();
        let setting = Setting::of(t100(), streams, &conditions);
        let mut nobody = ();
        let (run, rest) = run_to_rest(system, setting, 1_000_000, |_| &mut nobody);
        assert_eq!(rest.unrest, None);
        let (world, nodes) = (run.system.world(), run.system.gcus());
        assert!(nodes.iter().all(|node| node.changes > 0));
        for (line, service) in export(t100(), &run, "keys").lines().skip(1).zip(0..) {
            let offers =
                |&id: &u32| world.is_offered(Descriptor(service), id, nodes[id as usize].changes);
            let listed = line.rsplit(',').next().unwrap();
            assert!(numbers(listed).eq((0..200).filter(offers)), "{line}");
        }
    }
}
