//! Tunnels: which units are registered with a colony of another domain, with which one, and through whom.
//!
//! Units of a smaller share are among those of a larger one. This module does *not* know what goes through a tunnel.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::colony_links::Links;
use super::config::{TunnelKind, Tunnels as Config};
use super::domains::Domains;
use super::policy::Tunnel;
use crate::discovery::{GCU, MadeTunnel, World, gbu, gcu};
use crate::error::{Error, Result};
use crate::random::StreamId;
use crate::unit::UnitId;

/// A computer's place in the order in which computers have tunnels; by GCU.
const HAS: StreamId = StreamId(41);
/// To which broker the tunnel of a computer leads; by GCU.
const WHERE: StreamId = StreamId(42);
/// Who is its friend; by GCU.
const FRIEND: StreamId = StreamId(43);
/// A broker's place in the order in which brokers have tunnels; by GBU.
const COLONY_HAS: StreamId = StreamId(44);
/// To which broker the tunnel of a broker leads; by GBU.
const COLONY_WHERE: StreamId = StreamId(45);
/// Who is its friend; by GBU.
const COLONY_FRIEND: StreamId = StreamId(46);

/// How many times the end of a computer's tunnel is drawn, as long as that is the computer's own leader.
const ATTEMPTS: u32 = 64;

/// All tunnels of a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Tunnels {
    /// By unit.
    all: BTreeMap<UnitId, Tunnel>,
    /// The units that have a tunnel to a leader, ascending; by leader.
    guests: BTreeMap<UnitId, Vec<UnitId>>,
    /// For whom a friend passes things on, ascending; by friend.
    relayed: BTreeMap<UnitId, Vec<UnitId>>,
}

/// The units that may be at the other end of a tunnel.
struct Ends<'w> {
    domains: &'w Domains,
    /// Brokers by domain, and within it by number; with the domain.
    brokers: Vec<(u32, u32)>,
    /// The computers that may be friends: by broker, ascending.
    friends: Option<BTreeMap<u32, Vec<u32>>>,
}

impl<'w> Ends<'w> {
    /// The brokers of `domains`; where computers are needed as friends, those with one that has no tunnel.
    fn new(world: &World, domains: &'w Domains, kind: TunnelKind, has: &[bool]) -> Self {
        let friends = (kind == TunnelKind::Friend).then(|| {
            let mut friends: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            for id in (0..world.population.len()).filter(|id| !has[*id as usize]) {
                friends.entry(world.colony_of(id)).or_default().push(id);
            }
            friends
        });
        let is_end = |broker: &u32| {
            let friends = friends.as_ref();
            friends.is_none_or(|all| all.contains_key(broker))
        };
        let count = world.brokers.list().len() as u32;
        let brokers = (0..count).filter(is_end);
        let brokers = brokers.filter_map(|id| Some((domains.of_broker(id)?, id)));
        let mut brokers: Vec<(u32, u32)> = brokers.collect();
        brokers.sort_unstable();
        Self {
            domains,
            brokers,
            friends,
        }
    }

    /// One of them in another domain than that of the broker `home`, by `draw`, which draws a number below another.
    fn other(&self, home: u32, draw: impl FnOnce(u64) -> u64) -> Option<u32> {
        let own = self.domains.of_broker(home);
        let begin = self.brokers.partition_point(|(it, _)| Some(*it) < own);
        let end = self.brokers.partition_point(|(it, _)| Some(*it) <= own);
        let others = self.brokers.len() - (end - begin);
        if others == 0 {
            return None;
        }
        let place = draw(others as u64) as usize;
        let place = if place < begin {
            place
        } else {
            place + (end - begin)
        };
        Some(self.brokers[place].1)
    }

    /// A computer of the colony of `broker` as friend, if one is needed, in the same way.
    fn friend(&self, broker: u32, draw: impl FnOnce(u64) -> u64) -> Option<UnitId> {
        let all = &self.friends.as_ref()?[&broker];
        Some(gcu(all[draw(all.len() as u64) as usize]))
    }
}

impl Tunnels {
    /// Draws them.
    ///
    /// # Errors
    /// If nobody could be the friend of one.
    pub(super) fn draw(
        config: &Config,
        world: &World,
        domains: &Domains,
        links: Option<&Links>,
    ) -> Result<Self> {
        let has = world.draw_share(HAS, config.share.0);
        let ends = Ends::new(world, domains, config.kind, &has);
        let mut tunnels = Self::default();
        let streams = world.streams;
        for (computer, id) in world.population.computers().zip(0..) {
            if !has[id as usize] {
                continue;
            }
            let draw = |stream, attempt| {
                move |below| streams.below(stream, computer.entity(), attempt, below)
            };
            let end = |attempt| ends.other(computer.broker, draw(WHERE, attempt));
            end(0).ok_or_else(|| friendless(id))?;
            // Rules may have moved the computer to the colony at the end of its tunnel. Then another end is drawn. The
            // computer has no tunnel only where its own leader is the only broker of other domains.
            let own = world.colony_of(id);
            let Some(broker) = (0..ATTEMPTS).filter_map(end).find(|broker| *broker != own) else {
                continue;
            };
            let friend = ends.friend(broker, draw(FRIEND, 0));
            tunnels.add(gcu(id), drawn(broker, friend, config));
        }
        tunnels.draw_colonies(config, world, &ends, links);
        Ok(tunnels)
    }

    /// Draws those of brokers: to one that is nearer to the root, so that none gets below itself, and that is not
    /// linked with it, so that neither the tunnel nor the link goes with the other.
    fn draw_colonies(
        &mut self,
        config: &Config,
        world: &World,
        ends: &Ends<'_>,
        links: Option<&Links>,
    ) {
        let linked: BTreeSet<(u32, u32)> = links
            .iter()
            .flat_map(|links| links.pairs())
            .copied()
            .collect();
        let linked = &linked;
        let list = world.brokers.list();
        let streams = world.streams;
        let above = |id: u32| {
            let (broker, own) = (&list[id as usize], ends.domains.of_broker(id));
            let all = ends.brokers.iter().copied();
            let others = all.filter(move |&(domain, end)| {
                let is_above = list[end as usize].depth < broker.depth;
                let free = !linked.contains(&(id.min(end), id.max(end)));
                is_above && free && Some(domain) != own && Some(end) != broker.parent
            });
            others.map(|(_, end)| end)
        };
        if config.colonies.0 == 0.0 {
            return;
        }
        let can = (0..list.len() as u32).filter(|&id| above(id).next().is_some());
        let mut order: Vec<(u64, u32)> = can
            .map(|id| (streams.bits(COLONY_HAS, id.into(), 0), id))
            .collect();
        order.sort_unstable();
        let count = World::share(config.colonies.0, order.len());
        for &(_, id) in &order[..count] {
            let draw = |stream| move |below| streams.below(stream, id.into(), 0, below);
            let all: Vec<u32> = above(id).collect();
            let broker = all[draw(COLONY_WHERE)(all.len() as u64) as usize];
            let friend = ends.friend(broker, draw(COLONY_FRIEND));
            self.add(gbu(id), drawn(broker, friend, config));
        }
    }

    /// The tunnel of `unit` and no other.
    #[cfg(test)]
    pub(super) fn of_one(unit: UnitId, tunnel: Tunnel) -> Self {
        let mut tunnels = Self::default();
        tunnels.add(unit, tunnel);
        tunnels
    }

    /// Those that rules make, ascending by unit.
    pub(super) fn made(made: &[MadeTunnel]) -> Self {
        let mut tunnels = Self::default();
        for it in made {
            let tunnel = Tunnel {
                leader: it.leader,
                friend: it.friend,
                besides: it.besides,
                at_first: it.at_first,
            };
            tunnels.add(it.unit, tunnel);
        }
        tunnels
    }

    fn add(&mut self, unit: UnitId, tunnel: Tunnel) {
        let Tunnel { leader, friend, .. } = tunnel;
        self.all.insert(unit, tunnel);
        self.guests.entry(leader).or_default().push(unit);
        if let Some(friend) = friend {
            self.relayed.entry(friend).or_default().push(unit);
        }
    }

    /// The tunnel of `unit`, if it has one.
    pub(super) fn of(&self, unit: UnitId) -> Option<Tunnel> {
        self.all.get(&unit).copied()
    }

    /// All of them, ascending by unit.
    pub(super) fn all(&self) -> impl Iterator<Item = (UnitId, Tunnel)> {
        self.all.iter().map(|(unit, tunnel)| (*unit, *tunnel))
    }

    /// The units that have a tunnel to `leader`, ascending.
    pub(super) fn guests(&self, leader: UnitId) -> &[UnitId] {
        self.guests.get(&leader).map_or(&[], Vec::as_slice)
    }

    /// For whom `friend` passes things on, ascending.
    pub(super) fn relayed(&self, friend: UnitId) -> &[UnitId] {
        self.relayed.get(&friend).map_or(&[], Vec::as_slice)
    }

    /// The units that belong only to the colony at the end of their tunnel, each with that colony's leader.
    pub(super) fn instead(&self) -> impl Iterator<Item = (UnitId, UnitId)> {
        let all = self.all.iter().filter(|(_, tunnel)| !tunnel.besides);
        all.map(|(unit, tunnel)| (*unit, tunnel.leader))
    }

    /// What an export says of them: those of computers, then those of brokers, if there can be any.
    pub(super) fn describe(&self) -> [Value; 2] {
        let row = |(unit, tunnel): (&UnitId, &Tunnel)| {
            let friend = tunnel.friend.map(UnitId::index);
            let kind = friend.map_or(TunnelKind::Clone, |_| TunnelKind::Friend);
            let (own, other) = if unit.kind() == GCU {
                ("gcu", "gbu")
            } else {
                ("gbu", "super_broker")
            };
            let (unit, leader) = (unit.index(), tunnel.leader.index());
            let mut row = json!({own: unit, other: leader, "kind": kind, "friend": friend});
            if !tunnel.besides {
                row["home"] = false.into();
            }
            if !tunnel.at_first {
                row["later"] = true.into();
            }
            row
        };
        let of = |is_computer: bool| {
            let all = self.all.iter();
            let all = all.filter(|(unit, _)| (unit.kind() == GCU) == is_computer);
            Value::Array(all.map(row).collect())
        };
        [of(true), of(false)]
    }
}

/// A tunnel that is drawn: it is there from the beginning.
fn drawn(broker: u32, friend: Option<UnitId>, config: &Config) -> Tunnel {
    Tunnel {
        leader: gbu(broker),
        friend,
        besides: config.home,
        at_first: true,
    }
}

fn friendless(id: u32) -> Error {
    let what = format!(
        "gcu/{id} has a tunnel through a friend, and in no other domain there is a computer without one"
    );
    Error::new(what)
        .at("/system/*/tunnels/share")
        .help("lower it, or use the kind \"clone\"")
}
