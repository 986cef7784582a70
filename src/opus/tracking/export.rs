//! One run of the tracking study for inspection: its world, and what each node believed at each sample.
//!
//! This module does *not* know where the files are put.

use std::fmt::Write as _;

use serde::Serialize;

use super::record::TrackingRecord;
use super::study::TrackingStudy;
use super::tracker::Tracker;
use crate::opus::config::Study;
use crate::opus::written::{self, cell};
use crate::system::{Export, Underlay};
use crate::time::{Span, Time};

/// The name of the export of estimates.
pub(super) const ESTIMATES: &str = "tracking";

/// What can be written of a run.
pub(super) fn exports() -> Vec<Export<TrackingStudy>> {
    vec![
        Export {
            name: "world",
            about: "the world: routers, links, nodes, the hierarchy at the end, messages of each node",
            write: world,
        },
        Export {
            name: ESTIMATES,
            about: "a line for each sample, node and quantity of the study `tracking` of Opus: its own value, what it \
                    believes of the sum, how old that is",
            write: estimates,
        },
    ]
}

/// What is said of a node besides where it is.
#[derive(Serialize)]
struct NodeWorld {
    starts_ns: u64,
    /// Messages while it is measured.
    sent: u64,
    received: u64,
    /// Where it stands in the hierarchy at the end, if it is up.
    at_end: Option<Standing>,
}

#[derive(Serialize)]
struct Standing {
    root: bool,
    /// The head of its cluster, or the server.
    head: Option<u32>,
    /// The latency to the head, once measured.
    head_ns: Option<u64>,
    /// How many nodes are in each of the clusters that it leads, itself included, from layer 1 on.
    clusters: Vec<usize>,
    /// How many lost heads it has replaced.
    failovers: u32,
}

impl Standing {
    fn of(tracker: &Tracker) -> Self {
        let clusters = (1..=tracker.height()).filter_map(|layer| tracker.cluster(layer));
        Self {
            root: tracker.is_root(),
            head: tracker.head(),
            head_ns: tracker.head_latency().map(Span::as_ns),
            clusters: clusters.collect(),
            failovers: tracker.failovers(),
        }
    }
}

#[derive(Serialize)]
struct Measured {
    /// When what is measured begins and ends.
    from_ns: u64,
    to_ns: u64,
    /// Messages sent before.
    messages_before: u64,
    /// The time that nodes were up while it was measured, summed over nodes.
    node_seconds: f64,
    /// When nodes failed first.
    failed_ns: Option<u64>,
}

fn world(system: &TrackingStudy, underlay: &Underlay, record: &TrackingRecord) -> Vec<u8> {
    let node = |id: u32| {
        let node = &system.nodes[id as usize];
        let traffic = record.traffic[id as usize];
        NodeWorld {
            starts_ns: system.starts(id).as_ns(),
            sent: traffic.sent,
            received: traffic.received,
            at_end: node.is_alive().then(|| Standing::of(node.tracker())),
        }
    };
    let truth = system.truth();
    let own = Measured {
        from_ns: truth.settle_ms.span().as_ns(),
        to_ns: truth.whole().as_ns(),
        messages_before: record.before,
        node_seconds: record.node_seconds(),
        failed_ns: record.failed.map(Time::as_ns),
    };
    let places = (underlay, &system.places);
    written::world(Study::Tracking, places, system.failing(), node, own)
}

fn estimates(_: &TrackingStudy, _: &Underlay, record: &TrackingRecord) -> Vec<u8> {
    let mut text = String::from("time_ns,node,quantity,own,root,estimate,nodes,oldest_ns\n");
    for kept in record.kept() {
        // Without any node in it there is no estimate.
        let known = Some(kept.total).filter(|total| total.nodes > 0);
        let (at, node, quantity) = (kept.at.as_ns(), kept.node, kept.quantity);
        let (own, root) = (kept.own, u8::from(kept.root));
        let estimate = cell(known.map(|total| total.sum));
        let nodes = cell(known.map(|total| total.nodes));
        let oldest = cell(known.map(|total| total.since.as_ns()));
        writeln!(
            text,
            "{at},{node},{quantity},{own},{root},{estimate},{nodes},{oldest}"
        )
        .expect("writing to a string succeeds");
    }
    text.into_bytes()
}
