//! The unit of the overlay study: a node that is a member of the one overlay and nothing else.
//!
//! A member has the number of its node. This module does *not* know how members decide.

use super::member::{OverlayMember, Port};
use super::message::{Command, Dissemination, Message, Observation, Reminder, node};
use crate::random::RandomStreams;
use crate::time::{Span, Time};
use crate::unit::{Context, Input};

/// What the node does for its member.
struct Around<'a, 'b>(&'a mut Context<'b, Dissemination>);

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

    fn arm(&mut self, reminder: Reminder, after: Span) {
        self.0.arm(reminder, after);
    }

    fn disarm(&mut self, reminder: Reminder) {
        self.0.disarm(reminder);
    }

    fn emit(&mut self, observation: Observation) {
        self.0.emit(observation);
    }
}

/// Hands an input of the node to its `member`.
pub(super) fn handle(
    member: &mut OverlayMember,
    input: Input<Dissemination>,
    context: &mut Context<'_, Dissemination>,
) {
    let port = &mut Around(context);
    match input {
        Input::Start => {}
        Input::Command(Command::Join) => member.join(port),
        Input::Command(Command::Check) => member.check(port),
        Input::Command(Command::Publish { number }) => member.publish(number, port),
        Input::Message { from, message } => member.message(from.index(), message, port),
        Input::Timer(reminder) => member.remind(reminder, port),
    }
}
