//! The publisher of an application: the source of its overlay, which sends updates to its nodes.
//!
//! Updates are a Poisson process. It names members to newcomers, and learns from the manager who
//! serves no longer. It does *not* know who serves, nor the demand.

use std::sync::Arc;

use super::membership::{Around, SOURCE};
use super::message::{Message, Reminder, Utility};
use super::world::{Publishing, World};
use crate::opus::overlay::OverlayMember;
use crate::opus::stream;
use crate::parameters::number::seconds;
use crate::time::{Span, Time};
use crate::unit::{Input, Unit};

type Context<'a> = crate::unit::Context<'a, Utility>;

/// A publisher.
#[derive(Debug)]
pub struct Publisher {
    world: Arc<World>,
    application: u16,
    source: OverlayMember,
    /// How many updates it has published.
    published: u32,
}

impl Publisher {
    /// The publisher of `overlay`.
    pub(super) fn new(world: &Arc<World>, overlay: &Publishing) -> Self {
        Self {
            application: overlay.application,
            source: OverlayMember::new(Arc::clone(&overlay.rules), SOURCE, SOURCE),
            published: 0,
            world: Arc::clone(world),
        }
    }

    /// The source of the overlay.
    pub fn source(&self) -> &OverlayMember {
        &self.source
    }

    /// Of which application.
    pub fn application(&self) -> u16 {
        self.application
    }

    fn with_source<'b>(
        &mut self,
        context: &mut Context<'b>,
        act: impl FnOnce(&mut OverlayMember, &mut Around<'_, 'b>),
    ) {
        let port = &mut Around {
            context,
            world: &self.world,
            application: self.application,
            me: SOURCE,
        };
        act(&mut self.source, port);
    }

    /// Arms the timer of the next update, `since` which the process goes on, unless there is none before
    /// the end.
    fn await_update(&mut self, since: Time, context: &mut Context<'_>) {
        let Some(overlay) = self.world.overlay(self.application) else {
            return;
        };
        let entity = u64::from(self.application);
        let gap = context
            .streams()
            .exponential(stream::UPDATE, entity, self.published);
        let gap = World::span(gap / overlay.goal.updates_per_s.0);
        let at = since.saturating_add(gap);
        if at < self.world.end {
            context.arm(Reminder::Publish, at.saturating_since(context.now()));
        }
    }

    fn message(&mut self, message: Message, context: &mut Context<'_>) {
        match message {
            // No other publisher speaks for this one.
            Message::Overlay(envelope) if envelope.from != SOURCE => {
                self.with_source(context, |source, port| {
                    source.message(envelope.from, envelope.message, port);
                });
            }
            Message::Remove { nodes } => {
                let count = self.world.config.nodes.count.0;
                self.source
                    .strike(|member| nodes.contains(&(member % count)));
            }
            Message::Request { .. }
            | Message::Answer { .. }
            | Message::Refused { .. }
            | Message::Assign { .. }
            | Message::Ready { .. }
            | Message::Alive { .. }
            | Message::Add { .. }
            | Message::Serving { .. }
            | Message::Rate { .. }
            | Message::Heard
            | Message::Ask
            | Message::Demand { .. }
            | Message::Track(_)
            | Message::Overlay(_) => {}
        }
    }
}

impl Unit<Utility> for Publisher {
    fn handle(&mut self, input: Input<Utility>, context: &mut Context<'_>) {
        match input {
            Input::Start => {
                self.with_source(context, |source, port| source.beat(port));
                let start = self.world.overlay(self.application);
                let start = start.map_or(Span::ZERO, |overlay| seconds(overlay.goal.start_s.0));
                self.await_update(context.now() + start, context);
            }
            Input::Message { message, .. } => self.message(message, context),
            Input::Timer(Reminder::Publish) => {
                let number = self.published;
                self.published += 1;
                self.with_source(context, |source, port| source.publish(number, port));
                self.await_update(context.now(), context);
            }
            Input::Timer(Reminder::Overlay(reminder)) => {
                self.with_source(context, |source, port| source.remind(reminder, port));
            }
            Input::Timer(_) => {}
        }
    }
}
