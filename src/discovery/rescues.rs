//! Requests for which the first provider was found beside the tree of brokers: how many, and of whom by whom.
//!
//! It does *not* know what crosses domains, nor why a query went there.

use std::collections::BTreeMap;

use super::config::DisconnectionMode;
use super::{Crossing, Mechanism, Record, RequestId, RequestOutcome, World, gbu, gcu};
use crate::measure::{Cell, Detail, Metric, Named};
use crate::unit::UnitId;

/// Who rescues whom, by domain.
pub(super) const BY_DOMAIN: Detail = Detail {
    name: "rescues",
    about: "requests served over links between colonies, by domain",
    columns: &[
        Metric::new("domain", "administrative domain of the requester"),
        Metric::new("provider_domain", "that of the first provider"),
        Metric::new(
            "accepted",
            "accepted requests of the one served by the other over a link",
        ),
        Metric::new(
            "rescued",
            "accepted requests of the one served by the other over a link, by a colony that the tree does not reach any more",
        ),
    ],
};

/// Who rescues whom, by level in the tree.
pub(super) const BY_LEVEL: Detail = Detail {
    name: "rescue_levels",
    about: "accepted requests, and those served over links between colonies, by level",
    columns: &[
        Metric::new(
            "level",
            "levels from the requester's leader up to the broker that leads the first provider too, in the whole tree",
        ),
        Metric::new("accepted", "accepted requests"),
        Metric::new("linked", "accepted requests served over a link"),
        Metric::new(
            "rescued",
            "accepted requests served over a link by a colony that the tree does not reach any more",
        ),
        Metric::share("rescued_share", "rescued ÷ accepted requests of all levels"),
    ],
};

/// What is counted of a run in which something is beside the tree.
#[derive(Debug, Default)]
pub(super) struct Rescues {
    accepted: u64,
    /// Whether it is known which pieces of the tree are left.
    knows_pieces: bool,
    /// Over links; nothing, if colonies are not linked.
    linked: Option<u64>,
    /// Through tunnels; nothing, if nobody has one.
    tunnelled: Option<u64>,
    /// Over links, by the domains of the requester's and of the provider's home colony.
    by_domain: BTreeMap<[Option<u32>; 2], Served>,
    /// All accepted requests, by how many levels above the requester's leader the broker is that leads the provider too, in
    /// the tree as it was at first.
    by_level: BTreeMap<u32, (u64, Served)>,
}

/// Requests that are served over links.
#[derive(Debug, Default, Clone, Copy)]
struct Served {
    count: u64,
    /// Of them, those whose provider is in another piece of the tree.
    rescued: u64,
}

impl Served {
    fn add(&mut self, is_rescued: bool) {
        self.count += 1;
        self.rescued += u64::from(is_rescued);
    }
}

/// The pieces of the tree that is left, each called by the broker that leads all of it.
struct Pieces(Vec<u32>);

impl Pieces {
    /// `None`: units come and go, or go to other leaders, so the pieces change as well.
    fn of<M: Mechanism>(world: &World, mechanism: &M) -> Option<Self> {
        if world.config.has_comings() || mechanism.features().changes_leaders {
            return None;
        }
        let crashes = world.config.disconnection.mode == DisconnectionMode::Crash;
        let is_cut = |broker: u32| world.disconnected.contains(&gbu(broker));
        let list = world.brokers.list();
        let mut pieces = vec![0; list.len()];
        for id in world.brokers.top_down() {
            let above = list[id as usize].parent;
            let above = above.filter(|above| !(is_cut(id) || crashes && is_cut(*above)));
            pieces[id as usize] = above.map_or(id, |above| pieces[above as usize]);
        }
        Some(Self(pieces))
    }

    fn join(&self, one: u32, other: u32) -> bool {
        self.0[one as usize] == self.0[other as usize]
    }
}

impl Rescues {
    /// Those of the requests in `record`.
    pub(super) fn of<M: Mechanism>(world: &World, mechanism: &M, record: &Record<M>) -> Self {
        let features = mechanism.features();
        let mut all = Self {
            linked: features.links.then_some(0),
            tunnelled: features.tunnels.then_some(0),
            ..Self::default()
        };
        if all.linked.is_none() && all.tunnelled.is_none() {
            return all;
        }
        let crossings = mechanism.crossings();
        let pieces = Pieces::of(world, mechanism);
        all.knows_pieces = pieces.is_some();
        for ((request, observed), number) in world.requests.iter().zip(record.requests()).zip(0..) {
            if observed.end().0 != RequestOutcome::Accepted {
                continue;
            }
            all.accepted += 1;
            let provider = observed.providers[0].index();
            let query: RequestId = world.query_of(number);
            let way = whole_way(record.way(query, provider), gcu(request.computer));
            let goes = |crossing| {
                let mut steps = way.iter();
                steps.any(|(unit, peer)| crossings.between(*unit, *peer) == Some(crossing))
            };
            if let Some(tunnelled) = &mut all.tunnelled {
                *tunnelled += u64::from(goes(Crossing::Tunnel));
            }
            let home = |computer| world.first_leader(gcu(computer)).unwrap_or(gbu(0)).index();
            let homes = [request.computer, provider].map(home);
            let level = world.brokers.levels_up(homes[0], homes[1]);
            let (accepted, served) = all.by_level.entry(level).or_default();
            *accepted += 1;
            if let Some(linked) = all.linked.as_mut().filter(|_| goes(Crossing::Link)) {
                *linked += 1;
                let pieces = pieces.as_ref();
                let is_rescued = pieces.is_some_and(|it| !it.join(homes[0], homes[1]));
                served.add(is_rescued);
                let domains = homes.map(|it| crossings.domain_of(it));
                all.by_domain.entry(domains).or_default().add(is_rescued);
            }
        }
        all
    }

    /// The cells of the shares of accepted requests that were served over links, and through tunnels.
    pub(super) fn cells(&self) -> [Named; 2] {
        [
            ("rescued_ratio", self.share(self.linked)),
            ("tunnelled_ratio", self.share(self.tunnelled)),
        ]
    }

    fn share(&self, count: Option<u64>) -> Cell {
        count.map_or(Cell::Absent, |count| Cell::ratio(count, self.accepted))
    }

    /// How many of them are rescued, if that can be told.
    fn rescued(&self, served: Served) -> Option<u64> {
        self.knows_pieces.then_some(served.rescued)
    }

    /// A row for each pair of domains with requests that were served over links: the requester's, the provider's, how many,
    /// how many of them by a provider that the tree does not reach any more.
    pub(super) fn rows(&self) -> Vec<Vec<Cell>> {
        let number = |domain: Option<u32>| domain.map_or(Cell::Absent, |it| Cell::Count(it.into()));
        let row = |(domains, served): (&[Option<u32>; 2], &Served)| {
            let rescued = self.rescued(*served);
            let cells = domains.map(number).into_iter();
            let rescued = rescued.map_or(Cell::Absent, Cell::Count);
            cells.chain([Cell::Count(served.count), rescued]).collect()
        };
        self.by_domain.iter().map(row).collect()
    }

    /// A row for each level, where colonies are linked.
    pub(super) fn levels(&self) -> Vec<Vec<Cell>> {
        if self.linked.is_none() {
            return Vec::new();
        }
        let row = |(level, (accepted, served)): (&u32, &(u64, Served))| {
            let rescued = self.rescued(*served);
            vec![
                Cell::Count((*level).into()),
                Cell::Count(*accepted),
                Cell::Count(served.count),
                rescued.map_or(Cell::Absent, Cell::Count),
                self.share(rescued),
            ]
        };
        self.by_level.iter().map(row).collect()
    }
}

/// The way with its last step added: from the leader that was asked to the requester.
fn whole_way(mut way: Vec<(UnitId, UnitId)>, requester: UnitId) -> Vec<(UnitId, UnitId)> {
    way.extend(way.last().map(|&(leader, _)| (requester, leader)));
    way
}
