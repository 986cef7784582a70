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
}

#[derive(Debug, Deserialize)]
struct Broker {
    id: u32,
    router: u32,
    parent: Option<u32>,
    disconnected: bool,
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
}

#[derive(Debug, Deserialize)]
struct ColonyTunnel {
    gbu: u32,
    super_broker: u32,
    friend: Option<u32>,
}

/// Where one comes from.
const HELP: &str = "`arigatoni run SCENARIO --world FILE` writes one";

impl Community {
    /// The community of a `world.json`: its broker 3 is `B3`, its computer 5 is `g5`, the domain of router *r* is `d` and its number,
    /// or `none`.
    /// Who is disconnected is free.
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
            let added = community.add(
                Name::broker(broker.id),
                self.individual(leader, broker.router, format!("/gbus/{place}"))?,
            );
            added.map_err(|it| wrong(it, format!("/gbus/{place}")))?;
        }
        for (computer, place) in self.gcus.iter().zip(0..) {
            let leader = Some(computer.gbu).filter(|_| !computer.disconnected);
            let added = community.add(
                Name::computer(computer.id),
                self.individual(leader, computer.router, format!("/gcus/{place}"))?,
            );
            added.map_err(|it| wrong(it, format!("/gcus/{place}")))?;
        }
        check_leaders(&community)?;
        for (tunnel, place) in self.tunnels.iter().zip(0..) {
            let friend = tunnel.friend.map(Name::computer);
            let (from, to) = (Name::computer(tunnel.gcu), Name::broker(tunnel.gbu));
            // Without a home of its own it is a member of that colony.
            if community.leader(&from) == Some(&to) {
                continue;
            }
            let added = community.add_tunnel(&from, &to, friend.as_ref());
            added.map_err(|it| wrong(it, format!("/tunnels/{place}")))?;
        }
        for (tunnel, place) in self.colony_tunnels.iter().zip(0..) {
            let friend = tunnel.friend.map(Name::computer);
            let (from, to) = (Name::broker(tunnel.gbu), Name::broker(tunnel.super_broker));
            if community.leader(&from) == Some(&to) {
                continue;
            }
            let added = community.add_tunnel(&from, &to, friend.as_ref());
            added.map_err(|it| wrong(it, format!("/colony_tunnels/{place}")))?;
        }
        for ((one, other), place) in self.colony_links.iter().zip(0..) {
            let added = community.add_link(&Name::broker(*one), &Name::broker(*other));
            added.map_err(|it| wrong(it, format!("/colony_links/{place}")))?;
        }
        Ok(community)
    }

    fn individual(&self, leader: Option<u32>, router: u32, place: String) -> Result<Individual> {
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

/// That each leader is there, and nobody inside itself.
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
