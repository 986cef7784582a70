//! Requests for several things at once: their parts, and what is waited for until all of them are found.
//!
//! Each part is a query of its own, with a number of its own: brokers and providers treat it as if it were a
//! request. Only the requester puts the parts together. This module does *not* know how a query is answered.

use smallvec::SmallVec;

use super::config::Requests;
use super::{Descriptor, Observation, Providers, RequestId, RequestOutcome};
use crate::unit::{Context, Protocol, UnitId};

/// What one query of a request asks for, where a request has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// What is asked for.
    pub demand: Descriptor,
    /// How many instances.
    pub instances: u32,
    /// How many of them are enough.
    pub enough: u32,
}

/// The parts of every request of a run, if it has several that are searched side by side; else none.
pub(super) fn of(requests: &Requests, demands: &[Descriptor]) -> Box<[Part]> {
    if requests.queries() == 1 {
        return Box::default();
    }
    let parts = demands.iter().zip(0..).map(|(&demand, number)| Part {
        demand,
        instances: requests.wanted(number),
        enough: requests.enough(number),
    });
    parts.collect()
}

/// The number of a request whose query has the number `query`, where each has `parts` of them, or none that are
/// told apart.
#[inline]
pub fn number_of(query: RequestId, parts: &[Part]) -> u32 {
    match parts.len() as u32 {
        0 => query.0,
        count => query.0 / count,
    }
}

/// The part that the number `query` is of, where requests have several.
pub fn part_of(query: RequestId, parts: &[Part]) -> Option<&Part> {
    let part = query.0.checked_rem(parts.len() as u32)?;
    parts.get(part as usize)
}

/// The queries of the request whose first query is `first`, with what there is of each part.
pub fn queries<T>(
    first: RequestId,
    parts: impl IntoIterator<Item = T>,
) -> impl Iterator<Item = (RequestId, T)> {
    let numbers = first.0..;
    numbers.map(RequestId).zip(parts)
}

/// The requests of one computer of which some parts are found and others are not yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Together {
    open: Vec<Gathering>,
}

/// A request that is open.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Gathering {
    /// Its first query.
    first: RequestId,
    /// How many parts are not found yet.
    missing: u32,
    /// The providers that have agreed to each part; none, if it is not found yet.
    found: Gathered,
}

/// The providers that have agreed to each of its parts, in their order.
pub type Gathered = SmallVec<[Providers; 2]>;

/// What a part that is found means for its request.
#[derive(Debug, PartialEq, Eq)]
enum PartOutcome {
    /// Other parts are not found yet.
    Waits,
    /// It was the last one: the first query, and who agrees to each part.
    Complete(RequestId, Gathered),
    /// The request is over: these are not needed.
    Over(Providers),
}

impl Together {
    /// A request begins whose first query is `first`.
    pub fn begin(&mut self, first: RequestId, parts: &[Part]) {
        self.open.push(Gathering {
            first,
            missing: parts.len() as u32,
            found: parts.iter().map(|_| Providers::new()).collect(),
        });
    }

    /// Whether the request to which `query` belongs is open.
    pub fn is_open(&self, query: RequestId) -> bool {
        self.place(query).is_some()
    }

    /// These agree to the part with the number `query`, and they are enough. With the last part its request is
    /// accepted: `start` lets the providers of each part begin. Where it is over, `release` lets these go.
    pub fn part_found<P: Protocol<Observation = Observation>>(
        &mut self,
        (query, providers): (RequestId, Providers),
        context: &mut Context<'_, P>,
        release: impl FnOnce(RequestId, &[UnitId], &mut Context<'_, P>),
        mut start: impl FnMut(RequestId, &[UnitId], &mut Context<'_, P>),
    ) {
        let (first, all) = match self.found(query, providers) {
            PartOutcome::Waits => return,
            PartOutcome::Over(providers) => return release(query, &providers, context),
            PartOutcome::Complete(first, all) => (first, all),
        };
        for (request, found) in queries(first, &all) {
            start(request, found, context);
            let instances = found.len() as u32;
            context.emit(Observation::Found { request, instances });
        }
        context.emit(Observation::Ended {
            request: first,
            outcome: RequestOutcome::Accepted,
            providers: all.into_iter().flatten().collect(),
        });
    }

    /// These agree to the part with the number `query`, which has ended with that.
    fn found(&mut self, query: RequestId, providers: Providers) -> PartOutcome {
        let Some((at, part)) = self.place(query) else {
            return PartOutcome::Over(providers);
        };
        let gathering = &mut self.open[at];
        gathering.found[part] = providers;
        gathering.missing -= 1;
        if gathering.missing > 0 {
            return PartOutcome::Waits;
        }
        let (first, all) = self.end(at);
        PartOutcome::Complete(first, all)
    }

    /// The part with the number `query` fails, and so does the request: its first query, and who has agreed
    /// to each of the other parts. `None`: it has failed before.
    pub fn failed(&mut self, query: RequestId) -> Option<(RequestId, Gathered)> {
        let (at, _) = self.place(query)?;
        Some(self.end(at))
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.open.clear();
    }

    /// Where the request of `query` is, and which of its parts that is.
    fn place(&self, query: RequestId) -> Option<(usize, usize)> {
        let mut open = self.open.iter().enumerate();
        open.find_map(|(at, gathering)| {
            let part = query.0.checked_sub(gathering.first.0)? as usize;
            (part < gathering.found.len()).then_some((at, part))
        })
    }

    fn end(&mut self, at: usize) -> (RequestId, Gathered) {
        let Gathering { first, found, .. } = self.open.swap_remove(at);
        (first, found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::gcu;

    const PARTS: [Part; 3] = [Part {
        demand: Descriptor(0),
        instances: 1,
        enough: 1,
    }; 3];

    fn providers(ids: &[u32]) -> Providers {
        ids.iter().copied().map(gcu).collect()
    }

    #[test]
    fn the_last_part_brings_all_in_their_order() {
        let mut together = Together::default();
        for first in [3, 9] {
            together.begin(RequestId(first), &PARTS);
        }
        for query in [11, 10, 3] {
            let found = together.found(RequestId(query), providers(&[query]));
            assert_eq!(found, PartOutcome::Waits);
        }
        let found = together.found(RequestId(9), providers(&[9, 8]));
        let expected = [&[9, 8][..], &[10], &[11]].map(providers);
        assert_eq!(
            found,
            PartOutcome::Complete(RequestId(9), expected.into_iter().collect())
        );
        assert!(together.is_open(RequestId(5)) && !together.is_open(RequestId(9)));
    }

    #[test]
    fn the_first_part_that_fails_ends_the_request() {
        let mut together = Together::default();
        together.begin(RequestId(3), &PARTS);
        together.found(RequestId(4), providers(&[7]));
        let (first, all) = together.failed(RequestId(5)).unwrap();
        let expected = [&[][..], &[7], &[]].map(providers);
        assert_eq!((first, &all[..]), (RequestId(3), &expected[..]));
        assert_eq!(together.failed(RequestId(3)), None);
        let late = together.found(RequestId(3), providers(&[1]));
        assert_eq!(late, PartOutcome::Over(providers(&[1])));
        assert_eq!(together, Together::default());
    }

    #[test]
    fn the_number_of_a_request_is_that_of_its_queries() {
        assert_eq!(number_of(RequestId(8), &[]), 8);
        let numbers: Vec<u32> = (3..7)
            .map(|query| number_of(RequestId(query), &PARTS))
            .collect();
        assert_eq!(numbers, [1, 1, 1, 2]);
        let queries: Vec<u32> = queries(RequestId(6), &PARTS)
            .map(|(query, _)| query.0)
            .collect();
        assert_eq!(queries, [6, 7, 8]);
    }
}
