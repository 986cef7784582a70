//! One run for inspection: `world.json`, `requests.csv`, `brokers.csv`.
//!
//! These files are what an independent check of a run stands on. This module does *not* know where
//! they are put.

use std::fmt::Write as _;

use serde::Serialize;

use super::config::UnitName;
use super::environment::mobile;
use super::{
    Discovery, Mechanism, Record, Request, RequestId, RequestOutcome, gbu, gcu, load, parts,
    scripted,
};
use crate::constraint::Attributes;
use crate::system::{Export, Queueing, Underlay};
use crate::time::Span;
use crate::topology::{WrittenNetwork, numbered_domains};
use crate::unit::UnitId;
use crate::words::WRITES;

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
            name: "links",
            about: "where links have a bandwidth, a line for each direction of each: packets, waits, drops, share of the time \
                    that it is busy",
            write: links,
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
    #[serde(flatten)]
    network: WrittenNetwork,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<&'w Attributes>,
    /// Their canonical texts; offers and requests are numbers of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    constraints: Option<Vec<String>>,
    gbus: Vec<WorldGbu>,
    gcus: Vec<WorldGcu<'w>>,
    /// The administrative domain of each router, if there are any; null: it is in none.
    #[serde(skip_serializing_if = "Option::is_none")]
    domains: Option<Vec<Option<u32>>>,
    /// What the mechanism says besides.
    #[serde(flatten)]
    own: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct WorldGbu {
    id: u32,
    router: u32,
    parent: Option<u32>,
    disconnected: bool,
    /// Whether it has failed by rules as the requests begin.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    failed: bool,
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
    /// Whether it is a free rider.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    rides: bool,
}

fn world<M: Mechanism>(system: &Discovery<M>, underlay: &Underlay, _: &Record<M>) -> Vec<u8> {
    let drawn = system.world();
    let gone = |unit| drawn.disconnected.contains(&unit);
    let failed = scripted::failed_at_first(&drawn.scripted);
    let list = drawn.brokers.list();
    let gbus = drawn.gbus().iter().zip(0..).map(|(broker, id)| WorldGbu {
        id,
        router: broker.router.0,
        parent: broker.parent,
        disconnected: gone(gbu(id)),
        failed: failed.contains(&gbu(id)),
    });
    let population = &drawn.population;
    let gcus = population
        .computers()
        .zip(0..)
        .map(|(computer, id)| WorldGcu {
            id,
            gbu: system.mechanism.colony_of(id).unwrap_or(computer.broker),
            router: list[computer.broker as usize].router.0,
            access_ns: drawn.access(computer).as_ns(),
            class: drawn.class(computer).map(|class| &*class.name.0),
            offers: population.offers(id).map(|service| service.0).collect(),
            disconnected: gone(gcu(id)),
            rides: system.mechanism.rides(id).unwrap_or(false),
        });
    let constraints = drawn.matching.constraints();
    let own = system.mechanism.describe().into_iter();
    let world = World {
        network: WrittenNetwork::of(&underlay.routes),
        attributes: constraints.map(|all| all.attributes()),
        constraints: constraints.map(|all| all.texts().collect()),
        gbus: gbus.collect(),
        gcus: gcus.collect(),
        domains: numbered_domains(&underlay.graph),
        own: own.map(|(name, value)| (name.into(), value)).collect(),
    };
    let mut bytes = serde_json::to_vec(&world).expect("numbers and lists can be written as JSON");
    bytes.push(b'\n');
    bytes
}

fn requests<M: Mechanism>(system: &Discovery<M>, _: &Underlay, record: &Record<M>) -> Vec<u8> {
    let mut text = String::from(
        "request,time_ns,gcu,service,instances,outcome,providers,latency_ns,messages,hops,level\n",
    );
    let world = system.world();
    let instances = world.config.requests.instances_all();
    for ((request, observed), number) in world.requests.iter().zip(record.requests()).zip(0_u32..) {
        let (outcome, latency) = observed.end();
        let (outcome, latency) = match outcome {
            RequestOutcome::Accepted => ("accepted", latency.as_ns().to_string()),
            RequestOutcome::Rejected => ("rejected", latency.as_ns().to_string()),
            RequestOutcome::Local => ("local", String::new()),
        };
        let queries = Queried::of(world, record, number);
        let mechanism = &system.mechanism;
        let hops = queries.first().and_then(|first| {
            let provider = first.providers.first()?.index();
            record.hops(mechanism, first.query, provider)
        });
        let level = queries.iter().map(|query| query.level(mechanism)).max();
        let level = level.flatten();
        let [hops, level] = [hops, level].map(|cell| cell.map_or(String::new(), |n| n.to_string()));
        let providers: Vec<String> = queries.iter().map(Queried::listed).collect();
        let service = service(world, request);
        let (time, gcu) = (observed.issued.as_ns(), request.computer);
        let (providers, messages) = (providers.join("+"), observed.messages);
        writeln!(
            text,
            "{number},{time},{gcu},{service},{instances},{outcome},{providers},{latency},{messages},{hops},{level}"
        )
        .expect(WRITES);
    }
    text.into_bytes()
}

/// One query of an accepted request.
struct Queried<'r> {
    query: RequestId,
    providers: &'r [UnitId],
    /// How many times it was passed upwards, where that is told.
    passes: u32,
    /// Whether fewer were found than it asked for.
    is_partial: bool,
}

impl<'r> Queried<'r> {
    /// Those of the request with this `number`, part by part; none, if it was not accepted.
    fn of<M: Mechanism>(world: &super::World, record: &'r Record<M>, number: u32) -> Vec<Self> {
        let observed = &record.requests()[number as usize];
        if observed.providers.is_empty() {
            return Vec::new();
        }
        let first = world.query_of(number);
        let parts = record.queries(number as usize);
        if parts.is_empty() {
            let is_partial = observed.providers.len() < world.config.requests.wanted(0) as usize;
            return vec![Self {
                query: first,
                providers: &observed.providers,
                passes: observed.passes,
                is_partial,
            }];
        }
        let mut rest = &observed.providers[..];
        let queried = parts.iter().zip(parts::queries(first, &*world.parts));
        queried
            .map(|(observed, (query, part))| {
                let (providers, others) = rest.split_at(observed.found as usize);
                rest = others;
                Self {
                    query,
                    providers,
                    passes: observed.passes,
                    is_partial: observed.found < part.instances,
                }
            })
            .collect()
    }

    /// How many times it was passed upwards until all providers were found; `None`: there is no such number.
    fn level<M: Mechanism>(&self, mechanism: &M) -> Option<u32> {
        let providers = self.providers.iter();
        let levels = providers.map(|provider| mechanism.level(self.query, provider.index()));
        let levels: Option<Vec<u32>> = levels.collect();
        // That of the lowest broker that has all of them below it.
        let level = levels.and_then(|levels| levels.into_iter().max())?;
        // With fewer everybody was asked; and where leaders change, that tree has gone.
        let is_told = self.is_partial || mechanism.features().tells_ways;
        Some(if is_told { self.passes } else { level })
    }

    fn listed(&self) -> String {
        let providers = self.providers.iter();
        let providers: Vec<String> = providers
            .map(|provider| provider.index().to_string())
            .collect();
        providers.join(";")
    }
}

/// What a request asks for: the number of a service, or of each part's with the number of instances: `3x2+5x1`.
fn service(world: &super::World, request: &Request) -> String {
    let parts = world.config.requests.parts();
    if parts.is_empty() {
        return request.service.0.to_string();
    }
    let demands = world.demands_of(request);
    let parts = demands.iter().zip(parts);
    let parts: Vec<String> = parts
        .map(|(demand, part)| format!("{}x{}", demand.0, part.instances.0))
        .collect();
    parts.join("+")
}

fn brokers<M: Mechanism>(system: &Discovery<M>, _: &Underlay, record: &Record<M>) -> Vec<u8> {
    let mut text = String::from("gbu,depth,requests_handled,messages");
    // Where they take no time nothing waits.
    let queues = record.queues();
    if !queues.is_empty() {
        text.push(',');
        text.push_str(WAITS);
    }
    text.push('\n');
    let loaded = system.world().last_issue();
    let brokers = system.world().gbus();
    for ((broker, observed), id) in brokers.iter().zip(record.brokers()).zip(0..) {
        let (requests, messages) = (observed.requests, observed.messages);
        write!(text, "{id},{},{requests},{messages}", broker.depth).expect(WRITES);
        if let Some(queueing) = queues.get(id) {
            write_waits(&mut text, *queueing, loaded);
        }
        text.push('\n');
    }
    text.into_bytes()
}

/// What has waited for each link, in each direction; nothing where links have no bandwidth.
fn links<M: Mechanism>(system: &Discovery<M>, _: &Underlay, record: &Record<M>) -> Vec<u8> {
    let mut text = format!("from,to,packets,{WAITS}\n");
    let loaded = system.world().last_issue();
    for ((from, to), queueing) in record.links() {
        write!(text, "{},{},{}", from.0, to.0, queueing.taken).expect(WRITES);
        write_waits(&mut text, *queueing, loaded);
        text.push('\n');
    }
    text.into_bytes()
}

/// The columns that say what has waited.
const WAITS: &str = "wait_ms_mean,wait_ms_max,drops,drop_ratio,busy";

/// Their cells, each after a comma.
fn write_waits(text: &mut String, queueing: Queueing, loaded: Span) {
    for (_, cell) in load::told(queueing, loaded) {
        let number = cell.number().map(|it| it.to_string());
        write!(text, ",{}", number.unwrap_or_default()).expect(WRITES);
    }
}

/// Who has sessions or failures and is up or down at 0; then what has happened until the last request has ended. Units
/// that are disconnected for good have no part in it.
fn membership<M: Mechanism>(system: &Discovery<M>, _: &Underlay, record: &Record<M>) -> Vec<u8> {
    let with_leaders = system.mechanism.features().changes_leaders;
    let mut text = String::from("time_ns,unit,event");
    text.push_str(if with_leaders { ",leader\n" } else { "\n" });
    let name = |unit: Option<UnitId>| unit.map_or(String::new(), |it| UnitName(it).to_string());
    let mut line = |time: u64, unit: Option<UnitId>, event: &str, leader: Option<UnitId>| {
        write!(text, "{time},{},{event}", name(unit)).expect(WRITES);
        if with_leaders {
            text.push(',');
            text.push_str(&name(leader));
        }
        text.push('\n');
    };
    let world = system.world();
    for unit in mobile(world) {
        let is_down = world.absent.binary_search(&unit).is_ok();
        line(0, Some(unit), if is_down { "down" } else { "up" }, None);
    }
    let end = record.end();
    let changes = world.config.has_comings() || record.healing().is_some();
    let observed = record.presence().filter(|_| changes);
    let events = observed.map(|all| all.events(end));
    let events = events.into_iter().flatten();
    for observed in events.filter(|observed| !world.disconnected.contains(&observed.unit)) {
        let at = observed.at.as_ns();
        let event = observed.event;
        line(at, Some(observed.unit), event.name(), event.leader());
    }
    line(end.as_ns(), None, "end", None);
    text.into_bytes()
}
