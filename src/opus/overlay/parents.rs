//! How a node of a dissemination overlay chooses, takes and loses its parents, and judges who wants
//! to be its child.
//!
//! Its rules are in `docs/opus/overlay.md`. This module does *not* know how nodes get to know each
//! other, nor what is sent over the overlay.

use super::branch::{Adoption, Link, News, PendingRequest};
use super::member::{OverlayMember, Port};
use super::message::{Message, Observation, ParentRequest, PathState, Reminder};
use super::partial_view::{PartialView, Peer};
use crate::time::Span;

/// How good a parent is; the least is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Merit {
    /// Whether it is the parent in another tree already.
    taken: bool,
    /// Whether the delay goal would be missed, or is by a node on the way.
    late: bool,
    /// Whether it is missed below a node that is on time: others might be on time in that place. Only with one tree: with
    /// more of them there might be no rest.
    wasted: bool,
    /// How many nodes the way shares with those of the trees before.
    overlap: usize,
    /// The link's latency; where the goal is missed, the delay.
    price: Span,
}

impl OverlayMember {
    /// Asks for a better parent in each tree, where one is known; not while the rank changes.
    pub(super) fn reconsider(&mut self, port: &mut impl Port) {
        self.proceed(port);
        if self.is_changing() {
            return;
        }
        for tree in 0..self.trees() {
            self.notice_lateness(tree, port);
            if self.branch(tree).asking.is_some() {
                continue;
            }
            let better = self.better(tree);
            let news = &mut self.branch(tree).news;
            if let Some((link, request)) = better {
                *news = News::Much;
                self.ask(link, request, port);
            } else {
                *news = News::Nothing;
            }
        }
    }

    /// Something may have changed that makes somebody known a better parent.
    pub(super) fn doubt(&mut self) {
        for branch in &mut self.branches {
            branch.news = News::Much;
        }
    }

    /// The best parent in `tree` that is better than the present one.
    ///
    /// Where nobody was the last time, it looks only at whom there is news of: to lose candidates
    /// makes none of the others better, and whatever else it depends on is followed by
    /// [`Self::doubt`].
    pub(super) fn better(&self, tree: u8) -> Option<(Link, ParentRequest)> {
        let known = self.known.as_ref()?;
        let better = match self.branches[usize::from(tree)].news {
            News::Nothing => None,
            News::Of(node) => self.better_of(tree, known, known.candidate(node)),
            News::Much => return self.better_of(tree, known, known.candidates()),
        };
        debug_assert_eq!(
            better,
            self.better_of(tree, known, known.candidates()),
            "all that changes it is news"
        );
        better
    }

    /// The best of the `candidates`, if it is better than the present parent.
    fn better_of<'a>(
        &self,
        tree: u8,
        known: &PartialView,
        candidates: impl IntoIterator<Item = (u32, &'a Peer)>,
    ) -> Option<(Link, ParentRequest)> {
        let branch = &self.branches[usize::from(tree)];
        let goal = self.rules.goal(known.shortest());
        let present = branch.parent.zip(branch.path_state.as_ref());
        let mut least = present.map(|(link, path_state)| {
            let upper = Span::from_ns(path_state.delay.as_ns() - link.latency.as_ns());
            let merit = self.merit_at_best(tree, link, (upper, branch.goal.above_late), goal);
            self.merit(tree, merit, path_state)
        });
        let mut best: Option<Link> = None;
        for (node, peer) in candidates {
            let path_state = peer.path_states[usize::from(tree)].as_ref();
            if let Some(path_state) = path_state.filter(|_| peer.is_open(tree)) {
                let latency = peer.latency;
                let link = Link { node, latency };
                let better = |merit: &Merit| least.is_none_or(|least| *merit < least);
                let upper = (path_state.delay, path_state.late);
                let merit = Some(self.merit_at_best(tree, link, upper, goal))
                    .filter(better)
                    .map(|merit| self.merit(tree, merit, path_state))
                    .filter(better);
                if merit.is_some() {
                    (least, best) = (merit, Some(link));
                }
            }
        }
        let (link, merit) = best.zip(least)?;
        let left = Span::from_ns(goal.as_ns().saturating_sub(link.latency.as_ns()));
        // A member without a parent takes any, and looks for a better one later.
        let orphan = branch.parent.is_none();
        let limited = self.rules.degree_limit.is_some();
        let urgent = orphan || limited && !merit.late;
        let priority = self.priority(tree, link, merit.late);
        let delay_max = if merit.late || orphan {
            Span::from_ns(u64::MAX)
        } else {
            left
        };
        Some((
            link,
            ParentRequest {
                tree,
                shortest: known.shortest(),
                delay_max,
                urgent,
                priority,
            },
        ))
    }

    /// Whether it has no parent in `tree`, asks nobody, and knows nobody else whom it could ask or
    /// seek: then its search is over, and begins anew.
    ///
    /// In a search it asks nobody twice: who has refused counts as refusing, whatever probes tell
    /// meanwhile ([`PartialView::learn`]). So each search ends. In a tree that stands still it ends with
    /// a parent: it comes to ask the source. Who refuses an urgent parent request for want of room has no child
    /// that is not upstream of the orphan, for that one would be pushed out for who must be taken, which the orphan
    /// says in the second search; and tells of its children,
    /// who are sought, become known and are asked in turn. So the search goes down from the source through
    /// nodes that are full, as long as it is refused, and there are only finitely many of those: it
    /// comes to one that has room, at the latest to a leaf. Where the tree changes meanwhile, or ranks
    /// do, the next search finds it as it is then. Who is pushed out searches in turn, but is farther from
    /// the source than its successor: such chains end, too.
    pub(super) fn is_exhausted(&self, tree: u8) -> bool {
        self.branches[usize::from(tree)].parent.is_none() && self.knows_no_other(tree)
    }

    /// Whether it prefers a late parent where it would be late anyway.
    fn leaves_places(&self) -> bool {
        self.rules.degree_limit.is_some() && self.rules.redundancy.0 == 1
    }

    /// The merit of the node at the end of `link`, which stands `upper` from the source, late or not, if its way
    /// shares no node with those of the trees before.
    #[inline]
    fn merit_at_best(
        &self,
        tree: u8,
        link: Link,
        (upper, upper_late): (Span, bool),
        goal: Span,
    ) -> Merit {
        let before = &self.branches[..usize::from(tree)];
        let late = upper_late || upper + link.latency > goal;
        Merit {
            taken: before
                .iter()
                .any(|branch| branch.parent.is_some_and(|other| other.node == link.node)),
            late,
            wasted: late && !upper_late && self.leaves_places(),
            overlap: 0,
            price: if late {
                upper + link.latency
            } else {
                link.latency
            },
        }
    }

    /// The merit that is `at_best`, with what the `way` shares.
    #[inline]
    fn merit(&self, tree: u8, at_best: Merit, way: &PathState) -> Merit {
        let before = &self.branches[..usize::from(tree)];
        let shared = before.iter().map(|branch| branch.overlap(way, self.me));
        Merit {
            overlap: shared.sum(),
            ..at_best
        }
    }

    /// Judges a parent request to become a child.
    pub(super) fn judge(&mut self, from: u32, request: ParentRequest, port: &mut impl Port) {
        let tree = request.tree;
        let (upstream, limit) = (
            self.is_above(from, request.shortest),
            self.rules.degree_limit(),
        );
        let urgent = request.urgent && !self.is_changing();
        let branch = self.branch(tree);
        let adoption = if upstream {
            branch.judge(from, ParentRequest { urgent, ..request }, limit)
        } else {
            Adoption::Refused
        };
        if adoption == Adoption::Refused {
            let children = branch.children().collect();
            port.send(from, Message::Refused { tree, children });
            return;
        }
        if let Some(path_state) = branch.path_state.clone() {
            port.send(from, Message::Adopted { tree, path_state });
        }
        if let Adoption::Instead(child) = adoption {
            let successor = from;
            port.send(child, Message::Evicted { tree, successor });
            self.pushes_out(port.now());
        }
    }

    pub(super) fn adopted(&mut self, from: u32, tree: u8, upper: &PathState, port: &mut impl Port) {
        let Some(asked) = self.granted(from, tree, port) else {
            if !self.is_parent(from, tree) {
                port.send(from, Message::Leave { tree });
            }
            return;
        };
        if asked.void {
            port.send(from, Message::Leave { tree });
            return self.reconsider(port);
        }
        let link = asked.answered(port.now());
        let old = self.branch(tree).parent;
        if let Some(old) = old.filter(|old| old.node != from) {
            port.send(old.node, Message::Leave { tree });
            port.disarm(Reminder::Silence { tree });
            self.branch(tree).waiting = false;
        }
        if old.is_none_or(|old| old.node != from) {
            let parent = Some(from);
            port.emit(Observation::Parent { tree, parent });
        }
        self.branch(tree).parent = Some(link);
        self.moved(tree, upper, port);
        self.measured(from, link.latency, port);
        self.wake(port);
        self.reconsider(port);
    }

    pub(super) fn refused(&mut self, from: u32, tree: u8, children: &[u32], port: &mut impl Port) {
        if self.granted(from, tree, port).is_none() {
            return;
        }
        if self.is_sinking() && self.is_parent(from, tree) {
            port.send(from, Message::Leave { tree });
            self.fall(tree, port);
        }
        let branch = &self.branches[usize::from(tree)];
        // There are members with room below.
        let descends = branch.parent.is_none()
            || branch.goal.is_searching() && self.would_be_on_time(tree, from);
        if let Some(known) = &mut self.known {
            if let Some(peer) = known.peer_mut(from) {
                peer.refuse(tree);
            }
            if descends {
                for &child in children {
                    known.seek(child);
                }
            }
        }
        if descends {
            self.wake(port);
        }
        self.reconsider(port);
    }

    /// Ends the parent request to `from`, if that is whom it was made to.
    fn granted(&mut self, from: u32, tree: u8, port: &mut impl Port) -> Option<PendingRequest> {
        let asking = &mut self.branch(tree).asking;
        let asked = asking.take_if(|asked| asked.link.node == from)?;
        port.disarm(Reminder::ParentRequest { tree });
        Some(asked)
    }

    /// The parent in `tree` stands at `upper` now: so do all below.
    pub(super) fn moved(&mut self, tree: u8, upper: &PathState, port: &mut impl Port) {
        let (me, paths) = (self.me, self.rules.redundancy.0 > 1);
        let branch = self.branch(tree);
        let Some(link) = branch.parent else { return };
        let before = branch.path_state.take();
        branch.stand_under(link, upper, me, paths);
        self.mark_late(tree);
        let peer = self
            .known
            .as_mut()
            .and_then(|known| known.peer_mut(link.node));
        if let Some(peer) = peer {
            peer.path_states[usize::from(tree)] = Some(upper.clone());
        }
        self.doubt();
        self.stands_under(tree, upper, port);
        if before != self.branch(tree).path_state {
            self.announce(tree, port);
        }
    }

    /// Tells the children in `tree` where it stands.
    pub(super) fn announce(&mut self, tree: u8, port: &mut impl Port) {
        let branch = self.branch(tree);
        if let Some(path_state) = branch.path_state.clone() {
            for child in branch.children() {
                let path_state = path_state.clone();
                port.send(child, Message::Moved { tree, path_state });
            }
        }
    }

    /// Loses the parent in `tree`.
    pub(super) fn fall(&mut self, tree: u8, port: &mut impl Port) {
        self.branch(tree).fall();
        self.doubt();
        self.count_worlds(None, port);
        port.disarm(Reminder::Silence { tree });
        port.emit(Observation::Parent { tree, parent: None });
    }

    /// Gives up on those that have not answered a probe.
    pub(super) fn lose_silent(&mut self, port: &mut impl Port) {
        let before = port.now().saturating_sub(self.rules.timeout_ms.span());
        let known = self.known.as_ref();
        let silent = known.map_or(Vec::new(), |known| known.silent(before));
        for gone in silent {
            self.lose(gone, port);
        }
    }

    /// `gone` does not answer: it is forgotten, and replaced where it was a parent. The source cannot be gone: it is
    /// cut off or slow, or a message was lost. So it is probed until it answers, and may be a parent again then.
    pub(super) fn lose(&mut self, gone: u32, port: &mut impl Port) {
        self.has_failed(port);
        if let Some(known) = &mut self.known {
            if gone == self.source {
                known.silence_source();
                self.sound(port);
            } else {
                known.give_up(gone);
            }
        }
        for tree in 0..self.rules.redundancy.0 {
            if self.is_parent(gone, tree) {
                self.fall(tree, port);
                self.wake(port);
            }
        }
        self.reconsider(port);
    }
}
