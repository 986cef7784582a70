//! The distributed overlay: no loops, no node over its limit, near the central tree, repaired.

use arigatoni::error::Result;
use arigatoni::measure::{Detail, Metric};
use arigatoni::opus::config::Opus;
use arigatoni::opus::number::{Degree, Trees};
use arigatoni::opus::overlay::config::Method;
use arigatoni::opus::overlay::message::{self, Command};
use arigatoni::opus::overlay::{Dissemination, OverlayRecord};
use arigatoni::parameters::decode;
use arigatoni::parameters::number::*;
use arigatoni::random::RandomStreams;
use arigatoni::simulation::network::Fidelity;
use arigatoni::simulation::{self, Run, Setting};
use arigatoni::system::{
    Act, Model, Observed, Procedure, Report, Site, Stage, System, Totals, Underlay,
};
use arigatoni::time::Span;
use arigatoni::topology::{Routes, Routing};
use arigatoni::unit::{Context, Input, UnitId};
use serde_json::json;

use super::by_fidelity;
use crate::support::{t100, underlay};

pub(super) fn config(count: u32) -> Opus {
    let opus = json!({"nodes": {"count": count}, "overlay": {"packets": 2}});
    decode(&opus, "").unwrap()
}

pub(super) fn run(underlay: &Underlay, config: &Opus, seed: u64) -> Run<Dissemination> {
    let streams = RandomStreams::new(seed, 0);
    let system = Dissemination::build(underlay, config, streams).unwrap();
    simulation::run(
        system,
        Setting::of(underlay, streams, &Fidelity::Path.into()),
    )
}

pub(super) fn metric(run: &Run<Dissemination>, name: &str) -> Option<f64> {
    cell(&run.system.report(&run.measures, run.totals), name)
}

fn cell(report: &Report, name: &str) -> Option<f64> {
    let column = Dissemination::METRICS
        .iter()
        .position(|metric| metric.name == name)
        .unwrap();
    report.cells[column].number()
}

/// Looks at every node after all that it handles.
pub(super) struct Guarded {
    pub(super) inner: Dissemination,
    limit: usize,
    pub(super) looked: u64,
    /// Nodes that fall silent when the nodes begin to check for the first time, that is, to adapt
    /// if some have moved.
    pub(super) dying: Vec<u32>,
    checking: bool,
    /// So many times, once the run is over, all but the source change places and check at once.
    pub(super) turns: usize,
    /// How long nodes have to come to rest.
    settle: Span,
    /// How long they have by the parameters.
    settle_by_rounds: Span,
}

impl Guarded {
    fn turn(&self, turn: usize) -> Stage<message::Dissemination> {
        let sites: Vec<(UnitId, Site)> = self.inner.sites().collect();
        let others = sites.len() - 1;
        let check = |&(unit, _): &(UnitId, Site)| {
            let input = Input::Command(Command::Check);
            (Span::ZERO, unit, input)
        };
        let to = |member: usize| {
            let site = sites[1 + (member + 7 * turn) % others].1;
            (Span::ZERO, sites[1 + member].0, Act::Move(site))
        };
        Stage {
            environment: (0..others).map(to).collect::<Vec<_>>().into(),
            measured: false,
            ..Stage::of(sites.iter().map(check).collect::<Vec<_>>())
        }
    }

    fn is_dead(&self, member: u32) -> bool {
        self.checking && self.dying.contains(&member)
    }

    /// No chain of the living leads back, and every parent's rank is below its children's.
    fn look(&self, member: u32) {
        let members = self.inner.members();
        let me = &members[member as usize];
        assert!(me.degrees().all(|degree| degree <= self.limit));
        for tree in 0..me.parents().count() {
            let parent = |of: u32| {
                let parent = members[of as usize].parents().nth(tree).flatten();
                parent.filter(|&parent| !self.is_dead(parent))
            };
            let (mut at, mut steps) = (member, 0);
            while let Some(above) = parent(at) {
                at = above;
                steps += 1;
                assert!(steps < members.len(), "a loop over {member} in tree {tree}");
            }
            let rank = |of: u32| members[of as usize].rank().map(|rank| (rank, of));
            for child in (0..members.len() as u32).filter(|&child| !self.is_dead(child)) {
                if (child == member || parent(child) == Some(member))
                    && let Some(above) = parent(child)
                {
                    assert!(rank(above) < rank(child), "{above} above {child}");
                }
            }
        }
    }
}

impl Model for Guarded {
    type Protocol = message::Dissemination;
    type Config = Opus;

    const KINDS: &'static [&'static str] = Dissemination::KINDS;

    fn check(underlay: &Underlay, config: &Opus) -> Result<()> {
        Dissemination::check(underlay, config)
    }

    fn build(underlay: &Underlay, config: &Opus, streams: RandomStreams) -> Result<Self> {
        let limit = config.overlay.degree_limit();
        Ok(Self {
            inner: Dissemination::build(underlay, config, streams)?,
            limit: limit.map_or(usize::MAX, |limit| limit as usize),
            looked: 0,
            dying: Vec::new(),
            checking: false,
            turns: 0,
            settle: config.overlay.settle(config.nodes.count.0),
            settle_by_rounds: config.overlay.settle(config.nodes.count.0),
        })
    }

    fn sites(&self) -> impl Iterator<Item = (UnitId, Site)> {
        self.inner.sites()
    }

    fn stages(&self) -> Vec<Stage<message::Dissemination>> {
        let mut stages = self.inner.stages();
        for until in stages.iter_mut().filter_map(|stage| stage.until.as_mut()) {
            *until = until.saturating_sub(self.settle_by_rounds) + self.settle;
        }
        if !self.dying.is_empty() {
            let dying = self.dying.iter().copied();
            let crash = |member| (Span::ZERO, message::node(member), Act::Crash);
            stages[3].environment = dying.map(crash).collect::<Vec<_>>().into();
        }
        stages.extend((1..=self.turns).map(|turn| self.turn(turn)));
        stages
    }

    fn handle(
        &mut self,
        unit: UnitId,
        input: Input<message::Dissemination>,
        context: &mut Context<'_, message::Dissemination>,
    ) {
        self.checking |= matches!(input, Input::Command(Command::Check));
        self.inner.handle(unit, input, context);
        self.look(unit.index());
        self.looked += 1;
    }

    fn forget(&mut self, unit: UnitId) {
        self.inner.forget(unit);
    }

    fn loss(&self, message: &message::Message) -> f64 {
        self.inner.loss(message)
    }
}

impl Observed for Guarded {
    type Measures = OverlayRecord;

    const METRICS: &'static [Metric] = Dissemination::METRICS;
    const DETAILS: &'static [Detail] = Dissemination::DETAILS;

    fn measures(&self) -> OverlayRecord {
        self.inner.measures()
    }

    fn conclude(&mut self, underlay: &Underlay, measures: &OverlayRecord) {
        self.inner.conclude(underlay, measures);
    }

    fn report(&self, measures: &OverlayRecord, totals: Totals) -> Report {
        self.inner.report(measures, totals)
    }
}

impl System for Guarded {
    const NAME: &'static str = "test";
    const PROCEDURE: Procedure = Dissemination::PROCEDURE;
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn it_never_loops_and_no_node_takes_more_children_than_it_may() {
    // With a limit of 1 not everybody finds a place, and no scenario may ask for it.
    let mut attached = Vec::new();
    for (limit, redundancy, rate) in [(1, 1, 0.2), (2, 2, 0.5), (3, 3, 0.3), (4, 1, 0.9)] {
        let mut config = config(50);
        config.overlay.joins_per_s = Positive(1e4);
        config.overlay.degree_limit = Some(Degree(limit));
        config.overlay.redundancy = Trees(redundancy);
        config.disconnection.rate = Fraction(rate);
        let streams = RandomStreams::new(u64::from(limit), 0);
        let system = Guarded::build(t100(), &config, streams).unwrap();
        let run = simulation::run(system, Setting::of(t100(), streams, &Fidelity::Path.into()));
        assert!(run.system.looked > 1000);
        let has_parent = |parents: &&Vec<Option<u32>>| parents[0].is_some();
        attached.push(run.measures.built().iter().filter(has_parent).count());
    }
    assert_eq!(attached[1..], [49; 3], "{attached:?} have a parent");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn it_costs_little_more_than_the_light_tree_at_the_same_delay_goal() {
    let ts1000 = underlay("ts1000-0");
    for (factor, seed) in [(1.2, 1), (1.5, 2), (2.0, 3), (3.0, 4)] {
        let mut config = config(200);
        config.overlay.delay_factor = Enlargement(factor);
        let run = run(&ts1000, &config, seed);
        assert_eq!(metric(&run, "attached_ratio"), Some(1.0));
        assert_eq!(
            metric(&run, "deadline_miss_ratio"),
            Some(0.0),
            "goal {factor}"
        );
        assert!(metric(&run, "stretch_max").unwrap() <= factor);
        let ratio = metric(&run, "cost_ratio_last").unwrap();
        assert!(ratio <= 1.25, "{ratio} at the goal {factor}");
    }
}

/// Routes are long here and a node knows few others: who is refused has to ask further down.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn with_a_tight_degree_limit_every_node_still_finds_a_parent() {
    let underlay = underlay("ts1000-0");
    for limit in [2, 4] {
        let mut config = config(200);
        config.overlay.degree_limit = Some(Degree(limit));
        (config.moving.rate, config.disconnection.rate) = (Fraction(0.5), Fraction(0.3));
        let run = run(&underlay, &config, 1);
        for whole in [
            "attached_ratio",
            "delivery_ratio_adapted",
            "delivery_ratio_repaired",
        ] {
            assert_eq!(metric(&run, whole), Some(1.0), "{whole} with {limit}");
        }
        // A node that takes a place pushes out another one, which then does the same: with a limit of 2 this goes on for
        // 365 s.
        assert!(metric(&run, "converge_s").unwrap() < 500.0);
    }
}

#[test]
fn nobody_is_reached_where_all_copies_are_lost_or_nobody_is_left() {
    let underlay = t100();
    let mut config = config(20);
    config.overlay.loss = Fraction(1.0);
    let lost = run(underlay, &config, 1);
    assert_eq!(metric(&lost, "delivery_ratio_intact"), Some(0.0));
    assert_eq!(metric(&lost, "repair_messages_per_node"), None);
    assert_eq!(metric(&lost, "disjoint_ratio"), None);
    (config.overlay.loss, config.disconnection.rate) = (Fraction(0.0), Fraction(1.0));
    let alone = run(underlay, &config, 1);
    assert_eq!(metric(&alone, "delivery_ratio_intact"), Some(1.0));
    assert_eq!(metric(&alone, "delivery_ratio_failed"), None);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn more_parents_reach_more_nodes_after_failures_and_the_repair_reaches_all() {
    let reach = |redundancy| {
        let mut sum = 0.0;
        for seed in 0..4 {
            let mut config = config(100);
            config.overlay.redundancy = Trees(redundancy);
            config.overlay.delay_factor = Enlargement(2.0);
            config.disconnection.rate = Fraction(0.3);
            let run = run(t100(), &config, seed);
            assert_eq!(metric(&run, "delivery_ratio_intact"), Some(1.0));
            assert_eq!(metric(&run, "delivery_ratio_repaired"), Some(1.0));
            assert!(metric(&run, "repair_s").is_some());
            sum += metric(&run, "delivery_ratio_failed").unwrap();
        }
        sum / 4.0
    };
    let [one, two, three] = [1, 2, 3].map(reach);
    assert!(
        one < 0.9 && one + 0.1 < two && two < three,
        "{one} {two} {three}"
    );
}

#[test]
fn lost_copies_are_made_good_by_further_parents() {
    let reach = |redundancy| {
        let mut config = config(60);
        config.overlay.packets = BoundedCount(20);
        config.overlay.redundancy = Trees(redundancy);
        config.overlay.loss = Fraction(0.1);
        metric(&run(t100(), &config, 5), "delivery_ratio_intact").unwrap()
    };
    let [one, two] = [1, 2].map(reach);
    assert!(one < 0.9 && one + 0.05 < two && two < 1.0, "{one} {two}");
}

#[test]
fn both_fidelities_do_the_same_and_the_central_trees_cost_what_they_should() {
    let mut config = config(40);
    config.disconnection.rate = Fraction(0.25);
    let [path, hop] = by_fidelity::<Dissemination>(&config);
    assert_eq!(path, hop);
    for (method, ratio) in [
        (Method::Mst, "cost_ratio"),
        (Method::Last, "cost_ratio_last"),
        (Method::Spt, "stretch_mean"),
    ] {
        config.overlay.method = method;
        let run = run(t100(), &config, 9);
        assert_eq!(metric(&run, ratio), Some(1.0), "{method:?}");
        assert_eq!(
            metric(&run, "messages_per_node"),
            None,
            "a centre sends none"
        );
        assert_eq!(metric(&run, "delivery_ratio_intact"), Some(1.0));
    }
}

/// Where the routes of a graph take `units` as long, 60 nodes under a tight degree limit, of which some
/// move and some fail.
pub(super) fn crowd(units: f64, set: impl Fn(&mut Opus)) -> (Underlay, Opus) {
    let graph = underlay("ts1000-0").graph;
    let routes = Routes::new(&graph, units, Routing::Latency).unwrap();
    let mut config = config(60);
    config.overlay.timeout_ms = PeriodMs(100_000.0);
    (config.moving.rate, config.disconnection.rate) = (Fraction(0.3), Fraction(0.2));
    set(&mut config);
    (Underlay { graph, routes }, config)
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn who_is_stopped_has_not_converged_adapted_or_been_repaired() {
    let times = |rounds: u64| {
        let (underlay, config) = crowd(1.0, |_| {});
        let streams = RandomStreams::new(1, 0);
        let mut system = Guarded::build(&underlay, &config, streams).unwrap();
        system.settle = Span::from_s(2 * rounds);
        let run = simulation::run(
            system,
            Setting::of(&underlay, streams, &Fidelity::Path.into()),
        );
        let report = run.system.report(&run.measures, run.totals);
        ["converge_s", "adapt_s", "repair_s"].map(|time| cell(&report, time).is_some())
    };
    assert_eq!(times(2000), [true; 3]);
    assert_eq!(times(3), [false; 3]);
    // The overlay stands before the rounds are used up, and they are for all parts together.
    let [built, _, repaired] = times(40);
    assert!(built && !repaired);
}

/// A route that follows policy can be longer than a way over other nodes; the goal is by the route,
/// which is what a node measures.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_delay_goal_is_by_the_direct_route_also_under_policy() {
    let graph = underlay("ts1000-0").graph;
    let routes = Routes::new(&graph, 1.0, Routing::Policy).unwrap();
    let underlay = Underlay { graph, routes };
    let mut config = config(100);
    config.overlay.delay_factor = Enlargement(1.0);
    config.moving.rate = Fraction(0.3);
    let direct = run(&underlay, &config, 1);
    assert!(
        metric(&direct, "stretch_max").unwrap() > 1.0,
        "else every direct route is a shortest way"
    );
    for late in ["deadline_miss_ratio", "adapted_deadline_miss_ratio"] {
        assert_eq!(metric(&direct, late), Some(0.0), "{late}");
    }
}

/// Dead nodes are not kept in the lists by being asked again and again, and their places are filled.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_repair_ends_soon_after_the_dead_are_missed() {
    let ts1000 = underlay("ts1000-0");
    let mut config = config(200);
    config.disconnection.rate = Fraction(0.5);
    config.overlay.degree_limit = Some(Degree(16));
    let took = (0..6).map(|seed| metric(&run(&ts1000, &config, seed), "repair_s").unwrap());
    assert!(took.sum::<f64>() < 420.0, "70 s on average");
}
