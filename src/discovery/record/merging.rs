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
        for part in parts {
            whole.own.merge(part.own);
            whole.ways.merge(part.ways);
            whole.logged_out.extend(part.logged_out);
            whole.checks.merge(part.checks);
            if let Some((mine, other)) = whole.presence.as_mut().zip(part.presence) {
                mine.merge(other);
            }
            if let Some((mine, other)) = whole.healing.as_mut().zip(part.healing) {
                mine.merge(*other);
            }
            if let Some((mine, other)) = whole.upkeep.as_mut().zip(part.upkeep) {
                mine.merge(other);
            }
            if let Some((mine, other)) = whole.updates.as_mut().zip(part.updates) {
                mine.extend(other);
            }
            whole.summaries.merge(&part.summaries);
            for (mine, other) in whole.requests.iter_mut().zip(part.requests) {
                let messages = mine.messages + other.messages;
                let served = mine.served + other.served;
                let passes = mine.passes + other.passes;
                if other.ended().is_some() {
                    *mine = other;
                }
                (mine.messages, mine.served, mine.passes) = (messages, served, passes);
            }
            for (mine, other) in whole.queries.iter_mut().zip(part.queries) {
                mine.found += other.found;
                mine.passes += other.passes;
            }
            for (mine, other) in whole.queues.iter_mut().zip(part.queues) {
                *mine = mine.with(other);
            }
            for (mine, other) in whole.brokers.iter_mut().zip(part.brokers) {
                // Each broker is in one part, so no request is counted by two.
                debug_assert!(mine.requests == 0 || other.requests == 0);
                mine.requests += other.requests;
                mine.messages += other.messages;
                mine.received += other.received;
            }
        }
        for (request, at, own) in hits {
            let record = whole.request(request);
            let (_, latency) = record.end();
            // A broker's deadline timer comes after all that happens to a computer at its instant.
            record.deadline_hit |= own || at < record.issued + latency;
        }
        whole
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
