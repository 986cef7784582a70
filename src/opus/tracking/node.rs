//! A node of the tracking study: values that change, and a tracker.
//!
//! This module does *not* know how trackers estimate, nor what is measured.

use std::sync::Arc;

use super::config::{Tracking, Truth};
use super::message::{Estimate, Message, Timer};
use super::tracker::{Port, Scope, Tracker};
use super::truth::Value;
use serde::Serialize;

use crate::fingerprint::{Encode, Encoder};
use crate::opus::stream;
use crate::random::RandomStreams;
use crate::time::{Span, Time};
use crate::unit::{Input, Never, Protocol, Unit, UnitId};

/// The kind of nodes in a [`UnitId`].
pub(super) const NODE: u8 = 0;

/// The node with number `index`.
pub(super) const fn node(index: u32) -> UnitId {
    UnitId::new(NODE, index)
}

/// The protocol of the study.
#[derive(Debug)]
pub struct Tracked;

impl Protocol for Tracked {
    type Message = Message;
    type Timer = Reminder;
    type Command = Never;
    type Observation = Observation;
}

/// What a node is reminded of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reminder {
    /// What its tracker wants.
    Tracker(Timer),
    /// Its values change.
    Change,
    /// To report what it believes.
    Sample,
}

/// What a node reports.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Observation {
    /// What it believes of a quantity, and its own value.
    Believes {
        /// Its own value.
        own: f64,
        /// What it believes.
        total: Estimate,
        /// Of which quantity.
        quantity: u16,
        /// Whether it is a root, or the server.
        root: bool,
    },
}

impl Encode for Reminder {
    fn encode(&self, to: &mut Encoder) {
        match self {
            Self::Tracker(timer) => {
                to.u8(1);
                timer.encode(to);
            }
            Self::Change => to.u8(2),
            Self::Sample => to.u8(3),
        }
    }
}

impl crate::unit::Timer for Reminder {
    fn slot(self) -> u32 {
        match self {
            Self::Tracker(timer) => timer.slot(),
            Self::Change => Timer::SLOTS,
            Self::Sample => Timer::SLOTS + 1,
        }
    }
}

type Context<'a> = crate::unit::Context<'a, Tracked>;

/// A node.
#[derive(Debug)]
pub struct Node {
    me: u32,
    alive: bool,
    values: Vec<Value>,
    tracker: Tracker,
}

/// What the node does for its tracker.
struct Around<'a, 'b>(&'a mut Context<'b>);

impl Port for Around<'_, '_> {
    fn now(&self) -> Time {
        self.0.now()
    }

    fn streams(&self) -> RandomStreams {
        self.0.streams()
    }

    fn send(&mut self, to: u32, message: Message) {
        self.0.send(node(to), message);
    }

    fn arm(&mut self, timer: Timer, after: Span) {
        self.0.arm(Reminder::Tracker(timer), after);
    }

    fn disarm(&mut self, timer: Timer) {
        self.0.disarm(Reminder::Tracker(timer));
    }
}

impl Node {
    /// Node `me`, which has not come to life.
    pub(super) fn new(rules: Arc<Tracking>, scope: Scope, me: u32, streams: RandomStreams) -> Self {
        let value = |quantity| Value::new(me, quantity, streams);
        let values = (0..scope.quantities).map(value).collect();
        Self {
            tracker: Tracker::new(rules, scope, me),
            me,
            alive: false,
            values,
        }
    }

    /// Its tracker.
    pub fn tracker(&self) -> &Tracker {
        &self.tracker
    }

    /// Whether it lives.
    pub fn is_alive(&self) -> bool {
        self.alive
    }

    fn truth(&self) -> &Truth {
        &self.tracker.rules.truth
    }

    /// When what is measured begins.
    fn begun(&self) -> Time {
        Time::ZERO + self.truth().settle_ms.span()
    }

    /// Lets its tracker do something.
    fn with_tracker<'b>(
        &mut self,
        context: &mut Context<'b>,
        act: impl FnOnce(&mut Tracker, &mut Around<'_, 'b>),
    ) {
        act(&mut self.tracker, &mut Around(context));
    }

    /// It has crashed, and its tracker forgets everything. What it measures is the world's, not its.
    pub(super) fn forget(&mut self) {
        self.alive = false;
        let (rules, scope) = (Arc::clone(&self.tracker.rules), self.tracker.scope);
        self.tracker = Tracker::new(rules, scope, self.me);
    }

    fn live(&mut self, context: &mut Context<'_>) {
        self.alive = true;
        self.with_tracker(context, |tracker, port| tracker.start(port));
        self.observe(context);
        let (me, period) = (u64::from(self.me), self.truth().change_ms.span());
        let phase = context
            .streams()
            .span(stream::CHANGE, me, 0, [Span::ZERO, period]);
        context.arm(Reminder::Change, phase);
        let (now, sample) = (context.now(), self.truth().sample_ms.span().as_ns());
        let since = now.saturating_since(self.begun()).as_ns();
        let next = self.begun() + Span::from_ns(since.div_ceil(sample) * sample);
        context.arm(Reminder::Sample, next - now);
    }

    fn observe(&mut self, context: &mut Context<'_>) {
        let values = std::mem::take(&mut self.values);
        for (quantity, value) in (0..).zip(&values) {
            self.with_tracker(context, |tracker, port| {
                tracker.observe(quantity, value.value(), port);
            });
        }
        self.values = values;
    }

    fn remind(&mut self, reminder: Reminder, context: &mut Context<'_>) {
        match reminder {
            Reminder::Tracker(timer) => {
                self.with_tracker(context, |tracker, port| tracker.timer(timer, port));
            }
            Reminder::Change => {
                context.arm(Reminder::Change, self.truth().change_ms.span());
                let (begun, now, streams) = (self.begun(), context.now(), context.streams());
                for value in &mut self.values {
                    value.change(&self.tracker.rules.truth, begun, now, streams);
                }
                self.observe(context);
            }
            Reminder::Sample => {
                context.arm(Reminder::Sample, self.truth().sample_ms.span());
                self.report(context);
            }
        }
    }

    fn report(&self, context: &mut Context<'_>) {
        for (quantity, value) in (0..).zip(&self.values) {
            context.emit(Observation::Believes {
                own: value.value(),
                total: self.tracker.total(quantity),
                quantity,
                root: self.tracker.is_root(),
            });
        }
    }
}

impl Unit<Tracked> for Node {
    fn handle(&mut self, input: Input<Tracked>, context: &mut Context<'_>) {
        match input {
            Input::Start => self.live(context),
            Input::Message { from, message } => self.with_tracker(context, |tracker, port| {
                tracker.message(from.index(), message, port);
            }),
            Input::Timer(reminder) => self.remind(reminder, context),
        }
    }
}
