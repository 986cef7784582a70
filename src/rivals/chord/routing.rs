//! The way of a look-up: from computer to computer to the holders of a list, and back to the requester.
//!
//! It does *not* know how computers come to know each other.

use super::Chord;
use super::config::Lookup;
use super::message::Ringed;
use super::peer::{Attempt, Awaited, Peer, Sent};
use super::ring::{Known, NextHop};
use super::telling::Telling;
use crate::discovery::{Descriptor, RequestId, gcu};
use crate::rivals::given::Given;
use crate::rivals::message::{Context, Message, Reminder};
use crate::rivals::node::Node;
use crate::rivals::sought::Sought;
use crate::unit::UnitId;

impl Chord {
    /// The computers that have listed themselves under `demand`, as far as a holder knows: none, if the list
    /// has not reached it.
    pub(super) fn list(&self, peer: &Peer, demand: Descriptor) -> Box<[u32]> {
        let (lists, as_built) = match &peer.upkeep {
            None => (&peer.lists, self.providers(demand)),
            Some(upkeep) => (&upkeep.lists, &[][..]),
        };
        let list = lists.get(&demand).map(|list| list.providers().collect());
        list.unwrap_or_else(|| as_built.into())
    }

    /// The way of a look-up from a computer.
    pub(super) fn way<'k>(&self, known: &'k Known, demand: Descriptor) -> NextHop<'k> {
        known.way(self.key(demand), self.own.successors.0)
    }

    /// Takes a step: sends it to the first one of those who can be tried. Without any the key's holders
    /// are left, if they are known, and else nothing.
    pub(super) fn send(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        mut step: Attempt,
        context: &mut Context<'_, Ringed>,
    ) {
        let Some(to) = step.spare.pop() else {
            match step.what {
                Awaited::Read(request, _) => node.asking.settle(request, context),
                // It may have arrived, and its acknowledgement be lost.
                Awaited::Lookup(_) if given.is_lossy && step.beyond.is_empty() => {}
                Awaited::Lookup(lookup) if step.beyond.is_empty() => {
                    Self::fail(node, lookup, context);
                }
                Awaited::Lookup(lookup) => self.tell(given, node, (lookup, step.beyond), context),
                Awaited::Post(listing) => self.post_to(node, listing, &step.beyond, context),
                // It is asked again a round later.
                Awaited::Seek(_)
                | Awaited::Taker(_)
                | Awaited::Successor
                | Awaited::Predecessor => {}
            }
            return;
        };
        let said = match step.what {
            Awaited::Seek(seek) | Awaited::Taker(seek) => Ringed::Ring(Telling::Seek(seek)),
            Awaited::Post(listing) => Ringed::Ring(Telling::Post(listing)),
            Awaited::Successor => Ringed::Ring(Telling::Stabilise),
            Awaited::Predecessor => Ringed::Ring(Telling::Ping),
            Awaited::Read(request, demand) => Ringed::Read { request, demand },
            Awaited::Lookup(lookup) => {
                let hops = lookup.hops + 1;
                let next = Sought { hops, ..lookup };
                match self.own.lookup {
                    Lookup::Recursive => Ringed::Forward(next),
                    Lookup::Iterative => Ringed::Step(next),
                }
            }
        };
        context.send(gcu(to), Message::Own(said));
        if let Some(timeout) = Self::timeout(given, &step.what) {
            let slot = node.own.sent.insert(Sent { to, step });
            context.arm(Reminder::StepTimeout { slot }, timeout);
        }
    }

    /// Asks one computer, and nobody else if that is silent.
    pub(super) fn ask(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (what, computer): (Awaited, u32),
        context: &mut Context<'_, Ringed>,
    ) {
        let step = Attempt::new(what, vec![computer], Box::default());
        self.send(given, node, step, context);
    }

    /// Tells the requester of a look-up who holds the key.
    pub(super) fn tell(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (lookup, holders): (Sought, Box<[u32]>),
        context: &mut Context<'_, Ringed>,
    ) {
        if gcu(lookup.requester) == context.me() {
            self.found(given, node, (lookup.request, holders), context);
        } else {
            let found = Ringed::Found { lookup, holders };
            context.send(gcu(lookup.requester), Message::Own(found));
        }
    }

    /// The computer `from` has answered what it was sent; who else could have been asked.
    pub(super) fn answered(
        node: &mut Node<Self>,
        from: UnitId,
        answers: impl Fn(&Awaited) -> bool,
        context: &mut Context<'_, Ringed>,
    ) -> Option<Attempt> {
        let is = |sent: &Sent| gcu(sent.to) == from && answers(&sent.step.what);
        Self::heard(node, is, context)
    }

    /// What has been sent and `is` this is answered.
    pub(super) fn heard(
        node: &mut Node<Self>,
        is: impl Fn(&Sent) -> bool,
        context: &mut Context<'_, Ringed>,
    ) -> Option<Attempt> {
        let sent = &mut node.own.sent;
        let found = sent.iter().find(|(_, sent)| is(sent)).map(|(slot, _)| slot);
        let slot = found?;
        context.disarm(Reminder::StepTimeout { slot });
        sent.remove(slot).map(|sent| sent.step)
    }

    /// Takes a look-up one step further from here: answers it, or passes it on.
    pub(super) fn route(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        lookup: Sought,
        context: &mut Context<'_, Ringed>,
    ) {
        match self.way(&node.own.known, lookup.demand) {
            NextHop::Here(holders) => {
                let holders = holders.into();
                self.tell(given, node, (lookup, holders), context);
            }
            NextHop::On { next, beyond } => {
                let step = Attempt::new(Awaited::Lookup(lookup), next, beyond);
                self.send(given, node, step, context);
            }
        }
    }

    /// The requester learns who holds the key. A second copy changes nothing.
    pub(super) fn found(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (request, holders): (RequestId, Box<[u32]>),
        context: &mut Context<'_, Ringed>,
    ) {
        let Some(asked) = node.asked(request).filter(|asked| !asked.own.found) else {
            return;
        };
        asked.own.found = true;
        let (demand, me) = (asked.wanted.demand, context.me().index());
        if holders.contains(&me) {
            let list = self.list(&node.own, demand);
            if node.own.upkeep.is_none() || !list.is_empty() {
                node.asking.list(request, list.into_iter(), given, context);
                return;
            }
        }
        let read = Awaited::Read(request, demand);
        let others = holders.into_iter().filter(|&holder| holder != me);
        let step = Attempt::new(read, others.collect(), Box::default());
        self.send(given, node, step, context);
    }

    /// A holder tells who serves. If it knows of nobody, the list may not have come to it, and another one is
    /// asked.
    pub(super) fn listed(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (from, request, computers): (UnitId, RequestId, Box<[u32]>),
        context: &mut Context<'_, Ringed>,
    ) {
        let is = |sent: &Awaited| matches!(*sent, Awaited::Read(read, _) if read == request);
        let step = Self::answered(node, from, is, context);
        let others = step.filter(|step| !step.spare.is_empty());
        let may_not_have_come = computers.is_empty() && node.own.upkeep.is_some();
        if let Some(step) = others.filter(|_| may_not_have_come) {
            self.send(given, node, step, context);
        } else {
            let computers = computers.into_iter();
            node.asking.list(request, computers, given, context);
        }
    }

    /// The answer to a requester that asks one computer after another.
    pub(super) fn nearer(&self, known: &Known, lookup: Sought) -> Ringed {
        match self.way(known, lookup.demand) {
            NextHop::Here(holders) => {
                let holders = holders.into();
                Ringed::Found { lookup, holders }
            }
            NextHop::On { next, beyond } => Ringed::Nearer {
                lookup,
                computers: next.into(),
                beyond,
            },
        }
    }

    /// Whether a requester does not know yet who holds what it looks for.
    pub(super) fn is_looking(node: &mut Node<Self>, request: RequestId) -> bool {
        node.asked(request).is_some_and(|asked| !asked.own.found)
    }

    /// A look-up cannot go on from here.
    pub(super) fn fail(node: &mut Node<Self>, lookup: Sought, context: &mut Context<'_, Ringed>) {
        let requester = gcu(lookup.requester);
        if requester != context.me() {
            context.send(requester, Message::Own(Ringed::Failed(lookup)));
        } else if Self::is_looking(node, lookup.request) {
            node.asking.settle(lookup.request, context);
        }
    }
}
