//! A node of a dissemination overlay: joins, probes, chooses its parents, passes packets on.
//!
//! Its rules are in `docs/opus.md`. This module does *not* know the driver, the underlay, nor any
//! reference tree.

use std::sync::Arc;

use smallvec::SmallVec;

use super::acquaintance::Acquaintance;
use super::branch::Branch;
use super::message::{Command, Dissemination, Message, Note, Reminder, SOURCE, Status, node};
use crate::opus::config::OverlayConfig;
use crate::opus::purpose;
use crate::time::{Span, Time};
use crate::unit::{Input, Unit};

pub(super) type Context<'a> = crate::unit::Context<'a, Dissemination>;

/// The source introduces a newcomer to so many members.
const INTRODUCED: u32 = 8;
/// After so many rounds without a nearer node or a better parent a node stops probing until
/// something happens.
const IDLE_ROUNDS: u32 = 8;
/// After so many rounds a node stops probing for good, whatever happens.
const ROUNDS_MAX: u32 = 2000;

/// A node of the overlay; node 0 is the source.
#[derive(Debug)]
pub struct Member {
    pub(super) rules: Arc<OverlayConfig>,
    pub(super) me: u32,
    /// When it asked to join.
    asked: Time,
    /// Whom it knows, once it has been introduced.
    pub(super) known: Option<Acquaintance>,
    pub(super) branches: Vec<Branch>,
    awake: bool,
    idle: u32,
    rounds: u32,
    /// Which packets it has seen, as bits.
    seen: Vec<u64>,
    /// At the source: who has joined.
    members: Vec<u32>,
}

impl Member {
    /// A node that has not joined, or whose `branches` a centre has planned.
    pub(super) fn new(rules: Arc<OverlayConfig>, me: u32, mut branches: Vec<Branch>) -> Self {
        if branches.is_empty() {
            branches.resize_with(usize::from(rules.redundancy), Branch::default);
        }
        if me == SOURCE {
            for branch in &mut branches {
                branch.standing = Some(Arc::default());
            }
        }
        Self {
            rules,
            me,
            asked: Time::ZERO,
            known: None,
            branches,
            awake: false,
            idle: 0,
            rounds: 0,
            seen: Vec::new(),
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

    fn command(&mut self, command: Command, context: &mut Context<'_>) {
        match command {
            Command::Join => {
                self.asked = context.now();
                context.send(node(SOURCE), Message::Join);
            }
            Command::Check => self.check(context),
            Command::Publish { number } => self.pass_on(number, context),
        }
    }

    fn message(&mut self, from: u32, message: Message, context: &mut Context<'_>) {
        match message {
            Message::Join => self.introduce(from, context),
            Message::Introduction { members } => self.begin(&members, context),
            Message::Probe { shortest } => self.tell(from, shortest, context),
            Message::Status(status) => self.learn(from, *status, context),
            Message::Adopt(wish) => self.judge(from, wish, context),
            Message::Adopted { tree, standing } => self.adopted(from, tree, &standing, context),
            Message::Refused { tree, children } => self.refused(from, tree, &children, context),
            Message::Evicted { tree, successor } => {
                if self.is_parent(from, tree) {
                    self.fall(tree, context);
                    if let Some(known) = &mut self.known {
                        known.seek(successor);
                    }
                    self.wake(context);
                    self.reconsider(context);
                }
            }
            Message::Leave { tree } => self.branch(tree).drop_child(from),
            Message::Moved { tree, standing } => {
                if self.is_parent(from, tree) {
                    self.moved(tree, &standing, context);
                    self.reconsider(context);
                }
            }
            Message::Ping => {
                self.branches
                    .iter_mut()
                    .for_each(|branch| branch.hear(from));
                context.send(node(from), Message::Pong);
            }
            Message::Pong => self.heard(from, context),
            Message::Packet { number } => {
                let pair = u64::from(from) << 32 | u64::from(self.me);
                let lost = self.rules.loss > 0.0
                    && context.draws().unit(purpose::LOSS, pair, number) < self.rules.loss;
                if !lost {
                    self.pass_on(number, context);
                }
            }
        }
    }

    fn remind(&mut self, reminder: Reminder, context: &mut Context<'_>) {
        match reminder {
            Reminder::Round => self.round(context),
            Reminder::Prune => self.branches.iter_mut().for_each(Branch::prune),
            Reminder::Wish { tree } => {
                if let Some(link) = self.branch(tree).asking.take() {
                    self.lose(link.node, context);
                }
            }
            Reminder::Silence { tree } => {
                if let Some(link) = self.branch(tree).parent {
                    self.lose(link.node, context);
                }
            }
        }
    }

    /// At the source: tells a newcomer of members drawn from those who came before.
    fn introduce(&mut self, newcomer: u32, context: &mut Context<'_>) {
        let count = self.members.len() as u64;
        let mut members = Vec::new();
        for index in 0..INTRODUCED.min(count as u32) {
            let draws = context.draws();
            let drawn = draws.below(purpose::INTRODUCE, u64::from(newcomer), index, count);
            let member = self.members[drawn as usize];
            if !members.contains(&member) {
                members.push(member);
            }
        }
        self.members.push(newcomer);
        let members = members.into();
        context.send(node(newcomer), Message::Introduction { members });
    }

    fn begin(&mut self, members: &[u32], context: &mut Context<'_>) {
        let shortest = Span::from_ns((context.now() - self.asked).as_ns() / 2);
        let rules = &self.rules;
        let mut known = Acquaintance::new(self.me, shortest, rules.neighbours, rules.redundancy);
        for &member in members {
            known.hear(member, Span::ZERO);
        }
        self.known = Some(known);
        self.wake(context);
        self.reconsider(context);
    }

    /// Begins to probe, unless it does already.
    pub(super) fn wake(&mut self, context: &mut Context<'_>) {
        self.idle = 0;
        if !self.awake && self.known.is_some() && self.rounds < ROUNDS_MAX {
            self.awake = true;
            let (draws, round) = (context.draws(), self.rules.round);
            let phase = draws.span(
                purpose::PHASE,
                u64::from(self.me),
                self.rounds,
                [Span::ZERO, round],
            );
            context.arm(Reminder::Round, phase);
        }
    }

    /// Gives up on silent nodes, probes a few others, looks for better parents.
    fn round(&mut self, context: &mut Context<'_>) {
        self.rounds += 1;
        let before = context.now().saturating_sub(self.rules.timeout);
        let silent = self
            .known
            .as_ref()
            .map_or(Vec::new(), |known| known.silent(before));
        for gone in silent {
            self.lose(gone, context);
        }
        let Some(known) = &mut self.known else { return };
        self.idle += 1;
        let shortest = known.shortest();
        for _ in 0..self.rules.probes {
            if let Some(other) = known.next_probe(context.now()) {
                context.send(node(other), Message::Probe { shortest });
            }
        }
        let orphan = self.branches.iter().any(|branch| branch.parent.is_none());
        self.awake = self.rounds < ROUNDS_MAX && (orphan || self.idle < IDLE_ROUNDS);
        if self.awake {
            context.arm(Reminder::Round, self.rules.round);
        }
        for tree in 0..self.rules.redundancy {
            if self.idle > 0 && self.branch(tree).parent.is_none() {
                self.known.iter_mut().for_each(|known| known.pardon(tree));
            }
        }
        self.reconsider(context);
    }

    /// Answers a probe.
    fn tell(&mut self, from: u32, shortest: Span, context: &mut Context<'_>) {
        let standings = self.branches.iter().map(|branch| branch.standing.clone());
        let own = self.known.as_ref().map(Acquaintance::shortest);
        if own.is_none() && self.me != SOURCE {
            // Not introduced yet: nothing to tell.
            return;
        }
        let near = self.known.as_ref().map(Acquaintance::told);
        let status = Status {
            shortest: own.unwrap_or_default(),
            standings: standings.collect(),
            near: near.unwrap_or_default(),
        };
        context.send(node(from), Message::Status(Box::new(status)));
        if let Some(known) = &mut self.known
            && known.hear_from(from, shortest)
        {
            self.wake(context);
        }
    }

    fn learn(&mut self, from: u32, status: Status, context: &mut Context<'_>) {
        let whole = self.branches.iter().all(|branch| branch.parent.is_some());
        let kept: SmallVec<[u32; 6]> = self
            .branches
            .iter()
            .flat_map(|branch| [branch.parent, branch.asking])
            .flatten()
            .map(|link| link.node)
            .collect();
        let Some(known) = &mut self.known else { return };
        // Who lacks a parent remembers everybody.
        if known.learn(from, status, context.now(), |peer| {
            !whole || kept.contains(&peer)
        }) {
            self.wake(context);
        }
        self.reconsider(context);
    }

    /// Makes sure that parents and children live, and looks round again.
    fn check(&mut self, context: &mut Context<'_>) {
        let mut peers: SmallVec<[u32; 16]> = SmallVec::new();
        for (branch, tree) in self.branches.iter_mut().zip(0..) {
            branch.listen();
            if let Some(link) = branch.parent {
                peers.push(link.node);
                context.arm(Reminder::Silence { tree }, self.rules.timeout);
            }
            peers.extend(branch.children());
        }
        peers.sort_unstable();
        peers.dedup();
        for &peer in &peers {
            context.send(node(peer), Message::Ping);
        }
        context.arm(Reminder::Prune, self.rules.timeout);
        self.wake(context);
    }

    fn heard(&mut self, from: u32, context: &mut Context<'_>) {
        for tree in 0..self.rules.redundancy {
            self.branch(tree).hear(from);
            if self.is_parent(from, tree) {
                context.disarm(Reminder::Silence { tree });
            }
        }
    }

    /// Sends the packet to all children, the first time that it comes.
    fn pass_on(&mut self, number: u32, context: &mut Context<'_>) {
        let (word, bit) = (number as usize / 64, 1 << (number % 64));
        if self.seen.len() <= word {
            self.seen.resize(word + 1, 0);
        }
        if self.seen[word] & bit != 0 {
            return;
        }
        self.seen[word] |= bit;
        context.note(Note::Received { number });
        let mut children: SmallVec<[u32; 16]> =
            self.branches.iter().flat_map(Branch::children).collect();
        children.sort_unstable();
        children.dedup();
        for child in children {
            context.send(node(child), Message::Packet { number });
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

impl Unit<Dissemination> for Member {
    fn handle(&mut self, input: Input<Dissemination>, context: &mut Context<'_>) {
        match input {
            Input::Start => {}
            Input::Command(command) => self.command(command, context),
            Input::Message { from, message } => self.message(from.index(), message, context),
            Input::Timer(reminder) => self.remind(reminder, context),
        }
    }
}
