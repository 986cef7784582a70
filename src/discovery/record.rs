//! What is observed of a run's request phase, from the inputs, effects and notes of units.
//!
//! It does *not* know how units decide, nor what is computed from the record.

use super::{
    Command, GBU, InputOf, Mechanism, Observation, Observe, Providers, RequestId, RequestOutcome,
};
use crate::system::Measures;
use crate::time::{Span, Time};
use crate::unit::{Effect, Input, Protocol, UnitId};

/// The record of one run's request phase.
#[derive(Debug)]
pub struct Record<M: Mechanism> {
    begin: Time,
    requests: Vec<RequestRecord>,
    brokers: Vec<BrokerRecord>,
    /// The requests with a deadline hit, and when the first one was.
    hits: Vec<(RequestId, Span)>,
    /// What the mechanism observes besides.
    own: M::Observed,
}

/// What became of one request.
#[derive(Debug, Clone, Default)]
pub(super) struct RequestRecord {
    /// When it was issued, from the beginning of the request phase.
    pub(super) issued: Span,
    /// How it ended, and how long after its issue.
    pub(super) ended: Option<(RequestOutcome, Span)>,
    /// Who serves it.
    pub(super) providers: Providers,
    /// Messages on its behalf.
    pub(super) messages: u32,
    /// Whether a deadline timer fired while it was open somewhere.
    pub(super) deadline_hit: bool,
}

impl RequestRecord {
    /// How the request ended, and how long after its issue.
    pub(super) fn end(&self) -> (RequestOutcome, Span) {
        self.ended
            .expect("every request ends: its requester's deadline timer sees to that")
    }
}

/// What one broker had to do.
#[derive(Debug, Clone, Default)]
pub(super) struct BrokerRecord {
    /// Queries that it received.
    pub(super) requests: u64,
    /// Messages on behalf of requests that it sent.
    pub(super) messages: u64,
}

impl<M: Mechanism> Record<M> {
    pub(super) fn new(requests: usize, brokers: usize) -> Self {
        Self {
            begin: Time::ZERO,
            requests: vec![RequestRecord::default(); requests],
            brokers: vec![BrokerRecord::default(); brokers],
            hits: Vec::new(),
            own: M::Observed::default(),
        }
    }

    /// The record of a run out of those of its parts.
    pub(super) fn merge(parts: Vec<Self>) -> Self {
        let hits: Vec<(RequestId, Span, bool)> = parts.iter().flat_map(Self::own_hits).collect();
        let mut parts = parts.into_iter();
        let mut whole = parts.next().expect("a run has parts");
        for part in parts {
            whole.own.merge(part.own);
            for (mine, other) in whole.requests.iter_mut().zip(part.requests) {
                let messages = mine.messages + other.messages;
                if other.ended.is_some() {
                    *mine = other;
                }
                mine.messages = messages;
            }
            for (mine, other) in whole.brokers.iter_mut().zip(part.brokers) {
                mine.requests += other.requests;
                mine.messages += other.messages;
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
        let own = |request: RequestId| self.requests[request.0 as usize].ended.is_some();
        self.hits
            .iter()
            .map(move |&(request, at)| (request, at, own(request)))
    }

    pub(super) fn requests(&self) -> &[RequestRecord] {
        &self.requests
    }

    pub(super) fn brokers(&self) -> &[BrokerRecord] {
        &self.brokers
    }

    /// What the mechanism has observed besides.
    pub fn own(&self) -> &M::Observed {
        &self.own
    }

    fn request(&mut self, request: RequestId) -> &mut RequestRecord {
        &mut self.requests[request.0 as usize]
    }

    fn issue(&mut self, now: Time, request: RequestId) -> &mut RequestRecord {
        let issued = now - self.begin;
        let record = self.request(request);
        record.issued = issued;
        record
    }
}

impl<M: Mechanism> Measures<M::Protocol> for Record<M> {
    fn begin(&mut self, now: Time) {
        self.begin = now;
        self.own.begin(now);
    }

    #[inline]
    fn input(&mut self, now: Time, unit: UnitId, input: &InputOf<M>) {
        match input {
            Input::Command(Command::Issue { request, .. }) => {
                self.issue(now, *request);
            }
            Input::Message { message, .. } if M::is_query(message) && unit.kind() == GBU => {
                self.brokers[unit.index() as usize].requests += 1;
            }
            _ => {}
        }
        self.own.input(now, unit, input);
    }

    fn unhandled(&mut self, now: Time, unit: UnitId, input: &InputOf<M>) {
        if let Input::Command(Command::Issue { request, .. }) = input {
            self.issue(now, *request).ended = Some((RequestOutcome::Local, Span::ZERO));
        }
        self.own.unhandled(now, unit, input);
    }

    fn lost(
        &mut self,
        now: Time,
        from: UnitId,
        to: UnitId,
        message: &<M::Protocol as Protocol>::Message,
    ) {
        self.own.lost(now, from, to, message);
    }

    fn crashed(&mut self, now: Time, unit: UnitId) {
        self.own.crashed(now, unit);
    }

    fn cut(&mut self, now: Time) {
        self.own.cut(now);
    }

    #[inline]
    fn effect(&mut self, now: Time, unit: UnitId, effect: &Effect<M::Protocol>) {
        match effect {
            Effect::Send { message, .. } => {
                if let Some(request) = M::request_of(message) {
                    self.request(request).messages += 1;
                    if unit.kind() == GBU {
                        self.brokers[unit.index() as usize].messages += 1;
                    }
                }
            }
            Effect::Observation(Observation::Ended {
                request,
                outcome,
                providers,
            }) => {
                let since_begin = now - self.begin;
                let record = self.request(*request);
                record.ended = Some((*outcome, since_begin - record.issued));
                record.providers.clone_from(providers);
            }
            Effect::Observation(Observation::DeadlineHit { request }) => {
                // A broker may still wait for what its requester no longer needs.
                let since_begin = now - self.begin;
                let record = self.request(*request);
                if record.ended.is_none() && !record.deadline_hit {
                    record.deadline_hit = true;
                    self.hits.push((*request, since_begin));
                }
            }
            Effect::Observation(Observation::Reached { .. })
            | Effect::Arm { .. }
            | Effect::Disarm { .. } => {}
        }
        self.own.effect(now, unit, effect);
    }
}
