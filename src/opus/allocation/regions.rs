//! Regions: which routers that carry nodes belong together.
//!
//! It does *not* know nodes or clients.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::opus;
use crate::opus::nodes::hosts;
use crate::system::Underlay;
use crate::time::Span;
use crate::topology::{Domain, RouterId};

/// The routers of each region, ascending: with a `count`, that number of clusters by latency; else those of each
/// transit domain (one region, if the graph has none).
///
/// # Errors
/// If there are fewer routers than regions.
pub(super) fn regions(underlay: &Underlay, count: Option<u32>) -> Result<Vec<Vec<RouterId>>> {
    let hosts = hosts(underlay);
    let Some(count) = count else {
        return Ok(by_domain(underlay, &hosts));
    };
    if count as usize > hosts.len() {
        let what = format!(
            "there should be {count} regions, but only {} routers have nodes",
            hosts.len()
        );
        return Err(Error::new(what)
            .at(opus::pointer("allocation/regions"))
            .help("ask for fewer"));
    }
    Ok(clusters(underlay, &hosts, count))
}

fn by_domain(underlay: &Underlay, hosts: &[RouterId]) -> Vec<Vec<RouterId>> {
    let mut domains: BTreeMap<Option<u32>, Vec<RouterId>> = BTreeMap::new();
    for &router in hosts {
        let domain = match underlay.graph.routers[router.index()].domain {
            Domain::Stub { transit, .. } | Domain::Transit(transit) => Some(transit),
            Domain::None => None,
        };
        domains.entry(domain).or_default().push(router);
    }
    domains.into_values().collect()
}

/// Clusters about centres that are far apart (Gonzalez: *Clustering to minimize the maximum
/// intercluster distance*, 1985): each centre is the router farthest from those before, each
/// router belongs to the nearest centre. Ties go to the lower number.
fn clusters(underlay: &Underlay, hosts: &[RouterId], count: u32) -> Vec<Vec<RouterId>> {
    let mut nearest: Vec<(Span, u32)> = vec![(Span::from_ns(u64::MAX), 0); hosts.len()];
    let mut centre = 0;
    for region in 0..count {
        for (host, nearest) in nearest.iter_mut().enumerate() {
            let latency = underlay.routes.latency(hosts[centre], hosts[host]);
            *nearest = (*nearest).min((latency, region));
        }
        let farthest =
            (0..hosts.len()).max_by(|&a, &b| nearest[a].0.cmp(&nearest[b].0).then(b.cmp(&a)));
        centre = farthest.unwrap_or_default();
    }
    let mut regions = vec![Vec::new(); count as usize];
    for (&router, (_, region)) in hosts.iter().zip(nearest) {
        regions[region as usize].push(router);
    }
    // Centres at latency 0 of each other leave one of them without a router of its own.
    regions.retain(|routers: &Vec<RouterId>| !routers.is_empty());
    regions
}
