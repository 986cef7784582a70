//! Maintenance: how a member of a long-lived overlay keeps its parents and children, and how it leaves.
//!
//! Where nodes come and go, a member pings its parents at every heartbeat (a beat). The ping shows a parent that the member
//! is alive. The answer shows the member that the parent is alive, and how long the route takes. The rules give the interval.
//! In the overlay study each part runs until nothing is pending. There a member has a single heartbeat, when an overlay is to
//! adapt (a check). It pings its children as well, since they send no later pings. Beats and checks time links in the same
//! way. This module does *not* know why a node joins or leaves.

use smallvec::SmallVec;

use super::branch::Branch;
use super::member::{OverlayMember, Port};
use super::message::{Message, Reminder};

impl OverlayMember {
    /// The first time: asks the source to be taken in. From then on, every heartbeat: makes sure that
    /// the parents live, times the links to them, strikes off silent children, and probes the source and one
    /// other node, so that it learns what has changed while it rests.
    pub fn beat(&mut self, port: &mut impl Port) {
        port.arm(Reminder::Beat, self.rules.heartbeat_ms.span());
        if self.is_source() {
            let patience = self.patience();
            let branches = self.branches.iter_mut();
            branches.for_each(|branch| branch.expect(patience));
            return;
        }
        if self.asked.is_none() {
            self.join(port);
            return;
        }
        self.lose_silent(port);
        let patience = self.patience();
        let mut parents: SmallVec<[u32; 3]> = SmallVec::new();
        for (branch, tree) in self.branches.iter_mut().zip(0..) {
            branch.expect(patience);
            let Some(link) = branch.parent else { continue };
            if !parents.contains(&link.node) {
                parents.push(link.node);
            }
            if !branch.waiting {
                branch.waiting = true;
                port.arm(Reminder::Silence { tree }, self.rules.timeout_ms.span());
            }
        }
        self.time(&parents, port);
        if !self.is_awake(port.now()) {
            self.probe(1, port);
        }
    }

    /// The one heartbeat of a member of an overlay that has to come to rest: makes sure that parents and children live, and
    /// looks round again.
    pub fn check(&mut self, port: &mut impl Port) {
        self.resume_dropped(port);
        let mut peers: SmallVec<[u32; 16]> = SmallVec::new();
        for (branch, tree) in self.branches.iter_mut().zip(0..) {
            branch.listen();
            if let Some(link) = branch.parent {
                peers.push(link.node);
                port.arm(Reminder::Silence { tree }, self.rules.timeout_ms.span());
            }
            peers.extend(branch.children());
        }
        peers.sort_unstable();
        peers.dedup();
        self.time(&peers, port);
        port.arm(Reminder::Prune, self.rules.timeout_ms.span());
        self.search_again();
        self.wake(port);
    }

    /// Requests whose answers and timers were dropped when the time for building an overlay was over are made anew, and a change
    /// of the rank that waits for some goes on.
    fn resume_dropped(&mut self, port: &mut impl Port) {
        let (now, timeout) = (port.now(), self.rules.timeout_ms.span());
        let mut given_up = false;
        for branch in &mut self.branches {
            let dropped = branch
                .asking
                .take_if(|asked| asked.is_overdue(now, timeout));
            given_up |= dropped.is_some();
        }
        self.resume_change(given_up, port);
    }

    /// How many of its own heartbeats may pass until a child gives its next sign of life, or its first one. The
    /// child sends one heartbeat in that time, and the messages in both directions take less than the timeout.
    fn patience(&self) -> u32 {
        let beats = self
            .rules
            .timeout_ms
            .span()
            .as_ns()
            .div_ceil(self.rules.heartbeat_ms.span().as_ns());
        u32::try_from(1 + beats).unwrap_or(u32::MAX)
    }

    /// It is a member no longer: parents, children and those that it has asked are told, and nothing
    /// is armed any more. The source must be told by who knows why.
    pub fn leave(&mut self, port: &mut impl Port) {
        for reminder in self.reminders() {
            port.disarm(reminder);
        }
        let mut peers: SmallVec<[u32; 16]> = SmallVec::new();
        for branch in &self.branches {
            let asked = branch.asking.map(|asked| asked.link);
            let links = [branch.parent, asked].into_iter().flatten();
            peers.extend(links.map(|link| link.node).chain(branch.children()));
        }
        peers.sort_unstable();
        peers.dedup();
        for peer in peers {
            port.send(peer, Message::Gone);
        }
    }

    /// All that it may have armed.
    fn reminders(&self) -> impl Iterator<Item = Reminder> + use<> {
        Reminder::all(self.rules.redundancy.0)
    }

    /// `gone` is a member no longer.
    pub(super) fn bid_farewell(&mut self, gone: u32, port: &mut impl Port) {
        for tree in 0..self.rules.redundancy.0 {
            let branch = self.branch(tree);
            branch.drop_child(gone);
            if branch
                .asking
                .take_if(|asked| asked.link.node == gone)
                .is_some()
            {
                port.disarm(Reminder::ParentRequest { tree });
            }
        }
        self.strike(|member| member == gone);
        self.lose(gone, port);
    }

    /// As the source: names those no more to newcomers of whom `is_gone` says so.
    pub fn strike(&mut self, is_gone: impl Fn(u32) -> bool) {
        self.members.retain(|&member| !is_gone(member));
    }
}

impl Branch {
    /// Strikes off who was silent for long, and waits for the others' next signs of life.
    fn expect(&mut self, patience: u32) {
        self.prune(patience);
        self.listen();
    }
}

#[cfg(test)]
mod tests {
    use super::super::branch::Link;
    use super::super::message::{ParentRequest, PathState};
    use super::super::round_trips::tests::{Script, at, introduced};
    use super::*;
    use crate::time::Span;

    /// The messages sent since the last time, and to whom.
    fn sent(port: &mut Script) -> Vec<(u32, Message)> {
        std::mem::take(&mut port.sent)
    }

    fn told_to_go(port: &mut Script) -> Vec<u32> {
        let all = sent(port).into_iter();
        all.filter(|(_, message)| matches!(message, Message::Release { .. }))
            .map(|(to, _)| to)
            .collect()
    }

    /// A request for tree 0 of a node that is `shortest` from the source.
    fn request(shortest: Span) -> ParentRequest {
        ParentRequest {
            tree: 0,
            shortest,
            delay_max: Span::from_ns(u64::MAX),
            urgent: false,
            priority: None,
        }
    }

    /// The time for building is over while a child has been told to go: the message, its answer and the timer are dropped.
    #[test]
    fn a_check_goes_on_with_a_rise_of_the_rank() {
        let (mut member, mut port) = introduced();
        member.branch(0).path_state = Some(PathState::default());
        let far = Span::from_ns(2_000_000);
        member.judge(7, request(far), &mut port);
        member.drift(Span::from_ns(5_000_000), &mut port);
        assert_eq!(told_to_go(&mut port), [7]);
        assert!(member.is_changing());
        // What is under way is not disturbed.
        port.now = at(10);
        member.check(&mut port);
        assert_eq!(told_to_go(&mut port), Vec::<u32>::new());
        port.now = at(4000);
        member.check(&mut port);
        assert_eq!(told_to_go(&mut port), [7]);
        assert!(member.is_changing());
        member.remind(Reminder::Settle, &mut port);
        assert!(!member.is_changing(), "the child is gone");
    }

    /// The parent was asked for its consent to a lower rank and has not given it.
    #[test]
    fn a_check_asks_once_more_for_the_consent_to_a_lower_rank() {
        let (mut member, mut port) = introduced();
        let link = Link {
            node: 5,
            latency: Span::from_ns(400_000),
        };
        member.branch(0).parent = Some(link);
        member.branch(0).path_state = Some(PathState::default());
        member.drift(Span::from_ns(500_000), &mut port);
        let asked = |port: &mut Script| {
            let all = sent(port).into_iter();
            all.filter(|(to, message)| *to == 5 && matches!(message, Message::Adopt(_)))
                .count()
        };
        assert_eq!(asked(&mut port), 1);
        port.now = at(4000);
        member.check(&mut port);
        member.remind(Reminder::Round, &mut port);
        assert!(member.is_changing(), "nobody has agreed");
        assert_eq!(asked(&mut port), 1);
        let path_state = PathState::default();
        let consent = Message::Adopted {
            tree: 0,
            path_state,
        };
        member.message(5, consent, &mut port);
        assert!(!member.is_changing());
    }
}
