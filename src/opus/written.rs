//! What the exported worlds of all studies have in common: the network, and where the nodes are.
//!
//! This module does *not* know what a study adds, nor where the file is put.

use serde::Serialize;

use super::config::Study;
use super::nodes::Attachments;
use crate::system::{Site, Underlay};
use crate::topology::{WrittenNetwork, numbered_domains};

/// A world: `N` is what a study says of each node, `T` what it says besides.
#[derive(Serialize)]
struct World<N, T> {
    study: Study,
    #[serde(flatten)]
    network: WrittenNetwork,
    /// The administrative domain of each router, if there are any; null: it is in none.
    #[serde(skip_serializing_if = "Option::is_none")]
    domains: Option<Vec<Option<u32>>>,
    nodes: Vec<Node<N>>,
    #[serde(flatten)]
    own: T,
}

#[derive(Serialize)]
struct Node<N> {
    id: u32,
    #[serde(flatten)]
    place: Place,
    /// Whether it is among those that δ lets fail.
    fails: bool,
    #[serde(flatten)]
    own: N,
}

/// Where a node is.
#[derive(Debug, Serialize)]
pub(super) struct Place {
    router: u32,
    access_ns: u64,
}

impl Place {
    /// Where a unit at `site` is.
    pub(super) fn of(site: Site) -> Self {
        Self {
            router: site.router.0,
            access_ns: site.access.unwrap_or_default().as_ns(),
        }
    }
}

/// The file of a world in which nodes are at `places`, those in `failing` (ascending) fail, `node` says more of
/// each node, and `own` more of all.
pub(super) fn world<N: Serialize, T: Serialize>(
    study: Study,
    (underlay, places): (&Underlay, &Attachments),
    failing: &[u32],
    node: impl Fn(u32) -> N,
    own: T,
) -> Vec<u8> {
    let nodes = (0..places.len() as u32).map(|id| Node {
        id,
        place: Place::of(places.site(id)),
        fails: failing.binary_search(&id).is_ok(),
        own: node(id),
    });
    let world = World {
        study,
        network: WrittenNetwork::of(&underlay.routes),
        domains: numbered_domains(&underlay.graph),
        nodes: nodes.collect(),
        own,
    };
    let mut bytes = serde_json::to_vec(&world).expect("numbers and lists can be written as JSON");
    bytes.push(b'\n');
    bytes
}

/// A cell of a table: the number, or nothing.
pub(super) fn cell(number: Option<impl ToString>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}
