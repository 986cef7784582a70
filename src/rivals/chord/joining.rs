//! How a computer joins a ring that is maintained, and leaves it.
//!
//! It does *not* know what keeps the ring right in between.

use super::Chord;
use super::maintenance::{ROUNDS, hold, say};
use super::message::Ringed;
use super::peer::Awaited;
use super::telling::{Purpose, Seek, Telling};
use super::upkeep::Upkeep;
use crate::random::StreamId;
use crate::rivals::given::Given;
use crate::rivals::message::{Context, Reminder};
use crate::rivals::node::Node;
use crate::time::Span;
use crate::unit::UnitId;

/// When a computer begins each of its rounds; by computer, and by round.
const PHASE: StreamId = StreamId(155);
/// Whom a computer asks to take it to the ring; by computer, and by join and try.
const TAKER: StreamId = StreamId(156);

/// The number of failed requests after which a computer is a ring of its own, and goes on asking.
const TRIES: u32 = 16;

impl Chord {
    /// How long it takes at most until a computer that comes is on a ring: it asks one after another, and then is a
    /// ring of its own.
    pub(super) fn until_joined(&self) -> Span {
        let timeout = self.world.config.disconnection.timeout_ms.span();
        let each = Self::patience(timeout).as_ns();
        Span::from_ns(each.saturating_mul(u64::from(TRIES) + 1))
    }

    /// The computer begins its rounds.
    pub(super) fn begin(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        context: &mut Context<'_, Ringed>,
    ) {
        let (Some(maintenance), Some(upkeep)) = (&self.own.maintenance, &mut node.own.upkeep)
        else {
            return;
        };
        upkeep.awake = true;
        let entity = given
            .world
            .population
            .computer(context.me().index())
            .entity();
        for round in ROUNDS {
            let range = [Span::ZERO, Self::period(maintenance, round)];
            let first = self.world.streams.span(PHASE, entity, round, range);
            context.arm(Reminder::Round { slot: round }, first);
        }
    }

    /// It ends them, and asks nobody any more to take it to the ring.
    pub(super) fn end(node: &mut Node<Self>, context: &mut Context<'_, Ringed>) {
        if let Some(upkeep) = &mut node.own.upkeep {
            upkeep.awake = false;
            for round in ROUNDS {
                context.disarm(Reminder::Round { slot: round });
            }
        }
    }

    /// The computer joins the ring if it is not on it.
    pub(super) fn enter(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        context: &mut Context<'_, Ringed>,
    ) {
        if self.own.maintenance.is_some() && node.connected && !Self::takes_part(node) {
            node.told += 1;
            self.ask_to_join(given, node, context);
        }
    }

    /// Asks some computer who comes next to this one on the ring.
    pub(super) fn ask_to_join(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        context: &mut Context<'_, Ringed>,
    ) {
        let Some(upkeep) = node.own.upkeep.as_mut().filter(|upkeep| upkeep.awake) else {
            return;
        };
        let (me, others) = (context.me().index(), self.world.population.len() - 1);
        upkeep.tries = upkeep.tries.saturating_add(1);
        upkeep.joined |= upkeep.tries > TRIES || others == 0;
        let index = node.told.wrapping_shl(u16::BITS).wrapping_add(upkeep.tries);
        self.refresh(node);
        if others > 0 {
            let entity = self.world.population.computer(me).entity();
            let other = self
                .world
                .streams
                .below(TAKER, entity, index, others.into()) as u32;
            let taker = other + u32::from(other >= me);
            let seek = Seek {
                point: self.contact(me).point,
                seeker: me,
                purpose: Purpose::Join,
                at: context.now(),
            };
            self.ask(given, node, (Awaited::Taker(seek), taker), context);
        }
    }

    /// The computer `from` leaves the ring.
    pub(super) fn left(
        &self,
        node: &mut Node<Self>,
        (from, predecessor, following): (UnitId, Option<u32>, &[u32]),
    ) {
        let Some(upkeep) = node.own.upkeep.as_mut().filter(|upkeep| upkeep.joined) else {
            return;
        };
        let leaver = self.contact(from.index());
        if upkeep.predecessor == Some(leaver) {
            let predecessor = predecessor.map(|it| self.contact(it));
            upkeep.predecessor = predecessor.filter(|it| *it != self.contact(upkeep.me()));
            upkeep.copied.clear();
        }
        if let Some(place) = upkeep.successors().iter().position(|it| *it == leaver) {
            let mut list = upkeep.successors()[..place].to_vec();
            list.extend(following.iter().map(|&it| self.contact(it)));
            upkeep.follow(list.into_iter(), self.count());
        }
        upkeep.strike(leaver.computer);
        self.refresh(node);
    }

    /// The computer leaves the ring: its lists go to its successor.
    pub(super) fn depart(&self, node: &mut Node<Self>, context: &mut Context<'_, Ringed>) {
        Self::end(node, context);
        let Some(upkeep) = &mut node.own.upkeep else {
            return;
        };
        let outside = Upkeep::outside(self.contact(context.me().index()));
        let left = std::mem::replace(&mut **upkeep, outside);
        let predecessor = left.predecessor.map(|it| it.computer);
        let successor = left.numbers().next();
        if let Some(successor) = successor {
            hold(successor, &left.lists, context);
        }
        let mut neighbours: Vec<u32> = predecessor.into_iter().chain(successor).collect();
        neighbours.dedup();
        for neighbour in neighbours {
            let successors = left.numbers().collect();
            let farewell = Telling::Farewell {
                predecessor,
                successors,
            };
            say(neighbour, farewell, context);
        }
        self.refresh(node);
    }
}
