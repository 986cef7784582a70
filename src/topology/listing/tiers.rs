//! Domains that the relations between autonomous systems tell: who has customers carries traffic of
//! others, and is a transit domain; who has none is a stub domain of its first provider.
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
    let relations = links.iter().zip(edge_of).filter(|(link, edge)| {
        let told = listing.edges[**edge].data.get(&listing.columns, column);
        told == Some(PROVIDER) && link.ends[0] != link.ends[1]
    });
    let mut has_customers = vec![false; routers.len()];
    let mut provider: Vec<Option<usize>> = vec![None; routers.len()];
    for (link, _) in relations {
        let [above, below] = link.ends.map(RouterId::index);
        has_customers[above] = true;
        provider[below].get_or_insert(above);
    }
    let mut transit = vec![0; routers.len()];
    let mut count = 0;
    for (router, has_customers) in has_customers.iter().enumerate() {
        if *has_customers {
            transit[router] = count;
            routers[router].domain = Domain::Transit(count);
            count += 1;
        }
    }
    let mut stubs = vec![0; routers.len()];
    for (router, above) in provider.iter().enumerate() {
        if let Some(above) = above
            && !has_customers[router]
        {
            routers[router].domain = Domain::Stub {
                transit: transit[*above],
                node: 0,
                stub: stubs[*above],
            };
            stubs[*above] += 1;
        }
    }
}
