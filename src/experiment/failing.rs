//! Whether what is to fail in the network, and the bandwidth of its links, fit the graph.
//!
//! This module does *not* know when anything fails.

use crate::error::{Error, Result, nearest};
use crate::parameters::Problem;
use crate::random::alternation::Alternation;
use crate::simulation::network::Conditions;
use crate::system::Underlay;
use crate::time::Span;
use crate::topology::Domain;

/// More changes of links and routers in a second are refused: each one means other routes.
const CHANGES_PER_S_MAX: f64 = 1000.0;

/// The latencies of all slow links together stay below this: a year.
const SUM_NS_MAX: f64 = 365.0 * 24.0 * 3600.0 * 1e9;

/// The span for which they are estimated: a longer period counts as one of an hour.
const WATCHED: Span = Span::from_s(3600);

/// The maximum number of domains that are listed.
const LISTED_MAX: usize = 40;

/// Refuses domains that are not there, and periods so short that links and routers would do nothing
/// but change.
pub(super) fn check(conditions: &Conditions, underlay: &Underlay) -> Result<()> {
    for (number, partition) in conditions.partitions.iter().enumerate() {
        check_domain(&partition.domain, underlay)
            .map_err(|error| error.at(format!("/network/partitions/{number}/domain")))?;
    }
    for (number, slowdown) in conditions.slowdowns.iter().enumerate() {
        let place = |member: &str| format!("/network/slowdowns/{number}/{member}");
        if let Some(domain) = &slowdown.domain {
            check_domain(domain, underlay).map_err(|error| error.at(place("domain")))?;
        }
        check_factor(slowdown.factor.0, underlay).map_err(|error| error.at(place("factor")))?;
    }
    if conditions.have_queues() && underlay.routes.are_direct() {
        let what = "the underlay is a matrix of latencies, which has no links for which packets could wait";
        let error = Error::new(what).at("/network/bandwidth_mbps");
        return Err(error.help("use null"));
    }
    let links = underlay.routes.simple_links().count();
    let routers = underlay.graph.routers.len();
    for (name, what, count, failing) in [
        ("link_failures", "links", links, &conditions.link_failures),
        (
            "router_failures",
            "routers",
            routers,
            &conditions.router_failures,
        ),
    ] {
        if let Some(failing) = failing {
            let place = format!("/network/{name}");
            if what == "links" && underlay.routes.are_direct() {
                return Err(Error::new(
                    "the underlay is a matrix of latencies, which has no links that could fail",
                )
                .at(place)
                .help("leave it out, or let routers fail"));
            }
            let alternation = failing.alternation(&place).map_err(Problem::error)?;
            check_rate(alternation, (count, what)).map_err(|error| error.at(place))?;
        }
    }
    Ok(())
}

fn check_rate(alternation: Alternation, (count, what): (usize, &str)) -> Result<()> {
    let changes = alternation.changes_per_s(count, WATCHED);
    if changes <= CHANGES_PER_S_MAX {
        return Ok(());
    }
    let changes = if changes < 1e15 {
        format!("about {changes:.0} times")
    } else {
        "without end".to_owned()
    };
    Err(Error::new(format!(
        "{count} {what} would change {changes} per second, and routes with them; at most \
        {CHANGES_PER_S_MAX} changes are simulated"
    ))
    .help("make `up` or `down` longer"))
}

/// The latencies of all links, `factor` times as long, can be added up.
fn check_factor(factor: f64, underlay: &Underlay) -> Result<()> {
    let links = underlay.routes.simple_links();
    let sum: f64 = links.map(|(_, _, latency)| latency.as_ns() as f64).sum();
    if sum * factor < SUM_NS_MAX {
        return Ok(());
    }
    let what =
        format!("links that take {factor} times as long take more time than can be simulated");
    Err(Error::new(what).help("lower it"))
}

fn check_domain(name: &str, underlay: &Underlay) -> Result<()> {
    let domains = underlay.graph.domains();
    if domains.contains(&Domain::from_name(name)) {
        return Ok(());
    }
    let names: Vec<String> = domains.into_iter().filter_map(Domain::name).collect();
    let close = nearest(name, names.iter().map(String::as_str));
    let listed = &names[..names.len().min(LISTED_MAX)];
    let list = match names.len() - listed.len() {
        0 => listed.join(", "),
        more => format!("{} and {more} more", listed.join(", ")),
    };
    let help = match (close, names.is_empty()) {
        (_, true) => "only graphs with GT-ITM's labels have domains, such as T:0 or S:0.1/2".into(),
        (Some(close), false) => format!("did you mean {close}? The domains are {list}"),
        (None, false) => format!("the domains are {list}"),
    };
    let name = name.escape_debug();
    Err(Error::new(format!("the graph has no domain `{name}`")).help(help))
}
