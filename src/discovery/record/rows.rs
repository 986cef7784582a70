//! What is kept of each request and of each broker.
//!
//! They do *not* know from what it is observed.

use std::num::NonZeroU64;

use crate::discovery::{Providers, RequestOutcome};
use crate::time::Span;

/// What became of one request. There may be millions of them.
#[derive(Debug, Clone, Default)]
pub(in crate::discovery) struct RequestRecord {
    /// When it was issued, from the beginning of the request phase.
    pub(in crate::discovery) issued: Span,
    /// How long after its issue it ended, if it has.
    after: Span,
    /// The providers that serve it.
    pub(in crate::discovery) providers: Providers,
    /// Messages on its behalf.
    pub(in crate::discovery) messages: u32,
    /// How many instances have been served to the end.
    pub(in crate::discovery) served: u32,
    /// When its first provider began to serve, from the beginning of the request phase: in nanoseconds, and one more.
    started: Option<NonZeroU64>,
    /// How many times it was passed upwards, where that is told.
    pub(in crate::discovery) passes: u32,
    /// Whether a deadline timer fired while it was open somewhere.
    pub(in crate::discovery) deadline_hit: bool,
    /// How it ended, if it has.
    outcome: Option<RequestOutcome>,
    /// Whether it has ended more than once.
    pub(in crate::discovery) ended_again: bool,
}

impl RequestRecord {
    /// Adds what another part of the run has seen of it. It ends in one part only.
    pub(super) fn add(&mut self, other: Self) {
        let messages = self.messages + other.messages;
        let served = self.served + other.served;
        let passes = self.passes + other.passes;
        let started = self.started.into_iter().chain(other.started).min();
        if other.ended().is_some() {
            *self = other;
        }
        (self.messages, self.served, self.passes) = (messages, served, passes);
        self.started = started;
    }

    /// A provider begins to serve `at` after the beginning of the request phase.
    #[inline]
    pub(super) fn start(&mut self, at: Span) {
        self.started = self
            .started
            .or_else(|| NonZeroU64::new(at.as_ns().saturating_add(1)));
    }

    /// How long after its issue its first provider began to serve, if one has.
    pub(in crate::discovery) fn started_after(&self) -> Option<Span> {
        let at = Span::from_ns(self.started?.get() - 1);
        Some(at.saturating_sub(self.issued))
    }

    /// How the request ended, and how long after its issue.
    pub(in crate::discovery) fn end(&self) -> (RequestOutcome, Span) {
        self.ended()
            .expect("every request ends: its requester's deadline timer sees to that")
    }

    /// How the request ended, and how long after its issue; `None` while it is open.
    #[inline]
    pub(in crate::discovery) fn ended(&self) -> Option<(RequestOutcome, Span)> {
        Some((self.outcome?, self.after))
    }

    /// It ends `after` its issue.
    #[inline]
    pub(in crate::discovery) fn set_end(&mut self, outcome: RequestOutcome, after: Span) {
        (self.outcome, self.after) = (Some(outcome), after);
    }

    /// Whether it was accepted, and all providers served to the end.
    pub(in crate::discovery) fn is_completed(&self) -> bool {
        let accepted = self.end().0 == RequestOutcome::Accepted;
        accepted && self.served as usize >= self.providers.len()
    }
}

/// There may be millions of them: `docs/performance.md` tells what they take.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<RequestRecord>() == 64);

/// What became of one part of a request.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::discovery) struct QueryRecord {
    /// How many of the request's providers serve it.
    pub(in crate::discovery) found: u32,
    /// How many times it was passed upwards, where that is told.
    pub(in crate::discovery) passes: u32,
}

impl QueryRecord {
    /// Adds what another part of the run has seen of it.
    pub(super) fn add(&mut self, Self { found, passes }: Self) {
        self.found += found;
        self.passes += passes;
    }
}

/// What one broker had to do.
#[derive(Debug, Clone, Default)]
pub(in crate::discovery) struct BrokerRecord {
    /// Requests of which it received a query.
    pub(in crate::discovery) requests: u64,
    /// Messages on behalf of requests that it sent.
    pub(in crate::discovery) messages: u64,
    /// Messages on behalf of requests that it received.
    pub(in crate::discovery) received: u64,
}

impl BrokerRecord {
    /// Adds what another part of the run has seen of it. A broker is in one part, so that no request is counted by two.
    pub(super) fn add(&mut self, other: &Self) {
        let Self {
            requests,
            messages,
            received,
        } = other;
        debug_assert!(self.requests == 0 || *requests == 0);
        self.requests += requests;
        self.messages += messages;
        self.received += received;
    }
}
