//! The ways by which providers were found: what is said to them behind a firewall goes the same way.
//!
//! A way is kept until it is used, or its unit crashes. It does *not* know who may speak directly.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use crate::arigatoni::message::{Answer, Message};
use crate::discovery::RequestId;
use crate::unit::UnitId;

/// A provider, and who has told of it.
type ReturnHop = (UnitId, UnitId);

/// The ways of one unit, by request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct WaysBack(BTreeMap<RequestId, SmallVec<[ReturnHop; 2]>>);

impl WaysBack {
    /// `peer` has told of providers that are others than itself.
    pub(super) fn learn(&mut self, peer: UnitId, answer: &Answer) {
        let others = answer.providers.iter().filter(|it| **it != peer);
        for &provider in others {
            let ways = self.0.entry(answer.request).or_default();
            ways.push((provider, peer));
        }
    }

    /// The next one on the way to `provider`, to which `message` is said: each agreement is started or released once.
    pub(super) fn take(&mut self, provider: UnitId, message: &Message) -> Option<UnitId> {
        let request = message.request()?;
        let ways = self.0.get_mut(&request)?;
        let place = ways.iter().position(|(other, _)| *other == provider)?;
        let (_, peer) = ways.remove(place);
        if ways.is_empty() {
            self.0.remove(&request);
        }
        Some(peer)
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arigatoni::message::Ticket;
    use crate::arigatoni::tests::REQUEST;
    use crate::discovery::{gbu, gcu};

    #[test]
    fn each_agreement_has_a_way_once() {
        let answer = |providers: &[UnitId]| Answer {
            request: REQUEST,
            ticket: Ticket(0),
            providers: providers.into(),
        };
        let mut ways = WaysBack::default();
        ways.learn(gcu(1), &answer(&[gcu(1)]));
        assert_eq!(ways, WaysBack::default(), "it speaks for itself");
        ways.learn(gbu(4), &answer(&[gcu(2), gcu(2)]));
        ways.learn(gbu(5), &answer(&[gcu(2)]));
        let release = Message::Release { request: REQUEST };
        let take = |ways: &mut WaysBack| ways.take(gcu(2), &release);
        let taken: Vec<_> = (0..4).map(|_| take(&mut ways)).collect();
        assert_eq!(taken, [Some(gbu(4)), Some(gbu(4)), Some(gbu(5)), None]);
        assert_eq!(ways, WaysBack::default());
    }
}
