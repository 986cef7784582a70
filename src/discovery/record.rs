//! What is observed of a run's request phase, from the inputs, effects and notes of units.
//!
//! It does *not* know how units decide, nor what is computed from the record.

mod asking;
mod commands;
mod merging;
mod reading;
mod rows;
mod upkeep;

use super::checks::Checks;
use super::healing::{Fact, Healing};
use super::presence::{CountToEnd, Event, Presence};
use super::summaries::Costs;
use super::ways::ProviderPaths;
use super::{
    Command, GBU, InputOf, Mechanism, MemberChange, Memberships, Observation, Providers, RequestId,
    RequestOutcome, RequestSet, World,
};
use crate::system::{Measures, Queueing};
use crate::time::{Span, Time};
use crate::topology::RouterId;
use crate::unit::{Effect, Input, Protocol, UnitId};
use rows::BrokerRecord;

pub(super) use rows::{QueryRecord, RequestRecord};

/// The record of one run's request phase.
#[derive(Debug)]
pub struct Record<M: Mechanism> {
    begin: Time,
    requests: Vec<RequestRecord>,
    /// How many queries each request is.
    queries_each: u32,
    /// What became of each query, if a request is several.
    queries: Vec<QueryRecord>,
    brokers: Vec<BrokerRecord>,
    /// The requests of which each broker has received a query, where it may receive several; else empty.
    handled: Vec<RequestSet>,
    /// What has waited at each of them, where they take time; else empty.
    queues: Vec<Queueing>,
    /// What has waited for each link, where they have a bandwidth; else empty.
    links: Vec<((RouterId, RouterId), Queueing)>,
    /// The requests with a deadline hit, and when the first one was.
    hits: Vec<(RequestId, Span)>,
    /// Arrivals and departures, and which units are asked in vain, if anything changes offers or listings.
    presence: Option<Presence>,
    /// When it was told that a colony or a computer can serve something else, if anything changes that.
    updates: Option<Vec<Span>>,
    /// What summaries cost.
    summaries: Costs,
    /// Messages that are not for requests, if anything changes who offers what or fails, or units watch each other.
    upkeep: Option<CountToEnd>,
    /// Whether the message that is handled now is for a request, if upkeep is counted.
    hears_for_request: bool,
    /// Failures and what follows from them, if units or the network fail, or units watch each other.
    healing: Option<Box<Healing>>,
    /// How the first providers were found, where units get other leaders than they had at first.
    ways: ProviderPaths,
    /// The units that were logged out by force, and when.
    logged_out: Vec<(Span, UnitId)>,
    /// Checks of credentials.
    checks: Checks,
    /// What the mechanism observes besides.
    own: M::Observed,
}

impl<M: Mechanism> Record<M> {
    /// Nothing has been observed yet in `world`, where several queries of a request may come to a broker or not
    /// (`asks_again`); `healing` where something breaks or units watch each other.
    pub(super) fn new(world: &World, asks_again: bool, healing: Option<Healing>) -> Self {
        let config = &world.config;
        let changes = config.has_comings() || config.renewal().is_some();
        let queries = world.requests.len() * world.parts.len();
        let brokers = world.gbus().len();
        let come_again = asks_again || config.requests.queries() > 1;
        Self {
            begin: Time::ZERO,
            queries_each: config.requests.queries(),
            queries: vec![QueryRecord::default(); queries],
            requests: vec![RequestRecord::default(); world.requests.len()],
            brokers: vec![BrokerRecord::default(); brokers],
            handled: vec![RequestSet::default(); if come_again { brokers } else { 0 }],
            queues: Vec::new(),
            links: Vec::new(),
            hits: Vec::new(),
            presence: (changes || healing.is_some()).then(|| Presence::new(world)),
            upkeep: (changes || healing.is_some()).then(CountToEnd::default),
            hears_for_request: false,
            healing: healing.map(Box::new),
            updates: changes.then(Vec::new),
            summaries: Costs::default(),
            ways: ProviderPaths::default(),
            logged_out: Vec::new(),
            checks: Checks::default(),
            own: M::Observed::default(),
        }
    }

    /// Requests begin: how the units stand is told by `membership`, where it matters.
    pub(super) fn begin_with(&mut self, membership: impl FnOnce() -> Option<Memberships>) {
        if let Some(healing) = &mut self.healing {
            healing.begin(membership());
        }
    }

    /// The number of the request to which a query belongs.
    #[inline]
    fn number(&self, query: RequestId) -> usize {
        // Comparing is cheaper than dividing.
        if self.queries_each == 1 {
            query.0 as usize
        } else {
            (query.0 / self.queries_each) as usize
        }
    }

    #[inline]
    fn request(&mut self, query: RequestId) -> &mut RequestRecord {
        let number = self.number(query);
        &mut self.requests[number]
    }

    /// How long after the beginning of the request phase `now` is.
    fn since_begin(&self, now: Time) -> Span {
        now - self.begin
    }

    fn issue(&mut self, now: Time, request: RequestId) -> &mut RequestRecord {
        let issued = self.since_begin(now);
        let record = self.request(request);
        record.issued = issued;
        record
    }

    fn come(&mut self, now: Time, unit: UnitId, event: Event) {
        let at = self.since_begin(now);
        if let Some(presence) = &mut self.presence {
            presence.add(at, unit, event);
        }
        if let Some(healing) = &mut self.healing {
            match event {
                Event::Up => healing.add(at, Fact::Came(unit)),
                Event::Down => healing.add(at, Fact::Went(unit)),
                Event::Crashed => healing.add(at, Fact::Crashed(unit)),
                Event::Suspects(other) => healing.add(at, Fact::Suspects(unit, other)),
                Event::Registered(_) | Event::Left(_) | Event::Struck(_) => {}
            }
        }
    }

    /// The table of `leader` has changed.
    fn member(&mut self, now: Time, members: (UnitId, UnitId), change: MemberChange) {
        self.come(now, members.1, Event::of(change, members.0));
        let at = self.since_begin(now);
        if let Some(healing) = &mut self.healing {
            healing.change(at, members, change);
        }
    }

    /// `unit` handles what `from` says. Where nothing fails that is of no interest.
    #[inline]
    fn heard(
        &mut self,
        now: Time,
        (from, unit): (UnitId, UnitId),
        message: &<M::Protocol as Protocol>::Message,
    ) {
        let at = self.since_begin(now);
        if let Some(healing) = &mut self.healing
            && M::is_update(message)
        {
            healing.update(at, Fact::Heard(from, unit));
        }
    }

    /// `unit` sends a message to the unit `to`.
    #[inline]
    fn sent(
        &mut self,
        now: Time,
        (unit, to): (UnitId, UnitId),
        message: &<M::Protocol as Protocol>::Message,
    ) {
        if let Some(request) = M::request_of(message) {
            self.request(request).messages += 1;
            if unit.kind() == GBU {
                self.brokers[unit.index() as usize].messages += 1;
            }
        } else {
            self.sent_for_upkeep(now, (unit, to), message);
        }
    }

    /// `unit` sends a message that no request asks for.
    #[inline(never)]
    fn sent_for_upkeep(
        &mut self,
        now: Time,
        (unit, to): (UnitId, UnitId),
        message: &<M::Protocol as Protocol>::Message,
    ) {
        let at = self.since_begin(now);
        self.count_upkeep(at, message);
        if let Some(healing) = &mut self.healing {
            if M::is_of_election(message) {
                healing.election_message(at);
            }
            if M::is_update(message) {
                healing.update(at, Fact::Told(unit, to));
            }
        }
        if let Some(updates) = &mut self.updates
            && M::is_update(message)
        {
            updates.push(at);
            self.summaries.told(unit);
        }
    }

    /// `unit` says what has happened. Out of line: messages, which are counted at the same place, are many more.
    #[inline(never)]
    fn observed(&mut self, now: Time, unit: UnitId, observation: &Observation) {
        match observation {
            Observation::Ended {
                request,
                outcome,
                providers,
            } => self.ended(now, (unit, *request), *outcome, providers),
            Observation::Asked {
                request,
                unit,
                reached: true,
            } => self.asked(now, *unit, *request),
            Observation::Asked { unit, .. } => self.enquiry(now, *unit, true),
            Observation::NotOffered => {
                let at = self.since_begin(now);
                if let Some(presence) = &mut self.presence {
                    presence.not_offered(at, unit);
                }
            }
            Observation::Enquired { found } => self.summaries.enquired(*found),
            Observation::Started { request } => {
                let at = self.since_begin(now);
                self.request(*request).start(at);
            }
            Observation::Served { request } => self.request(*request).served += 1,
            Observation::PassedUp { request } => {
                self.request(*request).passes += 1;
                if let Some(query) = self.queries.get_mut(request.0 as usize) {
                    query.passes += 1;
                }
            }
            Observation::Found { request, instances } => {
                if let Some(query) = self.queries.get_mut(request.0 as usize) {
                    query.found = *instances;
                }
            }
            Observation::FoundBy { request, peer } => {
                self.ways
                    .add(self.since_begin(now), *request, (unit, *peer));
            }
            Observation::Member { member, change } => {
                self.member(now, (unit, *member), *change);
            }
            Observation::Suspected { unit: other } => {
                self.come(now, unit, Event::Suspects(*other));
            }
            Observation::Elected {
                leader,
                term,
                is_root,
            } => self.healed(now, Fact::Elected(unit, *leader, *term, *is_root)),
            Observation::ElectionFailed => self.healed(now, Fact::Failed),
            Observation::LoggedOut { unit } => {
                self.logged_out.push((self.since_begin(now), *unit));
            }
            Observation::Checked { unit, status } => {
                self.checks.add(self.since_begin(now), *unit, *status);
            }
            Observation::DeadlineHit { request } => self.deadline_hit(now, *request),
            Observation::Reached { .. } => {}
        }
    }

    /// Units cease to look after each other.
    #[cold]
    fn unwatched(&mut self, now: Time) {
        let at = self.since_begin(now);
        if let Some(healing) = &mut self.healing {
            healing.unwatch(at);
        }
    }

    fn healed(&mut self, now: Time, fact: Fact) {
        let at = self.since_begin(now);
        if let Some(healing) = &mut self.healing {
            healing.add(at, fact);
        }
    }

    /// A request has ended at its requester.
    #[inline]
    fn ended(
        &mut self,
        now: Time,
        (requester, request): (UnitId, RequestId),
        outcome: RequestOutcome,
        providers: &Providers,
    ) {
        let at = self.since_begin(now);
        let record = self.request(request);
        record.ended_again |= record.ended().is_some();
        record.set_end(outcome, at - record.issued);
        record.providers.clone_from(providers);
        if let Some(presence) = &mut self.presence {
            presence.end(requester, request);
        }
        self.settle_upkeep();
    }

    /// A deadline timer has fired. A broker may still wait for what its requester no longer needs.
    fn deadline_hit(&mut self, now: Time, request: RequestId) {
        let at = self.since_begin(now);
        let record = self.request(request);
        if record.ended().is_none() && !record.deadline_hit {
            record.deadline_hit = true;
            self.hits.push((request, at));
        }
    }
}

impl<M: Mechanism> Measures<M::Protocol> for Record<M> {
    fn begin(&mut self, now: Time) {
        self.begin = now;
        self.own.begin(now);
    }

    #[inline]
    fn fetch(&self, unit: UnitId) {
        self.own.fetch(unit);
    }

    #[inline]
    fn input(&mut self, now: Time, unit: UnitId, input: &InputOf<M>) {
        match input {
            Input::Message { from, message } => {
                self.received(now, unit, message);
                self.hear(message);
                self.heard(now, (*from, unit), message);
            }
            Input::Start => self.come(now, unit, Event::Up),
            Input::Command(command) => self.commanded(now, unit, command),
            Input::Timer(_) => {}
        }
        self.own.input(now, unit, input);
    }

    fn unhandled(&mut self, now: Time, unit: UnitId, input: &InputOf<M>) {
        if let Input::Command(Command::Issue { request, .. } | Command::IssueAll { request }) =
            input
        {
            self.issue(now, *request)
                .set_end(RequestOutcome::Local, Span::ZERO);
            if let Some(presence) = &mut self.presence {
                presence.settle();
            }
            self.settle_upkeep();
        }
        if let Input::Message { message, .. } = input
            && M::is_query(message)
        {
            self.enquiry(now, unit, true);
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
        self.come(now, unit, Event::Crashed);
        let at = self.since_begin(now);
        // Nobody waits any more for what it has asked for.
        while let Some(request) = self.presence.as_mut().and_then(|all| all.take_open(unit)) {
            let record = self.request(request);
            record.set_end(RequestOutcome::Rejected, at - record.issued);
        }
        self.own.crashed(now, unit);
    }

    fn cut(&mut self, now: Time) {
        self.own.cut(now);
    }

    fn queued(&mut self, unit: UnitId, queueing: Queueing) {
        let place = unit.index() as usize;
        if self.queues.len() <= place {
            self.queues.resize(place + 1, Queueing::default());
        }
        self.queues[place] = queueing;
    }

    fn queued_for_link(&mut self, link: (RouterId, RouterId), queueing: Queueing) {
        self.links.push((link, queueing));
    }

    #[inline]
    fn effect(&mut self, now: Time, unit: UnitId, effect: &Effect<M::Protocol>) {
        match effect {
            Effect::Send { to, message, .. } => self.sent(now, (unit, *to), message),
            Effect::Observation(observation) => self.observed(now, unit, observation),
            Effect::Arm { .. } | Effect::Disarm { .. } => {}
        }
        self.own.effect(now, unit, effect);
    }
}
