//! The overlay that a community describes, for units: who leads whom as a run begins, who is disconnected, which brokers
//! have failed, and what is beside the tree.
//!
//! It does *not* know by which rules the community came about.

use std::collections::{BTreeMap, BTreeSet};

use super::{PLACE, unit_of};
use crate::calculus::{Community, Name, State};
use crate::discovery::adequacy::name;
use crate::discovery::{BrokerUnits, Brokers, GCU, World, gbu};
use crate::error::{Error, Result};
use crate::unit::UnitId;

/// A link that a script or a rate makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MadeLink {
    /// The numbers of the two brokers, the lower one first.
    pub(crate) pair: (u32, u32),
    /// Whether it is there when requests begin.
    pub(crate) at_first: bool,
}

/// A tunnel that a script or a rate makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MadeTunnel {
    /// The unit that has it.
    pub(crate) unit: UnitId,
    /// The leader of the colony to which it leads.
    pub(crate) leader: UnitId,
    /// The unit that forwards the messages between the two; `None`: a clone is there.
    pub(crate) friend: Option<UnitId>,
    /// Whether the unit is a member of another colony as well.
    pub(crate) besides: bool,
    /// Whether it is there when requests begin.
    pub(crate) at_first: bool,
}

/// What is beside the tree by scripts and rates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Crossings {
    /// Ascending by pair.
    pub(crate) links: Vec<MadeLink>,
    /// Ascending by unit.
    pub(crate) tunnels: Vec<MadeTunnel>,
}

/// An overlay as units begin with it.
#[derive(Debug, Default)]
pub(in crate::discovery) struct Arrangement {
    /// The units that leave their first leaders before the requests.
    pub(super) disconnected: BTreeSet<UnitId>,
    /// The brokers that crash as the requests begin.
    pub(in crate::discovery) failed: BTreeSet<UnitId>,
    /// The computers that begin with another leader than that of their place.
    pub(in crate::discovery) settled: BTreeMap<UnitId, UnitId>,
    /// The brokers, if some of them begin with another super-broker.
    pub(in crate::discovery) brokers: Option<Brokers>,
    pub(in crate::discovery) crossings: Crossings,
}

impl Arrangement {
    /// The leader with whom `unit` begins, if it has one.
    pub(in crate::discovery) fn first_leader(&self, world: &World, unit: UnitId) -> Option<UnitId> {
        if let Some(leader) = self.settled.get(&unit) {
            return Some(*leader);
        }
        match &self.brokers {
            Some(brokers) if unit.kind() != GCU => {
                brokers.list()[unit.index() as usize].parent.map(gbu)
            }
            _ => world.first_leader(unit),
        }
    }

    /// Links that are made later, each with the lower number first.
    pub(in crate::discovery) fn add_links(&mut self, pairs: BTreeSet<(u32, u32)>) {
        let links = &mut self.crossings.links;
        for pair in pairs {
            if links.iter().all(|link| link.pair != pair) {
                let at_first = false;
                links.push(MadeLink { pair, at_first });
            }
        }
        links.sort_unstable_by_key(|link| link.pair);
    }

    /// Tunnels that are opened later, or were there at first.
    ///
    /// # Errors
    /// If units cannot have them.
    pub(in crate::discovery) fn add_tunnels(
        &mut self,
        world: &World,
        tunnels: impl Iterator<Item = MadeTunnel>,
    ) -> Result<()> {
        let all = &mut self.crossings.tunnels;
        for tunnel in tunnels {
            if all.iter().all(|it| it.unit != tunnel.unit) {
                all.push(tunnel);
            }
        }
        all.sort_unstable_by_key(|it| it.unit);
        let brokers = self.brokers.as_ref().map_or(world.gbus(), |it| it.list());
        let parents: Vec<Option<u32>> = brokers.iter().map(|it| it.parent).collect();
        check_tunnels(&self.crossings, &parents)
    }

    /// Checks that no colony has a tunnel besides where brokers are told to go to other leaders.
    ///
    /// # Errors
    /// If one has.
    pub(in crate::discovery) fn check_settled(&self, brokers_settle: bool) -> Result<()> {
        let mut tunnels = self.crossings.tunnels.iter();
        let of_colony = |it: &&MadeTunnel| it.besides && it.unit.kind() != GCU;
        match tunnels.find(of_colony).filter(|_| brokers_settle) {
            None => Ok(()),
            Some(it) => {
                let (unit, leader) = (name(it.unit), name(it.leader));
                let what = format!(
                    "`{unit} => {leader}`: a colony's tunnel leads to a broker that is nearer to the root, and may not be \
                     so any more when brokers go to other leaders while requests run"
                );
                let help = "let brokers move before the requests, or let no colony have a tunnel";
                Err(Error::new(what).at(PLACE).help(help))
            }
        }
    }
}

/// What `community` is to the units of `world`.
///
/// # Errors
/// If somebody is busy, or units cannot be linked or registered as it says.
pub(super) fn arrange(
    world: &World,
    complete: &Community,
    community: &Community,
) -> Result<Arrangement> {
    let mut busy = community.individuals();
    if let Some((name, _)) = busy.find(|(_, it)| it.state == State::Busy) {
        let what = format!("`{name}` has pending services as requests begin");
        let help = "requests begin and end services; leave `begin` out";
        return Err(Error::new(what).at(PLACE).help(help));
    }
    let parents = parents(world, complete, community);
    let mut all = Arrangement {
        crossings: crossings(community),
        ..Arrangement::default()
    };
    if world.broker_units != BrokerUnits::Every && all.crossings != Crossings::default() {
        let what = "this system has no links and tunnels between colonies";
        let help = "leave `link`, `friend` and `clone` out, or use the system `arigatoni`";
        return Err(Error::new(what).at(PLACE).help(help));
    }
    check_domains(complete, community)?;
    check_links(&all.crossings.links, &parents)?;
    check_tunnels(&all.crossings, &parents)?;
    let list = world.gbus();
    for unit in world.units() {
        let own = name(unit);
        let individual = community.get(&own);
        if unit.kind() != GCU && individual.is_none_or(|it| it.state == State::Faulty) {
            all.failed.insert(unit);
        }
        let first = if unit.kind() == GCU {
            world.first_leader(unit)
        } else {
            parents[unit.index() as usize].map(gbu)
        };
        let leader = community.leader(&own).and_then(unit_of);
        let mut tunnels = all.crossings.tunnels.iter();
        match leader {
            // A unit that has only a tunnel works through it.
            None if first.is_some() && !tunnels.any(|it| it.unit == unit) => {
                all.disconnected.insert(unit);
            }
            Some(leader) if unit.kind() == GCU && first != Some(leader) => {
                all.settled.insert(unit, leader);
            }
            None | Some(_) => {}
        }
    }
    let is_other = list.iter().map(|it| it.parent).ne(parents.iter().copied());
    if world.broker_units == BrokerUnits::Every && is_other {
        let routers = list.iter().map(|it| it.router);
        let placed: Vec<_> = routers.zip(parents).collect();
        all.brokers = Some(Brokers::from_parents(&placed));
    }
    Ok(all)
}

/// The first super-broker of each broker: its leader, or that of its place, which it leaves before the requests, if it is
/// free. One of the free ones is the root: the first root, or the one that leads it now.
pub(super) fn parents(
    world: &World,
    complete: &Community,
    community: &Community,
) -> Vec<Option<u32>> {
    let leader = |of: &Community, id: u32| of.leader(&Name::broker(id)).and_then(unit_of);
    let count = world.gbus().len() as u32;
    let mut parents: Vec<Option<u32>> = (0..count)
        .map(|id| leader(community, id).map(UnitId::index))
        .collect();
    let home: Vec<Option<u32>> = (0..count)
        .map(|id| leader(complete, id).map(UnitId::index))
        .collect();
    let first_root = home.iter().position(Option::is_none).unwrap_or(0) as u32;
    let top = above(&parents, first_root).last().unwrap_or(first_root);
    for id in 0..count {
        if id != top && parents[id as usize].is_none() {
            let own = home[id as usize].filter(|&home| above(&parents, home).all(|it| it != id));
            parents[id as usize] = Some(own.unwrap_or(top));
        }
    }
    parents
}

/// A broker, and those above it.
pub(super) fn above(parents: &[Option<u32>], broker: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(broker), |it| parents[*it as usize])
}

fn crossings(community: &Community) -> Crossings {
    let links = community.links().filter_map(|(one, other)| {
        let (one, other) = (unit_of(one)?.index(), unit_of(other)?.index());
        Some(MadeLink {
            pair: (one.min(other), one.max(other)),
            at_first: true,
        })
    });
    let tunnels = community.tunnels().filter_map(|((from, to), friend)| {
        Some(MadeTunnel {
            unit: unit_of(from)?,
            leader: unit_of(to)?,
            friend: friend.and_then(unit_of),
            besides: community.leader(from).is_some(),
            at_first: true,
        })
    });
    let mut all = Crossings {
        links: links.collect(),
        tunnels: tunnels.collect(),
    };
    all.links.sort_unstable_by_key(|it| it.pair);
    all.tunnels.sort_unstable_by_key(|it| it.unit);
    all
}

/// Checks that links and tunnels lead to other domains: a term may say otherwise, and a unit that has moved is
/// still on its router.
fn check_domains(complete: &Community, community: &Community) -> Result<()> {
    let domain = |name: &Name| community.get(name).map(|it| &it.domain);
    let links = community.links().map(|(one, other)| (one, other, "~"));
    let tunnels = community.tunnels();
    let tunnels = tunnels.map(|((from, to), _)| (from, to, "=>"));
    for (one, other, sign) in links.chain(tunnels) {
        if let Some(domain) = domain(one).filter(|it| domain(other) == Some(it)) {
            let what = format!("`{one} {sign} {other}`: both are in `{domain}`");
            let help = "links and tunnels lead to other administrative domains";
            return Err(Error::new(what).at(PLACE).help(help));
        }
        if !lies_elsewhere(complete, (one, other)) {
            return Err(on_routers_of_one(complete, (one, other)).at(PLACE));
        }
    }
    Ok(())
}

/// Whether the router of `one` is in another domain than that of `other`.
pub(in crate::discovery) fn lies_elsewhere(
    complete: &Community,
    (one, other): (&Name, &Name),
) -> bool {
    let [one, other] = [one, other].map(|it| complete.get(it).map(|it| &it.domain));
    one != other
}

/// A link or a tunnel does not lead to another domain, since units stay on their routers.
pub(in crate::discovery) fn on_routers_of_one(
    complete: &Community,
    (one, other): (&Name, &Name),
) -> Error {
    let domain = complete.get(one).map(|it| it.domain.to_string());
    let domain = domain.unwrap_or_default();
    let what = format!("`{one}` and `{other}`: the routers of both are in `{domain}`");
    Error::new(what).help("links and tunnels lead to other administrative domains, and who goes to another colony stays on its router")
}

/// Checks that no link joins a broker and its super-broker.
fn check_links(links: &[MadeLink], parents: &[Option<u32>]) -> Result<()> {
    let leads = |one: u32, other: u32| parents[other as usize] == Some(one);
    let mut edges = links.iter().map(|link| link.pair);
    match edges.find(|&(one, other)| leads(one, other) || leads(other, one)) {
        None => Ok(()),
        Some((one, other)) => Err(along_the_tree(one, other).at(PLACE)),
    }
}

/// A link joins a broker and its super-broker.
pub(in crate::discovery) fn along_the_tree(one: u32, other: u32) -> Error {
    let what = format!("`B{one} ~ B{other}`: one of the two leads the other, or has led it first");
    Error::new(what).help("queries pass between a broker and its super-broker already; link others")
}

/// Checks that units can have these tunnels.
fn check_tunnels(crossings: &Crossings, parents: &[Option<u32>]) -> Result<()> {
    let error = |it: &MadeTunnel, what: &str, help: &str| {
        let (unit, leader) = (name(it.unit), name(it.leader));
        let what = format!("`{unit} => {leader}`: {what}");
        Err(Error::new(what).at(PLACE).help(help))
    };
    let tunnels = &crossings.tunnels;
    let depth = |unit: UnitId| above(parents, unit.index()).count();
    for (place, it) in tunnels.iter().enumerate() {
        if place > 0 && tunnels[place - 1].unit == it.unit {
            return error(it, "it has another tunnel", "a unit can have one tunnel");
        }
        let is_relayed = |friend: UnitId| tunnels.iter().any(|other| other.unit == friend);
        if it.friend.is_some_and(is_relayed) {
            let help = "let a friend have no tunnel itself";
            return error(it, "its friend has a tunnel itself", help);
        }
        if it.unit.kind() == GCU {
            continue;
        }
        if depth(it.leader) >= depth(it.unit) {
            let what = "a colony's tunnel leads to a broker that is nearer to the root";
            return error(it, what, "so nothing that is told of changes goes round");
        }
        let pair = |one: u32, other: u32| (one.min(other), one.max(other));
        let ends = pair(it.unit.index(), it.leader.index());
        if crossings.links.iter().any(|link| link.pair == ends) {
            return error(it, "the two are linked", "leave the link or the tunnel out");
        }
        if parents[it.unit.index() as usize] == Some(it.leader.index()) {
            let what = "that broker leads it, or has led it first";
            return error(it, what, "choose another broker");
        }
    }
    Ok(())
}

/// Whether units can do what a label says, as far as its premises do not tell, in `community`: `one` gets a link with, or a
/// tunnel to, `other`, or becomes a member of its colony.
pub(super) fn is_possible(
    (complete, community): (&Community, &Community),
    (one, other): (&Name, &Name),
    makes_link: bool,
) -> bool {
    let leads = |of: &Community, one: &Name, other: &Name| of.leader(other) == Some(one);
    let are_joined = [complete, community]
        .iter()
        .any(|of| leads(of, one, other) || leads(of, other, one));
    let mut links = community.links();
    let are_linked = links.any(|(a, b)| [(a, b), (b, a)].contains(&(one, other)));
    if makes_link {
        return !are_joined && lies_elsewhere(complete, (one, other));
    }
    !are_linked
}
