//! The network of a run as an exported JSON file tells it: routers, links or latencies, domains.
//!
//! This module does *not* know what else is in such a file.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Domain, Graph, RouterId, Routes};
use crate::time::Span;

/// A network: how many routers it has, and how far they are from each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WrittenNetwork {
    routers: u32,
    /// Both ends and the latency in nanoseconds of each usable link.
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<Vec<(u32, u32, u64)>>,
    /// In place of links, in nanoseconds: from each router to each.
    #[serde(skip_serializing_if = "Option::is_none")]
    latencies: Option<Vec<Vec<u64>>>,
}

impl WrittenNetwork {
    /// The network over which `routes` lead.
    pub fn of(routes: &Routes) -> Self {
        Self {
            routers: routes.router_count(),
            links: (!routes.are_direct()).then(|| {
                let links = routes.simple_links();
                links.map(|(u, v, span)| (u.0, v.0, span.as_ns())).collect()
            }),
            latencies: routes.are_direct().then(|| matrix(routes)),
        }
    }
}

/// The latencies from each router to each, in nanoseconds.
fn matrix(routes: &Routes) -> Vec<Vec<u64>> {
    let routers = || (0..routes.router_count()).map(RouterId);
    let row = |from| {
        let latencies = routers().map(move |to| routes.latency(from, to));
        latencies.map(Span::as_ns).collect()
    };
    routers().map(row).collect()
}

/// The number of each router's domain among those of the graph, transit domains first; `None`: there are none.
pub fn numbered_domains(graph: &Graph) -> Option<Vec<Option<u32>>> {
    let numbers: BTreeMap<Domain, u32> = graph.domains().into_iter().zip(0..).collect();
    let routers = graph.routers.iter();
    let of_routers = routers.map(|router| numbers.get(&router.domain).copied());
    (!numbers.is_empty()).then(|| of_routers.collect())
}
