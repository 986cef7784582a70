//! Domains that the relations between autonomous systems tell: who has customers carries traffic of
//! others, and is a transit domain; who has none is a stub domain of its first provider. Who has neither is a
//! stub domain of the first of its peers and siblings that has customers, or else a transit domain of its own.
//!
//! This module does *not* know which format tells the relations.

use super::columns::Kind;
use super::{Listing, names};
use crate::topology::{Domain, Link, Router, RouterId};

/// What an AS is to the one at the other end of an edge that begins at it.
const PROVIDER: &str = "-1";

/// Gives the routers their domains, if edges tell relations; `edge_of` is the edge of each link.
pub(super) fn tell(
    listing: &Listing<'_>,
    (links, edge_of): (&[Link], &[usize]),
    routers: &mut [Router],
) {
    let Some(column) = listing.columns.named(Kind::Edge, names::RELATIONSHIP) else {
        return;
    };
    let relations = links.iter().zip(edge_of).filter_map(|(link, edge)| {
        let told = listing.edges[*edge].data.get(&listing.columns, column)?;
        let ends = link.ends.map(RouterId::index);
        (ends[0] != ends[1]).then_some((told == PROVIDER, ends))
    });
    let systems = Systems::of(routers.len(), relations);
    let mut transit = vec![0; routers.len()];
    let mut count = 0;
    for (system, router) in routers.iter_mut().enumerate() {
        if systems.is_transit(system) {
            transit[system] = count;
            router.domain = Domain::Transit(count);
            count += 1;
        }
    }
    let mut stubs = vec![0; routers.len()];
    for (system, router) in routers.iter_mut().enumerate() {
        if let Some(above) = systems.above[system]
            && !systems.has_customers[system]
        {
            router.domain = Domain::Stub {
                transit: transit[above],
                node: 0,
                stub: stubs[above],
            };
            stubs[above] += 1;
        }
    }
}

/// What the relations tell of each system.
struct Systems {
    has_customers: Vec<bool>,
    /// Whether any relation names it.
    is_related: Vec<bool>,
    /// Its first provider; of one without, the first peer or sibling that has customers.
    above: Vec<Option<usize>>,
}

impl Systems {
    /// `relations`: whether the first of two is the provider of the second, and both.
    fn of(count: usize, relations: impl Iterator<Item = (bool, [usize; 2])> + Clone) -> Self {
        let mut systems = Self {
            has_customers: vec![false; count],
            is_related: vec![false; count],
            above: vec![None; count],
        };
        for (is_provider, [one, other]) in relations.clone() {
            systems.is_related[one] = true;
            systems.is_related[other] = true;
            if is_provider {
                systems.has_customers[one] = true;
                systems.above[other].get_or_insert(one);
            }
        }
        for (_, [one, other]) in relations.filter(|(is_provider, _)| !is_provider) {
            for (system, beside) in [(one, other), (other, one)] {
                if systems.has_customers[beside] {
                    systems.above[system].get_or_insert(beside);
                }
            }
        }
        systems
    }

    fn is_transit(&self, system: usize) -> bool {
        self.has_customers[system] || (self.is_related[system] && self.above[system].is_none())
    }
}
