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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arigatoni::message::Answer;
    use crate::arigatoni::relayed::Relayed;
    use crate::arigatoni::rules::Borders;
    use crate::arigatoni::table::RoutingTable;
    use crate::arigatoni::tests::two_domains::{TwoDomains, across};
    use crate::arigatoni::tests::{REQUEST, effects_at, question, sent, ticket};
    use crate::discovery::{gbu, gcu};
    use crate::unit::Effect;

    /// What is left of `message` from GBU 2 at GBU 0, and what that one does.
    fn crossing(
        unit: &mut Gbu,
        message: Message,
        given: &Given<TwoDomains>,
    ) -> (
        Option<Input<ArigatoniProtocol>>,
        Vec<Effect<ArigatoniProtocol>>,
    ) {
        let mut left = None;
        let effects = effects_at(0, gbu(0), |context| {
            let from = gbu(2);
            (left, _) = unit.crossed(Input::Message { from, message }, given, context);
        });
        (left, effects)
    }

    fn broker() -> Gbu {
        Gbu::new(None, RoutingTable::new(8))
    }

    #[test]
    fn what_goes_back_along_a_way_is_passed_on() {
        let start = Message::Start { request: REQUEST };
        let relayed = Relayed {
            peer: gcu(6),
            message: start.clone(),
        };
        let given = across(Borders::default());
        let (left, effects) = crossing(&mut broker(), Message::Onward(relayed.into()), &given);
        assert!(left.is_none(), "{left:?}");
        assert_eq!(sent(&effects), [(gcu(6), &start)]);
    }

    #[test]
    fn behind_a_firewall_ways_are_learnt_and_a_crash_forgets_them() {
        let answer = Message::Answer(Answer {
            request: REQUEST,
            ticket: ticket(0),
            providers: [gcu(6)].as_slice().into(),
        });
        let start = Message::Start { request: REQUEST };
        let way = |unit: &mut Gbu| unit.border.as_mut()?.ways.take(gcu(6), &start);
        for firewall in [false, true] {
            let given = across(Borders {
                firewall,
                ..Borders::default()
            });
            let mut unit = broker();
            let (left, _) = crossing(&mut unit, answer.clone(), &given);
            assert!(left.is_some());
            assert_eq!(way(&mut unit), firewall.then_some(gbu(2)));
            _ = crossing(&mut unit, answer.clone(), &given);
            if let Some(border) = &mut unit.border {
                border.restart();
            }
            assert_eq!(way(&mut unit), None);
        }
    }

    /// A crash leaves what it has heard of revocations.
    #[test]
    fn who_is_revoked_is_refused_also_after_a_crash() {
        let given = across(Borders {
            check: Some(Span::ZERO),
            ..Borders::default()
        });
        let mut unit = broker();
        let query = || Message::Query(question(1, 2));
        assert!(crossing(&mut unit, query(), &given).0.is_some());
        // GCU 1 asks.
        unit.revoke(gcu(1));
        assert!(crossing(&mut unit, query(), &given).0.is_none());
        unit.border.as_mut().unwrap().restart();
        assert!(crossing(&mut unit, query(), &given).0.is_none());
    }
}
