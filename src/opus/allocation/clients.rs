//! The clients of one application in one region: issue requests, send each to the nearest instance.
//!
//! They are one unit, at the region's gateway. Requests are a Poisson process whose rate follows the
//! demand, by thinning (Lewis, Shedler: *Simulation of nonhomogeneous Poisson processes by thinning*,
//! 1979). It does *not* know what other clients do, nor how nodes are divided.

use std::sync::Arc;

use super::config::Policy;
use super::instances::{Instances, Outcome};
use super::message::{MANAGER, Message, Reminder, Request, Utility, node};
use super::world::World;
use crate::opus::purpose;
use crate::random::unit_from_bits;
use crate::time::{Span, Time};
use crate::unit::{Input, Unit, UnitId};

type Context<'a> = crate::unit::Context<'a, Utility>;

/// The rate is bounded over so long at a time.
const AHEAD: Span = Span::from_s(60);

/// A population.
#[derive(Debug)]
pub struct Clients {
    world: Arc<World>,
    me: u32,
    application: u16,
    instances: Instances,
    /// How many requests have been issued.
    issued: u32,
    /// How many of them before the last report.
    reported: u32,
    /// How many candidates of the thinned process have been drawn.
    drawn: u32,
    /// Which of the nearest nodes the rate is reported to, if the demand is tracked.
    contact: usize,
    /// Whether it has not yet answered.
    unheard: bool,
}

impl Clients {
    /// Population `me`, which knows the nodes that serve it at the beginning.
    pub(super) fn new(world: Arc<World>, me: u32) -> Self {
        let application = world.application_of(me);
        let serving = |(_, serves): &(u32, &Option<u16>)| **serves == Some(application);
        let nodes = (0..).zip(&world.assigned).filter(serving);
        let instances = Instances::of(nodes.map(|(node, _)| world.instance(me, node)));
        Self {
            world,
            me,
            application,
            instances,
            issued: 0,
            reported: 0,
            drawn: 0,
            contact: 0,
            unheard: false,
        }
    }

    /// Arms the timer of the next request, unless there is none before the end.
    fn await_arrival(&mut self, context: &mut Context<'_>) {
        let (now, end) = (context.now(), self.world.end);
        let course = &self.world.courses[self.me as usize];
        let key = self.world.key(self.me);
        let mut at = now;
        while at < end {
            let to = (at + AHEAD).min(end);
            let bound = course.bound(at, to);
            if bound <= 0.0 {
                at = to;
                continue;
            }
            let [gap, share] = context.draws().pair(purpose::ARRIVAL, key, self.drawn);
            self.drawn += 1;
            let gap_s = -libm::log(1.0 - unit_from_bits(gap)) / bound;
            let left = to - at;
            if gap_s * 1e9 >= left.as_ns() as f64 {
                // Nothing until then, and the process has no memory.
                at = to;
                continue;
            }
            at += Span::from_ns((gap_s * 1e9) as u64);
            if unit_from_bits(share) * bound < course.rate(at) {
                context.arm(Reminder::Arrival, at - now);
                return;
            }
        }
    }

    /// Sends a request to the nearest open instance behind slot `after`; without one it is lost.
    fn send(&mut self, request: Request, after: Option<u16>, context: &mut Context<'_>) {
        if let Some((slot, to)) = self.instances.take(after, context.now()) {
            context.send(node(to), Message::Request(Request { slot, ..request }));
        }
    }

    fn issue(&mut self, context: &mut Context<'_>) {
        let request = Request {
            issued: context.now(),
            number: self.issued,
            application: self.application,
            slot: 0,
        };
        self.issued += 1;
        self.send(request, None, context);
        self.await_arrival(context);
    }

    /// Sends a refused request to an instance farther away, unless it is too late: nearer ones have
    /// refused it too, or were closed.
    fn refused(&mut self, from: u32, request: Request, gone: bool, context: &mut Context<'_>) {
        let outcome = if gone {
            Outcome::Gone
        } else {
            Outcome::Full(context.now() + self.world.pause(self.application))
        };
        let known = self.instances.release(request.slot, from, outcome);
        let sla = &self.world.config.applications[usize::from(self.application)].sla;
        if context.now() - request.issued < sla.latency {
            let after = (known && !gone).then_some(request.slot);
            self.send(request, after, context);
        }
    }

    fn report(&mut self, context: &mut Context<'_>) {
        let period = self.world.config.report;
        let count = self.issued - self.reported;
        self.reported = self.issued;
        let rate = f64::from(count) / (period.as_ns() as f64 / 1e9);
        let to = match self.world.config.policy {
            Policy::GreedyTracked => {
                let contacts = self.world.contacts(self.me);
                self.contact = (self.contact + usize::from(self.unheard)) % contacts.len();
                self.unheard = true;
                node(contacts[self.contact])
            }
            Policy::Static
            | Policy::Proportional
            | Policy::Greedy
            | Policy::GreedyReported
            | Policy::Optimum => MANAGER,
        };
        context.send(to, Message::Rate { rate });
        context.arm(Reminder::Report, period);
    }

    fn message(&mut self, from: UnitId, message: Message, context: &mut Context<'_>) {
        match message {
            Message::Answer { slot, .. } => {
                self.instances.release(slot, from.index(), Outcome::Served);
            }
            Message::Refused { request, gone } => {
                self.refused(from.index(), request, gone, context);
            }
            Message::Add { nodes } => {
                let instance = |&node: &u32| self.world.instance(self.me, node);
                self.instances.add(nodes.iter().map(instance));
            }
            Message::Remove { nodes } => self.instances.remove(&nodes),
            Message::Heard => self.unheard = false,
            Message::Request(_)
            | Message::Assign { .. }
            | Message::Ready { .. }
            | Message::Alive { .. }
            | Message::Rate { .. }
            | Message::Ask
            | Message::Demand { .. }
            | Message::Track(_)
            | Message::Overlay(_) => {}
        }
    }
}

impl Unit<Utility> for Clients {
    fn handle(&mut self, input: Input<Utility>, context: &mut Context<'_>) {
        match input {
            Input::Start => {
                self.await_arrival(context);
                if self.world.config.policy.wants_reports() {
                    let period = self.world.config.report;
                    context.arm(Reminder::Report, period);
                }
            }
            Input::Message { from, message } => self.message(from, message, context),
            Input::Timer(Reminder::Arrival) => self.issue(context),
            Input::Timer(Reminder::Report) => self.report(context),
            Input::Timer(_) => {}
        }
    }
}

/// How many requests outstanding keep a node busy that serves `rate` in a second and takes in
/// `room`, over a route of this latency.
pub(super) fn window(room: u32, latency: Span, rate: f64) -> u16 {
    let on_the_way = 2.0 * latency.as_ns() as f64 / 1e9 * rate;
    (f64::from(room) + on_the_way.ceil()).min(60_000.0) as u16
}

/// The instant that ends a run of `duration`.
pub(super) fn end(duration: Span) -> Time {
    Time::ZERO + duration
}
