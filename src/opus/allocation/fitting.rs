//! Whether the parameters of a run fit its underlay, and the files that they name.
//!
//! What members have wrong among themselves is known before, see [`config`](super::config). This module does *not*
//! know what becomes of a run.

use std::path::Path;
use std::sync::Arc;

use super::config::Demand;
use super::manager::SILENT_HEARTBEATS;
use super::placing::{self, Need, Replicas};
use super::trace::Trace;
use crate::error::{Error, Result};
use crate::opus;
use crate::opus::config::Opus;
use crate::opus::nodes;
use crate::opus::number::Region;
use crate::opus::tracking;
use crate::parameters::ReadFile;
use crate::system::Underlay;
use crate::time::Span;
use crate::topology::Domain;

/// No domain has more replicas of an application where they are spread best, unless domains are few.
const ROOM_MAX: u32 = 64;

/// The demands of all applications fit `regions` regions and the duration.
pub(super) fn check_demands(config: &Opus, regions: u32) -> Result<()> {
    let duration_s = config.allocation.duration_s.0;
    for (number, application) in config.applications.iter().enumerate() {
        for (part, demand) in application.demand.iter().enumerate() {
            let place = |member| opus::pointer(&format!("{}/{member}", demand.place(number, part)));
            let named = demand.regions().into_iter().flatten();
            if let Some(Region(region)) = named.copied().find(|&Region(region)| region >= regions) {
                let what = format!("there is no region {region}: the underlay has {regions}");
                return Err(Error::new(what)
                    .at(place("regions"))
                    .help(format!("regions are numbered 0 to {}", regions - 1)));
            }
            if let Demand::Trace(trace) = demand {
                let checked = match &trace.rates {
                    Some(rates) => rates.check(regions, duration_s),
                    None => Err(Error::new("the demand trace has not been read")),
                };
                checked.map_err(|error| error.at(&trace.file).at(place("file")))?;
            }
        }
    }
    Ok(())
}

/// Has the demand traces read by `read`; whether there are any.
pub(super) fn supply(config: &mut Opus, read: ReadFile<'_>) -> Result<bool> {
    let mut has_traces = false;
    for (number, application) in config.applications.iter_mut().enumerate() {
        for (part, demand) in application.demand.iter_mut().enumerate() {
            let place = demand.place(number, part);
            if let Demand::Trace(told) = demand {
                has_traces = true;
                let parsed = read(Path::new(&told.file))
                    .and_then(|text| Trace::parse(&text).map_err(|error| error.at(&told.file)));
                let place = || opus::pointer(&format!("{place}/file"));
                told.rates = Some(Arc::new(parsed.map_err(|error| error.at(place()))?));
            }
        }
    }
    Ok(has_traces)
}

/// Trackers can work here, and clients wait long enough for the answer of a node that lives.
pub(super) fn check_tracking(underlay: &Underlay, config: &Opus) -> Result<()> {
    let (rules, allocation) = (&config.tracking, &config.allocation);
    let (access, scope) = (config.nodes.access()[1], config.demand_scope());
    tracking::fits(underlay, access, rules, scope, allocation.duration_s.span())?;
    if allocation.report_s.span() < rules.timeout_ms.span() {
        let what = format!(
            "clients that report every {} s would consider live nodes dead: an answer may take \
            `tracking/timeout_ms`, {} ms",
            allocation.report_s.0, rules.timeout_ms.0
        );
        return Err(Error::new(what)
            .at(opus::pointer("allocation/report_s"))
            .help("raise `report_s`, or lower `timeout_ms`"));
    }
    Ok(())
}

/// A node's first sign of life comes before the manager, which stands beside node 0, gives the node
/// up: a heartbeat and the way there may have passed until then.
pub(super) fn check_heartbeat(underlay: &Underlay, config: &Opus) -> Result<()> {
    let way_ms = nodes::longest_way_ms(underlay, config.nodes.access()[1]);
    let spare_ms = (SILENT_HEARTBEATS - 1) as f64 * config.allocation.heartbeat_s.span().as_ms();
    if spare_ms > way_ms {
        return Ok(());
    }
    let what = format!(
        "a heartbeat can take up to {way_ms} ms to the manager here, so a `heartbeat_s` of {} \
        would make live nodes seem dead: {} heartbeats must be longer than this latency",
        config.allocation.heartbeat_s.0,
        SILENT_HEARTBEATS - 1
    );
    Err(Error::new(what)
        .at(opus::pointer("allocation/heartbeat_s"))
        .help("raise `heartbeat_s`, or lower `latency_ms_per_unit`"))
}

/// What the applications with a quorum need here.
pub(super) fn needs(underlay: &Underlay, config: &Opus) -> Vec<Need> {
    if config.quorums().next().is_none() {
        return Vec::new();
    }
    let way_ms = nodes::longest_way_ms(underlay, config.nodes.access()[1]);
    placing::needs(config, Span::from_ns((way_ms * 1e6) as u64))
}

/// There are stub domains if these are to fail, and the nodes suffice for all replicas, wherever they are drawn to be at
/// best.
pub(super) fn check_replicas(underlay: &Underlay, config: &Opus) -> Result<()> {
    let all = underlay.graph.domains();
    let stubs = all
        .iter()
        .filter(|domain| matches!(domain, Domain::Stub { .. }));
    let domains = stubs.count();
    if config.domain_failures.is_some() && domains == 0 {
        return Err(
            Error::new("stub domains should fail, but this underlay has none")
                .at(opus::pointer("domain_failures"))
                .help("use a transit-stub graph, or write null"),
        );
    }
    let nodes = config.nodes.count.0 - 1;
    // Where only nodes fail it does not matter where they are.
    let places = if config.domain_failures.is_some() {
        domains.min(nodes as usize)
    } else {
        1
    };
    // All nodes have room in the domains together.
    let most = ROOM_MAX.max(nodes.div_ceil(places.max(1) as u32));
    let rooms = vec![nodes.min(most); places];
    let mut sum = 0;
    for need in needs(underlay, config) {
        let place = |member| {
            let entry = config.entry(need.application);
            opus::pointer(&format!("applications/{entry}/sla/{member}"))
        };
        if need.quorum > nodes {
            let what = format!(
                "{} replicas should serve at once, but only {nodes} nodes can be replicas (node 0 is none)",
                need.quorum
            );
            let error = Error::new(what).at(place("quorum"));
            return Err(error.help("lower it, or raise the nodes' `count`"));
        }
        let least = need.chances.least(&rooms, need.quorum, need.target);
        let count = least.map(|spread| spread.counts.iter().sum::<u32>());
        match count {
            Ok(count) if count <= nodes => {
                check_share(config, need.application, count)?;
                sum += count;
            }
            _ => return Err(unreachable(&need, nodes, &rooms).at(place("availability"))),
        }
    }
    if sum > nodes {
        let what = format!(
            "the applications need {sum} replicas to reach their availability, but only {nodes} nodes can be replicas \
            (node 0 is none)"
        );
        return Err(Error::new(what)
            .at(opus::pointer("nodes/count"))
            .help("raise it, or lower an `availability`"));
    }
    Ok(())
}

/// All applications with a quorum are expected to be available for as long as they should, with the replicas that could
/// be chosen among the nodes where a run draws them.
pub(super) fn check_placed(config: &Opus, replicas: &Replicas) -> Result<()> {
    let Some(plan) = replicas.short() else {
        let mut plans = replicas.plans.iter();
        return plans.try_for_each(|plan| check_share(config, plan.application, plan.count));
    };
    let what = format!(
        "with {} replicas on the nodes where this run draws them, application {} is available for {:.9} of the time by \
        the laws of failure, which is less than {}",
        plan.count, plan.application, plan.expected, plan.target
    );
    let entry = config.entry(plan.application);
    let place = opus::pointer(&format!("applications/{entry}/sla/availability"));
    Err(Error::new(what)
        .at(place)
        .help("lower it, raise the nodes' `count`, or draw other places by another `seed`"))
}

/// With `isolation` no application has more replicas than its share: else another could not have its own.
fn check_share(config: &Opus, application: u16, count: u32) -> Result<()> {
    let share = config.nodes.count.0 / config.all_applications().count() as u32;
    if !config.allocation.isolates() || count <= share {
        return Ok(());
    }
    let what = format!(
        "application {application} needs {count} replicas to reach its availability, more than its equal share of {share} \
        nodes, which `isolation` leaves to each application"
    );
    let entry = config.entry(application);
    let place = opus::pointer(&format!("applications/{entry}/sla/availability"));
    Err(Error::new(what)
        .at(place)
        .help("lower it or the `quorum`, raise the nodes' `count`, or make `isolation` false"))
}

/// No placement of replicas on so many nodes, in domains with these rooms, reaches the target.
fn unreachable(need: &Need, nodes: u32, rooms: &[u32]) -> Error {
    let best = need.chances.best(rooms, need.quorum, nodes);
    let best = best.map_or(0.0, |spread| spread.chance);
    let what = format!(
        "no placement of replicas on {nodes} nodes reaches an availability of {}: with all of them, spread over the domains \
        in the best way that was found, it is {best:.9}",
        need.target
    );
    Error::new(what).help("lower it, or raise the nodes' `count`")
}
