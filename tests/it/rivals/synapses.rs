//! Synapse, against the rings and the keys that a run exports.

use std::collections::{BTreeMap, BTreeSet};

use arigatoni::discovery::config::DisconnectionMode;
use arigatoni::discovery::gcu;
use arigatoni::parameters::number::{Count, Degree, Fraction, SmallCount};
use arigatoni::rivals::Synapse;
use arigatoni::rivals::synapse::config::Own;
use arigatoni::simulation::network::Fidelity;

use super::{parameters, requests, run};
use crate::support::{export, t100};

/// The rows of an export as numbers; of a list, each by itself at the end.
fn rows(text: &str) -> Vec<Vec<u64>> {
    let cells = |line: &str| {
        line.split([',', ';'])
            .filter_map(|word| word.parse().ok())
            .collect()
    };
    text.lines().skip(1).map(cells).collect()
}

/// How far one goes from `from` to `to`, less one.
fn distance(from: u64, to: u64) -> u64 {
    to.wrapping_sub(from).wrapping_sub(1)
}

/// The rings of a run, as they are exported.
struct Rings {
    /// By computer and ring: its point, and its fingers.
    members: BTreeMap<(u64, u64), (u64, Vec<u64>)>,
    /// By service and ring: its point, who comes next, and whether the list is stored there.
    keys: BTreeMap<(u64, u64), (u64, u64, bool)>,
}

impl Rings {
    /// Whether a query of `start` for `service` comes to the list, if those that are `down` handle nothing.
    fn is_found(&self, (start, service): (u64, u64), down: &BTreeSet<u64>) -> bool {
        let (mut seen, mut ahead) = (BTreeSet::from([start]), vec![start]);
        while let Some(at) = ahead.pop() {
            for (&(_, ring), (point, fingers)) in self.members.range((at, 0)..(at + 1, 0)) {
                let (key, next, is_stored) = self.keys[&(service, ring)];
                let reach = |other: &&u64| distance(*point, self.members[&(**other, ring)].0);
                let preceding = fingers
                    .iter()
                    .filter(|it| reach(it) < distance(*point, key));
                match preceding.max_by_key(reach) {
                    None if is_stored && !down.contains(&next) => return true,
                    None => {}
                    Some(&other) => {
                        let goes_on = !down.contains(&other) && seen.insert(other);
                        ahead.extend(goes_on.then_some(other));
                    }
                }
            }
        }
        false
    }
}

/// A query without a time to live reaches the list exactly if the rings lead there past those that have crashed.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_query_finds_what_the_rings_lead_to() {
    let mut counts = BTreeMap::new();
    for (rate, synapses) in [(0.0, 0.3), (0.25, 1.0), (0.6, 1.0)] {
        let mut config = parameters::<Synapse>(rate, 1, DisconnectionMode::Crash);
        config.world.services.density = Some(Fraction(1.0));
        config.world.acceptance_probability = Fraction(1.0);
        config.world.requests.count = Some(Count(1000));
        config.own = Own {
            rings: SmallCount(5),
            synapses: Fraction(synapses),
            synapse_degree: Degree(2.5),
            ttl: None,
        };
        let run = run::<Synapse>(&config, Fidelity::Path);
        let members = rows(&export(t100(), &run, "ring")).into_iter();
        let keys = rows(&export(t100(), &run, "keys")).into_iter();
        let rings = Rings {
            members: members
                .map(|it| ((it[1], it[0]), (it[2], it[3..].to_vec())))
                .collect(),
            keys: keys
                .map(|it| ((it[0], it[1]), (it[2], it[3], it[4] == 1)))
                .collect(),
        };
        let world = run.system.world();
        let down = (0..200).filter(|&id| world.disconnected.contains(&gcu(id)));
        let down: BTreeSet<u64> = down.map(u64::from).collect();
        for (asked, row) in world.requests.iter().zip(requests(&run, &[5])) {
            let (start, service) = (asked.computer.into(), asked.service.0.into());
            if down.contains(&start) {
                continue;
            }
            let is_found = rings.is_found((start, service), &down);
            assert_eq!(row[0] == "accepted", is_found, "{rate}: {start} {service}");
            *counts.entry((down.len(), is_found)).or_insert(0) += 1;
        }
    }
    // Both happen, but with 60 % gone hardly anything is found.
    assert!(
        counts.values().all(|&count| count > 0) && counts.len() == 6,
        "{counts:?}"
    );
    assert!(counts[&(120, true)] < 40, "{counts:?}");
}
