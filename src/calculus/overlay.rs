//! The community that a `world.json` of a run describes.
//!
//! It does *not* know how such a file is made, nor what else it says.

use serde::Deserialize;

use super::community::{Community, Individual, Malformed, State};
use super::name::{Domain, Name};
use crate::error::{Error, Result, json_fault};

/// What is read of a `world.json`.
#[derive(Debug, Deserialize)]
struct World {
    gbus: Vec<Broker>,
    gcus: Vec<Computer>,
    /// The domain of each router; null: it is in none.
    domains: Option<Vec<Option<u32>>>,
    #[serde(default)]
    tunnels: Vec<Tunnel>,
    #[serde(default)]
    colony_tunnels: Vec<ColonyTunnel>,
    #[serde(default)]
    colony_links: Vec<(u32, u32)>,
    /// Those of them that are not there when requests begin.
    #[serde(default)]
    colony_links_later: Vec<(u32, u32)>,
}

#[derive(Debug, Deserialize)]
struct Broker {
    id: u32,
    router: u32,
    parent: Option<u32>,
    disconnected: bool,
    #[serde(default)]
    failed: bool,
}

#[derive(Debug, Deserialize)]
struct Computer {
    id: u32,
    gbu: u32,
    router: u32,
    disconnected: bool,
}

#[derive(Debug, Deserialize)]
struct Tunnel {
    gcu: u32,
    gbu: u32,
    friend: Option<u32>,
    #[serde(default = "besides")]
    home: bool,
    /// Whether it is not there when requests begin.
    #[serde(default)]
    later: bool,
}

#[derive(Debug, Deserialize)]
struct ColonyTunnel {
    gbu: u32,
    super_broker: u32,
    friend: Option<u32>,
    #[serde(default = "besides")]
    home: bool,
    /// Whether it is not there when requests begin.
    #[serde(default)]
    later: bool,
}

fn besides() -> bool {
    true
}

/// A tunnel, and where it stands in the file.
struct Written {
    from: Name,
    to: Name,
    friend: Option<Name>,
    /// Whether its unit is a member of a colony besides.
    home: bool,
    place: String,
}

/// Where one comes from.
const HELP: &str = "`arigatoni run SCENARIO --world FILE` writes one";

impl Community {
    /// The community of a `world.json`: its broker 3 is `B3`, its computer 5 is `g5`, the domain of router *r* is `d` and its number,
    /// or `none`.
    /// Who is disconnected is free, and so is who works by its tunnel alone.
    ///
    /// # Errors
    /// If `text` is none, or describes no community.
    pub fn from_world(text: &str) -> Result<Self> {
        if text.trim_ascii_start().starts_with('[') {
            let what =
                "it is no world.json: it is a list, and not an object with `gbus` and `gcus`";
            return Err(Error::new(what).help(HELP));
        }
        let world: World = serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Error::new(format!("it is no world.json: {}", json_fault(&error)))
                .at(format_args!("{line}:{column}"))
                .help(HELP)
        })?;
        world.community()
    }
}

impl World {
    fn community(&self) -> Result<Community> {
        let mut community = Community::default();
        for (broker, place) in self.gbus.iter().zip(0..) {
            let leader = broker.parent.filter(|_| !broker.disconnected);
            let place = format!("/gbus/{place}");
            let mut individual = self.individual(leader, broker.router, &place)?;
            if broker.failed {
                individual.state = State::Faulty;
            }
            let added = community.add(Name::broker(broker.id), individual);
            added.map_err(|it| wrong(it, place))?;
        }
        if self.gbus.is_empty() && !self.gcus.is_empty() {
            let what = "its system has no brokers, and without them there are no colonies";
            return Err(Error::new(what).at("/gbus"));
        }
        for (computer, place) in self.gcus.iter().zip(0..) {
            // A directory leads all, wherever they are; of other brokers' places nothing is listed.
            let leader = match self.gbus.as_slice() {
                [only] => only.id,
                _ => computer.gbu,
            };
            let leader = Some(leader).filter(|_| !computer.disconnected);
            let place = format!("/gcus/{place}");
            let individual = self.individual(leader, computer.router, &place)?;
            let added = community.add(Name::computer(computer.id), individual);
            added.map_err(|it| wrong(it, place))?;
        }
        check_leaders(&community)?;
        let tunnels: Vec<Written> = self.written().collect();
        // Who works by its tunnel alone is free.
        for Written { from, to, home, .. } in &tunnels {
            if !home || community.leader(from) == Some(to) {
                community.put_leader(from, None);
            }
        }
        for it in tunnels {
            let added = community.add_tunnel(&it.from, &it.to, it.friend.as_ref());
            added.map_err(|malformed| wrong(malformed, it.place))?;
        }
        let links = self.colony_links.iter().zip(0..);
        let links = links.filter(|(pair, _)| !self.colony_links_later.contains(pair));
        for ((one, other), place) in links {
            let added = community.add_link(&Name::broker(*one), &Name::broker(*other));
            added.map_err(|it| wrong(it, format!("/colony_links/{place}")))?;
        }
        Ok(community)
    }

    /// The tunnels that there are when requests begin: those of computers, then those of brokers.
    fn written(&self) -> impl Iterator<Item = Written> {
        let computers = self.tunnels.iter().zip(0..).filter(|(it, _)| !it.later);
        let computers = computers.map(|(it, place)| Written {
            from: Name::computer(it.gcu),
            to: Name::broker(it.gbu),
            friend: it.friend.map(Name::computer),
            home: it.home,
            place: format!("/tunnels/{place}"),
        });
        let colonies = self.colony_tunnels.iter().zip(0..);
        let colonies = colonies.filter(|(it, _)| !it.later);
        let colonies = colonies.map(|(it, place)| Written {
            from: Name::broker(it.gbu),
            to: Name::broker(it.super_broker),
            friend: it.friend.map(Name::computer),
            home: it.home,
            place: format!("/colony_tunnels/{place}"),
        });
        computers.chain(colonies)
    }

    fn individual(&self, leader: Option<u32>, router: u32, place: &str) -> Result<Individual> {
        let domain = match &self.domains {
            None => Domain::default(),
            Some(domains) => {
                let domain = domains.get(router as usize);
                let what = || Error::new(format!("the domain of router {router} is unknown"));
                let domain = *domain.ok_or_else(|| what().at(place))?;
                domain.map_or_else(Domain::none, Domain::number)
            }
        };
        Ok(Individual {
            leader: leader.map(Name::broker),
            domain,
            state: State::Idle,
        })
    }
}

/// Checks that each leader is there, and nobody inside itself.
fn check_leaders(community: &Community) -> Result<()> {
    for (name, individual) in community.individuals() {
        let Some(leader) = &individual.leader else {
            continue;
        };
        if community.get(leader).is_none() {
            return Err(wrong(
                community.unknown(leader),
                format!("leader of {name}"),
            ));
        }
        if name.is_broker() && community.is_inside(leader, name) {
            let what = format!("`{name}` is inside itself");
            return Err(Error::new(what).at("/gbus"));
        }
    }
    Ok(())
}

fn wrong(malformed: Malformed, place: String) -> Error {
    let error = Error::new(malformed.what).at(place);
    match malformed.help {
        Some(help) => error.help(help),
        None => error,
    }
}
