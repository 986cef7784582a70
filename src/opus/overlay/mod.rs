//! The overlay study: an overlay over which node 0 sends packets to all others, built by the nodes
//! themselves or by a centre, measured by cost, delay and how many it reaches when nodes fail.
//!
//! In reading order:
//! - [`message`]: the messages of nodes
//! - `partial_view`: which nodes a node knows (`directory`, `peer_table`, `lists`); `branch`: its place in a tree
//! - [`OverlayMember`]: how a node decides; `parents`: how it chooses parents; `delay_goal`: how it does so under a
//!   degree limit
//! - `maintenance`: how members stay in the overlay; `round_trips`: how a member notices that latencies have
//!   changed
//! - `reliability`: how many parents a member keeps; `rank`: why parents never form a loop
//! - `node`: the unit around a member
//! - `reference`: the central trees; `reference_trees`: those to which a run is compared
//! - `record`, `shape`, `report`: measures
//!
//! It does *not* know the driver, nor how many runs there are.

mod branch;
pub mod config;
mod delay_goal;
mod directory;
mod disjoint;
mod duplicate_filter;
mod export;
mod figures;
mod gossip_candidates;
mod lists;
mod maintenance;
mod member;
pub mod message;
mod node;
mod parents;
mod partial_view;
mod peer_table;
mod rank;
mod record;
pub(super) mod reference;
mod reference_trees;
mod reliability;
mod report;
mod round_trips;
mod shape;

use std::ops::Range;
use std::sync::Arc;

use branch::{Branch, Link};
use config::{Method, Overlay};
pub use member::{OverlayMember, Port};
use message::{Command, Message, NODE, PathState, SOURCE, node};
pub use record::OverlayRecord;
use record::OverlayStage;
use reference::Tree;
use reference_trees::ReferenceTrees;
use report::Shapes;
use shape::Shape;

use super::config::Opus;
use super::nodes::{self, Attachments};
use super::stream;
use crate::error::Result;
use crate::measure::{FigureSpec, Metric};
use crate::opus;
use crate::random::RandomStreams;
use crate::system::{
    Act, Export, Model, Observed, Procedure, Report, Site, Stage, System, Totals, Underlay,
};
use crate::time::{Span, Time};
use crate::unit::{Context, Input, UnitId};

/// The nodes of one replication, and the trees that they are held against.
#[derive(Debug)]
pub struct Dissemination {
    config: Opus,
    streams: RandomStreams,
    failing: Vec<u32>,
    moving: Vec<u32>,
    members: Vec<OverlayMember>,
    reference_trees: ReferenceTrees,
    /// The reference trees after the nodes have moved, if they do.
    moved: Option<ReferenceTrees>,
    /// What the overlay looked like, once the run is over.
    shapes: Option<Shapes>,
    /// Whether it is kept who receives which packet when.
    keeps_packets: bool,
}

impl Dissemination {
    /// The nodes, by number, as they are now.
    pub fn members(&self) -> &[OverlayMember] {
        &self.members
    }

    /// The numbers of those that move once the overlay stands, ascending.
    pub fn moving(&self) -> &[u32] {
        &self.moving
    }

    /// The minimum spanning tree.
    pub fn minimum(&self) -> &Tree {
        &self.reference_trees.minimum
    }

    /// The light approximate shortest-path tree for the run's delay goal.
    pub fn last_tree(&self) -> &Tree {
        &self.reference_trees.last_tree
    }

    /// How long the nodes have to come to rest.
    fn settle(&self) -> Span {
        self.config.overlay.settle(self.config.nodes.count.0)
    }

    /// The part in which the nodes join, one after another; empty if a centre has built the
    /// overlay.
    fn building(&self) -> Stage<message::Dissemination> {
        let gap_ns = 1e9 / self.config.overlay.joins_per_s.0;
        let join = |member: u32| {
            let after = Span::from_ns((gap_ns * f64::from(member)).round() as u64);
            (after, node(member), Input::Command(Command::Join))
        };
        let joins: Vec<_> = match self.config.overlay.method {
            Method::Distributed => (1..self.config.nodes.count.0).map(join).collect(),
            Method::Mst | Method::Spt | Method::Last => Vec::new(),
        };
        let joined = joins.last().map_or(Span::ZERO, |(after, ..)| *after);
        Stage {
            until: Some(joined + self.settle()),
            ..Stage::of(joins)
        }
    }

    /// A part in which the source sends the packets of trial number `trial`.
    fn trial(&self, trial: u32) -> Stage<message::Dissemination> {
        let publish = |number| {
            let input = Input::Command(Command::Publish { number });
            (Span::ZERO, node(SOURCE), input)
        };
        Stage::of(self.packets_of(trial).map(publish).collect::<Vec<_>>())
    }

    /// The numbers of the packets of trial number `trial`.
    fn packets_of(&self, trial: u32) -> Range<u32> {
        let packets = self.config.overlay.packets.0;
        trial * packets..(trial + 1) * packets
    }

    /// The parts of a run, in order: those of moves come before those of failures. A centre neither
    /// adapts nor repairs anything.
    fn parts(&self) -> Vec<OverlayStage> {
        let moves = !self.moving.is_empty();
        let nodes = self.config.overlay.method == Method::Distributed;
        [
            (OverlayStage::Build, true),
            (OverlayStage::Intact, true),
            (OverlayStage::Moved, moves),
            (OverlayStage::Adapt, moves && nodes),
            (OverlayStage::Adapted, moves && nodes),
            (OverlayStage::Failed, true),
            (OverlayStage::Repair, nodes),
            (OverlayStage::Repaired, nodes),
        ]
        .into_iter()
        .filter_map(|(part, has)| has.then_some(part))
        .collect()
    }

    fn play(&self, part: OverlayStage) -> Stage<message::Dissemination> {
        let environment = match part {
            OverlayStage::Moved => self.moves(),
            OverlayStage::Failed => self.crashes(),
            _ => Vec::new(),
        };
        match part {
            OverlayStage::Build => self.building(),
            OverlayStage::Adapt => self.checking(&[], u32::MAX - 1),
            OverlayStage::Repair => self.checking(&self.failing, u32::MAX),
            OverlayStage::Intact
            | OverlayStage::Moved
            | OverlayStage::Adapted
            | OverlayStage::Failed
            | OverlayStage::Repaired => Stage {
                environment: environment.into(),
                ..self.trial(part.trial().unwrap_or_default())
            },
        }
    }

    /// The nodes that move, and where to.
    fn moves(&self) -> Vec<(Span, UnitId, Act<message::Dissemination>)> {
        let Some(reference_trees) = &self.moved else {
            return Vec::new();
        };
        let to = |&member: &u32| {
            let site = reference_trees.places.site(member);
            (Span::ZERO, node(member), Act::Move(site))
        };
        self.moving.iter().map(to).collect()
    }

    /// The nodes that fail.
    fn crashes(&self) -> Vec<(Span, UnitId, Act<message::Dissemination>)> {
        let failing = self.failing.iter();
        let crash = |&member: &u32| (Span::ZERO, node(member), Act::Crash);
        failing.map(crash).collect()
    }

    /// A part in which each node but those `gone` checks its parents, at a moment of its own in the
    /// period, drawn under the number `heartbeat`.
    fn checking(&self, gone: &[u32], heartbeat: u32) -> Stage<message::Dissemination> {
        let range = [Span::ZERO, self.config.overlay.heartbeat_ms.span()];
        let check = |member: u32| {
            let phase = self
                .streams
                .span(stream::PHASE, u64::from(member), heartbeat, range);
            (phase, node(member), Input::Command(Command::Check))
        };
        let alive = |member: &u32| gone.binary_search(member).is_err();
        let mut checks: Vec<_> = (0..self.config.nodes.count.0)
            .filter(alive)
            .map(check)
            .collect();
        checks.sort_by_key(|&(after, unit, _)| (after, unit));
        Stage {
            until: Some(self.config.overlay.heartbeat_ms.span() + self.settle()),
            ..Stage::of(checks)
        }
    }
}

/// Whether an overlay with these `rules` can live on `underlay`, where access links take up to
/// `access`.
///
/// # Errors
/// If nodes that live would count as gone.
pub fn fits(underlay: &Underlay, access: Span, rules: &Overlay) -> Result<()> {
    let pointer = opus::pointer("overlay/timeout_ms");
    nodes::outlasts_round_trips(underlay, access, rules.timeout_ms, &pointer)
}

impl Model for Dissemination {
    type Protocol = message::Dissemination;
    type Config = Opus;

    const KINDS: &'static [&'static str] = &["node"];

    fn notes(config: &Opus) -> Vec<String> {
        opus::unused::notes(config)
    }

    fn check(underlay: &Underlay, config: &Opus) -> Result<()> {
        fits(underlay, config.nodes.access()[1], &config.overlay)
    }

    fn build(underlay: &Underlay, config: &Opus, streams: RandomStreams) -> Result<Self> {
        Self::check(underlay, config)?;
        let count = config.nodes.count.0;
        let rules = &Arc::new(config.overlay.clone());
        let places = Attachments::draw(underlay, &config.nodes, streams);
        let moving = nodes::moving(config, streams);
        let moved = (!moving.is_empty()).then(|| {
            let places = places.after(underlay, &config.nodes, &moving, streams);
            ReferenceTrees::of(places, underlay, rules.delay_factor.0)
        });
        let reference_trees = ReferenceTrees::of(places, underlay, rules.delay_factor.0);
        let latency = |a, b| reference_trees.places.latency(&underlay.routes, a, b);
        let members = match config.overlay.method {
            Method::Distributed => (0..count)
                .map(|member| OverlayMember::new(Arc::clone(rules), SOURCE, member))
                .collect(),
            Method::Mst => planned(rules, &reference_trees.minimum, latency),
            Method::Spt => planned(rules, &reference_trees.shortest, latency),
            Method::Last => planned(rules, &reference_trees.last_tree, latency),
        };
        Ok(Self {
            members,
            failing: nodes::disconnected(config, streams),
            config: config.clone(),
            moving,
            streams,
            reference_trees,
            moved,
            shapes: None,
            keeps_packets: false,
        })
    }

    fn sites(&self) -> impl Iterator<Item = (UnitId, Site)> {
        let places = &self.reference_trees.places;
        (0..places.len() as u32).map(|member| (node(member), places.site(member)))
    }

    fn stages(&self) -> Vec<Stage<message::Dissemination>> {
        let parts = self.parts().into_iter();
        parts.map(|part| self.play(part)).collect()
    }

    fn handle(
        &mut self,
        unit: UnitId,
        input: Input<message::Dissemination>,
        context: &mut Context<'_, message::Dissemination>,
    ) {
        debug_assert_eq!(unit.kind(), NODE, "there are nodes only");
        node::handle(&mut self.members[unit.index() as usize], input, context);
    }

    fn forget(&mut self, unit: UnitId) {
        let member = &mut self.members[unit.index() as usize];
        *member = OverlayMember::new(Arc::clone(&member.rules), SOURCE, unit.index());
    }

    #[inline]
    fn loss(&self, message: &Message) -> f64 {
        message.loss(&self.config.overlay)
    }

    fn subject(input: &Input<message::Dissemination>) -> Option<u64> {
        match input {
            Input::Command(Command::Publish { number })
            | Input::Message {
                message: Message::Packet { number },
                ..
            } => Some(u64::from(*number)),
            Input::Start | Input::Command(_) | Input::Message { .. } | Input::Timer(_) => None,
        }
    }
}

impl Observed for Dissemination {
    type Measures = OverlayRecord;

    const METRICS: &'static [Metric] = report::METRICS;

    fn measures(&self) -> OverlayRecord {
        let parents = |member: &OverlayMember| member.parents().collect();
        let parents = self.members.iter().map(parents).collect();
        OverlayRecord::new(self.parts(), parents, self.keeps_packets)
    }

    fn conclude(&mut self, underlay: &Underlay, record: &OverlayRecord) {
        let rules = &self.config.overlay;
        let of = |reference_trees: &ReferenceTrees, parents| {
            Shape::of(reference_trees, underlay, parents, rules)
        };
        let moved = self.moved.as_ref();
        let adapted = moved.filter(|_| !record.adapted().is_empty());
        self.shapes = Some(Shapes {
            built: of(&self.reference_trees, record.built()),
            moved: moved.map(|reference_trees| of(reference_trees, record.built())),
            adapted: adapted.map(|reference_trees| of(reference_trees, record.adapted())),
        });
    }

    fn ended(&self, record: &OverlayRecord) -> Option<Span> {
        Some(record.last() - Time::ZERO)
    }

    fn report(&self, record: &OverlayRecord, totals: Totals) -> Report {
        report::report(self, record, totals)
    }
}

impl System for Dissemination {
    const NAME: &'static str = opus::NAME;
    const ABOUT: &'static str = opus::ABOUT;
    const PROCEDURE: Procedure = Procedure {
        from: "an overlay that contains only the source",
        until: "the last stage of the run is over and no event is pending",
        transient: "none is removed: building the overlay, each change of it and the packets sent \
        then are measured separately",
    };

    fn figures() -> Vec<FigureSpec> {
        figures::standard()
    }

    fn exports() -> Vec<Export<Self>> {
        export::exports()
    }

    fn expect_exports(&mut self, names: &[&str]) {
        self.keeps_packets = names.contains(&export::PACKETS);
    }
}

/// The members of a tree that a centre has planned.
fn planned(
    rules: &Arc<Overlay>,
    tree: &Tree,
    latency: impl Fn(u32, u32) -> Span,
) -> Vec<OverlayMember> {
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); tree.parents.len()];
    for (&parent, member) in tree.parents.iter().zip(0..).skip(1) {
        children[parent as usize].push(member);
    }
    let member = |member: u32| {
        let parent = tree.parents[member as usize];
        let link = Link {
            node: parent,
            latency: latency(parent, member),
        };
        let path_state = PathState {
            delay: tree.delays[member as usize],
            path: None,
            worlds: None,
            late: false,
        };
        let above = (member != SOURCE).then_some(link);
        let branch = Branch::planned(above, path_state, &children[member as usize]);
        let branches = [branch].into_iter().collect();
        OverlayMember::planned(Arc::clone(rules), SOURCE, member, branches)
    };
    (0..tree.parents.len() as u32).map(member).collect()
}
