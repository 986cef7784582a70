//! Requests for which the first provider was found beside the tree of brokers: how many, and of whom by whom.
//!
//! It does *not* know what crosses domains, nor why a query went there.

use std::collections::BTreeMap;

use super::{Crossing, Mechanism, Record, RequestId, RequestOutcome, World, gbu};
use crate::measure::Cell;

/// What is counted of a run, if colonies are linked.
#[derive(Debug, Default)]
pub(super) struct Rescues {
    accepted: u64,
    linked: u64,
    /// By the domains of the requester's and of the provider's home colony.
    by_domain: BTreeMap<[Option<u32>; 2], u64>,
}

impl Rescues {
    /// Those of the requests in `record`.
    pub(super) fn of<M: Mechanism>(
        world: &World,
        mechanism: &M,
        record: &Record<M>,
    ) -> Option<Self> {
        if !mechanism.crosses(Crossing::Link) {
            return None;
        }
        let mut all = Self::default();
        for ((request, observed), number) in world.requests.iter().zip(record.requests()).zip(0..) {
            if observed.end().0 != RequestOutcome::Accepted {
                continue;
            }
            all.accepted += 1;
            let provider = observed.providers[0].index();
            let query: RequestId = world.query_of(number);
            let way = record.way(query, provider);
            if way
                .iter()
                .any(|step| mechanism.crossing(*step) == Some(Crossing::Link))
            {
                all.linked += 1;
                let home = |computer| world.first_leader(super::gcu(computer)).unwrap_or(gbu(0));
                let domains =
                    [request.computer, provider].map(|it| mechanism.domain_of(home(it).index()));
                *all.by_domain.entry(domains).or_default() += 1;
            }
        }
        Some(all)
    }

    /// The cell of the share of accepted requests that were rescued.
    pub(super) fn cell(all: Option<&Self>) -> Cell {
        all.map_or(Cell::Absent, |all| Cell::ratio(all.linked, all.accepted))
    }

    /// A row for each pair of domains with such requests: the requester's, the provider's, how many.
    pub(super) fn rows(all: Option<&Self>) -> Vec<Vec<Cell>> {
        let pairs = all.into_iter().flat_map(|all| &all.by_domain);
        let number = |domain: Option<u32>| domain.map_or(Cell::Absent, |it| Cell::Count(it.into()));
        let row = |(domains, count): (&[Option<u32>; 2], &u64)| {
            let cells = domains.map(number).into_iter();
            cells.chain([Cell::Count(*count)]).collect()
        };
        pairs.map(row).collect()
    }
}
