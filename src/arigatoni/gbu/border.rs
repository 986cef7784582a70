//! What a broker does at the border of its domain: it learns ways back, passes on what goes by them, and checks credentials.
//!
//! It does *not* know how services are found.

use std::collections::BTreeSet;

use super::Gbu;
use crate::arigatoni::Context;
use crate::arigatoni::message::{ArigatoniProtocol, Message};
use crate::arigatoni::policy::{Given, Policy};
use crate::arigatoni::trusting;
use crate::arigatoni::ways_back::WaysBack;
use crate::time::Span;
use crate::unit::{Input, UnitId};

/// What a broker knows at the border.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Border {
    /// Where there is a firewall.
    pub(super) ways: WaysBack,
    /// The computers of whose credentials it has heard that they are revoked. It has that in writing: a crash leaves it.
    revoked: BTreeSet<UnitId>,
}

impl Border {
    /// It has crashed.
    pub(super) fn restart(&mut self) {
        self.ways.clear();
    }
}

impl Gbu {
    /// It hears that the credential of `computer` is revoked.
    pub(super) fn revoke(&mut self, computer: UnitId) {
        self.border.get_or_insert_default().revoked.insert(computer);
    }

    /// What `input` is to it once it has crossed the border, and how much later it acts; nothing, if it is passed on or
    /// refused.
    pub(super) fn crossed<P: Policy>(
        &mut self,
        input: Input<ArigatoniProtocol>,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> (Option<Input<ArigatoniProtocol>>, Span) {
        let (from, message) = match input {
            Input::Message { from, message } => (from, message),
            input => return (Some(input), Span::ZERO),
        };
        if let Message::Onward(relayed) = message {
            let relayed = relayed.open();
            context.send(relayed.peer, relayed.message);
            return (None, Span::ZERO);
        }
        if let Message::Answer(answer) = &message
            && given.rules.borders.firewall
        {
            self.border.get_or_insert_default().ways.learn(from, answer);
        }
        let none = BTreeSet::new();
        let revoked = self.border.as_ref().map_or(&none, |it| &it.revoked);
        let (message, later) = trusting::checked((from, message), revoked, given, context);
        (
            message.map(|message| Input::Message { from, message }),
            later,
        )
    }
}
