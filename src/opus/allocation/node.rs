//! A utility node: serves the requests of one application, in order of arrival, one at a time.
//!
//! It does *not* know the demand, the other nodes, nor why it is moved.

use std::collections::VecDeque;
use std::sync::Arc;

use super::config::Service;
use super::message::{Command, MANAGER, Message, Note, Reminder, Request, Utility};
use super::world::World;
use crate::opus::purpose;
use crate::time::Span;
use crate::unit::{Input, Unit, UnitId};

type Context<'a> = crate::unit::Context<'a, Utility>;

/// A node.
#[derive(Debug)]
pub struct Node {
    world: Arc<World>,
    me: u32,
    up: bool,
    /// How often it has recovered.
    life: u32,
    /// Which application it is assigned to.
    application: Option<u16>,
    /// Whether it has the application's state.
    ready: bool,
    /// The requests that it has taken in, with their populations; the first is in service.
    queue: VecDeque<(UnitId, Request)>,
}

impl Node {
    /// Node `me`, which serves `application` from the beginning.
    pub(super) fn new(world: Arc<World>, me: u32, application: Option<u16>) -> Self {
        Self {
            world,
            me,
            up: true,
            life: 0,
            application,
            ready: application.is_some(),
            queue: VecDeque::new(),
        }
    }

    /// How many requests it has taken in and not yet answered.
    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    fn message(&mut self, from: UnitId, message: Message, context: &mut Context<'_>) {
        match message {
            Message::Request(request) => self.take_in(from, request, context),
            Message::Assign {
                application,
                at_once,
            } => self.assign(application, at_once, context),
            Message::Answer { .. }
            | Message::Refused { .. }
            | Message::Ready { .. }
            | Message::Alive { .. }
            | Message::Add { .. }
            | Message::Remove { .. }
            | Message::Rate { .. } => {}
        }
    }

    fn take_in(&mut self, from: UnitId, request: Request, context: &mut Context<'_>) {
        let gone = !self.ready || self.application != Some(request.application);
        let room = self.world.room(request.application) as usize;
        if gone || self.queue.len() >= room {
            context.send(from, Message::Refused { request, gone });
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
        let config = &self.world.config;
        let application = &config.applications[usize::from(request.application)];
        let share = match application.service {
            Service::Deterministic => 1.0,
            Service::Exponential => {
                let key = self.world.key(from.index());
                context
                    .draws()
                    .exponential(purpose::WORK, key, request.number)
            }
        };
        let seconds = application.work * share / config.capacity;
        context.arm(Reminder::Served, Span::from_ns((seconds * 1e9) as u64));
    }

    /// Hands back what it has not served, and fetches the state of `application`.
    fn assign(&mut self, application: u16, at_once: bool, context: &mut Context<'_>) {
        if !self.queue.is_empty() {
            context.disarm(Reminder::Served);
        }
        for (from, request) in self.queue.drain(..) {
            let gone = true;
            context.send(from, Message::Refused { request, gone });
        }
        if self.ready {
            context.note(Note::Serves { application: None });
        }
        self.application = Some(application);
        self.ready = false;
        let moving = self.world.config.applications[usize::from(application)].moving;
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
        context.note(Note::Serves {
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
            Reminder::Arrival | Reminder::Report | Reminder::Epoch | Reminder::Silence => {}
        }
    }

    fn say_alive(&mut self, context: &mut Context<'_>) {
        context.send(MANAGER, Message::Alive { life: self.life });
        self.world
            .arm_before_end(Reminder::Heartbeat, self.world.config.heartbeat, context);
    }

    fn fail(&mut self, context: &mut Context<'_>) {
        self.up = false;
        self.queue.clear();
        if self.ready {
            context.note(Note::Serves { application: None });
        }
        (self.application, self.ready) = (None, false);
        for timer in [Reminder::Served, Reminder::Transferred, Reminder::Heartbeat] {
            context.disarm(timer);
        }
    }
}

impl Unit<Utility> for Node {
    fn handle(&mut self, input: Input<Utility>, context: &mut Context<'_>) {
        match input {
            Input::Command(Command::Recover) => {
                self.up = true;
                self.life += 1;
                self.say_alive(context);
            }
            _ if !self.up => {}
            Input::Start => {
                let range = [Span::ZERO, self.world.config.heartbeat];
                let draws = context.draws();
                let phase = draws.span(purpose::HEARTBEAT, u64::from(self.me), 0, range);
                self.world
                    .arm_before_end(Reminder::Heartbeat, phase, context);
            }
            Input::Command(Command::Fail) => self.fail(context),
            Input::Message { from, message } => self.message(from, message, context),
            Input::Timer(reminder) => self.remind(reminder, context),
        }
    }
}
