//! How many parents a member keeps so that packets reach it when nodes fail at once.
//!
//! Members think of some *worlds*: in each a share of the nodes has failed, at random. Whether a node has failed in a world
//! is drawn by its number, so all members think of the same worlds. A member that lives is reached in a world if one of
//! its parents lives there and is reached. Each member tells its children in which worlds it is reached. So a node that is on
//! several paths is counted once, however the trees overlap. A member begins with one parent, and looks for one in a further tree
//! as long as it is reached in too few worlds and has nothing better to do. In trees in which it has no parent it stands
//! where it stands in the first one: others may be its children there.
//!
//! This module does *not* know which parents there are.

use std::sync::Arc;

use super::branch::Branch;
use super::config::ReachGoal;
use super::member::{OverlayMember, Port};
use super::message::{PathState, SOURCE};
use crate::opus::stream;
use crate::random::RandomStreams;

/// The worlds, 64 in each.
const WORDS: usize = 8;
/// How many there are.
const WORLDS: u32 = 64 * WORDS as u32;
/// An overlay is judged by this many times as many worlds as its members use, and by other ones: members have
/// chosen their parents so that they are reached in their own worlds.
const JUDGED: u32 = 8;
/// The weight of what a member believes before it has checked any node, as a number of checks.
const CHECKS: f64 = 20.0;

/// In which worlds something holds, as bits.
pub(super) type Worlds = [u64; WORDS];

/// What a member has seen of others, and what it has made of it.
#[derive(Debug)]
pub(super) struct Reliability {
    /// In how many trees it wants a parent.
    pub(super) wanted: u8,
    /// How many have answered when it checked on them, and how many have not.
    seen: [u32; 2],
    /// The share of nodes that fails in the worlds; `None`: as the goal says.
    fails: Option<f64>,
}

impl Default for Reliability {
    fn default() -> Self {
        Self {
            wanted: 1,
            seen: [0, 0],
            fails: None,
        }
    }
}

/// Where a branch's parent lives, and where that is reached.
#[derive(Debug, Default)]
pub(super) struct Above {
    /// In which worlds it is reached; `None`: in all, as the source is.
    reached: Option<Arc<[u64]>>,
    /// In which it lives, of whom that has been drawn last.
    lives: Option<(u32, Box<Worlds>)>,
}

impl Above {
    /// In which worlds the parent `node` passes packets on, where a share `fails`.
    fn passes(&mut self, node: u32, fails: f64, streams: RandomStreams) -> Worlds {
        if self.lives.as_ref().is_none_or(|(known, _)| *known != node) {
            self.lives = Some((node, Box::new(lives(node, fails, 0, streams))));
        }
        let mut worlds = self.lives.as_ref().map_or([0; WORDS], |(_, lives)| **lives);
        if let Some(reached) = &self.reached {
            for (word, reached) in worlds.iter_mut().zip(reached.iter()) {
                *word &= reached;
            }
        }
        worlds
    }
}

/// In which of the worlds from `first` on a node lives.
fn lives(node: u32, fails: f64, first: u32, streams: RandomStreams) -> Worlds {
    let mut worlds = [0; WORDS];
    for world in 0..WORLDS {
        let up = streams.unit(stream::WORLD, node.into(), first + world) >= fails;
        worlds[world as usize / 64] |= u64::from(up) << (world % 64);
    }
    worlds
}

/// What a reach goal comes to over an overlay as it stands.
pub(super) struct Judgement {
    /// The chance of a node to be reached, mean over all but the source.
    pub(super) expected: f64,
    /// How many nodes have a chance below the goal.
    pub(super) missed: u64,
    /// The fraction of the worlds in which as many of the live nodes are reached as the goal says.
    pub(super) kept: f64,
}

/// Judges an overlay with these `parents`, by node and tree, by `goal`. The source never fails.
pub(super) fn judge(
    parents: &[Vec<Option<u32>>],
    goal: &ReachGoal,
    streams: RandomStreams,
) -> Judgement {
    let mut by_node = vec![0; parents.len()];
    let mut kept = 0;
    for block in 1..=JUDGED {
        let mut worlds = vec![[0_u32; 2]; WORLDS as usize];
        let first = block * WORLDS;
        for (node, [all, lives]) in reached(parents, goal.at.0, first, streams) {
            by_node[node as usize] += all.iter().map(|word| word.count_ones()).sum::<u32>();
            if node == SOURCE {
                continue;
            }
            for (world, [live, both]) in worlds.iter_mut().enumerate() {
                let bit = |words: &Worlds| (words[world / 64] >> (world % 64)) as u32 & 1;
                *live += bit(&lives);
                *both += bit(&lives) & bit(&all);
            }
        }
        let is_kept =
            |&&[live, both]: &&[u32; 2]| f64::from(both) >= goal.reach.0 * f64::from(live);
        kept += worlds.iter().filter(is_kept).count();
    }
    let all = f64::from(JUDGED * WORLDS);
    let chances = by_node[1..].iter().map(|&count| f64::from(count) / all);
    Judgement {
        expected: chances.clone().sum::<f64>() / (parents.len() - 1) as f64,
        missed: chances.filter(|&chance| chance < goal.reach.0).count() as u64,
        kept: kept as f64 / all,
    }
}

/// In which of the worlds from `first` on, in which a share `fails`, each node is reached, and lives.
fn reached(
    parents: &[Vec<Option<u32>>],
    fails: f64,
    first: u32,
    streams: RandomStreams,
) -> impl Iterator<Item = (u32, [Worlds; 2])> {
    let mut worlds: Vec<[Worlds; 2]> = vec![[[0; WORDS]; 2]; parents.len()];
    // Those in which a node is reached and lives, so that its children are.
    let mut passes: Vec<Worlds> = vec![[0; WORDS]; parents.len()];
    for node in upstream_first(parents) {
        let own = node as usize;
        let (mut all, mut lives) = ([u64::MAX; WORDS], [u64::MAX; WORDS]);
        if node != SOURCE {
            lives = self::lives(node, fails, first, streams);
            all = [0; WORDS];
            for parent in parents[own].iter().flatten() {
                let above = &passes[*parent as usize];
                all.iter_mut().zip(above).for_each(|(all, own)| *all |= own);
            }
        }
        worlds[own] = [all, lives];
        let both = all.iter().zip(lives).map(|(all, lives)| all & lives);
        passes[own]
            .iter_mut()
            .zip(both)
            .for_each(|(own, both)| *own = both);
    }
    (0..).zip(worlds)
}

/// The nodes, each after its parents.
fn upstream_first(parents: &[Vec<Option<u32>>]) -> Vec<u32> {
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); parents.len()];
    let mut missing: Vec<usize> = Vec::with_capacity(parents.len());
    for (own, node) in parents.iter().zip(0..) {
        missing.push(own.iter().flatten().count());
        for parent in own.iter().flatten() {
            children[*parent as usize].push(node);
        }
    }
    let first = (0..parents.len() as u32).filter(|node| missing[*node as usize] == 0);
    let mut order: Vec<u32> = first.collect();
    let mut next = 0;
    while let Some(&node) = order.get(next) {
        next += 1;
        for &child in &children[node as usize] {
            missing[child as usize] -= 1;
            if missing[child as usize] == 0 {
                order.push(child);
            }
        }
    }
    order
}

impl ReachGoal {
    /// Whether a node that is reached in `reached` worlds is reached too rarely: in fewer than the goal plus
    /// one standard deviation of such a count. A node that only just meets the goal in these worlds misses it
    /// in others half of the time.
    pub(super) fn is_missed(&self, reached: u32) -> bool {
        let (reach, worlds) = (self.reach.0, f64::from(WORLDS));
        let wanted = reach * worlds + (reach * (1.0 - reach) * worlds).sqrt();
        f64::from(reached) < wanted.min(worlds)
    }
}

impl OverlayMember {
    /// In how many trees it looks for parents.
    #[inline]
    pub(super) fn trees(&self) -> u8 {
        match self.rules.reach {
            Some(_) => self.reliability.wanted,
            None => self.rules.redundancy.0,
        }
    }

    /// The share of nodes that fails, as far as it knows: what the goal says, or more if it has seen more fail.
    fn fails(&self) -> f64 {
        let at = self.rules.reach.as_ref().map_or(0.0, |goal| goal.at.0);
        self.reliability.fails.map_or(at, |seen| seen.max(at))
    }

    /// Somebody has answered when it was checked on.
    pub(super) fn has_answered(&mut self) {
        self.reliability.seen[0] += 1;
    }

    /// Somebody has not: more fail than was believed.
    pub(super) fn has_failed(&mut self, port: &mut impl Port) {
        let Some(goal) = &self.rules.reach else {
            return;
        };
        self.reliability.seen[1] += 1;
        let [answered, failed] = self.reliability.seen.map(f64::from);
        let share = (goal.at.0 * CHECKS + failed) / (CHECKS + answered + failed);
        if share > self.fails() {
            self.reliability.fails = Some(share);
            for branch in &mut self.branches {
                branch.above.lives = None;
            }
            self.count_worlds(None, port);
        }
    }

    /// The parent in `tree` stands at `upper` now.
    pub(super) fn stands_under(&mut self, tree: u8, upper: &PathState, port: &mut impl Port) {
        if self.rules.reach.is_some() {
            self.branch(tree).above.reached.clone_from(&upper.worlds);
            self.count_worlds(Some(tree), port);
        }
    }

    /// Finds out in which worlds it is reached, and tells the children in all trees but `told` where it stands, if that has
    /// changed.
    pub(super) fn count_worlds(&mut self, told: Option<u8>, port: &mut impl Port) {
        if self.rules.reach.is_none() || self.is_source() {
            return;
        }
        let (fails, source, streams) = (self.fails(), self.source, port.streams());
        let wanted = usize::from(self.trees());
        let mut worlds: Worlds = [0; WORDS];
        for branch in &mut self.branches[..wanted] {
            let Some(link) = branch.parent else { continue };
            // The source never fails.
            let fails = if link.node == source { 0.0 } else { fails };
            let passes = branch.above.passes(link.node, fails, streams);
            worlds
                .iter_mut()
                .zip(passes)
                .for_each(|(all, own)| *all |= own);
        }
        let worlds: Arc<[u64]> = worlds.into();
        let first = self.branches[0].path_state.clone();
        for tree in 0..self.rules.redundancy.0 {
            let branch = &mut self.branches[usize::from(tree)];
            let stands = if branch.parent.is_some() {
                branch.path_state.clone()
            } else {
                first.clone()
            };
            let state = stands.map(|state| PathState {
                worlds: Some(Arc::clone(&worlds)),
                ..state
            });
            if branch.path_state != state {
                branch.path_state = state;
                if told != Some(tree) {
                    self.announce(tree, port);
                }
            }
        }
    }

    /// Whether it looks for one more parent from now on: it has one in each tree in which it wants one, and is reached in
    /// too few worlds.
    pub(super) fn wants_more(&mut self) -> bool {
        let Some(goal) = &self.rules.reach else {
            return false;
        };
        let wanted = usize::from(self.reliability.wanted);
        let has_all = self.branches[..wanted]
            .iter()
            .all(|branch: &Branch| branch.parent.is_some());
        let state = self.branches[0].path_state.as_ref();
        let worlds = state.and_then(|state| state.worlds.as_ref());
        let reached = worlds.map_or(WORLDS, |worlds| {
            worlds.iter().map(|word| word.count_ones()).sum()
        });
        let more =
            has_all && goal.is_missed(reached) && wanted < usize::from(self.rules.redundancy.0);
        self.reliability.wanted += u8::from(more);
        more
    }
}
