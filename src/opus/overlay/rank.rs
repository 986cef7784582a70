//! How a member's rank follows the latency of its route to the source, and why parents never form a
//! loop, whatever messages cross.
//!
//! A member's *rank* is (a latency, its number), compared in this order; the source is below all. It
//! is that of its route to the source, but for the time of a *change*, in which the old rank holds
//! until the new one may. A parent keeps a *record* of each child: the rank in the child's last parent request
//! that it granted, or what the child said since (`Risen`). The record ends when the child's `Leave`
//! arrives, when the child is pushed out (`Evicted`), and when the child is dead or a member no longer.
//!
//! **Rules.**
//! 1. A parent request is granted only if its rank is above the judge's, and, if that is changing, above both
//!    the old and the new one. While it is changing nobody is pushed out.
//! 2. A rank is *raised* only when all records are above the new one, and `timeout` after a child
//!    was pushed out. Children whose records are not are told to go (`Release`); they let go at
//!    once, and say so (`Leave`).
//! 3. A rank is *lowered* only when no parent request is unanswered and every parent has granted a parent request with
//!    the new rank: all are asked anew, and those that refuse, or are dead, are left.
//! 4. The rank in a parent request is the member's own, or under rule 3 the lower new one. While a rank is
//!    changing there are no parent requests but those of rule 3. A member that has raised its rank tells
//!    its parents, and those that it has asked.
//!
//! **Assumed** is that messages between two members arrive in the order in which they were sent,
//! that none is lost, and that `timeout` is longer than any round trip: who has not answered by
//! then is dead.
//!
//! **Claim.** At every instant, if a living member c has the living parent p, then rank(p) < rank(c).
//! So ranks fall along parents, and no chain of the living comes back to where it began.
//!
//! **Proof.**
//! - *(a) A record of p is above rank(p)*: when it is made, by rule 1; later, because p raises its
//!   rank only under rule 2, and neither lowering it nor raising the record does harm.
//! - *(b) If p is c's parent, a record of c at p is at most rank(c).* The rank in a parent request is at most
//!   c's own when it is made, and so is what it says having raised it (rule 4). Raising c's own does
//!   no harm. It is lowered, by rule 3, when no parent request is under way and p has recorded the new rank,
//!   after all that c said before.
//! - *(c) If p is c's parent, p has a record of c, or has pushed c out less than `timeout` ago.* p
//!   grants, and thereby records, before c takes it for its parent. Of the ends of a record, death and departure
//!   are excluded. A `Leave` is sent when c has another parent than p or none, so what would make p
//!   its parent again is a parent request: if it was made later, it also arrives later, and makes a
//!   new record; if it was made before and is still unanswered, its grant is given back (it is
//!   *void*). And c hears that it is pushed out within `timeout`.
//! - With a record, rank(p) < record ≤ rank(c). Without one, that held when c was pushed out; p has
//!   not raised its rank since (rules 1 and 2), and c has not lowered its own below what p has
//!   recorded, for that takes another grant of p (rule 3), and thereby a record.
//!
//! Changes end: a judge answers at once, who is told to go goes at once, and the dead are known by
//! `timeout`; nobody waits for somebody who waits.
//!
//! This module does *not* know how a member finds out that its rank has to change.

use super::branch::Link;
use super::member::{OverlayMember, Port};
use super::message::{Message, ParentRequest, Reminder};
use crate::time::{Span, Time};

/// A member's rank, while it is not simply that of its route to the source.
#[derive(Debug, Default)]
pub(super) struct Rank {
    change: Option<Change>,
    /// Until then a child that was pushed out may not know it.
    unaware_until: Time,
    /// Until when children are given time to go, the last time that they were told to.
    settled_by: Time,
}

/// A change of rank that is under way.
#[derive(Debug, Clone, Copy)]
struct Change {
    /// The latency in the rank that holds.
    from: Span,
    /// The latency in the new one; another than `from`.
    to: Span,
    /// Whether the parents have been asked anew (where it is lower).
    asked: bool,
}

impl Change {
    fn rises(self) -> bool {
        self.to > self.from
    }
}

impl OverlayMember {
    /// The latency in the rank that holds; `None` at the source, and before the member has been
    /// introduced.
    pub fn rank(&self) -> Option<Span> {
        let shortest = self.known.as_ref()?.shortest();
        Some(self.rank.change.map_or(shortest, |change| change.from))
    }

    /// Whether a change of the rank is under way.
    pub(super) fn is_changing(&self) -> bool {
        self.rank.change.is_some()
    }

    /// Whether the rank is to be lowered, which takes the parents' consent.
    pub(super) fn is_sinking(&self) -> bool {
        self.rank.change.is_some_and(|change| !change.rises())
    }

    /// Whether `node`, which parent requests it with the latency `rank`, may become a child (rule 1).
    pub(super) fn is_above(&self, node: u32, rank: Span) -> bool {
        let Some(known) = &self.known else {
            return self.is_source();
        };
        let change = self.rank.change;
        let own = change.map_or(known.shortest(), |change| change.from.max(change.to));
        node != self.source && (own, self.me) < (rank, node)
    }

    /// A child is pushed out at `now`, and will know it by a timeout later.
    pub(super) fn pushes_out(&mut self, now: Time) {
        self.rank.unaware_until = now + self.rules.timeout_ms.span();
    }

    /// The source is `shortest` away now: forgets how far everybody is, and changes its rank.
    pub(super) fn drift(&mut self, shortest: Span, port: &mut impl Port) {
        let Some(known) = &mut self.known else { return };
        let before = known.shortest();
        known.relocate(shortest);
        self.search_again();
        self.doubt();
        if self.rank.change.is_none() {
            self.begin_change(before, port);
        }
        self.wake(port);
        self.reconsider(port);
    }

    /// Begins to change from the latency `from` to the present one, if that is another.
    fn begin_change(&mut self, from: Span, port: &mut impl Port) {
        let Some(known) = &self.known else { return };
        let to = known.shortest();
        let change = Change {
            from,
            to,
            asked: false,
        };
        self.rank.change = (from != to).then_some(change);
        if change.rises() {
            self.tell_to_go(to, port);
        }
    }

    /// Tells the children whose ranks are not above that of the latency `to` to go.
    fn tell_to_go(&mut self, to: Span, port: &mut impl Port) {
        for (branch, tree) in self.branches.iter().zip(0..) {
            for child in branch.not_above((to, self.me)) {
                port.send(child, Message::Release { tree });
            }
        }
        let timeout = self.rules.timeout_ms.span();
        self.rank.settled_by = port.now() + timeout;
        port.arm(Reminder::Settle, timeout);
    }

    /// A change that was under way when all that was pending was dropped would never end: children are told to go once more.
    /// Parents are asked once more if a request was `given_up`: its answer would have been the consent of rule 3.
    pub(super) fn resume_change(&mut self, given_up: bool, port: &mut impl Port) {
        let Some(change) = &mut self.rank.change else {
            return;
        };
        change.asked &= !given_up;
        let change = *change;
        if change.rises() && self.rank.settled_by < port.now() {
            self.tell_to_go(change.to, port);
        }
    }

    /// Completes a change that may be completed, and begins the next if there is one to make.
    pub(super) fn proceed(&mut self, port: &mut impl Port) {
        while let Some(change) = self.rank.change {
            let may = if change.rises() {
                self.may_rise(change, port.now())
            } else {
                self.may_sink(change, port)
            };
            if !may {
                return;
            }
            if change.rises() {
                port.disarm(Reminder::Settle);
                self.tell_parents(change.to, port);
            }
            self.rank.change = None;
            self.begin_change(change.to, port);
        }
    }

    /// Tells the parents, and who has been asked to be one, that the rank has been raised.
    fn tell_parents(&self, shortest: Span, port: &mut impl Port) {
        for (branch, tree) in self.branches.iter().zip(0..) {
            let asked = branch.asking.map(|asked| asked.link);
            for link in [branch.parent, asked].into_iter().flatten() {
                port.send(link.node, Message::Risen { tree, shortest });
            }
        }
    }

    /// Rule 2.
    fn may_rise(&self, change: Change, now: Time) -> bool {
        let to = (change.to, self.me);
        let free = |branch: &super::branch::Branch| branch.not_above(to).next().is_none();
        now >= self.rank.unaware_until && self.branches.iter().all(free)
    }

    /// Rule 3; asks the parents, if that has not been done.
    fn may_sink(&mut self, change: Change, port: &mut impl Port) -> bool {
        let unanswered = |member: &Self| member.branches.iter().any(|b| b.asking.is_some());
        if unanswered(self) {
            return false;
        }
        if !change.asked {
            let asked = true;
            self.rank.change = Some(Change { asked, ..change });
            for tree in 0..self.rules.redundancy.0 {
                if let Some(link) = self.branch(tree).parent {
                    let priority = self.priority(tree, link, true);
                    let request = ParentRequest {
                        tree,
                        shortest: change.to,
                        delay_max: Span::from_ns(u64::MAX),
                        urgent: false,
                        priority,
                    };
                    self.ask(link, request, port);
                }
            }
        }
        !unanswered(self)
    }

    /// The children that have not gone in time are dead.
    pub(super) fn settle(&mut self, port: &mut impl Port) {
        if let Some(change) = self.rank.change.filter(|change| change.rises()) {
            let to = (change.to, self.me);
            self.branches
                .iter_mut()
                .for_each(|branch| branch.strike_not_above(to));
        }
        self.reconsider(port);
    }

    /// The parent `from` goes farther from the source than this member is: it is let go.
    pub(super) fn released(&mut self, from: u32, tree: u8, port: &mut impl Port) {
        let asking = self.branch(tree).asking.as_mut();
        if let Some(asked) = asking.filter(|asked| asked.link.node == from) {
            asked.void = true;
        }
        if self.is_parent(from, tree) {
            self.fall(tree, port);
        }
        port.send(from, Message::Leave { tree });
        if let Some(peer) = self.known.as_mut().and_then(|known| known.peer_mut(from)) {
            peer.refuse(tree);
        }
        self.wake(port);
        self.reconsider(port);
    }

    /// Makes a parent request to the node at the end of `link`.
    pub(super) fn ask(&mut self, link: Link, request: ParentRequest, port: &mut impl Port) {
        let tree = request.tree;
        self.branch(tree).ask(link, port.now());
        port.send(link.node, Message::Adopt(request));
        port.arm(
            Reminder::ParentRequest { tree },
            self.rules.timeout_ms.span(),
        );
    }
}
