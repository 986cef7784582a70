//! One run of the overlay study for inspection: its world, and who received which packet when.
//!
//! This module does *not* know where the files are put.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::Dissemination;
use super::message::SOURCE;
use super::record::{OverlayRecord, OverlayStage};
use super::reference::Tree;
use super::reference_trees::ReferenceTrees;
use crate::opus::config::Study;
use crate::opus::written::{self, Place, cell};
use crate::system::{Export, Underlay};
use crate::time::Time;
use crate::words::WRITES;

/// The name of the export of packets.
pub(super) const PACKETS: &str = "requests";

/// What can be written of a run.
pub(super) fn exports() -> Vec<Export<Dissemination>> {
    vec![
        Export {
            name: "world",
            about: "the world: routers, links, nodes, who is whose parent, the reference trees",
            write: world,
        },
        Export {
            name: PACKETS,
            about: "a line for each packet and node to which it is sent: when it arrived",
            write: packets,
        },
    ]
}

/// What is said of a node besides where it is.
#[derive(Serialize)]
struct Moving {
    /// Where it moves to, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    moves_to: Option<Place>,
}

/// The overlay and the trees that it is held against. Parents are by node, then tree; null: none.
#[derive(Serialize)]
struct Built<'w> {
    overlays: BTreeMap<&'static str, &'w [Vec<Option<u32>>]>,
    references: References<'w>,
    /// Those after the moves.
    #[serde(skip_serializing_if = "Option::is_none")]
    references_moved: Option<References<'w>>,
    /// The nodes that reported that they cannot meet their goal in the first tree; with a degree limit, where nodes choose
    /// their parents themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    infeasible: Option<&'w [u32]>,
    stages: Vec<Tallied>,
    last_join_ns: Option<u64>,
}

/// Central trees: the parent of each node, the source's is itself.
#[derive(Serialize)]
struct References<'w> {
    mst: &'w [u32],
    spt: &'w [u32],
    last: &'w [u32],
}

/// A stage of the run, and what was counted in it.
#[derive(Serialize)]
struct Tallied {
    stage: &'static str,
    began_ns: u64,
    /// Messages other than packets that were sent.
    messages: u64,
    /// When a node last changed a parent.
    changed_ns: Option<u64>,
    /// Whether its time was over before all nodes had come to rest.
    stopped: bool,
}

impl<'w> References<'w> {
    fn of(trees: &'w ReferenceTrees) -> Self {
        let parents = |tree: &'w Tree| &*tree.parents;
        Self {
            mst: parents(&trees.minimum),
            spt: parents(&trees.shortest),
            last: parents(&trees.last_tree),
        }
    }
}

impl OverlayStage {
    /// What files call it.
    fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Intact => "intact",
            Self::Moved => "moved",
            Self::Adapt => "adapt",
            Self::Adapted => "adapted",
            Self::Failed => "failed",
            Self::Repair => "repair",
            Self::Repaired => "repaired",
        }
    }
}

fn world(system: &Dissemination, underlay: &Underlay, record: &OverlayRecord) -> Vec<u8> {
    let moved = system.moved.as_ref();
    let node = |id: u32| {
        let moves = system.moving.binary_search(&id).is_ok();
        let to = moved.filter(|_| moves).map(|trees| trees.places.site(id));
        let moves_to = to.map(Place::of);
        Moving { moves_to }
    };
    let mut overlays = BTreeMap::from([("built", record.built()), ("end", record.parents())]);
    if !record.adapted().is_empty() {
        overlays.insert("adapted", record.adapted());
    }
    let stages = system.parts().into_iter().filter_map(|part| {
        let tally = record.part(part)?;
        Some(Tallied {
            stage: part.name(),
            began_ns: tally.began.as_ns(),
            messages: tally.messages,
            changed_ns: tally.changed.map(Time::as_ns),
            stopped: tally.stopped,
        })
    });
    let reported = system.config.overlay.reports_goals();
    let own = Built {
        overlays,
        references: References::of(&system.reference_trees),
        references_moved: moved.map(References::of),
        infeasible: reported.then(|| record.infeasible()),
        stages: stages.collect(),
        last_join_ns: record.last_join().map(Time::as_ns),
    };
    let places = &system.reference_trees.places;
    written::world(
        Study::Overlay,
        (underlay, places),
        &system.failing,
        node,
        own,
    )
}

fn packets(system: &Dissemination, _: &Underlay, record: &OverlayRecord) -> Vec<u8> {
    let mut text = String::from("packet,stage,node,sent_ns,received_ns\n");
    let received: BTreeMap<(u32, u32), Time> = record
        .receipts()
        .map(|(number, node, at)| ((number, node), at))
        .collect();
    for part in system.parts() {
        let Some(trial) = part.trial() else { continue };
        let failed = matches!(part, OverlayStage::Failed | OverlayStage::Repaired);
        let lives = |node: &u32| !failed || system.failing.binary_search(node).is_err();
        for number in system.packets_of(trial) {
            let at = |node| received.get(&(number, node)).copied().map(Time::as_ns);
            let sent = cell(at(SOURCE));
            for node in (1..system.config.nodes.count.0).filter(lives) {
                let (stage, came) = (part.name(), cell(at(node)));
                writeln!(text, "{number},{stage},{node},{sent},{came}").expect(WRITES);
            }
        }
    }
    text.into_bytes()
}
