//! The maintenance of a ring: how computers find out who is next to them, and keep their fingers right (Stoica, Morris,
//! Liben-Nowell, Karger, Kaashoek, Dabek, Balakrishnan 2003, section IV-E).
//!
//! A computer stabilises (it asks its successor for that one's predecessor, and notifies whom it takes for its
//! successor then), looks up one finger after another, and asks its predecessor whether it is there. Lists of
//! providers follow their keys: to whoever joins just before, to the next successors as copies, and to the
//! successor from whoever leaves. This module does *not* know requests, nor how a computer comes and goes.

use super::Chord;
use super::config::Maintenance;
use super::listing::Lists;
use super::message::Ringed;
use super::peer::{Attempt, Awaited};
use super::ring::{Contact, NextHop};
use super::telling::{Purpose, Seek, Telling};
use super::upkeep::Upkeep;
use crate::discovery::gcu;
use crate::parameters::number::SmallCount;
use crate::rivals::finder::Finder;
use crate::rivals::given::Given;
use crate::rivals::message::{Context, Message, Reminder};
use crate::rivals::node::Node;
use crate::time::Span;
use crate::unit::UnitId;

/// The factor by which the timeout of the node that brings a computer to the ring is longer than those of others:
/// its look-up takes several hops.
const PATIENCE: u64 = 4;
/// The minimum timeout of that node.
const PATIENCE_LEAST: Span = Span::from_s(1);

/// What a computer does again and again; the number is that of its timer.
const STABILISE: u32 = 0;
const FIX_FINGER: u32 = 1;
const CHECK_PREDECESSOR: u32 = 2;
/// All of it.
pub(super) const ROUNDS: [u32; 3] = [STABILISE, FIX_FINGER, CHECK_PREDECESSOR];

/// Tells `to` something about the ring.
pub(super) fn say(to: u32, telling: Telling, context: &mut Context<'_, Ringed>) {
    context.send(gcu(to), Message::Own(Ringed::Ring(telling)));
}

/// Lets `to` hold these lists.
pub(super) fn hold(to: u32, lists: &Lists, context: &mut Context<'_, Ringed>) {
    if !lists.is_empty() {
        let list = lists.iter();
        let list = list.map(|(service, list)| (*service, list.states().collect()));
        say(to, Telling::Hold(list.collect()), context);
    }
}

impl Chord {
    /// After how long a computer that was asked this counts as silent; `None`: nobody waits.
    pub(super) fn timeout(given: &Given, what: &Awaited) -> Option<Span> {
        let detected = given.silence_timeout.map(|silence| silence.timeout);
        match what {
            Awaited::Lookup(_) | Awaited::Read(..) | Awaited::Seek(_) | Awaited::Post(_) => {
                detected
            }
            Awaited::Successor | Awaited::Predecessor => Some(given.timeout()),
            Awaited::Taker(_) => Some(Self::patience(given.timeout())),
        }
    }

    /// The timeout of the node that brings a computer to the ring, if others have `timeout`.
    pub(super) fn patience(timeout: Span) -> Span {
        let patience = timeout.as_ns().saturating_mul(PATIENCE);
        Span::from_ns(patience).max(PATIENCE_LEAST)
    }

    /// Whether it can answer questions: it has not left, and is on the ring.
    pub(super) fn takes_part(node: &Node<Self>) -> bool {
        node.connected && Self::has_place(&node.own)
    }

    /// How many successors it knows at most.
    pub(super) fn count(&self) -> u32 {
        self.own.successors.0
    }

    /// What it knows of the ring has changed: look-ups go that way from now on.
    pub(super) fn refresh(&self, node: &mut Node<Self>) {
        let SmallCount(replicas) = self.own.replicas;
        if let Some(upkeep) = &node.own.upkeep {
            node.own.known = upkeep.known(replicas);
        }
    }

    /// The time between two rounds.
    pub(super) fn period(maintenance: &Maintenance, round: u32) -> Span {
        match round {
            STABILISE => maintenance.stabilise_s.span(),
            FIX_FINGER => maintenance.fix_finger_s.span(),
            _ => maintenance.check_predecessor_s.span(),
        }
    }

    /// A round is due.
    pub(super) fn go_round(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        round: u32,
        context: &mut Context<'_, Ringed>,
    ) {
        let (Some(maintenance), Some(upkeep)) = (&self.own.maintenance, &mut node.own.upkeep)
        else {
            return;
        };
        context.arm(
            Reminder::Round { slot: round },
            Self::period(maintenance, round),
        );
        match round {
            STABILISE => self.stabilise(given, node, context),
            FIX_FINGER => {
                if let Some((power, point)) = upkeep.next_finger() {
                    let seek = Seek {
                        point,
                        seeker: context.me().index(),
                        purpose: Purpose::Finger(power),
                        at: context.now(),
                    };
                    self.seek_on(given, node, seek, context);
                }
            }
            _ => {
                if let Some(Contact { computer, .. }) = upkeep.predecessor {
                    self.ask(given, node, (Awaited::Predecessor, computer), context);
                }
            }
        }
    }

    /// Asks the successor who is next to it; without any, somebody else.
    pub(super) fn stabilise(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        context: &mut Context<'_, Ringed>,
    ) {
        let Some(upkeep) = node.own.upkeep.as_ref().filter(|upkeep| upkeep.joined) else {
            return;
        };
        if let Some(&Contact { computer, .. }) = upkeep.successors().first() {
            self.ask(given, node, (Awaited::Successor, computer), context);
            return;
        }
        let mut sent = node.own.sent.iter();
        let asks = sent.any(|(_, sent)| matches!(sent.step.what, Awaited::Taker(_)));
        drop(sent);
        if !asks {
            self.ask_to_join(given, node, context);
        }
    }

    /// Takes a look-up for the ring one step further from here.
    fn seek_on(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        seek: Seek,
        context: &mut Context<'_, Ringed>,
    ) {
        if let NextHop::On { next, .. } = node.own.known.way(seek.point, self.count()) {
            let step = Attempt::new(Awaited::Seek(seek), next, Box::default());
            self.send(given, node, step, context);
            return;
        }
        let Some(upkeep) = &node.own.upkeep else {
            return;
        };
        let next: Box<[u32]> = upkeep.numbers().collect();
        if seek.seeker == context.me().index() {
            self.sought(given, node, (context.me(), seek, &next), context);
        } else {
            say(seek.seeker, Telling::Sought { seek, next }, context);
        }
    }

    /// The computer `from` tells who comes `next` after a point.
    fn sought(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (from, seek, next): (UnitId, Seek, &[u32]),
        context: &mut Context<'_, Ringed>,
    ) {
        let Some(upkeep) = node.own.upkeep.as_mut().filter(|_| node.connected) else {
            return;
        };
        let mut next = next.iter().copied().chain([from.index()]);
        match seek.purpose {
            Purpose::Finger(power) => {
                if let Some(finger) = next.next().filter(|_| upkeep.joined) {
                    upkeep.point_to(power, self.contact(finger));
                }
                self.refresh(node);
            }
            Purpose::Join if upkeep.joined && !upkeep.successors().is_empty() => {}
            Purpose::Join => {
                upkeep.follow(next.map(|it| self.contact(it)), self.count());
                (upkeep.joined, upkeep.tries) = (true, 0);
                self.refresh(node);
                self.stabilise(given, node, context);
                self.publish(given, node, context);
            }
        }
    }

    /// The successor tells who is next to it: notifies whoever is the successor now, and sees to the copies.
    fn stabilised(
        &self,
        node: &mut Node<Self>,
        (from, predecessor, following): (UnitId, Option<u32>, &[u32]),
        context: &mut Context<'_, Ringed>,
    ) {
        let Some(upkeep) = node.own.upkeep.as_mut().filter(|_| node.connected) else {
            return;
        };
        let Some(&successor) = upkeep.successors().first() else {
            return;
        };
        if gcu(successor.computer) != from {
            return;
        }
        let predecessor = predecessor.map(|it| self.contact(it));
        let following = following.iter().map(|&it| self.contact(it)).collect();
        upkeep.stabilise(successor, (predecessor, following), self.count());
        if let Some(&Contact { computer, .. }) = upkeep.successors().first() {
            let fresh = std::mem::take(&mut upkeep.fresh);
            say(computer, Telling::Notify { fresh }, context);
        }
        self.copy(upkeep, context);
        self.refresh(node);
    }

    /// Sends the lists whose keys are its own to those of the next successors that do not have them.
    fn copy(&self, upkeep: &mut Upkeep, context: &mut Context<'_, Ringed>) {
        let Some(predecessor) = upkeep.predecessor else {
            return;
        };
        let SmallCount(replicas) = self.own.replicas;
        let holders: Vec<u32> = upkeep.numbers().take(replicas as usize - 1).collect();
        if holders.iter().all(|holder| upkeep.copied.contains(holder)) {
            return;
        }
        let lists = upkeep.lists_of(predecessor.point, true, |service| self.key(service));
        for &holder in holders
            .iter()
            .filter(|holder| !upkeep.copied.contains(holder))
        {
            hold(holder, &lists, context);
        }
        upkeep.copied = holders;
    }

    /// Another computer says that it precedes this one: it gets the lists that are its own, and the copies.
    fn notified(
        &self,
        node: &mut Node<Self>,
        (from, fresh): (UnitId, bool),
        context: &mut Context<'_, Ringed>,
    ) {
        let Some(upkeep) = node.own.upkeep.as_mut().filter(|upkeep| upkeep.joined) else {
            return;
        };
        let other = self.contact(from.index());
        let is_news = upkeep.is_preceded_by(other, self.count());
        if is_news {
            upkeep.copied.clear();
        }
        if is_news || fresh && upkeep.predecessor == Some(other) {
            let lists = upkeep.lists_of(other.point, false, |service| self.key(service));
            hold(other.computer, &lists, context);
        }
        self.refresh(node);
    }

    /// Whom it has sent something is silent.
    pub(super) fn silent(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (to, step): (u32, Attempt),
        context: &mut Context<'_, Ringed>,
    ) {
        let Some(upkeep) = &mut node.own.upkeep else {
            self.send(given, node, step, context);
            return;
        };
        if let Awaited::Taker(_) = step.what {
            let is_outside = !upkeep.joined || upkeep.successors().is_empty();
            if node.connected && is_outside {
                self.ask_to_join(given, node, context);
            }
            return;
        }
        upkeep.strike(to);
        self.refresh(node);
        match step.what {
            Awaited::Successor => self.stabilise(given, node, context),
            Awaited::Predecessor | Awaited::Taker(_) => {}
            Awaited::Lookup(_) | Awaited::Read(..) | Awaited::Seek(_) | Awaited::Post(_) => {
                self.send(given, node, step, context);
            }
        }
    }

    /// A computer hears something about the ring.
    pub(super) fn hear_of_ring(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (from, telling): (UnitId, Telling),
        context: &mut Context<'_, Ringed>,
    ) {
        let other = from.index();
        match telling {
            Telling::Seek(seek) => {
                if given.silence_timeout.is_some() {
                    say(other, Telling::Seeking(seek), context);
                    if !node.own.pass_seek(seek) {
                        return;
                    }
                }
                self.seek_on(given, node, seek, context);
            }
            Telling::Seeking(seek) => {
                Self::answered(node, from, |what| *what == Awaited::Seek(seek), context);
            }
            Telling::Sought { seek, next } => {
                if seek.purpose == Purpose::Join {
                    let is = |what: &Awaited| matches!(what, Awaited::Taker(_));
                    Self::heard(node, |sent| is(&sent.step.what), context);
                }
                self.sought(given, node, (from, seek, &next), context);
            }
            Telling::Stabilise => {
                let Some(upkeep) = &node.own.upkeep else {
                    return;
                };
                let neighbours = Telling::Neighbours {
                    predecessor: upkeep.predecessor.map(|it| it.computer),
                    successors: upkeep.numbers().collect(),
                };
                say(other, neighbours, context);
            }
            Telling::Neighbours {
                predecessor,
                successors,
            } => {
                Self::answered(node, from, |what| *what == Awaited::Successor, context);
                self.stabilised(node, (from, predecessor, &successors), context);
            }
            Telling::Notify { fresh } => self.notified(node, (from, fresh), context),
            Telling::Ping => say(other, Telling::Pong, context),
            Telling::Pong => {
                Self::answered(node, from, |what| *what == Awaited::Predecessor, context);
            }
            Telling::Hold(lists) => {
                if let Some(upkeep) = node.own.upkeep.as_mut().filter(|it| it.joined) {
                    upkeep.keep(lists.into_iter());
                }
            }
            Telling::Post(listing) => self.posted(given, node, (other, listing), context),
            Telling::Posting(listing) => {
                Self::answered(node, from, |what| *what == Awaited::Post(listing), context);
            }
            Telling::Note(listing) => self.note(node, listing),
            Telling::Farewell {
                predecessor,
                successors,
            } => self.left(node, (from, predecessor, &successors)),
        }
    }
}
