//! The record of a run that was spread over threads, out of those of its parts.
//!
//! It does *not* know what a part has seen.

use super::Record;
use crate::discovery::{Mechanism, Observe, RequestId};
use crate::time::Span;

impl<M: Mechanism> Record<M> {
    /// The record of a run out of those of its parts.
    pub(in crate::discovery) fn merge(parts: Vec<Self>) -> Self {
        let hits: Vec<(RequestId, Span, bool)> = parts.iter().flat_map(Self::own_hits).collect();
        let mut parts = parts.into_iter();
        let mut whole = parts.next().expect("a run has parts");
        parts.for_each(|part| whole.add(part));
        for (request, at, own) in hits {
            let record = whole.request(request);
            let (_, latency) = record.end();
            // A broker's deadline timer comes after all that happens to a computer at its instant.
            record.deadline_hit |= own || at < record.issued + latency;
        }
        whole
    }

    /// Adds what another part has seen. Each field stands here, so that none is forgotten.
    fn add(&mut self, part: Self) {
        let Self {
            // These are equal in all parts.
            begin: _,
            queries_each: _,
            requests,
            queries,
            brokers,
            // What a part knows only while it runs.
            handled: _,
            hears_for_request: _,
            queues,
            links,
            // Known when all parts are together.
            hits: _,
            presence,
            updates,
            summaries,
            upkeep,
            healing,
            ways,
            logged_out,
            checks,
            own,
        } = part;
        self.own.merge(own);
        self.ways.merge(ways);
        self.logged_out.extend(logged_out);
        self.checks.merge(checks);
        if let Some((mine, other)) = self.presence.as_mut().zip(presence) {
            mine.merge(other);
        }
        if let Some((mine, other)) = self.healing.as_mut().zip(healing) {
            mine.merge(*other);
        }
        if let Some((mine, other)) = self.upkeep.as_mut().zip(upkeep) {
            mine.merge(other);
        }
        if let Some((mine, other)) = self.updates.as_mut().zip(updates) {
            mine.extend(other);
        }
        self.summaries.merge(&summaries);
        for (mine, other) in self.queues.iter_mut().zip(queues) {
            *mine = mine.with(other);
        }
        for ((_, mine), (_, other)) in self.links.iter_mut().zip(links) {
            *mine = mine.with(other);
        }
        for (mine, other) in self.requests.iter_mut().zip(requests) {
            mine.add(other);
        }
        for (mine, other) in self.queries.iter_mut().zip(queries) {
            mine.add(other);
        }
        for (mine, other) in self.brokers.iter_mut().zip(brokers) {
            mine.add(&other);
        }
    }

    /// The hits, and whether the request's own part has seen them: it knows whether the request was
    /// open; other parts cannot.
    fn own_hits(&self) -> impl Iterator<Item = (RequestId, Span, bool)> {
        let own = |request| self.requests[self.number(request)].ended().is_some();
        self.hits
            .iter()
            .map(move |&(request, at)| (request, at, own(request)))
    }
}
