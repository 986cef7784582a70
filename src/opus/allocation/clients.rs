//! The clients of one application in one region: issue requests, send each where it is expected to be
//! answered soonest.
//!
//! They are one unit, at the region's gateway. It does *not* know what other clients do, nor how nodes
//! are divided.

use std::sync::Arc;

use super::arrivals::Arrivals;
use super::config::Policy;
use super::instances::{InstanceReply, Instances};
use super::message::{MANAGER, Message, Reminder, Request, Utility, node};
use super::world::World;
use crate::time::{Span, Time};
use crate::unit::{Input, Unit, UnitId};

type Context<'a> = crate::unit::Context<'a, Utility>;

/// The number of nodes that may refuse a request because they are full before it is lost. Under overload, a request
/// that is sent on and on arrives late, and takes the place of another.
const REFUSALS_MAX: u8 = 3;
/// The number of reports without an answer after which the next nearest node is told, where nothing is lost on its way.
const UNHEARD_MAX: u8 = 1;
/// The same where messages may be lost: one report that is lost says nothing of the node.
const UNHEARD_MAX_LOSSES: u8 = 2;

/// A population.
#[derive(Debug)]
pub(super) struct Clients {
    world: Arc<World>,
    me: u32,
    application: u16,
    instances: Instances,
    arrivals: Arrivals,
    /// How many requests have been issued.
    issued: u32,
    /// How many of them before the last report.
    reported: u32,
    /// Which of the nearest nodes the rate is reported to, if the demand is tracked.
    contact: usize,
    /// How many reports it has not answered since it answered last.
    unheard: u8,
    /// At how many of them the next nearest node is told.
    unheard_max: u8,
}

impl Clients {
    /// Population `me`, which knows the nodes that serve it at the beginning.
    pub(super) fn new(world: Arc<World>, me: u32) -> Self {
        let application = world.application_of(me);
        let serving = |(_, serves): &(u32, &Option<u16>)| **serves == Some(application);
        let nodes = (0..).zip(&world.assigned).filter(serving);
        let instances = Instances::of(
            world.serving(application, 1.0),
            nodes.map(|(node, _)| world.instance(me, node)),
        );
        Self {
            arrivals: Arrivals::new(world.end),
            world,
            me,
            application,
            instances,
            issued: 0,
            reported: 0,
            contact: 0,
            unheard: 0,
            unheard_max: UNHEARD_MAX,
        }
    }

    /// Requests and answers may be lost on their way.
    pub(super) fn expect_losses(&mut self) {
        let world = &self.world;
        let patience = world.worthless_after(self.application);
        let rest = world.answered_within(self.application);
        self.instances.expect_losses(patience, rest);
        self.unheard_max = UNHEARD_MAX_LOSSES;
    }

    /// Arms the timer of the next request, unless there is none before the end.
    fn await_arrival(&mut self, context: &mut Context<'_>) {
        let world = &self.world;
        let curve = &world.curves[self.me as usize];
        let clients = (self.application, world.region_of(self.me));
        let next = self
            .arrivals
            .next(curve, context.streams(), clients, world.end);
        if let Some(at) = next {
            context.arm(Reminder::Arrival, at - context.now());
        }
    }

    /// Sends a request where it is expected to be answered soonest, if that suits; without such
    /// an instance it is lost.
    fn send(
        &mut self,
        request: Request,
        refusals: u8,
        suits: impl FnOnce(Span, u16) -> bool,
        context: &mut Context<'_>,
    ) {
        if let Some((slot, to)) = self.instances.take(context.now(), request.issued, suits) {
            let request = Request { slot, ..request };
            context.send(node(to), Message::Request { request, refusals });
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
        self.send(request, 0, |_, _| true, context);
        self.await_arrival(context);
    }

    /// Sends a refused request to another instance, unless it is likely to come too late there. After
    /// a refusal for want of room the other one counts as nearly full too.
    fn refused(
        &mut self,
        from: u32,
        request: Request,
        gone: bool,
        refusals: u8,
        context: &mut Context<'_>,
    ) {
        let world = Arc::clone(&self.world);
        let application = self.application;
        let serving = |requests| world.serving(application, requests);
        let room = f64::from(world.room(application));
        let outcome = if gone {
            InstanceReply::Gone
        } else {
            // In that time it serves half of what it holds, so it does not run idle.
            InstanceReply::Full(context.now() + serving(room / 2.0))
        };
        let kept = (request.slot, from);
        self.instances
            .release(kept, request.issued, outcome, context.now());
        let promised = world.applications[usize::from(application)].sla.latency();
        let passed = context.now() - request.issued;
        let in_time = |round_trip, outstanding: u16| {
            let ahead = if gone {
                f64::from(outstanding) + 1.0
            } else {
                room
            };
            passed + round_trip + serving(ahead) <= promised
        };
        if refusals < REFUSALS_MAX {
            self.send(request, refusals, in_time, context);
        }
    }

    fn report(&mut self, context: &mut Context<'_>) {
        let period = self.world.config.allocation.report_s.span();
        let count = self.issued - self.reported;
        self.reported = self.issued;
        let rate = f64::from(count) / (period.as_ns() as f64 / 1e9);
        let to = match self.world.config.allocation.policy {
            Policy::GreedyTracked => {
                let contacts = self.world.contacts(self.me);
                if self.unheard >= self.unheard_max {
                    (self.contact, self.unheard) = ((self.contact + 1) % contacts.len(), 0);
                }
                self.unheard += 1;
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
            Message::Answer { issued, slot } => {
                let (kept, served) = ((slot, from.index()), InstanceReply::Served);
                self.instances.release(kept, issued, served, context.now());
            }
            Message::Refused {
                request,
                gone,
                refusals,
            } => self.refused(from.index(), request, gone, refusals, context),
            Message::Add { nodes } => {
                let instance = |&node: &u32| self.world.instance(self.me, node);
                self.instances.add(nodes.iter().map(instance));
            }
            Message::Serving { nodes } => {
                let instance = |&node: &u32| self.world.instance(self.me, node);
                self.instances.add_missing(nodes.iter().map(instance));
            }
            Message::Remove { nodes } => self.instances.remove(&nodes),
            Message::Heard => self.unheard = 0,
            Message::Request { .. }
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
                if self.world.config.allocation.policy.wants_reports() {
                    let period = self.world.config.allocation.report_s.span();
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
