//! Requests for which the first provider was found beside the tree of brokers: how many, and of whom by whom.
//!
//! It does *not* know what crosses domains, nor why a query went there.

use std::collections::BTreeMap;

use super::{Crossing, Mechanism, Record, RequestId, RequestOutcome, World, gbu, gcu};
use crate::measure::Cell;
use crate::unit::UnitId;

/// What is counted of a run in which something is beside the tree.
#[derive(Debug, Default)]
pub(super) struct Rescues {
    accepted: u64,
    /// Over links; nothing, if colonies are not linked.
    linked: Option<u64>,
    /// Through tunnels; nothing, if nobody has one.
    tunnelled: Option<u64>,
    /// Over links, by the domains of the requester's and of the provider's home colony.
    by_domain: BTreeMap<[Option<u32>; 2], u64>,
}

impl Rescues {
    /// Those of the requests in `record`.
    pub(super) fn of<M: Mechanism>(world: &World, mechanism: &M, record: &Record<M>) -> Self {
        let counted = |crossing| mechanism.crosses(crossing).then_some(0);
        let mut all = Self {
            linked: counted(Crossing::Link),
            tunnelled: counted(Crossing::Tunnel),
            ..Self::default()
        };
        if all.linked.is_none() && all.tunnelled.is_none() {
            return all;
        }
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
                steps.any(|step| mechanism.crossing(*step) == Some(crossing))
            };
            if let Some(tunnelled) = &mut all.tunnelled {
                *tunnelled += u64::from(goes(Crossing::Tunnel));
            }
            if let Some(linked) = all.linked.as_mut().filter(|_| goes(Crossing::Link)) {
                *linked += 1;
                let home = |computer| world.first_leader(gcu(computer)).unwrap_or(gbu(0));
                let domains =
                    [request.computer, provider].map(|it| mechanism.domain_of(home(it).index()));
                *all.by_domain.entry(domains).or_default() += 1;
            }
        }
        all
    }

    /// The cell of the share of accepted requests that were served over links.
    pub(super) fn linked(&self) -> Cell {
        self.share(self.linked)
    }

    /// The same through tunnels.
    pub(super) fn tunnelled(&self) -> Cell {
        self.share(self.tunnelled)
    }

    fn share(&self, count: Option<u64>) -> Cell {
        count.map_or(Cell::Absent, |count| Cell::ratio(count, self.accepted))
    }

    /// A row for each pair of domains with requests that were served over links: the requester's, the provider's, how many.
    pub(super) fn rows(&self) -> Vec<Vec<Cell>> {
        let number = |domain: Option<u32>| domain.map_or(Cell::Absent, |it| Cell::Count(it.into()));
        let row = |(domains, count): (&[Option<u32>; 2], &u64)| {
            let cells = domains.map(number).into_iter();
            cells.chain([Cell::Count(*count)]).collect()
        };
        self.by_domain.iter().map(row).collect()
    }
}

/// The same way, and its last step: from the leader that was asked to the requester.
fn whole_way(mut way: Vec<(UnitId, UnitId)>, requester: UnitId) -> Vec<(UnitId, UnitId)> {
    way.extend(way.last().map(|&(leader, _)| (requester, leader)));
    way
}
