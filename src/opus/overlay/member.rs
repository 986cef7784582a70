//! A member of a dissemination overlay, a component of a node: joins, probes, chooses its parents,
//! passes packets on.
//!
//! Its rules are in `docs/opus/overlay.md`. This module does *not* know what else the node does,
//! nor which unit a member is part of, nor any reference tree.

use std::sync::Arc;

use smallvec::SmallVec;

use super::branch::Branch;
use super::config::Overlay;
use super::duplicate_filter::DuplicateFilter;
use super::message::{Message, Observation, PathState, Reminder, Status};
use super::partial_view::PartialView;
use super::rank::Rank;
use super::reliability::Reliability;
use super::round_trips::{RoundTrips, half};
use crate::opus::stream;
use crate::random::RandomStreams;
use crate::time::{Span, Time};

/// The number of members to which the source introduces a newcomer.
const INTRODUCED: u32 = 8;
/// The number of rounds without a nearer node or a better parent after which a node stops probing until something
/// happens.
const IDLE_ROUNDS: u32 = 8;
/// The number of such rounds after which it checks whether it needs one more parent.
const SETTLED_ROUNDS: u32 = 4;

/// A member's place in each tree; in place for up to two trees.
pub(super) type Branches = SmallVec<[Branch; 2]>;

/// What the node around a member does for it.
pub trait Port {
    /// The present instant.
    fn now(&self) -> Time;
    /// Randomness, by key.
    fn streams(&self) -> RandomStreams;
    /// Sends `message` to member `to`, which is another one.
    fn send(&mut self, to: u32, message: Message);
    /// Sets `reminder` to be due `after` a span from now, replacing an earlier setting.
    fn arm(&mut self, reminder: Reminder, after: Span);
    /// Unsets `reminder`.
    fn disarm(&mut self, reminder: Reminder);
    /// Tells the observer.
    fn emit(&mut self, observation: Observation);
}

/// A member of one overlay. Draws are keyed by the numbers of members, so where there are several
/// overlays no two members of any have the same number.
#[derive(Debug)]
pub struct OverlayMember {
    pub(super) rules: Arc<Overlay>,
    /// The member that everything comes from. It is always there.
    pub(super) source: u32,
    pub(super) me: u32,
    /// When it asked to join, the last time.
    pub(super) asked: Option<Time>,
    /// Whether it has asked more than once.
    asked_again: bool,
    /// Whom it knows, once it has been introduced.
    pub(super) known: Option<PartialView>,
    /// By tree.
    pub(super) branches: Branches,
    /// When its next round is due. One that is overdue never comes: it was dropped with all that was pending when the
    /// time for building or repairing an overlay was over.
    next_round: Option<Time>,
    pub(super) idle: u32,
    rounds: u32,
    /// Its place in the order of parents, while that changes.
    pub(super) rank: Rank,
    /// How it notices that latencies have changed.
    pub(super) round_trips: RoundTrips,
    /// How many parents it keeps, where that is up to it.
    pub(super) reliability: Reliability,
    /// Which packets it has seen.
    duplicate_filter: DuplicateFilter,
    /// At the source: who has joined.
    pub(super) members: Vec<u32>,
}

impl OverlayMember {
    /// Member `me` of the overlay of `source`, which has not joined yet; the source does not have to join.
    pub fn new(rules: Arc<Overlay>, source: u32, me: u32) -> Self {
        let mut branches = Branches::new();
        for _ in 0..rules.redundancy.0 {
            let mut branch = Branch::default();
            branch.path_state = (me == source).then(PathState::default);
            branches.push(branch);
        }
        Self::planned(rules, source, me, branches)
    }

    /// Member `me` of the overlay of `source`, whose `branches` a centre has planned.
    pub(super) fn planned(rules: Arc<Overlay>, source: u32, me: u32, branches: Branches) -> Self {
        Self {
            rules,
            source,
            me,
            asked: None,
            asked_again: false,
            known: None,
            branches,
            next_round: None,
            idle: 0,
            rounds: 0,
            rank: Rank::default(),
            round_trips: RoundTrips::default(),
            reliability: Reliability::default(),
            duplicate_filter: DuplicateFilter::default(),
            members: Vec::new(),
        }
    }

    /// The parent in each tree.
    pub fn parents(&self) -> impl Iterator<Item = Option<u32>> {
        self.branches
            .iter()
            .map(|branch| branch.parent.map(|link| link.node))
    }

    /// How many children it has in each tree.
    pub fn degrees(&self) -> impl Iterator<Item = usize> {
        self.branches.iter().map(|branch| branch.children().count())
    }

    /// Whether everything comes from it.
    pub(super) fn is_source(&self) -> bool {
        self.me == self.source
    }

    /// Asks the source to be taken in, and again as long as there is no answer. Not for the source itself.
    pub fn join(&mut self, port: &mut impl Port) {
        self.asked = Some(port.now());
        port.send(self.source, Message::Join);
        // The first round begins with the answer, which comes before this.
        port.arm(Reminder::Round, self.rules.timeout_ms.span());
    }

    /// As the source: sends packet `number` to all.
    pub fn publish(&mut self, number: u32, port: &mut impl Port) {
        self.pass_on(number, port);
    }

    /// A message of member `from` has arrived.
    pub fn message(&mut self, from: u32, message: Message, port: &mut impl Port) {
        match message {
            Message::Join => self.introduce(from, port),
            Message::Introduction { members } if from == self.source => self.begin(&members, port),
            Message::Introduction { .. } => {}
            Message::Probe { shortest } => self.tell(from, shortest, port),
            Message::Status(_) if from == self.source => self.sounded(port),
            Message::Status(status) => self.learn(from, *status, port),
            Message::Adopt(request) => self.judge(from, request, port),
            Message::Adopted { tree, path_state } => self.adopted(from, tree, &path_state, port),
            Message::Refused { tree, children } => self.refused(from, tree, &children, port),
            Message::Evicted { tree, successor } => {
                if self.is_parent(from, tree) {
                    self.fall(tree, port);
                    if let Some(known) = &mut self.known {
                        known.seek(successor);
                    }
                    self.wake(port);
                    self.reconsider(port);
                }
            }
            Message::Release { tree } => self.released(from, tree, port),
            Message::Risen { tree, shortest } => self.branch(tree).raise(from, shortest),
            Message::Leave { tree } => {
                self.branch(tree).drop_child(from);
                self.proceed(port);
            }
            Message::Moved { tree, path_state } => {
                if self.is_parent(from, tree) {
                    self.moved(tree, &path_state, port);
                    self.reconsider(port);
                }
            }
            Message::Ping => self.pinged(from, port),
            Message::Pong => self.heard(from, port),
            Message::Packet { number } => self.pass_on(number, port),
            Message::Gone => self.bid_farewell(from, port),
        }
    }

    /// A reminder that it armed is due.
    pub fn remind(&mut self, reminder: Reminder, port: &mut impl Port) {
        match reminder {
            Reminder::Round => self.round(port),
            Reminder::Prune => {
                self.branches.iter_mut().for_each(|branch| branch.prune(1));
                self.proceed(port);
            }
            Reminder::Settle => self.settle(port),
            Reminder::Beat => self.beat(port),
            Reminder::ParentRequest { tree } => {
                if let Some(asked) = self.branch(tree).asking.take() {
                    self.lose(asked.link.node, port);
                }
            }
            Reminder::Silence { tree } => {
                if let Some(link) = self.branch(tree).parent {
                    self.lose(link.node, port);
                }
            }
        }
    }

    /// At the source: tells a newcomer of members drawn from those who came before.
    fn introduce(&mut self, newcomer: u32, port: &mut impl Port) {
        let count = self.members.len() as u64;
        let mut members = Vec::new();
        for index in 0..INTRODUCED.min(count as u32) {
            let streams = port.streams();
            let drawn = streams.below(stream::INTRODUCE, u64::from(newcomer), index, count);
            let member = self.members[drawn as usize];
            if member != newcomer && !members.contains(&member) {
                members.push(member);
            }
        }
        // The answer to its last request may have been lost.
        if !self.members.contains(&newcomer) {
            self.members.push(newcomer);
        }
        let members = members.into();
        port.send(newcomer, Message::Introduction { members });
    }

    fn begin(&mut self, members: &[u32], port: &mut impl Port) {
        let Some(asked) = self.asked.filter(|_| self.known.is_none()) else {
            return;
        };
        let shortest = half(port.now() - asked);
        let mut known = PartialView::new(self.me, self.source, shortest, &self.rules);
        for &member in members {
            known.hear(member, Span::ZERO);
        }
        self.known = Some(known);
        if self.asked_again {
            // This may answer an earlier question: the round trip may have taken longer.
            self.sound(port);
        }
        self.doubt();
        self.wake(port);
        self.reconsider(port);
    }

    /// Begins to probe, unless it does already.
    pub(super) fn wake(&mut self, port: &mut impl Port) {
        self.idle = 0;
        if self.is_awake(port.now()) || self.known.is_none() {
            return;
        }
        let (me, range) = (u64::from(self.me), [Span::ZERO, self.rules.round_ms.span()]);
        let phase = port.streams().span(stream::PHASE, me, self.rounds, range);
        self.await_round(phase, port);
    }

    /// Whether its next round is to come.
    pub(super) fn is_awake(&self, now: Time) -> bool {
        self.next_round.is_some_and(|due| due >= now)
    }

    fn await_round(&mut self, after: Span, port: &mut impl Port) {
        self.next_round = Some(port.now() + after);
        port.arm(Reminder::Round, after);
    }

    /// Gives up on silent nodes, probes a few others, looks for better parents.
    fn round(&mut self, port: &mut impl Port) {
        if self.known.is_none() {
            self.asked_again = true;
            return self.join(port);
        }
        self.rounds = self.rounds.wrapping_add(1);
        self.sound_again(port);
        self.lose_silent(port);
        self.idle += 1;
        self.probe(self.rules.probes.0, port);
        if self.idle >= SETTLED_ROUNDS && self.wants_more() {
            self.idle = 0;
            self.doubt();
        }
        for tree in 0..self.trees() {
            self.search_goal(tree, self.idle >= IDLE_ROUNDS, port);
        }
        if self.searched() != 0 || self.idle < IDLE_ROUNDS || self.is_sounding() {
            self.await_round(self.rules.round_ms.span(), port);
        } else {
            self.next_round = None;
        }
        for tree in 0..self.trees() {
            // Only once everybody known has refused: else it would never come to ask the others.
            if self.is_exhausted(tree) {
                self.known.iter_mut().for_each(|known| known.pardon(tree));
                self.doubt();
                self.must(tree);
            }
        }
        self.reconsider(port);
    }

    /// Probes up to `count` others.
    pub(super) fn probe(&mut self, count: u32, port: &mut impl Port) {
        let Some(known) = &mut self.known else { return };
        let shortest = known.shortest();
        for _ in 0..count {
            if let Some(other) = known.next_probe(port.now()) {
                port.send(other, Message::Probe { shortest });
            }
        }
    }

    /// Answers a probe.
    fn tell(&mut self, from: u32, shortest: Span, port: &mut impl Port) {
        let path_states = self.branches.iter().map(|branch| branch.path_state.clone());
        let own = self.known.as_ref().map(PartialView::shortest);
        if own.is_none() && !self.is_source() {
            // Not introduced yet: nothing to tell.
            return;
        }
        let near = self.known.as_mut().map(PartialView::told);
        let status = Status {
            shortest: own.unwrap_or_default(),
            path_states: path_states.collect(),
            near: near.unwrap_or_default(),
        };
        port.send(from, Message::Status(Box::new(status)));
        if let Some(known) = &mut self.known
            && known.hear_from(from, shortest)
        {
            self.wake(port);
        }
    }

    fn learn(&mut self, from: u32, status: Status, port: &mut impl Port) {
        let kept: SmallVec<[u32; 6]> = self
            .branches
            .iter()
            .flat_map(|branch| [branch.parent, branch.asking.map(|asked| asked.link)])
            .flatten()
            .map(|link| link.node)
            .collect();
        let searched = self.searched();
        let Some(known) = &mut self.known else { return };
        // While it searches for a parent, or for one with whom it is on time, it remembers everybody.
        let keep = |peer| searched != 0 || kept.contains(&peer);
        if let Some(lesson) = known.learn(from, status, port.now(), searched, keep) {
            self.branches
                .iter_mut()
                .for_each(|branch| branch.learn(from));
            if lesson.changed {
                self.wake(port);
            }
            self.measured(from, lesson.latency, port);
            if lesson.astray {
                self.sound(port);
            }
        }
        self.reconsider(port);
    }

    /// The trees in which it searches for a parent, or for one with whom it is on time, as bits.
    fn searched(&self) -> u8 {
        let searches = |branch: &Branch| branch.parent.is_none() || branch.goal.is_searching();
        let bit = |(branch, tree): (&Branch, u8)| u8::from(searches(branch)) << tree;
        let trees = usize::from(self.trees());
        self.branches[..trees].iter().zip(0..).map(bit).sum()
    }

    /// `from`, a child or a parent, wants to know whether this node lives.
    fn pinged(&mut self, from: u32, port: &mut impl Port) {
        let branches = self.branches.iter_mut();
        branches.for_each(|branch| branch.hear(from));
        port.send(from, Message::Pong);
        let trees = 0..self.rules.redundancy.0;
        let child = |branch: &Branch| branch.children().any(|child| child == from);
        if self.branches.iter().any(child) || trees.clone().any(|tree| self.is_parent(from, tree)) {
            return;
        }
        // It is no child any more, or was one in a former life of this node: else it would not learn
        // of it.
        let successor = self.me;
        for tree in trees {
            port.send(from, Message::Evicted { tree, successor });
        }
    }

    fn heard(&mut self, from: u32, port: &mut impl Port) {
        self.has_answered();
        for tree in 0..self.rules.redundancy.0 {
            self.branch(tree).hear(from);
            if self.is_parent(from, tree) {
                self.branch(tree).waiting = false;
                port.disarm(Reminder::Silence { tree });
            }
        }
        if let Some(latency) = self.round_trips.of_pong(port.now()) {
            self.measured(from, latency, port);
        }
    }

    /// Sends the packet to all children, the first time that it comes.
    fn pass_on(&mut self, number: u32, port: &mut impl Port) {
        if !self.duplicate_filter.insert(number) {
            return;
        }
        port.emit(Observation::Received { number });
        let mut children: SmallVec<[u32; 16]> =
            self.branches.iter().flat_map(Branch::children).collect();
        children.sort_unstable();
        children.dedup();
        for child in children {
            port.send(child, Message::Packet { number });
        }
    }

    pub(super) fn is_parent(&self, node: u32, tree: u8) -> bool {
        let parent = self.branches[usize::from(tree)].parent;
        parent.is_some_and(|link| link.node == node)
    }

    pub(super) fn branch(&mut self, tree: u8) -> &mut Branch {
        &mut self.branches[usize::from(tree)]
    }
}
