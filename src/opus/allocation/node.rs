//! A utility node: serves the requests of one application, in order of arrival, one at a time. It may
//! embed a tracker of the demand, and a member of the application's overlay.
//!
//! It does *not* know how trackers and members work, nor why it is moved.

use std::collections::VecDeque;
use std::sync::Arc;

use super::membership::Memberships;
use super::message::{MANAGER, Message, Observation, Reminder, Request, Utility, node};
use super::world::World;
use crate::opus::overlay::OverlayMember;
use crate::opus::stream;
use crate::opus::tracking::{self, Tracker};
use crate::prefetch::prefetch_all;
use crate::random::RandomStreams;
use crate::time::{Span, Time};
use crate::unit::{Input, Unit, UnitId};

type Context<'a> = crate::unit::Context<'a, Utility>;

/// A rate that has not been reported again for this many times `report_s` counts no longer: its population reports to
/// another node, of which this one cannot know. One lost report is not enough for that, nor are two.
const REPORTS_KEPT: u64 = 3;

/// What a population has reported last.
#[derive(Debug, Clone, Copy)]
struct Reported {
    population: u32,
    /// How many requests a second it issued.
    rate: f64,
    /// When that was heard.
    heard: Time,
}

/// A node.
#[derive(Debug)]
pub struct Node {
    world: Arc<World>,
    me: u32,
    /// How often it has crashed.
    life: u32,
    /// Which application it is assigned to.
    application: Option<u16>,
    /// Whether it has the application's state.
    ready: bool,
    /// The requests that it has taken in, with their populations; the first is in service.
    queue: VecDeque<(UnitId, Request)>,
    /// Its tracker of the demand, if the demand is tracked: a quantity for each application.
    tracker: Option<Box<Tracker>>,
    /// Whether the tracker has come to life.
    tracking: bool,
    /// The rates that populations have reported to it.
    rates: Vec<Reported>,
    /// Its places in the overlays of the applications that it has served.
    memberships: Memberships,
}

/// What the node does for its tracker.
struct Around<'a, 'b>(&'a mut Context<'b>);

impl tracking::Port for Around<'_, '_> {
    fn now(&self) -> Time {
        self.0.now()
    }

    fn streams(&self) -> RandomStreams {
        self.0.streams()
    }

    fn send(&mut self, to: u32, message: tracking::Message) {
        self.0.send(node(to), Message::Track(Box::new(message)));
    }

    fn arm(&mut self, timer: tracking::Timer, after: Span) {
        self.0.arm(Reminder::Track(timer), after);
    }

    fn disarm(&mut self, timer: tracking::Timer) {
        self.0.disarm(Reminder::Track(timer));
    }
}

impl Node {
    /// Node `me`, which serves `application` from the beginning.
    pub(super) fn new(world: Arc<World>, me: u32, application: Option<u16>) -> Self {
        Self {
            me,
            life: 0,
            application,
            ready: application.is_some(),
            queue: VecDeque::new(),
            tracker: world.tracker(me),
            tracking: false,
            rates: Vec::new(),
            memberships: Memberships::default(),
            world,
        }
    }

    /// It has crashed: but for how often that was, and the numbers of its memberships, it forgets
    /// everything. Nodes keep both where a crash does not reach them.
    pub(super) fn forget(&mut self) {
        self.memberships.forget();
        *self = Self {
            life: self.life + 1,
            memberships: std::mem::take(&mut self.memberships),
            ..Self::new(Arc::clone(&self.world), self.me, None)
        };
    }

    /// How many requests it has taken in and not yet answered.
    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Its member of the overlay of the application that it serves: of which application, the
    /// member's number, and the member.
    pub fn member(&self) -> Option<(u16, u32, &OverlayMember)> {
        self.memberships.member()
    }

    /// Fetches its state, see [`crate::prefetch`].
    #[inline]
    pub(super) fn fetch(&self) {
        prefetch_all(self);
        self.memberships.fetch();
    }

    fn message(&mut self, from: UnitId, message: Message, context: &mut Context<'_>) {
        match message {
            Message::Request { request, refusals } => {
                self.take_in(from, request, refusals, context);
            }
            Message::Assign {
                application,
                at_once,
                life,
            } => {
                // Else it has failed since it was sent: the manager will hear of that, and take
                // the application from it.
                if life != self.life {
                    return;
                }
                if self.application != Some(application) {
                    self.assign(application, at_once, context);
                } else if self.ready {
                    // It is told again: what it answered may have been lost.
                    context.send(MANAGER, Message::Ready { application });
                }
            }
            Message::Track(message) => self.with_tracker(context, |tracker, port| {
                tracker.message(from.index(), *message, port);
            }),
            Message::Overlay(envelope) => {
                self.memberships
                    .message(&self.world, from, *envelope, context);
            }
            Message::Rate { rate } => {
                context.send(from, Message::Heard);
                self.hear(from.index(), rate, context);
            }
            Message::Ask => {
                let applications = 0..self.world.applications.len() as u16;
                let tracker = self.tracker.as_ref();
                let total = |quantity| tracker.map_or(0.0, |tracker| tracker.total(quantity).sum);
                let rates = applications.map(total).collect();
                context.send(from, Message::Demand { rates });
            }
            Message::Answer { .. }
            | Message::Refused { .. }
            | Message::Ready { .. }
            | Message::Alive { .. }
            | Message::Add { .. }
            | Message::Serving { .. }
            | Message::Remove { .. }
            | Message::Heard
            | Message::Demand { .. } => {}
        }
    }

    /// Lets its tracker do something, if it has one.
    fn with_tracker<'b>(
        &mut self,
        context: &mut Context<'b>,
        act: impl FnOnce(&mut Tracker, &mut Around<'_, 'b>),
    ) {
        if let Some(tracker) = &mut self.tracker {
            act(tracker, &mut Around(context));
        }
    }

    /// Remembers a population's rate.
    fn hear(&mut self, population: u32, rate: f64, context: &mut Context<'_>) {
        let reported = Reported {
            population,
            rate,
            heard: context.now(),
        };
        let mut known = self.rates.iter_mut();
        match known.find(|known| known.population == population) {
            Some(known) => *known = reported,
            None => self.rates.push(reported),
        }
        self.observe(self.world.application_of(population), context);
    }

    /// What it tracks is the sum over an application's populations that report to it.
    fn observe(&mut self, application: u16, context: &mut Context<'_>) {
        let of = |known: &&Reported| self.world.application_of(known.population) == application;
        let sum = self.rates.iter().filter(of).map(|known| known.rate).sum();
        self.with_tracker(context, |tracker, port| {
            tracker.observe(application, sum, port);
        });
    }

    /// Forgets rates that have not been reported for long.
    fn expire(&mut self, context: &mut Context<'_>) {
        let report = self.world.config.allocation.report_s.span();
        let kept = Span::from_ns(report.as_ns().saturating_mul(REPORTS_KEPT));
        let now = context.now();
        let is_old = |known: &mut Reported| now.saturating_since(known.heard) > kept;
        let old: Vec<Reported> = self.rates.extract_if(.., is_old).collect();
        for known in old {
            self.observe(self.world.application_of(known.population), context);
        }
    }

    fn take_in(&mut self, from: UnitId, request: Request, refusals: u8, context: &mut Context<'_>) {
        let gone = !self.ready || self.application != Some(request.application);
        let room = self.world.room(request.application) as usize;
        if gone || self.queue.len() >= room {
            let refused = Message::Refused {
                request,
                gone,
                refusals: refusals + u8::from(!gone),
            };
            context.send(from, refused);
            return;
        }
        self.queue.push_back((from, request));
        if self.queue.len() == 1 {
            self.serve(context);
        }
    }

    /// Begins to serve the first request of the queue, if there is one.
    fn serve(&mut self, context: &mut Context<'_>) {
        let Some((from, request)) = self.queue.front() else {
            return;
        };
        let service = self
            .world
            .service(from.index(), request.number, context.streams());
        context.arm(Reminder::Served, service);
    }

    /// Hands back what it has not served, and fetches the state of `application`.
    fn assign(&mut self, application: u16, at_once: bool, context: &mut Context<'_>) {
        if !self.queue.is_empty() {
            context.disarm(Reminder::Served);
        }
        for (from, request) in self.queue.drain(..) {
            let refused = Message::Refused {
                request,
                gone: true,
                refusals: 0,
            };
            context.send(from, refused);
        }
        if self.ready {
            context.emit(Observation::Serves { application: None });
        }
        self.application = Some(application);
        self.ready = false;
        self.memberships
            .change(&self.world, self.me, application, context);
        let moving = self.world.applications[usize::from(application)].moving();
        if at_once {
            context.disarm(Reminder::Transferred);
            self.begin(context);
        } else {
            context.arm(Reminder::Transferred, moving);
        }
    }

    /// The state is here.
    fn begin(&mut self, context: &mut Context<'_>) {
        let Some(application) = self.application else {
            return;
        };
        self.ready = true;
        let serves = Some(application);
        context.emit(Observation::Serves {
            application: serves,
        });
        context.send(MANAGER, Message::Ready { application });
    }

    fn remind(&mut self, reminder: Reminder, context: &mut Context<'_>) {
        match reminder {
            Reminder::Served => {
                if let Some((from, request)) = self.queue.pop_front() {
                    let Request { issued, slot, .. } = request;
                    context.send(from, Message::Answer { issued, slot });
                }
                self.serve(context);
            }
            Reminder::Transferred => self.begin(context),
            Reminder::Heartbeat => self.say_alive(context),
            Reminder::Track(timer) => self.with_tracker(context, |tracker, port| {
                tracker.timer(timer, port);
            }),
            Reminder::Overlay(reminder) => self.memberships.remind(&self.world, reminder, context),
            Reminder::Arrival
            | Reminder::Report
            | Reminder::Epoch
            | Reminder::Silence
            | Reminder::Publish => {}
        }
    }

    /// Also brings its tracker to life, unless it lives, and forgets old rates.
    fn say_alive(&mut self, context: &mut Context<'_>) {
        if !self.tracking {
            self.tracking = true;
            self.with_tracker(context, |tracker, port| tracker.start(port));
        }
        self.expire(context);
        let alive = Message::Alive {
            life: self.life,
            application: self.application,
            ready: self.ready,
        };
        context.send(MANAGER, alive);
        context.arm(
            Reminder::Heartbeat,
            self.world.config.allocation.heartbeat_s.span(),
        );
    }

    fn start(&mut self, context: &mut Context<'_>) {
        self.memberships
            .start(&self.world, self.me, self.application, context);
        if self.me == 0 || self.life > 0 {
            // The rendezvous of the trackers, which is never down; or it is back.
            self.say_alive(context);
            return;
        }
        let range = [Span::ZERO, self.world.config.allocation.heartbeat_s.span()];
        let streams = context.streams();
        let phase = streams.span(stream::HEARTBEAT, u64::from(self.me), 0, range);
        context.arm(Reminder::Heartbeat, phase);
    }
}

impl Unit<Utility> for Node {
    fn handle(&mut self, input: Input<Utility>, context: &mut Context<'_>) {
        match input {
            Input::Start => self.start(context),
            Input::Message { from, message } => self.message(from, message, context),
            Input::Timer(reminder) => self.remind(reminder, context),
        }
    }
}
