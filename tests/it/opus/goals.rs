//! Delay goals under a degree limit: all nodes come to rest; each meets its goal in the first tree, or says that nobody
//! through whom it would has room, and is hardly ever mistaken; and not many more are late than where a centre gives out the
//! places.

use arigatoni::opus::config::Opus;
use arigatoni::opus::number::{Degree, Trees};
use arigatoni::opus::overlay::Dissemination;
use arigatoni::parameters::number::*;
use arigatoni::simulation::Run;
use arigatoni::system::{Model, Site, Underlay};
use arigatoni::time::Span;

use super::overlay::{config, metric, run};
use crate::support::underlay;

/// The latencies between all nodes of a run.
struct Latencies<'w> {
    sites: Vec<Site>,
    underlay: &'w Underlay,
}

impl<'w> Latencies<'w> {
    fn of(run: &Run<Dissemination>, underlay: &'w Underlay) -> Self {
        let sites = run.system.sites().map(|(_, site)| site).collect();
        Self { sites, underlay }
    }

    fn between(&self, a: u32, b: u32) -> Span {
        let [from, to] = [a, b].map(|node| self.sites[node as usize]);
        let route = self.underlay.routes.latency(from.router, to.router);
        from.access.unwrap() + route + to.access.unwrap()
    }

    /// All nodes but the source, the nearest to it first.
    fn by_rank(&self) -> Vec<u32> {
        let mut nodes: Vec<u32> = (1..self.sites.len() as u32).collect();
        nodes.sort_by_key(|&node| (self.between(0, node), node));
        nodes
    }
}

/// How many nodes are late where a centre gives each node, the nearest to the source first, the nearest parent that has room
/// and with whom it meets its goal, and puts the others where there is room in the end.
fn late_by_centre(latencies: &Latencies<'_>, config: &Opus, limit: u32) -> usize {
    let mut delays: Vec<(u32, Span)> = vec![(0, Span::ZERO)];
    let mut rooms = vec![limit; latencies.sites.len()];
    let mut late = 0;
    for node in latencies.by_rank() {
        let goal = config.overlay.goal(latencies.between(0, node));
        let nearest = delays
            .iter()
            .map(|&(parent, delay)| (latencies.between(parent, node), parent, delay))
            .filter(|&(link, parent, delay)| delay + link <= goal && rooms[parent as usize] > 0)
            .min();
        if let Some((link, parent, delay)) = nearest {
            rooms[parent as usize] -= 1;
            delays.push((node, delay + link));
        } else {
            late += 1;
        }
    }
    late
}

/// The delay of each node over the first tree.
fn delays(parents: &[Vec<Option<u32>>], latencies: &Latencies<'_>) -> Vec<Span> {
    let mut delays = vec![Span::ZERO; parents.len()];
    for node in latencies.by_rank() {
        let parent = parents[node as usize][0].expect("all have a parent");
        // A parent is nearer to the source.
        delays[node as usize] = delays[parent as usize] + latencies.between(parent, node);
    }
    delays
}

/// What a run came to.
struct Outcome {
    late: usize,
    late_by_centre: usize,
    /// Nodes that say that they cannot meet their goal, although in the end somebody nearer to the source through whom they
    /// would had room for them.
    mistaken: usize,
    cost: f64,
    messages: f64,
    converge_s: f64,
}

/// Builds an overlay, and checks that all have come to rest with a parent in each tree, and that those that are late are those
/// that say so.
fn built(ground: &Underlay, nodes: u32, terms: (u32, u8, f64), seed: u64) -> Outcome {
    let (limit, trees, factor) = terms;
    let mut config = config(nodes);
    config.overlay.degree_limit = Some(Degree(limit));
    config.overlay.redundancy = Trees(trees);
    config.overlay.delay_factor = Enlargement(factor);
    let run = run(ground, &config, seed);
    let what = format!("{nodes} nodes, {terms:?}, seed {seed}");
    let converge_s = metric(&run, "converge_s");
    assert_eq!(metric(&run, "attached_ratio"), Some(1.0), "{what}");
    let latencies = &Latencies::of(&run, ground);
    let parents = run.measures.built();
    let delays = delays(parents, latencies);
    let goal = |node: u32| config.overlay.goal(latencies.between(0, node));
    let is_late = |&node: &u32| delays[node as usize] > goal(node);
    let late: Vec<u32> = (1..nodes).filter(is_late).collect();
    assert_eq!(late, run.measures.infeasible(), "{what}");
    let ratio = metric(&run, "infeasible_ratio");
    assert_eq!(ratio, metric(&run, "deadline_miss_ratio"), "{what}");
    // On time with all above them, the source first.
    let mut on_time = vec![true; nodes as usize];
    for node in latencies.by_rank() {
        let parent = parents[node as usize][0].unwrap();
        on_time[node as usize] = on_time[parent as usize] && !is_late(&node);
    }
    let rank = |node: u32| (latencies.between(0, node), node);
    // A parent that is nearer to the source, and has a place that no child nearer to it than the node takes.
    let would_do = |parent: u32, node: u32| {
        let children = (1..nodes).filter(|&child| parents[child as usize][0] == Some(parent));
        let firm = children.filter(|&child| rank(child) < rank(node));
        (parent == 0 || rank(parent) < rank(node))
            && on_time[parent as usize]
            && delays[parent as usize] + latencies.between(parent, node) <= goal(node)
            && firm.count() < limit as usize
    };
    let mistaken = |&&node: &&u32| (0..nodes).any(|parent| would_do(parent, node));
    Outcome {
        mistaken: late.iter().filter(mistaken).count(),
        late: late.len(),
        late_by_centre: late_by_centre(latencies, &config, limit),
        cost: metric(&run, "cost_ratio").unwrap(),
        messages: metric(&run, "messages_per_node").unwrap(),
        converge_s: converge_s.unwrap_or_else(|| panic!("{what}: they did not come to rest")),
    }
}

#[test]
fn who_misses_its_goal_under_a_degree_limit_says_so() {
    let ground = underlay("ts1000-0");
    let of = |limit| built(&ground, 40, (limit, 1, 1.5), 1);
    let [tight, wide] = [2, 6].map(of);
    assert!(tight.late > 0 && tight.mistaken == 0, "{}", tight.mistaken);
    assert_eq!(wide.mistaken, 0);
}

/// Limits, numbers of trees and goals.
fn all_terms() -> impl Iterator<Item = (u32, u8, f64)> {
    let goals = [1.2, 1.5, 2.0, 3.0];
    let of_trees =
        move |trees| [2, 3, 4].map(move |limit| goals.map(move |goal| (limit, trees, goal)));
    [1, 2, 3].into_iter().flat_map(of_trees).flatten()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_hundred_come_to_rest_and_at_most_one_late_node_in_a_hundred_is_mistaken() {
    let ground = underlay("ts1000-0");
    for terms in all_terms() {
        let seeds = 3;
        let outcomes: Vec<Outcome> = (0..seeds)
            .map(|seed| built(&ground, 100, terms, seed))
            .collect();
        let sum = |of: fn(&Outcome) -> f64| outcomes.iter().map(of).sum::<f64>() / seeds as f64;
        let [late, centre] = [sum(|o| o.late as f64), sum(|o| o.late_by_centre as f64)];
        let [mistaken, cost] = [sum(|o| o.mistaken as f64), sum(|o| o.cost)];
        let [messages, converge_s] = [sum(|o| o.messages), sum(|o| o.converge_s)];
        assert!(mistaken <= 0.01 * late, "{terms:?}: {mistaken} of {late}");
        // Late nodes of the centre may be children of nodes farther from the source.
        assert!(late <= 1.5 * centre + 3.0, "{terms:?}: {late} {centre}");
        assert!(cost < 2.5 * f64::from(terms.1), "{terms:?}: {cost}");
        let trees = f64::from(terms.1);
        assert!(messages < 1000.0 * trees, "{terms:?}: {messages}");
        assert!(converge_s < 600.0, "{terms:?}: {converge_s}");
    }
}

/// The same with more nodes. Those that have searched four times rest, and do not notice a place that comes free later.
#[test]
#[ignore = "takes minutes: cargo test --release --test it three_hundred_come_to_rest -- --ignored"]
fn three_hundred_come_to_rest_and_at_most_one_late_node_in_a_hundred_is_mistaken() {
    let ground = underlay("ts1000-0");
    let (mut mistaken, mut late) = (0, 0);
    for (seed, terms) in (0..).zip(all_terms()) {
        let outcome = built(&ground, 300, terms, seed);
        mistaken += outcome.mistaken;
        late += outcome.late;
    }
    // The first 20 runs and the last 6 gave 6 of 3262, all with one tree.
    assert!(100 * mistaken <= late, "{mistaken} of {late}");
}
