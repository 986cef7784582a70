//! The parameters of dissemination overlays, as a scenario writes them.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know what follows from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::opus::number::{Degree, TREES_MAX, Trees};
use crate::parameters::number::{
    BoundedCount, Enlargement, Fraction, PeriodMs, Positive, SmallCount,
};
use crate::parameters::{Problem, WORKLOAD_S_MAX, members};
use crate::time::Span;

/// The number of rounds that nodes of the study `overlay` have to come to rest; if there are more nodes, there are
/// as many rounds as nodes. The more nodes there are, the longer they find nearer ones.
const SETTLE_ROUNDS: u32 = 2000;
/// The maximum number of copies of packets under way in a trial of the study `overlay`, about, all at one instant.
const COPIES_MAX: f64 = 1e8;

members! {
    /// How an application's dissemination overlay is built, and what is sent over it. In the study
    /// `allocation` each application has its own goals; only the members that are not marked "study
    /// `overlay`" apply.
    pub struct Overlay {
        /// The method that builds it.
        pub method: Method = Method::Distributed;
        /// The delay goal: a node's delay from the source ÷ the latency of the route between them
        /// (study `overlay`).
        pub delay_factor: Enlargement = Enlargement(1.5);
        /// The greatest number of children of a node in each tree; null: any number (study `overlay`,
        /// method `distributed`).
        pub degree_limit: Option<Degree> = None;
        /// The number of trees in which every node has a parent (study `overlay`; above 1: method
        /// `distributed` only).
        pub redundancy: Trees = Trees(1);
        /// The reach goal, by which each node chooses how many parents it keeps, up to `redundancy`; null: one in each
        /// tree (study `overlay`).
        pub reach: Option<ReachGoal> = None;
        /// The number of packets that the source sends in each trial (study `overlay`).
        pub packets: BoundedCount = BoundedCount(10);
        /// The probability that a copy of a packet or an update is lost between two nodes.
        pub loss: Fraction = Fraction(0.0);
        /// The number of nodes that join per second (study `overlay`).
        pub joins_per_s: Positive = Positive(100.0);
        /// How many nodes a node probes in one round.
        pub probes: SmallCount = SmallCount(4);
        /// How many of the nearest nodes a node remembers.
        pub neighbours: SmallCount = SmallCount(8);
        /// The time between two rounds, in milliseconds.
        pub round_ms: PeriodMs = PeriodMs(2000.0);
        /// The time without an answer after which a node is considered dead, in milliseconds.
        pub timeout_ms: PeriodMs = PeriodMs(10_000.0);
        /// The time between two heartbeats to its parents, in milliseconds.
        pub heartbeat_ms: PeriodMs = PeriodMs(10_000.0);
    }
}

/// How many nodes packets are to reach when nodes fail at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReachGoal {
    /// The fraction of the live nodes that a packet must reach.
    pub reach: Fraction,
    /// The fraction of the nodes that fails at once.
    pub at: Fraction,
}

impl ReachGoal {
    /// The greatest chance to be reached that a node with so many parents can have that is no child of the source.
    fn best_with(&self, parents: u8) -> f64 {
        1.0 - libm::pow(self.at.0, f64::from(parents))
    }
}

/// The method that builds an overlay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Distributed: the nodes build it by messages.
    Distributed,
    /// Central, with all latencies known: the minimum spanning tree.
    Mst,
    /// Central: the tree of shortest paths from the source.
    Spt,
    /// Central: LAST, a light approximate shortest-path tree (Khuller, Raghavachari, Young 1995).
    #[serde(alias = "light")]
    Last,
}

impl Overlay {
    /// The greatest delay that keeps the goal, `shortest` away from the source. Every route is at
    /// least as long as the shortest one, also where a product rounds.
    pub fn goal(&self, shortest: Span) -> Span {
        let goal = self.delay_factor.0 * shortest.as_ns() as f64;
        Span::from_ns((goal as u64).max(shortest.as_ns()))
    }

    /// The reach goal, if there is one, can be met.
    fn check_reach(&self, pointer: &str) -> Result<(), Problem> {
        let Some(goal) = &self.reach else {
            return Ok(());
        };
        let Trees(trees) = self.redundancy;
        let place = |member: &str| format!("{pointer}/reach{member}");
        if self.method != Method::Distributed {
            let what = "this method builds one tree, so no node chooses how many parents it keeps";
            return Err(
                Problem::new(place(""), what).help("use the method \"distributed\", or write null")
            );
        }
        if goal.at.0 <= 0.0 {
            let what = "no node fails, so packets reach all nodes in any overlay";
            return Err(Problem::new(place("/at"), what).help("make it greater than 0"));
        }
        if goal.reach.0 <= 0.0 {
            let what = "any overlay reaches none of the nodes";
            return Err(Problem::new(place("/reach"), what).help("make it greater than 0"));
        }
        let best = self.best_reach(goal);
        if goal.reach.0 > best {
            let parents = match trees {
                1 => "one parent".to_owned(),
                _ => format!("{trees} parents"),
            };
            let what = format!(
                "a node that is no child of the source and has {parents} can lose all of them when a fraction {} of the \
                nodes fails, so no more than {best} of such nodes can be reached",
                goal.at.0
            );
            let enough = (trees + 1..=TREES_MAX).find(|&more| goal.reach.0 <= goal.best_with(more));
            let help = match enough {
                Some(more) => format!("lower it, or raise `redundancy` to {more}"),
                None => format!(
                    "lower it: with the greatest `redundancy`, {}, it is no more than {}",
                    TREES_MAX,
                    goal.best_with(TREES_MAX)
                ),
            };
            return Err(Problem::new(place("/reach"), what).help(help));
        }
        Ok(())
    }

    /// The greatest chance to be reached that a node can have that is no child of the source, where as many nodes fail as
    /// `goal` says: it is not if all its parents fail.
    pub(super) fn best_reach(&self, goal: &ReachGoal) -> f64 {
        goal.best_with(self.redundancy.0)
    }

    /// How many children a node takes in each tree; `None`: any number.
    pub fn degree_limit(&self) -> Option<u32> {
        self.degree_limit.map(|Degree(limit)| limit)
    }

    /// Whether nodes report that they cannot meet their delay goal: where there is a degree limit, and nodes choose their
    /// parents themselves.
    pub(super) fn reports_goals(&self) -> bool {
        self.degree_limit.is_some() && self.method == Method::Distributed
    }

    /// How long `nodes` nodes of the study `overlay` have for building or repairing an overlay, after the last
    /// of them was told to.
    pub fn settle(&self, nodes: u32) -> Span {
        let rounds = u64::from(nodes.max(SETTLE_ROUNDS));
        let ns = self.round_ms.span().as_ns().saturating_mul(rounds);
        // Instants must stay countable.
        Span::from_ns(ns.min(u64::MAX / 4))
    }

    /// An overlay of `nodes` nodes, which stands at `pointer`, can be the one of the study `overlay`.
    pub(in crate::opus) fn check(&self, nodes: u32, pointer: &str) -> Result<(), Problem> {
        let Trees(redundancy) = self.redundancy;
        if redundancy > 1 && self.method != Method::Distributed {
            let what = format!(
                "this method builds one tree, so a `redundancy` of {redundancy} needs another one"
            );
            return Err(Problem::new(pointer, what)
                .help("use the method \"distributed\", or a `redundancy` of 1"));
        }
        self.check_reach(pointer)?;
        let seconds = f64::from(nodes) / self.joins_per_s.0;
        if seconds > WORKLOAD_S_MAX {
            let what = format!(
                "{nodes} nodes that join at {} a second take {seconds:.0} s, more than the \
                 {WORKLOAD_S_MAX} s that can be simulated",
                self.joins_per_s.0
            );
            return Err(Problem::new(format!("{pointer}/joins_per_s"), what).help("raise it"));
        }
        let receivers = f64::from(nodes) * f64::from(redundancy);
        let copies = f64::from(self.packets.0) * receivers;
        if copies > COPIES_MAX {
            let what = format!(
                "{} packets to {nodes} nodes are up to {copies:.1e} copies at one time, more than \
                 the {COPIES_MAX:.0e} that can be simulated",
                self.packets.0
            );
            return Err(Problem::new(format!("{pointer}/packets"), what).help("lower it"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_reported_where_there_is_a_limit_and_nodes_choose_their_parents() {
        let mut overlay = Overlay::default();
        assert!(!overlay.reports_goals());
        overlay.degree_limit = Some(Degree(3));
        assert!(overlay.reports_goals());
        overlay.method = Method::Last;
        assert!(!overlay.reports_goals());
    }

    #[test]
    fn the_longest_rounds_have_a_time_to_come_to_rest() {
        let mut overlay = Overlay::default();
        assert_eq!(overlay.settle(100), Span::from_s(4000));
        assert_eq!(overlay.settle(3000), Span::from_s(6000));
        overlay.round_ms = PeriodMs(1e9);
        assert_eq!(overlay.settle(100), Span::from_s(2_000_000_000));
        assert_eq!(overlay.settle(20_000), Span::from_ns(u64::MAX / 4));
    }
}
