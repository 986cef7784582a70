//! How a node finds its place: the search for a cluster from the root downwards, and the choice of
//! the root.
//!
//! This module does *not* know what is tracked, nor what a head does for its members.

use super::hierarchy::{Handover, Head, Role, RootRecord, SearchStage};
use super::message::{Message, Roster, Timer};
use super::tracker::{Port, SERVER, Tracker};
use crate::opus::stream;
use crate::time::{Span, Time};

/// A layer above all others: to ask a root for its highest cluster.
const HIGHEST: u8 = u8::MAX;
/// A nearer head is worth a change if its latency is at most 4/5 of the present one's.
const NEARER: [u64; 2] = [4, 5];

/// Whether a head at `latency` is worth a change for a node whose head is at `present`: never, if that
/// is no way off.
fn nearer(latency: Span, present: Span) -> bool {
    let [latency_ns, present_ns] = [latency, present].map(|span| u128::from(span.as_ns()));
    let [most, whole] = NEARER.map(u128::from);
    latency < present && latency_ns * whole <= present_ns * most
}

impl Tracker {
    /// Begins to look for a cluster.
    pub(super) fn enter(&mut self, port: &mut impl Port) {
        let range = [Span::ZERO, self.rules.heartbeat_ms.span()];
        let me = u64::from(self.me);
        let phase = port.streams().span(stream::BEAT, me, 0, range);
        port.arm(Timer::Beat, phase);
        self.ask(port);
    }

    /// Where a node stands from now on: what it told was told to others.
    pub(super) fn stand(&mut self, role: Role) {
        if let Some(head) = self.hierarchy.head() {
            self.hierarchy.former = head.roster;
        }
        self.hierarchy.role = role;
        self.hierarchy.handover = Handover::None;
        self.hierarchy.news = true;
        self.delta_filter.reset();
        self.steady.reset();
    }

    pub(super) fn step(&mut self, step: SearchStage, port: &mut impl Port) {
        if !matches!(self.hierarchy.role, Role::Seeking(_)) {
            self.stand(Role::Seeking(step));
        }
        self.hierarchy.role = Role::Seeking(step);
        port.arm(Timer::Search, self.rules.timeout_ms.span());
    }

    /// Asks the rendezvous for the root.
    pub(super) fn ask(&mut self, port: &mut impl Port) {
        self.step(SearchStage::Asking, port);
        let height = self.hierarchy.height;
        if self.me != SERVER {
            port.send(SERVER, Message::Where { height });
        } else if let Some(root) = self.root_for(SERVER, height) {
            self.directed(root, port);
        }
    }

    /// Asks again after a while: all below are counted by nobody meanwhile.
    pub(super) fn pause(&mut self, port: &mut impl Port) {
        self.step(SearchStage::Waiting, port);
        let pause = self.rules.heartbeat_ms.span();
        port.arm(Timer::Search, pause.min(self.rules.timeout_ms.span()));
    }

    /// At the rendezvous: who is the root for a node of `height` without a head? A root that is
    /// silent for twice as long as it may be is replaced by who asks first; so is one that has less
    /// below it.
    pub(super) fn root_for(&mut self, asker: u32, height: u8) -> Option<u32> {
        let now = self.now();
        let claim = RootRecord {
            node: asker,
            height,
            heard: now,
        };
        let Some(root_record) = self.hierarchy.root_record else {
            self.hierarchy.root_record = Some(claim);
            return Some(asker);
        };
        let silence = now.saturating_since(root_record.heard).as_ns();
        let limit = self.silence().as_ns();
        let fresh = silence <= limit && root_record.node != asker;
        if fresh && root_record.beats(asker, height) {
            return Some(root_record.node);
        }
        if !fresh && silence <= 2 * limit {
            return None;
        }
        self.hierarchy.root_record = Some(claim);
        Some(asker)
    }

    /// At the rendezvous: `root` of `height` says that it is the root. Who else is, if that one has
    /// more below it?
    pub(super) fn crowned(&mut self, root: u32, height: u8) -> Option<u32> {
        let (now, limit) = (self.now(), self.silence());
        let other = self.hierarchy.root_record.filter(|root_record| {
            root_record.node != root
                && now.saturating_since(root_record.heard) <= limit
                && root_record.beats(root, height)
        });
        if other.is_none() {
            self.hierarchy.root_record = Some(RootRecord {
                node: root,
                height,
                heard: now,
            });
        }
        other.map(|root_record| root_record.node)
    }

    /// The rendezvous says who is the root.
    pub(super) fn directed(&mut self, root: u32, port: &mut impl Port) {
        match self.hierarchy.role {
            Role::Seeking(SearchStage::Asking | SearchStage::Waiting) if root == self.me => {
                self.reign(port);
            }
            Role::Seeking(SearchStage::Asking | SearchStage::Waiting) => {
                self.list(root, HIGHEST, port);
            }
            // It has more below it.
            Role::Root if root != self.me => self.list(root, HIGHEST, port),
            Role::Outside | Role::Root | Role::Member(_) | Role::Seeking(_) => {}
        }
    }

    /// Becomes the root.
    pub(super) fn reign(&mut self, port: &mut impl Port) {
        port.disarm(Timer::Search);
        self.stand(Role::Root);
        self.root_record(port);
        self.look(port);
    }

    /// As the root, says so to the rendezvous.
    pub(super) fn root_record(&mut self, port: &mut impl Port) {
        let height = self.hierarchy.height;
        if self.me != SERVER {
            port.send(SERVER, Message::RootRecord { height });
        } else if let Some(other) = self.crowned(SERVER, height) {
            self.directed(other, port);
        }
    }

    /// Asks `head` for the members of its cluster of `layer`.
    pub(super) fn list(&mut self, head: u32, layer: u8, port: &mut impl Port) {
        let sent = self.now();
        self.step(SearchStage::Listing { head, sent }, port);
        port.send(head, Message::Seek { layer });
    }

    /// Somebody asks for the members of a cluster.
    pub(super) fn listed(&mut self, asker: u32, layer: u8, port: &mut impl Port) {
        let height = self.hierarchy.height;
        let (layer, roster) = match self.hierarchy.head() {
            // As the head told them.
            Some(head) if layer > height => (height + 1, head.roster),
            Some(_) | None => {
                let layer = layer.min(height);
                (layer, self.hierarchy.roster(self.me, layer))
            }
        };
        port.send(asker, Message::Found { layer, roster });
    }

    /// `teller` has told the members of a cluster.
    pub(super) fn found(&mut self, teller: u32, layer: u8, roster: &Roster, port: &mut impl Port) {
        match self.hierarchy.role {
            Role::Seeking(SearchStage::Listing { head, sent }) if head == teller => {
                let trip = self.now() - sent;
                let latency = Span::from_ns(trip.as_ns() / 2);
                let first = roster.as_slice().first().copied().unwrap_or(teller);
                if layer > self.hierarchy.height + 1 {
                    self.probe(layer, roster, port);
                } else if first == teller {
                    self.apply(teller, Some(latency), port);
                } else if first != self.me {
                    self.apply(first, None, port);
                } else {
                    self.pause(port);
                }
            }
            Role::Member(head)
                if head.node == teller && self.hierarchy.handover == Handover::Listing =>
            {
                self.try_one(head, layer, roster, port);
            }
            Role::Outside | Role::Root | Role::Member(_) | Role::Seeking(_) => {}
        }
    }

    /// Probes the members of a cluster of `layer`.
    pub(super) fn probe(&mut self, layer: u8, roster: &Roster, port: &mut impl Port) {
        let (sent, me) = (self.now(), self.me);
        let mut missing = 0;
        for &other in roster.as_slice().iter().filter(|&&other| other != me) {
            port.send(other, Message::Probe { sent });
            missing += 1;
        }
        if missing == 0 {
            return self.pause(port);
        }
        let probing = SearchStage::Probing {
            layer,
            sent,
            missing,
            best: None,
        };
        self.step(probing, port);
    }

    /// `other` has answered a probe.
    pub(super) fn echoed(&mut self, other: u32, sent: Time, port: &mut impl Port) {
        let trip = self.now().saturating_since(sent);
        let latency = Span::from_ns(trip.as_ns() / 2);
        if let Some(head) = self.hierarchy.head_if(other) {
            head.latency = Some(latency);
            self.hierarchy.beat_due = true;
        }
        match &mut self.hierarchy.role {
            Role::Seeking(SearchStage::Probing {
                sent: probed,
                missing,
                best,
                ..
            }) if *probed == sent => {
                if best.is_none_or(|best| (latency, other) < best) {
                    *best = Some((latency, other));
                }
                *missing -= 1;
                if *missing == 0 {
                    self.descend(port);
                }
            }
            Role::Member(head) if self.hierarchy.handover == Handover::Probing(other) => {
                if head.latency.is_some_and(|present| nearer(latency, present)) {
                    self.attempt(Handover::Asking(other, latency));
                    self.wish(other, Some(latency), true, port);
                } else {
                    self.attempt(Handover::None);
                }
            }
            Role::Outside | Role::Root | Role::Member(_) | Role::Seeking(_) => {}
        }
    }

    /// Goes on with the nearest member of the cluster that was probed.
    fn descend(&mut self, port: &mut impl Port) {
        if let Role::Seeking(SearchStage::Probing { layer, best, .. }) = self.hierarchy.role {
            match best {
                None => self.ask(port),
                // It leads a cluster of the layer that is looked for.
                Some((latency, nearest)) if layer == self.hierarchy.height + 2 => {
                    self.apply(nearest, Some(latency), port);
                }
                Some((_, nearest)) => self.list(nearest, layer - 1, port),
            }
        }
    }

    /// Asks `head` for adoption, having none.
    pub(super) fn apply(&mut self, head: u32, latency: Option<Span>, port: &mut impl Port) {
        self.step(SearchStage::Adopting { head, latency }, port);
        self.wish(head, latency, false, port);
    }

    fn wish(&mut self, head: u32, latency: Option<Span>, choosy: bool, port: &mut impl Port) {
        let height = self.hierarchy.height;
        let wish = Message::Adopt {
            height,
            latency,
            choosy,
        };
        port.send(head, wish);
    }

    /// The search has come to nothing for too long.
    pub(super) fn give_up(&mut self, port: &mut impl Port) {
        match self.hierarchy.role {
            Role::Seeking(SearchStage::Electing { lost }) => self.succeed(&lost, port),
            Role::Seeking(SearchStage::Probing { .. }) => self.descend(port),
            Role::Seeking(
                SearchStage::Asking
                | SearchStage::Waiting
                | SearchStage::Listing { .. }
                | SearchStage::Adopting { .. },
            ) => self.ask(port),
            Role::Outside | Role::Root | Role::Member(_) => {}
        }
    }

    /// `head` has shown the cluster: that is how it says that it has adopted a node.
    pub(super) fn shown(&mut self, head: Head, layer: u8, port: &mut impl Port) {
        let fits = layer == self.hierarchy.height + 1;
        let awaited = match self.hierarchy.role {
            Role::Member(old) if old.node == head.node => {
                let latency = old.latency;
                self.hierarchy.role = Role::Member(Head { latency, ..head });
                return;
            }
            Role::Member(_) => match self.hierarchy.handover {
                Handover::Asking(node, latency) if node == head.node => {
                    self.hierarchy.moves = self.hierarchy.moves.saturating_add(1);
                    Some(Some(latency))
                }
                Handover::None
                | Handover::Listing
                | Handover::Probing(_)
                | Handover::Asking(..) => None,
            },
            Role::Seeking(SearchStage::Adopting {
                head: node,
                latency,
            }) if node == head.node => Some(latency),
            Role::Seeking(SearchStage::Electing { lost }) if lost.node == head.node => {
                Some(lost.latency)
            }
            Role::Outside | Role::Root | Role::Seeking(_) => None,
        };
        match awaited {
            Some(latency) if fits => self.attach(Head { latency, ..head }, port),
            // Said before it heard what this node wants now.
            Some(_)
                if matches!(
                    self.hierarchy.role,
                    Role::Seeking(SearchStage::Adopting { .. })
                ) => {}
            Some(_) | None => port.send(head.node, Message::Leave),
        }
    }

    /// Belongs to the cluster of `head` from now on.
    pub(super) fn attach(&mut self, head: Head, port: &mut impl Port) {
        port.disarm(Timer::Search);
        if let Some(old) = self.hierarchy.head() {
            port.send(old.node, Message::Leave);
        }
        self.stand(Role::Member(head));
        self.hierarchy.idle = 0;
        self.hierarchy.beat_due = self.hierarchy.height > 0;
        if head.latency.is_none() {
            let sent = self.now();
            port.send(head.node, Message::Probe { sent });
        }
        self.improve_later(port);
        self.look(port);
    }

    /// `node` is not the head. A node that has asked it for adoption since waits for the answer to that.
    pub(super) fn refused(&mut self, node: u32, port: &mut impl Port) {
        if self.hierarchy.head_if(node).is_some() {
            self.ask(port);
        }
    }

    /// `node` does not want to be the head.
    pub(super) fn declined(&mut self, node: u32, port: &mut impl Port) {
        match self.hierarchy.role {
            Role::Seeking(SearchStage::Adopting { head, .. }) if head == node => self.pause(port),
            Role::Member(_) => {
                if matches!(self.hierarchy.handover, Handover::Asking(asked, _) if asked == node) {
                    self.hierarchy.handover = Handover::None;
                }
            }
            Role::Outside | Role::Root | Role::Seeking(_) => {}
        }
    }
}
