//! Asking: a computer's own requests, from their issue to their end.
//!
//! A request ends once: by its leader's answer, by its deadline, or because the leader turns out to
//! be gone. It does *not* know how its leader finds providers.

mod parts;

use crate::arigatoni::message::{Answer, Message, Query, Reminder, Ticket};
use crate::arigatoni::policy::{Given, Policy};
use crate::arigatoni::rules::Rules;
use crate::arigatoni::searching::reservation::release;
use crate::arigatoni::{Context, detection};
use crate::discovery::{Descriptor, Observation, Providers, RequestId, RequestOutcome};
use crate::slab::Slab;
use crate::time::{Span, Time};
use crate::unit::UnitId;

use parts::Kept;

/// The requests of one computer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Asking {
    open: Slab<Asked>,
    /// Until when it uses what others serve it.
    using_until: Time,
}

/// A request that is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Asked {
    request: RequestId,
    wanted: u32,
    leader: UnitId,
    /// Whether the leader has shown that it is there.
    acknowledged: bool,
    /// Whether the request is over: only the leader's silence is still of interest.
    ended: bool,
}

impl Default for Asking {
    fn default() -> Self {
        Self {
            open: Slab::default(),
            using_until: Time::ZERO,
        }
    }
}

impl Asking {
    /// Puts a request for `wanted` instances to the leader.
    pub(super) fn ask(
        &mut self,
        leader: UnitId,
        what: (RequestId, Descriptor, u32),
        rules: &Rules,
        context: &mut Context<'_>,
    ) {
        self.put(leader, what, rules.deadline, rules, context);
    }

    /// Puts a request to the leader, to be answered within `time_left`.
    fn put(
        &mut self,
        leader: UnitId,
        (request, demand, wanted): (RequestId, Descriptor, u32),
        time_left: Span,
        rules: &Rules,
        context: &mut Context<'_>,
    ) {
        let slot = self.open.insert(Asked {
            request,
            wanted,
            leader,
            acknowledged: false,
            ended: false,
        });
        let query = Query {
            request,
            demand,
            wanted,
            time_left,
            ticket: Ticket(slot),
        };
        context.send(leader, Message::Query(query));
        context.arm(Reminder::Deadline { slot }, time_left);
        detection::watch(rules.silence_timeout, slot, context);
    }

    /// Takes the answer to one of its requests. One that comes too late finds nothing open, and who
    /// agreed is released.
    pub(super) fn take_answer<P: Policy>(
        &mut self,
        from: UnitId,
        answer: Answer,
        (given, kept): (&Given<P>, &mut Kept),
        context: &mut Context<'_>,
    ) {
        let Answer {
            request,
            ticket,
            mut providers,
        } = answer;
        let Some(asked) = self.asked(from, request, ticket) else {
            release(request, &providers, context);
            return;
        };
        self.close(ticket.0, &given.rules, context);
        if asked.ended {
            release(request, &providers, context);
            return;
        }
        let before = found_before(request, &given.rules, kept);
        let wanted = asked.wanted + before as u32;
        if before + providers.len() < given.rules.enough(request, wanted) as usize {
            self.fall_short(request, providers, (&given.rules, kept), context);
            return;
        }
        // Leaders hand over no more than they were asked for; one that does is no harm.
        let used = providers.len().min(asked.wanted as usize);
        release(request, &providers[used..], context);
        providers.truncate(used);
        forget(request, &mut providers, &given.rules, kept);
        if !given.rules.parts.is_empty() {
            self.part_found((request, providers), given, kept, context);
            return;
        }
        self.start(request, &providers, given, context);
        context.emit(Observation::Ended {
            request,
            outcome: RequestOutcome::Accepted,
            providers,
        });
    }

    /// Whether it waits for an answer to `query`.
    pub(super) fn has_asked(&self, query: RequestId) -> bool {
        self.open.iter().any(|(_, asked)| asked.request == query)
    }

    /// Lets these start to serve.
    #[inline]
    fn start<P: Policy>(
        &mut self,
        request: RequestId,
        providers: &[UnitId],
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        for &provider in providers {
            context.send(provider, Message::Start { request });
            let served_at = context.now() + given.policy.service_time(provider);
            self.using_until = self.using_until.max(served_at);
        }
    }

    /// Too few, `providers`, agree to `request`. It is put to the colony at the end of a tunnel, if there is one that has not
    /// been asked; else it has failed.
    fn fall_short(
        &mut self,
        request: RequestId,
        mut providers: Providers,
        (rules, kept): (&Rules, &mut Kept),
        context: &mut Context<'_>,
    ) {
        let rare = kept.as_mut().filter(|_| rules.borders.tunnels);
        let now = context.now();
        let further = rare.and_then(|it| it.tunnelling.next(request, &mut providers, now));
        if let Some(further) = further {
            let what = (request, further.demand, further.missing);
            self.put(further.leader, what, further.time_left, rules, context);
            return;
        }
        release(request, &providers, context);
        self.reject(request, rules, kept, context);
    }

    /// A query has failed, and with it the request.
    #[inline]
    fn reject(
        &mut self,
        request: RequestId,
        rules: &Rules,
        kept: &mut Kept,
        context: &mut Context<'_>,
    ) {
        if rules.parts.is_empty() {
            end(request, RequestOutcome::Rejected, context);
        } else {
            self.part_failed(request, rules, kept, context);
        }
    }

    /// The leader says that it has taken in a request.
    pub(super) fn take_acknowledgement(
        &mut self,
        from: UnitId,
        (request, ticket): (RequestId, Ticket),
        rules: &Rules,
        context: &mut Context<'_>,
    ) {
        let Some(asked) = self.asked(from, request, ticket) else {
            return;
        };
        detection::heard(rules.silence_timeout, ticket.0, context);
        if asked.ended {
            self.close(ticket.0, rules, context);
        } else if let Some(asked) = self.open.at_mut(ticket.0) {
            asked.acknowledged = true;
        }
    }

    /// The deadline of a request has come. If its leader has not shown itself either, it may yet
    /// turn out to be gone.
    pub(super) fn deadline(
        &mut self,
        slot: u32,
        (rules, kept): (&Rules, &mut Kept),
        context: &mut Context<'_>,
    ) {
        let Some(request) = self.stop_waiting(slot, rules, context) else {
            return;
        };
        context.emit(Observation::DeadlineHit { request });
        self.fall_short(request, Providers::new(), (rules, kept), context);
    }

    /// Whatever the leader answers in `slot`, the request is over; which one, if it was not over before.
    #[inline]
    fn stop_waiting(
        &mut self,
        slot: u32,
        rules: &Rules,
        context: &mut Context<'_>,
    ) -> Option<RequestId> {
        let asked = self.open.at_mut(slot).filter(|asked| !asked.ended)?;
        asked.ended = true;
        let request = asked.request;
        if asked.acknowledged || rules.silence_timeout.is_none() {
            self.close(slot, rules, context);
        }
        Some(request)
    }

    /// The leader that was asked in `slot` is gone; who it was.
    pub(super) fn give_up(
        &mut self,
        slot: u32,
        (rules, kept): (&Rules, &mut Kept),
        context: &mut Context<'_>,
    ) -> Option<UnitId> {
        let asked = self.close(slot, rules, context)?;
        if !asked.ended {
            let none = Providers::new();
            self.fall_short(asked.request, none, (rules, kept), context);
        }
        Some(asked.leader)
    }

    /// The leader `leader` is gone: nothing that it was asked is answered.
    pub(super) fn give_up_all(
        &mut self,
        leader: UnitId,
        (rules, kept): (&Rules, &mut Kept),
        context: &mut Context<'_>,
    ) {
        let of_leader = |open: &Slab<Asked>| {
            let mut open = open.iter();
            open.find(|(_, asked)| asked.leader == leader)
                .map(|(slot, _)| slot)
        };
        while let Some(slot) = of_leader(&self.open) {
            self.give_up(slot, (rules, kept), context);
        }
    }

    /// Forgets all requests, and whom it uses.
    pub(super) fn clear(&mut self) {
        let Self { open, using_until } = self;
        open.clear();
        *using_until = Time::ZERO;
    }

    /// How many requests are open, or wait for a sign of life of their leader.
    pub(super) fn requests_open(&self) -> usize {
        self.open.len()
    }

    /// Whether it neither asks nor uses anything.
    pub(super) fn is_idle(&self, now: Time) -> bool {
        self.requests_open() == 0 && self.using_until <= now
    }

    /// Sets the clock back to 0 at `now`.
    pub(super) fn set_clock(&mut self, now: Time) {
        self.using_until = self.using_until.from_zero(now);
    }

    /// What was asked under `ticket`, if that is `request` and `leader` was asked.
    fn asked(&self, leader: UnitId, request: RequestId, ticket: Ticket) -> Option<Asked> {
        let asked = self.open.at(ticket.0).copied();
        asked.filter(|asked| asked.leader == leader && asked.request == request)
    }

    /// Ends the business in `slot`.
    fn close(&mut self, slot: u32, rules: &Rules, context: &mut Context<'_>) -> Option<Asked> {
        let asked = self.open.remove(slot)?;
        context.disarm(Reminder::Deadline { slot });
        detection::heard(rules.silence_timeout, slot, context);
        Some(asked)
    }
}

/// How many were found for `request` in the requester's own colony, where that at the end of a tunnel is asked as well.
fn found_before(request: RequestId, rules: &Rules, kept: &Kept) -> usize {
    let rare = kept.as_ref().filter(|_| rules.borders.tunnels);
    rare.map_or(0, |it| it.tunnelling.found(request))
}

/// Nothing more is asked for `request`: those who were found before come before `providers`.
pub(super) fn forget(
    request: RequestId,
    providers: &mut Providers,
    rules: &Rules,
    kept: &mut Kept,
) {
    let rare = kept.as_mut().filter(|_| rules.borders.tunnels);
    if let Some(rare) = rare {
        let mut all = rare.tunnelling.forget(request);
        all.append(providers);
        *providers = all;
    }
}

/// A request has ended without providers.
pub(super) fn end(request: RequestId, outcome: RequestOutcome, context: &mut Context<'_>) {
    context.emit(Observation::Ended {
        request,
        outcome,
        providers: Providers::new(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arigatoni::tests::{DEMAND, REQUEST, effects_of, given, rules, sent};
    use crate::discovery::{gbu, gcu};
    use crate::unit::Effect;

    /// A computer that has asked GBU 0 for two, and under which ticket.
    fn asking(rules: &Rules) -> (Asking, Ticket) {
        let mut asking = Asking::default();
        let what = (REQUEST, DEMAND, 2);
        let said = effects_of(|context| asking.ask(gbu(0), what, rules, context));
        let [(_, Message::Query(query))] = sent(&said)[..] else {
            panic!("{said:?}")
        };
        (asking, query.ticket)
    }

    fn ended(effects: &[Effect<crate::arigatoni::ArigatoniProtocol>]) -> Option<RequestOutcome> {
        effects.iter().find_map(|effect| match effect {
            Effect::Observation(Observation::Ended { outcome, .. }) => Some(*outcome),
            _ => None,
        })
    }

    fn answer(ticket: Ticket, providers: &[UnitId]) -> Answer {
        Answer {
            request: REQUEST,
            ticket,
            providers: providers.into(),
        }
    }

    #[test]
    fn providers_are_told_to_start_and_used_for_a_while() {
        let given = given(rules());
        let (mut asking, ticket) = asking(&given.rules);
        let enough = answer(ticket, &[gcu(5), gcu(6)]);
        let said =
            effects_of(|c| asking.take_answer(gbu(0), enough.clone(), (&given, &mut None), c));
        assert_eq!(ended(&said), Some(RequestOutcome::Accepted));
        let begin = Message::Start { request: REQUEST };
        assert_eq!(sent(&said), [(gcu(5), &begin), (gcu(6), &begin)]);
        let end = Time::ZERO + given.policy.service_time(gcu(5));
        assert!(asking.is_idle(end) && !asking.is_idle(Time::from_ns(end.as_ns() - 1)));
        // A second identical answer finds nothing open.
        let said = effects_of(|c| asking.take_answer(gbu(0), enough, (&given, &mut None), c));
        let release = Message::Release { request: REQUEST };
        assert_eq!(sent(&said), [(gcu(5), &release), (gcu(6), &release)]);
        assert_eq!(ended(&said), None);
    }

    #[test]
    fn only_the_leaders_answer_counts() {
        let given = given(rules());
        let (mut asking, ticket) = asking(&given.rules);
        let forged = answer(ticket, &[]);
        let said = effects_of(|c| asking.take_answer(gbu(7), forged, (&given, &mut None), c));
        assert!(said.is_empty() && !asking.is_idle(Time::ZERO));
    }

    #[test]
    fn a_request_ends_once() {
        let rules = rules();
        let (mut asking, ticket) = asking(&rules);
        let slot = ticket.0;
        let said = effects_of(|context| asking.deadline(slot, (&rules, &mut None), context));
        assert_eq!(ended(&said), Some(RequestOutcome::Rejected));
        assert!(asking.is_idle(Time::ZERO));
        assert!(
            effects_of(|context| asking.deadline(slot, (&rules, &mut None), context)).is_empty()
        );
        effects_of(|context| assert!(asking.give_up(slot, (&rules, &mut None), context).is_none()));
    }
}
