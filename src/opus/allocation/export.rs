//! One run of the allocation study for inspection: its world, requests, divisions and updates.
//!
//! This module does *not* know where the files are put.

use std::fmt::Write as _;

use serde::Serialize;

use super::kept::KeptUpdate;
use super::membership::SOURCE;
use super::updates::{OverlayMembership, TREES};
use super::{Allocation, AllocationRecord, Application};
use crate::opus::config::Study;
use crate::opus::written::{self, cell};
use crate::system::{Export, Underlay};
use crate::time::Time;
use crate::words::WRITES;

/// What can be written of a run.
pub(super) fn exports() -> Vec<Export<Allocation>> {
    vec![
        Export {
            name: "world",
            about: "the world: routers, links, nodes, regions, applications, who serves whom, overlays",
            write: world,
        },
        Export {
            name: "requests",
            about: "a line for each request: outcome, node, response time",
            write: requests,
        },
        Export {
            name: "divisions",
            about: "a line for each division of the nodes and application: believed and true demand, and what was \
                    decided",
            write: divisions,
        },
        Export {
            name: "updates",
            about: "a line for each update and node to which it was due: when it arrived",
            write: updates,
        },
    ]
}

#[derive(Serialize)]
struct NodeWorld {
    /// Whom it serves at the beginning.
    serves: Option<u16>,
    /// Of which application it is a replica.
    #[serde(skip_serializing_if = "Option::is_none")]
    replica_of: Option<u16>,
    /// When it fails and recovers, in turn.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes_ns: Vec<u64>,
}

#[derive(Serialize)]
struct Service<'w> {
    regions: Vec<Region>,
    applications: Vec<Hosted<'w>>,
    /// Who serves whom from when on: (time in ns, node, application or null), in order.
    serves: Vec<(u64, u32, Option<u16>)>,
    /// The overlays, at the instants at which their cost is taken.
    overlays: Vec<Instant>,
}

#[derive(Serialize)]
struct Region {
    id: u32,
    /// The router at which its clients enter.
    gateway: u32,
}

#[derive(Serialize)]
struct Hosted<'w> {
    id: u16,
    /// By how many seconds its demand is delayed.
    shift_s: f64,
    /// How many requests a node of it takes in.
    room: u32,
    /// The router of its publisher.
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<u32>,
    parameters: &'w Application,
}

#[derive(Serialize)]
struct Instant {
    at_ns: u64,
    members: Vec<Place>,
}

/// A node's place in the overlay of the application that it serves.
#[derive(Serialize)]
struct Place {
    node: u32,
    application: u16,
    /// Its number, which no other member ever has.
    member: u32,
    /// The numbers of its parents, by tree; null: none.
    parents: Vec<Option<Parent>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Parent {
    Member(u32),
    Publisher(&'static str),
}

impl Place {
    fn of(node: u32, place: &OverlayMembership, trees: usize) -> Option<Self> {
        let (application, member) = place.member?;
        let parent = |&parent: &Option<u32>| match parent? {
            SOURCE => Some(Parent::Publisher("publisher")),
            member => Some(Parent::Member(member)),
        };
        let parents = place.parents.iter().take(trees).map(parent).collect();
        Some(Self {
            node,
            application,
            member,
            parents,
        })
    }
}

/// The members of all overlays, at the instants that are kept.
fn overlays(system: &Allocation, record: &AllocationRecord) -> Vec<Instant> {
    if system.world.overlays.is_empty() {
        return Vec::new();
    }
    let trees = |place: &OverlayMembership| {
        let (application, _) = place.member?;
        let overlay = system.world.overlay(application)?;
        Some(usize::from(overlay.rules.redundancy.0))
    };
    let instant = |(at, places): (Time, &[OverlayMembership])| {
        let all = (0..).zip(places);
        Instant {
            at_ns: at.as_ns(),
            members: all
                .filter_map(|(node, place)| Place::of(node, place, trees(place).unwrap_or(TREES)))
                .collect(),
        }
    };
    let instants = record.updates.instants().zip(record.updates.samples());
    instants.map(instant).collect()
}

fn world(system: &Allocation, underlay: &Underlay, record: &AllocationRecord) -> Vec<u8> {
    let drawn = &system.world;
    let node = |id: u32| {
        let changes = &system.changes[id as usize];
        NodeWorld {
            serves: drawn.assigned[id as usize],
            replica_of: drawn.replicas.of(id),
            changes_ns: changes.iter().map(|change| change.as_ns()).collect(),
        }
    };
    let applications =
        (0..)
            .zip(drawn.config.all_applications())
            .map(|(id, (parameters, shift_s))| {
                let place = drawn.overlay_place(id);
                Hosted {
                    id,
                    shift_s,
                    room: drawn.room(id),
                    publisher: place.map(|place| system.publishing[place].0),
                    parameters,
                }
            });
    let gateways = (0..).zip(&system.gateways);
    let serves = record.kept.iter().flat_map(|kept| &kept.serves);
    let service = Service {
        regions: gateways
            .map(|(id, gateway)| Region {
                id,
                gateway: gateway.0,
            })
            .collect(),
        applications: applications.collect(),
        serves: serves
            .map(|&(at, node, application)| (at.as_ns(), node, application))
            .collect(),
        overlays: overlays(system, record),
    };
    let places = (underlay, &system.places);
    written::world(Study::Allocation, places, &system.failing, node, service)
}

fn requests(system: &Allocation, _: &Underlay, record: &AllocationRecord) -> Vec<u8> {
    let mut text = String::from(
        "request,time_ns,application,region,number,service_ns,outcome,node,response_ns,sent\n",
    );
    let world = &system.world;
    let kept = record.kept.iter();
    let all = kept.flat_map(|kept| {
        let requests = kept.requests().into_iter();
        requests.map(move |(population, number, request)| (kept, population, number, request))
    });
    for ((kept, population, number, request), row) in all.zip(0_u64..) {
        let (application, region) = (
            world.application_of(population),
            world.region_of(population),
        );
        let service = world.service(population, number, system.streams).as_ns();
        let outcome = kept.outcome(population, &request);
        let answered = request.answered;
        let node = cell(request.node.filter(|_| answered.is_some()));
        let response = cell(answered.map(|answered| (answered - request.issued).as_ns()));
        let (issued, sent) = (request.issued.as_ns(), request.sent);
        writeln!(
            text,
            "{row},{issued},{application},{region},{number},{service},{outcome},{node},{response},{sent}"
        )
        .expect(WRITES);
    }
    text.into_bytes()
}

fn divisions(_: &Allocation, _: &Underlay, record: &AllocationRecord) -> Vec<u8> {
    let mut text = String::from(
        "time_ns,application,believed_per_s,true_per_s,nodes_before,nodes_wanted,nodes_after,serving\n",
    );
    for division in record.kept.iter().flat_map(|kept| &kept.divisions) {
        let (at, application, serving) =
            (division.at.as_ns(), division.application, division.serving);
        let [believed, truth] = division.rates;
        let [before, wanted, after] = division.nodes;
        writeln!(
            text,
            "{at},{application},{believed},{truth},{before},{wanted},{after},{serving}"
        )
        .expect(WRITES);
    }
    text.into_bytes()
}

fn updates(_: &Allocation, _: &Underlay, record: &AllocationRecord) -> Vec<u8> {
    let mut text = String::from("application,update,published_ns,node,received_ns\n");
    for update in record.updates.kept() {
        let KeptUpdate {
            application,
            number,
            node,
            ..
        } = update;
        let published = update.published.as_ns();
        let received = cell(update.received.map(Time::as_ns));
        writeln!(text, "{application},{number},{published},{node},{received}").expect(WRITES);
    }
    text.into_bytes()
}
