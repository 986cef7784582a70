//! Overlays that adapt when nodes come to sit elsewhere: never a loop, whatever crosses, and in the
//! end as good as one that was built there.

use arigatoni::measure::Cell;
use arigatoni::opus::config::{Method, OverlayConfig};
use arigatoni::opus::overlay::Dissemination;
use arigatoni::random::{Draws, Purpose};
use arigatoni::simulation::network::Fidelity;
use arigatoni::simulation::{self, Run};
use arigatoni::system::{System, Underlay};
use arigatoni::time::Span;
use arigatoni::topology::graph::{Domain, Graph, Link, Origin, Router, RouterId};
use arigatoni::topology::{Routes, Routing};

use super::overlay::{Guarded, config, metric, run};
use crate::support::{t100, underlay};

fn moving(count: u32, rate: f64) -> OverlayConfig {
    OverlayConfig {
        moving_rate: rate,
        ..config(count)
    }
}

fn guarded(underlay: &Underlay, config: &OverlayConfig, seed: u64, dying: &[u32]) -> Run<Guarded> {
    let turns = 3;
    let draws = Draws::new(seed, 0);
    let mut system = Guarded::build(underlay, config, draws).unwrap();
    system.dying = dying.to_vec();
    system.turns = turns;
    simulation::run(system, underlay, draws, Fidelity::Path)
}

/// Everybody but the source and `dead` has a parent in every tree, which lives and knows it.
fn is_whole(run: &Run<Guarded>, dead: &[u32]) {
    let members = run.system.inner.members();
    let mut links = 0;
    for member in (1..members.len() as u32).filter(|member| !dead.contains(member)) {
        for parent in members[member as usize].parents() {
            let parent = parent.unwrap_or_else(|| panic!("{member} has no parent"));
            assert!(!dead.contains(&parent), "{member} below {parent}, which is dead");
            links += 1;
        }
    }
    let living = (0..).zip(members).filter(|(member, _)| !dead.contains(member));
    let children: usize = living.flat_map(|(_, member)| member.degrees()).sum();
    assert_eq!(children, links, "parents know just their children");
}

/// A connected graph of 30 routers with links of any length from 1 to 100 ms.
fn random_graph(seed: u64) -> Underlay {
    let draws = Draws::new(seed, 0);
    let below = |index, n| draws.below(Purpose(240), 0, index, n) as u32;
    let router = |number: u32| Router {
        label: format!("r{number}"),
        position: None,
        domain: Domain::None,
    };
    let link = |number: u32| {
        let (a, b) = if number < 30 {
            (number, below(number, u64::from(number)))
        } else {
            (below(number, 30), below(1000 + number, 30))
        };
        Link {
            ends: [RouterId(a), RouterId(b)],
            length: 1.0 + f64::from(below(2000 + number, 100)),
            weight: 1,
        }
    };
    let graph = Graph {
        id: "test".into(),
        origin: Origin::Other,
        routers: (0..30).map(router).collect(),
        links: (1..50).map(link).collect(),
        loops_unlisted: 0,
    };
    let routes = Routes::new(&graph, 1.0, Routing::Latency).unwrap();
    Underlay { graph, routes }
}

#[test]
fn it_never_loops_while_nodes_move_and_fail_at_once() {
    for seed in std::env::var("SEEDS").map_or(0..24_u64, |s| { let (a,b)=s.split_once("-").unwrap(); a.parse().unwrap()..b.parse().unwrap() }) {
        let pick = seed as usize;
        let mut config = moving(40, [0.1, 0.3, 0.6, 1.0][pick % 4]);
        config.rules.redundancy = 1 + seed as u8 % 3;
        config.rules.degree_limit = [None, Some(3), Some(4), Some(8)][pick / 3 % 4];
        config.rules.delay_factor = [1.1, 1.5, 3.0][pick / 2 % 3];
        // All notice within a few round trips, or one after another.
        config.rules.heartbeat = Span::from_ns([1_000_000, 300_000_000, 10_000_000_000][pick % 3]);
        config.joins_per_s = 1e3;
        let dies = |member: &u32| seed % 2 == 1 && (*member + seed as u32).is_multiple_of(5);
        let dying: Vec<u32> = (1..40).filter(dies).collect();
        let run = guarded(&random_graph(seed), &config, seed, &dying);
        eprintln!("seed {seed} {:?} {} {} dying {}  {:?} {:?} {:?}", config.rules.degree_limit, config.rules.redundancy, config.moving_rate, dying.len(), metric_of(&run,"attached_ratio"), metric_of(&run,"adapt_s"), metric_of(&run,"converge_s"));
        for m in 1..40u32 { if !dying.contains(&m) && run.system.inner.members()[m as usize].parents().any(|p| p.is_none()) { eprintln!("orphan {m} {:?}", run.system.inner.members()[m as usize]); } }
        is_whole(&run, &dying);
        // At rest because nothing happens any more, not because nodes have given up.
        let took = metric_of(&run, "adapt_s").unwrap();
        assert!(took < 120.0, "{took} s with seed {seed}");
    }
}

fn metric_of(run: &Run<Guarded>, name: &str) -> Option<f64> {
    let column = Dissemination::METRICS.iter();
    let column = column.clone().position(|metric| metric.name == name);
    run.system.report(&run.measures, run.totals).cells[column.unwrap()].number()
}

#[test]
fn in_the_end_it_costs_little_more_than_the_light_tree_of_the_new_latencies() {
    let ts1000 = underlay("ts1000-0");
    for (factor, rate, seed) in [(1.2, 0.5, 1), (1.5, 0.1, 2), (1.5, 1.0, 3), (2.0, 0.3, 4), (3.0, 0.5, 5)] {
        let mut config = moving(200, rate);
        config.rules.delay_factor = factor;
        let run = run(&ts1000, &config, seed);
        let all: Vec<_> = ["cost_ratio_light", "late_ratio", "moved_cost_ratio_light", "moved_late_ratio", "adapted_cost_ratio_light", "adapted_late_ratio", "adapted_delay_ratio_mean", "delay_ratio_mean", "moved_delay_ratio_mean", "messages_per_node", "adapt_messages_per_node", "converge_s", "adapt_s", "reach_moved", "reach_adapted"].map(|name| (name, metric(&run, name))).to_vec();
        println!("{factor} {rate} {seed} {all:?}");
    }
}
