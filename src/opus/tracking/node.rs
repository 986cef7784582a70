//! A node of the tracking study: values that change, and a tracker.
//!
//! This module does *not* know how trackers estimate, nor what is measured.

use std::sync::Arc;

use super::message::{Estimate, Message, Timer};
use super::tracker::{Port, Tracker};
use super::truth::Value;
use crate::fingerprint::{Encode, Encoder};
use crate::opus::config::TrackingConfig;
use crate::opus::purpose;
use crate::random::Draws;
use crate::time::{Span, Time};
use crate::unit::{Input, Protocol, Unit, UnitId};

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
    type Command = Command;
    type Note = Note;
}

/// What the world asks of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Come to life.
    Start,
    /// Fall silent.
    Fail,
    /// Come back.
    Recover,
}

/// What a node is reminded of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
pub enum Note {
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

impl Encode for Command {
    fn encode(&self, to: &mut Encoder) {
        to.u8(match self {
            Self::Start => 1,
            Self::Fail => 2,
            Self::Recover => 3,
        });
    }
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
    config: Arc<TrackingConfig>,
    me: u32,
    alive: bool,
    values: Vec<Value>,
    tracker: Tracker,
}

/// What the node does for its tracker.
struct Around<'a, 'b> {
    context: &'a mut Context<'b>,
    /// No timer is due after this: the run ends.
    end: Time,
}

impl Port for Around<'_, '_> {
    fn now(&self) -> Time {
        self.context.now()
    }

    fn draws(&self) -> Draws {
        self.context.draws()
    }

    fn send(&mut self, to: u32, message: Message) {
        self.context.send(node(to), message);
    }

    fn arm(&mut self, timer: Timer, after: Span) {
        let timer = Reminder::Tracker(timer);
        if self.context.now() + after <= self.end {
            self.context.arm(timer, after);
        } else {
            // An earlier setting counts no more.
            self.context.disarm(timer);
        }
    }

    fn disarm(&mut self, timer: Timer) {
        self.context.disarm(Reminder::Tracker(timer));
    }
}

impl Node {
    /// Node `me`, which has not come to life.
    pub(super) fn new(config: Arc<TrackingConfig>, me: u32, draws: Draws) -> Self {
        let value = |quantity| Value::new(me, quantity, draws);
        let values = (0..config.rules.quantities).map(value).collect();
        Self {
            tracker: Tracker::new(Arc::clone(&config.rules), me),
            config,
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

    /// When what is measured begins.
    fn begun(&self) -> Time {
        Time::ZERO + self.config.settle
    }

    fn end(&self) -> Time {
        self.begun() + self.config.duration
    }

    /// Lets its tracker do something.
    fn with_tracker<'b>(
        &mut self,
        context: &mut Context<'b>,
        act: impl FnOnce(&mut Tracker, &mut Around<'_, 'b>),
    ) {
        let end = self.end();
        act(&mut self.tracker, &mut Around { context, end });
    }

    fn command(&mut self, command: Command, context: &mut Context<'_>) {
        match command {
            Command::Start | Command::Recover => self.live(context),
            Command::Fail => self.alive = false,
        }
    }

    fn live(&mut self, context: &mut Context<'_>) {
        self.alive = true;
        self.with_tracker(context, |tracker, port| tracker.start(port));
        self.observe(context);
        let (me, period) = (u64::from(self.me), self.config.truth.change);
        let phase = context
            .draws()
            .span(purpose::CHANGE, me, 0, [Span::ZERO, period]);
        self.arm(Reminder::Change, phase, context);
        let (now, sample) = (context.now(), self.config.sample.as_ns());
        let since = now.saturating_since(self.begun()).as_ns();
        let next = self.begun() + Span::from_ns(since.div_ceil(sample) * sample);
        self.arm(Reminder::Sample, next - now, context);
    }

    fn arm(&self, reminder: Reminder, after: Span, context: &mut Context<'_>) {
        if context.now() + after <= self.end() {
            context.arm(reminder, after);
        }
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
                self.arm(Reminder::Change, self.config.truth.change, context);
                let (begun, now, draws) = (self.begun(), context.now(), context.draws());
                for value in &mut self.values {
                    value.change(&self.config.truth, begun, now, draws);
                }
                self.observe(context);
            }
            Reminder::Sample => {
                self.arm(Reminder::Sample, self.config.sample, context);
                self.report(context);
            }
        }
    }

    fn report(&self, context: &mut Context<'_>) {
        for (quantity, value) in (0..).zip(&self.values) {
            context.note(Note::Believes {
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
            Input::Command(command) => self.command(command, context),
            Input::Message { from, message } if self.alive => {
                self.with_tracker(context, |tracker, port| {
                    tracker.message(from.index(), message, port);
                });
            }
            Input::Timer(reminder) if self.alive => self.remind(reminder, context),
            // The dead hear nothing.
            Input::Start | Input::Message { .. } | Input::Timer(_) => {}
        }
    }
}
