//! How a member of an overlay that lives on looks after its place, and how it leaves.
//!
//! Where nodes come and go all the time, a member beats: its pings tell its parents that it lives,
//! their answers that they do. Between beats it rests as its rules say. The overlay study has no
//! beats, since each of its parts goes on until nothing is pending. This module does *not* know why a
//! node joins or leaves.

use smallvec::SmallVec;

use super::branch::Branch;
use super::member::{Member, Port};
use super::message::{Message, Reminder};

/// A child that has let so many beats of its parent pass in silence is struck off. It pings once in
/// the time between two beats; a second chance covers what is on the way.
const MISSED_MAX: u8 = 2;

impl Member {
    /// The first time: asks the source to be taken in. From then on, every heartbeat: makes sure that
    /// the parents live, strikes off silent children, and probes one other node, so that it learns
    /// what has changed while it rests.
    pub fn beat(&mut self, port: &mut impl Port) {
        port.arm(Reminder::Beat, self.rules.heartbeat);
        if self.is_source() {
            self.branches.iter_mut().for_each(Branch::expect);
            return;
        }
        if self.asked.is_none() {
            self.join(port);
            return;
        }
        self.lose_silent(port);
        let mut parents: SmallVec<[u32; 3]> = SmallVec::new();
        for (branch, tree) in self.branches.iter_mut().zip(0..) {
            branch.expect();
            let Some(link) = branch.parent else { continue };
            if !parents.contains(&link.node) {
                parents.push(link.node);
            }
            if !branch.waiting {
                branch.waiting = true;
                port.arm(Reminder::Silence { tree }, self.rules.timeout);
            }
        }
        for parent in parents {
            port.send(parent, Message::Ping);
        }
        if !self.awake {
            self.probe(1, port);
        }
    }

    /// It is a member no longer: parents, children and those that it has asked are told, and nothing
    /// is armed any more. The source must be told by who knows why.
    pub fn leave(&mut self, port: &mut impl Port) {
        for reminder in self.reminders() {
            port.disarm(reminder);
        }
        let mut peers: SmallVec<[u32; 16]> = SmallVec::new();
        for branch in &self.branches {
            let links = [branch.parent, branch.asking].into_iter().flatten();
            peers.extend(links.map(|link| link.node).chain(branch.children()));
        }
        peers.sort_unstable();
        peers.dedup();
        for peer in peers {
            port.send(peer, Message::Gone);
        }
    }

    /// All that it may have armed.
    pub fn reminders(&self) -> impl Iterator<Item = Reminder> + use<> {
        Reminder::all(self.rules.redundancy)
    }

    /// `gone` is a member no longer.
    pub(super) fn bid_farewell(&mut self, gone: u32, port: &mut impl Port) {
        for tree in 0..self.rules.redundancy {
            let branch = self.branch(tree);
            branch.drop_child(gone);
            if branch.asking.take_if(|link| link.node == gone).is_some() {
                port.disarm(Reminder::Wish { tree });
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
    fn expect(&mut self) {
        self.prune(MISSED_MAX);
        self.listen();
    }
}
