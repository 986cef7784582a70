//! An underlay as its file tells it: routers with labels and positions, links in the order in
//! which they were made, loops and parallels included.
//!
//! It does *not* know any file format, nor routes: [`super::routes`] draws the usable network out
//! of it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::latencies::Latencies;
use crate::error::{Error, Result};

/// Graphs of more routers are neither generated nor read: labels, links and the text of their
/// files must fit in memory.
pub const ROUTERS_MAX: usize = 1_000_000;

/// Graphs of more links are neither generated nor read, for the same reason.
pub const LINKS_MAX: usize = 1 << 24;

/// Refuses the size that a file announces if the graph could not be held, before any of it is.
pub(super) fn check_size(routers: u64, links: u64) -> Result<()> {
    for (count, what, max) in [
        (routers, "routers", ROUTERS_MAX),
        (links, "links", LINKS_MAX),
    ] {
        if count > max as u64 {
            return Err(Error::new(format!(
                "the file announces {count} {what}, more than the {max} that fit in memory"
            ))
            .help("take a part of the graph"));
        }
    }
    Ok(())
}

/// A router's number in its graph, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RouterId(pub u32);

impl RouterId {
    /// The number as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// An underlay graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// The identification that the generating tool wrote (`transtub(0,3,0,…)`), or a name.
    pub id: String,
    /// What made the graph, with the numbers that its files carry.
    pub origin: Origin,
    /// The routers; a [`RouterId`] is an index here.
    pub routers: Vec<Router>,
    /// The links in order of creation. A GraphBase file numbers its arcs by this order.
    pub links: Vec<Link>,
    /// Self-loops that the file counts but does not list (`.alt` files leave them out), so nobody
    /// knows at which router they are. They carry no traffic.
    pub loops_unlisted: u32,
    /// Latencies that were measured between all pairs of routers; then there are no links.
    pub latencies: Option<Latencies>,
}

/// What made a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// GT-ITM's method `ts`.
    TransitStub {
        /// Side of the square grid on which the routers lie.
        scale: i64,
        /// Largest hop diameter of a transit domain.
        transit_diameter: i64,
        /// Largest hop diameter of a stub domain.
        stub_diameter: i64,
        /// Hop diameter of the graph of transit domains.
        top_diameter: i64,
    },
    /// GT-ITM's flat method `geo` (or a GraphBase file of that shape).
    Flat {
        /// Side of the square grid on which the routers lie.
        scale: i64,
    },
    /// Anything else, such as a Topology Zoo network.
    Other,
}

/// One router.
#[derive(Debug, Clone, PartialEq)]
pub struct Router {
    /// Its label: `T:0.1`, `S:0.1/2.3`, `Chicago`.
    pub label: String,
    /// Its position on the grid (GT-ITM, integers), or longitude and latitude in degrees; absent
    /// if the file does not tell it.
    pub position: Option<[f64; 2]>,
    /// The domain to which it belongs.
    pub domain: Domain,
}

/// The domain of a router, as GT-ITM's labels tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Domain {
    /// Transit domain number `.0`.
    Transit(u32),
    /// Stub domain `stub` of transit node `node` of transit domain `transit`.
    Stub {
        /// The transit domain.
        transit: u32,
        /// The transit node within its domain.
        node: u32,
        /// The stub domain among those of the transit node.
        stub: u32,
    },
    /// The graph has no domains.
    None,
}

impl Graph {
    /// The domains to which its routers belong: transit domains first, each kind by number.
    pub fn domains(&self) -> BTreeSet<Domain> {
        let domains = self.routers.iter().map(|router| router.domain);
        domains.filter(|domain| *domain != Domain::None).collect()
    }

    /// Whether any two links join the same routers.
    pub(super) fn has_parallels(&self) -> bool {
        let ends = self.links.iter().map(|link| {
            let [one, other] = link.ends;
            [one.min(other), one.max(other)]
        });
        let mut ends: Vec<[RouterId; 2]> = ends.collect();
        ends.sort_unstable();
        ends.windows(2).any(|pair| pair[0] == pair[1])
    }

    /// The class of a link of this graph.
    pub fn class_of(&self, link: &Link) -> LinkClass {
        let [a, b] = link.ends.map(|end| self.routers[end.index()].domain);
        LinkClass::between(a, b)
    }
}

impl Domain {
    /// Its name: what GT-ITM's labels of its routers have in common, `T:0` or `S:0.1/2`; `None` if this
    /// is no domain.
    pub fn name(self) -> Option<String> {
        match self {
            Self::Transit(transit) => Some(format!("T:{transit}")),
            Self::Stub {
                transit,
                node,
                stub,
            } => Some(format!("S:{transit}.{node}/{stub}")),
            Self::None => None,
        }
    }

    /// The domain of this [name](Self::name), or [`Self::None`] if none can be called so.
    pub fn from_name(name: &str) -> Self {
        Self::from_label(&format!("{name}.0"))
    }

    /// The domain in GT-ITM's label of a router: `T:<domain>.<node>` or
    /// `S:<domain>.<transit node>/<stub>.<node>`, all decimal. Any other label tells none.
    pub fn from_label(label: &str) -> Self {
        Self::transit_from_label(label)
            .or_else(|| Self::stub_from_label(label))
            .unwrap_or(Self::None)
    }

    fn transit_from_label(label: &str) -> Option<Self> {
        let (transit, _node) = number_pair(label.strip_prefix("T:")?)?;
        Some(Self::Transit(transit))
    }

    fn stub_from_label(label: &str) -> Option<Self> {
        let (transit_node, stub_node) = label.strip_prefix("S:")?.split_once('/')?;
        let (transit, node) = number_pair(transit_node)?;
        let (stub, _node) = number_pair(stub_node)?;
        Some(Self::Stub {
            transit,
            node,
            stub,
        })
    }
}

/// The two numbers of `3.14`.
fn number_pair(text: &str) -> Option<(u32, u32)> {
    let number = |digits: &str| {
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse().ok()).flatten()
    };
    let (first, second) = text.split_once('.')?;
    Some((number(first)?, number(second)?))
}

/// What a link joins, as the domains of its two routers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkClass {
    /// Two routers of one transit domain.
    IntraTransit,
    /// Two transit domains.
    InterTransit,
    /// A transit and a stub domain.
    TransitStub,
    /// Two routers of one stub domain.
    IntraStub,
    /// Two stub domains.
    StubStub,
    /// A router without a domain and any other.
    NoDomain,
}

impl LinkClass {
    /// The class of a link between routers of these domains.
    pub fn between(a: Domain, b: Domain) -> Self {
        match (a, b) {
            (Domain::Transit(a), Domain::Transit(b)) if a == b => Self::IntraTransit,
            (Domain::Transit(_), Domain::Transit(_)) => Self::InterTransit,
            (Domain::Transit(_), Domain::Stub { .. })
            | (Domain::Stub { .. }, Domain::Transit(_)) => Self::TransitStub,
            (Domain::Stub { .. }, Domain::Stub { .. }) if a == b => Self::IntraStub,
            (Domain::Stub { .. }, Domain::Stub { .. }) => Self::StubStub,
            (Domain::None, _) | (_, Domain::None) => Self::NoDomain,
        }
    }
}

/// One undirected link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Its two routers (the same one twice for a loop).
    pub ends: [RouterId; 2],
    /// Its length in the graph's own unit; an integer in GT-ITM's files, finite and ≥ 0 always.
    pub length: f64,
    /// GT-ITM's policy weight (arc field `a`); 0 in flat graphs.
    pub weight: u32,
}

#[cfg(test)]
mod tests {
    use super::Domain;

    #[test]
    fn labels_tell_domains() {
        let stub = Domain::Stub {
            transit: 3,
            node: 14,
            stub: 15,
        };
        assert_eq!(Domain::from_label("T:2.71"), Domain::Transit(2));
        assert_eq!(Domain::from_label("S:3.14/15.9"), stub);
        for label in [
            "",
            "7",
            "Chicago",
            "T:",
            "T:1",
            "T:1.",
            "T:.1",
            "T:+1.2",
            "T:1.2.3",
            "T:1.2/3.4",
            "S:1.2",
            "S:1.2/3",
            "S:1.2/3.-4",
            "S:1.2/3.4/5.6",
            "t:1.2",
            "T:4294967296.0",
        ] {
            assert_eq!(Domain::from_label(label), Domain::None, "{label}");
        }
    }
}
