//! Broker placement: which routers have a broker, and which broker leads which.
//!
//! It does *not* know computers, nor what a broker does.

mod listed;

use std::collections::BTreeMap;

pub use self::listed::Listed;
use super::config::{self, BrokerFile, Placement};
use crate::error::{Error, Result};
use crate::parameters::number::BoundedCount;
use crate::system::Underlay;
use crate::time::Span;
use crate::topology::Domain;
use crate::topology::RouterId;

/// One broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broker {
    /// The router on which it sits.
    pub router: RouterId,
    /// Its super-broker's number; `None` for the root.
    pub parent: Option<u32>,
    /// How many brokers lie above it.
    pub depth: u32,
}

/// The tree of brokers; a broker's number is its index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brokers {
    list: Vec<Broker>,
    root: u32,
}

impl Brokers {
    /// Places the brokers of `config` on `underlay`.
    ///
    /// # Errors
    /// If brokers are to stand in domains and a router belongs to none, if the router of the root, or one that
    /// a file lists, is no router of the graph, or if there is no transit router to choose for the root.
    pub fn place(underlay: &Underlay, config: &config::Brokers) -> Result<Self> {
        let root = || match config.root() {
            Some(root) => {
                existing(underlay, root, "root router").map_err(|error| error.at(at("root")))
            }
            None => central_transit_router(underlay),
        };
        let parents = match &config.placement {
            Placement::EveryRouter => every_router(underlay, root()?),
            Placement::Domains => {
                // What is missing for the placement comes before what is missing for the root.
                check_domains(underlay)?;
                domains(underlay, root()?)
            }
            Placement::Tree(BoundedCount(fanout)) => tree(underlay, root()?, *fanout),
            Placement::File(file) => listed(underlay, config, file)?,
        };
        Ok(Self::from_parents(&parents))
    }

    /// The brokers, by number.
    pub fn list(&self) -> &[Broker] {
        &self.list
    }

    /// The root's number.
    pub fn root(&self) -> u32 {
        self.root
    }

    /// How many levels of brokers there are below the root.
    pub fn levels(&self) -> u32 {
        let depths = self.list.iter().map(|broker| broker.depth);
        depths.max().unwrap_or(0)
    }

    /// Edges of the tree between two brokers. O(depth).
    ///
    /// # Panics
    /// If a number is not one of the brokers'.
    pub fn distance(&self, a: u32, b: u32) -> u32 {
        let (mut a, mut b, mut edges) = (a, b, 0);
        while a != b {
            let (depth_a, depth_b) = (self.list[a as usize].depth, self.list[b as usize].depth);
            let lower = if depth_a >= depth_b { &mut a } else { &mut b };
            *lower = self.list[*lower as usize]
                .parent
                .expect("two brokers have a common leader");
            edges += 1;
        }
        edges
    }

    /// How many levels above the broker `of` its lowest super-broker is that leads `other` as well, directly
    /// or not; 0 if it leads `other` itself.
    ///
    /// # Panics
    /// If a number is not one of the brokers'.
    pub fn levels_up(&self, of: u32, other: u32) -> u32 {
        let depth = |broker: u32| self.list[broker as usize].depth;
        // This many of the edges between the two lead down to `other`.
        let down = (self.distance(of, other) + depth(other) - depth(of)) / 2;
        self.distance(of, other) - down
    }

    /// The numbers of all brokers, leaders before the led.
    pub fn top_down(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.list.len() as u32).collect();
        order.sort_by_key(|&broker| (self.list[broker as usize].depth, broker));
        order
    }

    /// The brokers on these routers, each with its super-broker's number: a tree.
    ///
    /// # Panics
    /// If there is no root, or a number is not one of the brokers'.
    pub fn from_parents(parents: &[(RouterId, Option<u32>)]) -> Self {
        let depth = |mut broker: u32| {
            let mut depth = 0;
            while let Some(parent) = parents[broker as usize].1 {
                broker = parent;
                depth += 1;
            }
            depth
        };
        let list: Vec<Broker> = parents
            .iter()
            .zip(0..)
            .map(|(&(router, parent), broker)| Broker {
                router,
                parent,
                depth: depth(broker),
            })
            .collect();
        let root = list.iter().position(|broker| broker.parent.is_none());
        Self {
            root: root.expect("a tree has a root") as u32,
            list,
        }
    }
}

/// The transit router from which the farthest router is nearest; the lowest number on a tie.
fn central_transit_router(underlay: &Underlay) -> Result<RouterId> {
    let routers = &underlay.graph.routers;
    (0..routers.len() as u32)
        .map(RouterId)
        .filter(|router| matches!(routers[router.index()].domain, Domain::Transit(_)))
        .min_by_key(|&router| underlay.routes.eccentricity(router))
        .ok_or_else(|| {
            Error::new(
                "the topology has no transit routers, so the router of the root broker is \
            unknown",
            )
            .at("/system/*/brokers/root")
            .help("name the root's router, for instance --set /system/*/brokers/root=0")
        })
}

/// `router`, called `name` in errors, if the graph has it.
///
/// # Errors
/// Otherwise.
fn existing(underlay: &Underlay, router: RouterId, name: &str) -> Result<RouterId> {
    let routers = underlay.graph.routers.len();
    if router.index() < routers {
        return Ok(router);
    }
    let what = format!("the {name} {} does not exist", router.0);
    Err(Error::new(what).help(format!("the topology has the routers 0 to {}", routers - 1)))
}

/// Where the member `member` of the brokers stands.
fn at(member: &str) -> String {
    format!("/system/*/brokers/{member}")
}

/// The brokers that a file lists.
fn listed(
    underlay: &Underlay,
    config: &config::Brokers,
    file: &BrokerFile,
) -> Result<Vec<(RouterId, Option<u32>)>> {
    let member = "placement/file";
    let Some(listed) = &file.listed else {
        let what = format!("the file {} has not been read", file.path);
        return Err(Error::new(what).at(at(member)));
    };
    let (last, line) = listed.last();
    existing(underlay, last, "router")
        .map_err(|error| error.at(line).at(&file.path).at(at(member)))?;
    match config.root() {
        Some(root) if root != listed.root() => Err(Error::new(format!(
            "the root is to be on router {}, but {} has it on router {}",
            root.0,
            file.path,
            listed.root().0
        ))
        .at("/system/*/brokers/root")
        .help("set it to null")),
        _ => Ok(listed.brokers()),
    }
}

/// How near to the root a router is: by latency, then by links; the number settles a tie.
fn nearness(underlay: &Underlay, router: RouterId, root: RouterId) -> (Span, u32, RouterId) {
    let (latency, links) = underlay.routes.latency_and_links(router, root);
    (latency, links, router)
}

/// One broker a router, in a tree that is filled from the root downwards with the routers as they get
/// farther from it; each broker leads `fanout` others while there are any.
fn tree(underlay: &Underlay, root: RouterId, fanout: u32) -> Vec<(RouterId, Option<u32>)> {
    let mut order: Vec<RouterId> = (0..underlay.routes.router_count()).map(RouterId).collect();
    // The root comes first, also where another router is at no distance from it.
    order.sort_by_cached_key(|&router| (router != root, nearness(underlay, router, root)));
    let mut parents = vec![(root, None); order.len()];
    for (place, &router) in order.iter().enumerate() {
        let above = place.checked_sub(1);
        let above = above.map(|before| order[before / fanout as usize].0);
        parents[router.index()] = (router, above);
    }
    parents
}

/// One broker a router; a broker's super-broker sits on the next router towards the root.
fn every_router(underlay: &Underlay, root: RouterId) -> Vec<(RouterId, Option<u32>)> {
    (0..underlay.routes.router_count())
        .map(RouterId)
        .map(|router| {
            let parent = (router != root).then(|| underlay.routes.next_hop(router, root).0);
            (router, parent)
        })
        .collect()
}

/// Checks that each router belongs to a domain.
///
/// # Errors
/// Names the first that belongs to none.
fn check_domains(underlay: &Underlay) -> Result<()> {
    let mut routers = (0..).zip(&underlay.graph.routers);
    let Some((number, router)) = routers.find(|(_, router)| router.domain == Domain::None) else {
        return Ok(());
    };
    let number: u32 = number;
    let what = format!(
        "brokers are placed in domains, but router {number} ({}) belongs to none",
        router.label
    );
    Err(Error::new(what).at(at("placement")).help(
        "use the placement \"every-router\", or a topology that tells domains: a transit-stub one, or CAIDA's \
         relations between autonomous systems (`as-rel`)",
    ))
}

/// One broker a domain, on its router nearest to the root; brokers are numbered transit domains
/// first. Each router belongs to a domain.
fn domains(underlay: &Underlay, root: RouterId) -> Vec<(RouterId, Option<u32>)> {
    let routers = &underlay.graph.routers;
    let nearness = |router: RouterId| nearness(underlay, router, root);
    let mut leaders: BTreeMap<Domain, RouterId> = BTreeMap::new();
    for router in (0..routers.len() as u32).map(RouterId) {
        let domain = routers[router.index()].domain;
        let leader = leaders.entry(domain).or_insert(router);
        if nearness(router) < nearness(*leader) {
            *leader = router;
        }
    }
    let numbers: BTreeMap<Domain, u32> = leaders.keys().copied().zip(0..).collect();
    let root_domain = routers[root.index()].domain;
    let parent_of = |domain: Domain, leader: RouterId| -> Option<u32> {
        if domain == root_domain {
            return None;
        }
        let (latency, links, _) = nearness(leader);
        let mut at = leader;
        while at != root {
            at = underlay.routes.next_hop(at, root);
            let other = routers[at.index()].domain;
            let (other_latency, other_links, _) = nearness(leaders[&other]);
            if other != domain && (other_latency, other_links) < (latency, links) {
                return Some(numbers[&other]);
            }
        }
        Some(numbers[&root_domain])
    };
    leaders
        .iter()
        .map(|(&domain, &leader)| (leader, parent_of(domain, leader)))
        .collect()
}
