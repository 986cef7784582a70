//! The colonies beside a broker's own: to which other brokers it is linked, and which of them are silent.
//!
//! It does *not* know who links them, nor what lies behind a link.

use super::Gbu;
use crate::arigatoni::Context;
use crate::arigatoni::message::Message;
use crate::arigatoni::policy::Given;
use crate::discovery::Observation;
use crate::unit::UnitId;

/// The links of one broker.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(in crate::arigatoni) struct Sides {
    /// Ascending by peer.
    links: Vec<Side>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Side {
    peer: UnitId,
    /// Whether it has not answered, and nothing has been heard of it since.
    is_silent: bool,
}

impl Sides {
    /// Links to `peers`, ascending.
    pub(super) fn to(peers: &[UnitId]) -> Self {
        let side = |&peer: &UnitId| Side {
            peer,
            is_silent: false,
        };
        Self {
            links: peers.iter().map(side).collect(),
        }
    }

    fn place(&self, peer: UnitId) -> Result<usize, usize> {
        self.links.binary_search_by_key(&peer, |side| side.peer)
    }

    /// Whether it is linked to `peer`.
    pub(in crate::arigatoni) fn has(&self, peer: UnitId) -> bool {
        self.place(peer).is_ok()
    }

    /// Whom it asks: the linked brokers that are not silent, ascending.
    pub(in crate::arigatoni) fn asked(&self) -> impl Iterator<Item = UnitId> {
        let heard = self.links.iter().filter(|side| !side.is_silent);
        heard.map(|side| side.peer)
    }

    /// All linked brokers, ascending.
    pub(in crate::arigatoni) fn peers(&self) -> impl Iterator<Item = UnitId> {
        self.links.iter().map(|side| side.peer)
    }

    /// A link to `peer` is made. It is asked again, if it was silent.
    pub(super) fn link(&mut self, peer: UnitId) {
        match self.place(peer) {
            Ok(place) => self.links[place].is_silent = false,
            Err(place) => self.links.insert(
                place,
                Side {
                    peer,
                    is_silent: false,
                },
            ),
        }
    }

    /// The link to `peer` is cut.
    pub(super) fn unlink(&mut self, peer: UnitId) {
        self.links.retain(|side| side.peer != peer);
    }

    /// `peer` says something: it lives. Whether it is linked.
    pub(super) fn hear(&mut self, peer: UnitId) -> bool {
        let place = self.place(peer);
        if let Ok(place) = place {
            self.links[place].is_silent = false;
        }
        place.is_ok()
    }

    /// `peer` does not answer: whether it is linked, and was not silent before.
    pub(super) fn lose(&mut self, peer: UnitId) -> bool {
        let Ok(place) = self.place(peer) else {
            return false;
        };
        !std::mem::replace(&mut self.links[place].is_silent, true)
    }
}

impl Gbu {
    /// Is told that it is linked to `peer`, and tells that one that it lives.
    pub(super) fn link(&mut self, peer: UnitId, context: &mut Context<'_>) {
        self.sides.get_or_insert_default().link(peer);
        context.send(peer, Message::Linked);
    }

    /// Is told that it is not linked to `peer` any more. What is asked runs to its end.
    pub(super) fn unlink(&mut self, peer: UnitId) {
        if let Some(sides) = &mut self.sides {
            sides.unlink(peer);
        }
    }

    /// It comes to life: its linked brokers may have found it silent.
    pub(super) fn tell_linked<P>(&self, given: &Given<P>, context: &mut Context<'_>) {
        if given.rules.recovery.is_some() {
            for peer in self.linked() {
                context.send(peer, Message::Linked);
            }
        }
    }

    /// `from` says something: whether it is linked.
    #[inline]
    pub(super) fn hear_linked(&mut self, from: UnitId) -> bool {
        let sides = self.sides.as_mut();
        sides.is_some_and(|sides| sides.hear(from))
    }

    /// Whether `peer` is linked, and has nothing else to do with its colony.
    pub(super) fn is_linked_aside(&self, peer: UnitId) -> bool {
        let is_linked = self.sides.as_ref().is_some_and(|sides| sides.has(peer));
        is_linked && !self.table.has_member(peer) && self.membership.leader() != Some(peer)
    }

    /// `peer` does not answer: if it is linked, it is not asked any more until it is heard.
    pub(super) fn lose_linked(&mut self, peer: UnitId, context: &mut Context<'_>) {
        let is_aside = self.is_linked_aside(peer);
        if let Some(sides) = &mut self.sides
            && sides.lose(peer)
            && is_aside
        {
            context.emit(Observation::Suspected { unit: peer });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::gbu;

    #[test]
    fn who_is_silent_is_not_asked_until_it_is_heard() {
        let mut sides = Sides::to(&[gbu(2), gbu(5)]);
        assert!(sides.lose(gbu(5)) && !sides.lose(gbu(5)) && !sides.lose(gbu(3)));
        assert!(sides.has(gbu(5)) && sides.asked().eq([gbu(2)]));
        assert!(sides.hear(gbu(5)) && !sides.hear(gbu(3)));
        assert!(sides.asked().eq([gbu(2), gbu(5)]));
        sides.link(gbu(3));
        sides.unlink(gbu(2));
        assert!(sides.peers().eq([gbu(3), gbu(5)]));
    }
}
