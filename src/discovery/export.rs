//! One run for inspection: `world.json`, `requests.csv`, `brokers.csv`.
//!
//! These files are what an independent check of a run stands on. This module does *not* know where
//! they are put.

use std::fmt::Write as _;

use serde::Serialize;

use super::environment::mobile;
use super::{Discovery, GCU, Mechanism, Record, RequestId, RequestOutcome, gbu, gcu};
use crate::constraint::Attributes;
use crate::system::{Export, Underlay};
use crate::time::Span;
use crate::topology::{RouterId, Routes};
use crate::unit::UnitId;

/// What can be written of a run.
pub(super) fn exports<M: Mechanism>() -> Vec<Export<Discovery<M>>> {
    vec![
        Export {
            name: "world",
            about: "the overlay: routers, links, brokers, computers, offers, disconnected units",
            write: world,
        },
        Export {
            name: "requests",
            about: "a line per request: outcome, providers, latency, messages",
            write: requests,
        },
        Export {
            name: "brokers",
            about: "a line per broker: depth, requests handled, messages",
            write: brokers,
        },
        Export {
            name: "membership",
            about: "a line for each time that a unit with sessions comes or goes, or that a leader enters a \
                    member, with sessions or not, lets it go or finds it gone (under loss, perhaps wrongly)",
            write: membership,
        },
    ]
}

/// The overlay before the disconnections, and who is disconnected.
#[derive(Serialize)]
struct World<'w> {
    routers: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<Vec<(u32, u32, u64)>>,
    /// In place of links, in nanoseconds: from each router to each.
    #[serde(skip_serializing_if = "Option::is_none")]
    latencies: Option<Vec<Vec<u64>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<&'w Attributes>,
    /// Their canonical texts; offers and requests are numbers of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    constraints: Option<Vec<String>>,
    gbus: Vec<WorldGbu>,
    gcus: Vec<WorldGcu<'w>>,
}

#[derive(Serialize)]
struct WorldGbu {
    id: u32,
    router: u32,
    parent: Option<u32>,
    disconnected: bool,
}

#[derive(Serialize)]
struct WorldGcu<'w> {
    id: u32,
    gbu: u32,
    router: u32,
    access_ns: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'w str>,
    offers: Vec<u32>,
    disconnected: bool,
}

fn world<M: Mechanism>(system: &Discovery<M>, underlay: &Underlay, _: &Record<M>) -> Vec<u8> {
    let drawn = system.world();
    let gone = |unit| drawn.disconnected.contains(&unit);
    let list = drawn.brokers.list();
    let gbus = drawn.gbus().iter().zip(0..).map(|(broker, id)| WorldGbu {
        id,
        router: broker.router.0,
        parent: broker.parent,
        disconnected: gone(gbu(id)),
    });
    let population = &drawn.population;
    let gcus = population
        .computers()
        .zip(0..)
        .map(|(computer, id)| WorldGcu {
            id,
            gbu: computer.broker,
            router: list[computer.broker as usize].router.0,
            access_ns: drawn.access(computer).as_ns(),
            class: drawn.class(computer).map(|class| &*class.name.0),
            offers: population.offers(id).map(|service| service.0).collect(),
            disconnected: gone(gcu(id)),
        });
    let routes = &underlay.routes;
    let constraints = drawn.matching.constraints();
    let world = World {
        routers: underlay.routes.router_count(),
        links: (!routes.are_direct()).then(|| {
            let links = routes.simple_links();
            links.map(|(u, v, span)| (u.0, v.0, span.as_ns())).collect()
        }),
        latencies: routes.are_direct().then(|| matrix(routes)),
        attributes: constraints.map(|all| all.attributes()),
        constraints: constraints.map(|all| all.texts().collect()),
        gbus: gbus.collect(),
        gcus: gcus.collect(),
    };
    let mut bytes = serde_json::to_vec(&world).expect("numbers and lists can be written as JSON");
    bytes.push(b'\n');
    bytes
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

fn requests<M: Mechanism>(system: &Discovery<M>, _: &Underlay, record: &Record<M>) -> Vec<u8> {
    let mut text = String::from(
        "request,time_ns,gcu,service,instances,outcome,providers,latency_ns,messages,hops,level\n",
    );
    let instances = system.world().config.requests.instances.0;
    let requests = &system.world().requests;
    for ((request, observed), id) in requests.iter().zip(record.requests()).zip(0_u32..) {
        let (outcome, latency) = observed.end();
        let (outcome, latency) = match outcome {
            RequestOutcome::Accepted => ("accepted", latency.as_ns().to_string()),
            RequestOutcome::Rejected => ("rejected", latency.as_ns().to_string()),
            RequestOutcome::Local => ("local", String::new()),
        };
        let (mechanism, number) = (&system.mechanism, RequestId(id));
        let first = observed.providers.first();
        let hops = first.and_then(|first| record.hops(mechanism, number, first.index()));
        let level = record.level(mechanism, number, instances);
        let [hops, level] = [hops, level].map(|cell| cell.map_or(String::new(), |n| n.to_string()));
        let providers: Vec<String> = observed
            .providers
            .iter()
            .map(|provider| provider.index().to_string())
            .collect();
        let (time, gcu, service) = (observed.issued.as_ns(), request.computer, request.service.0);
        let (providers, messages) = (providers.join(";"), observed.messages);
        writeln!(
            text,
            "{id},{time},{gcu},{service},{instances},{outcome},{providers},{latency},{messages},{hops},{level}"
        )
        .expect("writing to a string succeeds");
    }
    text.into_bytes()
}

fn brokers<M: Mechanism>(system: &Discovery<M>, _: &Underlay, record: &Record<M>) -> Vec<u8> {
    let mut text = String::from("gbu,depth,requests_handled,messages\n");
    let brokers = system.world().gbus();
    for ((broker, observed), id) in brokers.iter().zip(record.brokers()).zip(0..) {
        writeln!(
            text,
            "{id},{},{},{}",
            broker.depth, observed.requests, observed.messages
        )
        .expect("writing to a string succeeds");
    }
    text.into_bytes()
}

/// Who has sessions or failures and is up or down at 0; then what has happened until the last request has ended. Units
/// that are disconnected for good have no part in it.
fn membership<M: Mechanism>(system: &Discovery<M>, _: &Underlay, record: &Record<M>) -> Vec<u8> {
    let with_leaders = system.mechanism.changes_leaders();
    let mut text = String::from("time_ns,unit,event");
    text.push_str(if with_leaders { ",leader\n" } else { "\n" });
    let mut line = |time: u64, unit: &str, event: &str, leader: Option<UnitId>| {
        write!(text, "{time},{unit},{event}").expect("writing to a string succeeds");
        if with_leaders {
            text.push(',');
            text.push_str(&leader.map_or(String::new(), name));
        }
        text.push('\n');
    };
    let world = system.world();
    for unit in mobile(world) {
        let is_down = world.absent.binary_search(&unit).is_ok();
        line(0, &name(unit), if is_down { "down" } else { "up" }, None);
    }
    let end = record.end();
    let observed = record.presence().filter(|_| world.config.has_comings());
    let events = observed.map(|all| all.events(end));
    let events = events.into_iter().flatten();
    for observed in events.filter(|observed| !world.disconnected.contains(&observed.unit)) {
        let at = observed.at.as_ns();
        let event = observed.event;
        line(at, &name(observed.unit), event.name(), event.leader());
    }
    line(end.as_ns(), "", "end", None);
    text.into_bytes()
}

/// What a unit is called: `gcu/17`.
fn name(unit: UnitId) -> String {
    let kind = if unit.kind() == GCU { "gcu" } else { "gbu" };
    format!("{kind}/{}", unit.index())
}
