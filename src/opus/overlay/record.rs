//! What is observed of a run, from the inputs and notes of nodes.
//!
//! A run has parts, of which each has a tally of its own. This module does *not* know how nodes
//! decide, nor what is computed from the record.

use std::collections::BTreeSet;

use super::message::{Command, Dissemination, Message, Observation, SOURCE};
use crate::system::Measures;
use crate::time::Time;
use crate::unit::{Effect, Input, UnitId};

/// The parts that a run can have, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OverlayStage {
    /// The overlay is built.
    Build,
    /// Packets are sent over it.
    Intact,
    /// Nodes have moved, and packets are sent at once.
    Moved,
    /// The overlay adapts to that.
    Adapt,
    /// Packets are sent over what it has become.
    Adapted,
    /// Nodes have failed, and packets are sent at once.
    Failed,
    /// The overlay is repaired.
    Repair,
    /// Packets are sent over what is left.
    Repaired,
}

impl OverlayStage {
    /// The number of the trial in which the source sends the part's packets, if it does.
    pub(super) fn trial(self) -> Option<u32> {
        match self {
            Self::Intact => Some(0),
            Self::Failed => Some(1),
            Self::Repaired => Some(2),
            Self::Moved => Some(3),
            Self::Adapted => Some(4),
            Self::Build | Self::Adapt | Self::Repair => None,
        }
    }
}

/// How many parts there are.
const PARTS: usize = 8;

/// What was counted in one part.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PartCounts {
    /// When it began.
    pub(super) began: Time,
    /// Messages other than packets that were sent.
    pub(super) messages: u64,
    /// First receipts of packets by others than the source.
    pub(super) received: u64,
    /// When a node last changed a parent.
    pub(super) changed: Option<Time>,
    /// Whether its time was over before all nodes had come to rest.
    pub(super) stopped: bool,
}

/// The record of one run.
#[derive(Debug)]
pub struct OverlayRecord {
    /// The parts of this run.
    parts: Vec<OverlayStage>,
    /// How many of them have begun.
    begun: usize,
    tallies: [Option<PartCounts>; PARTS],
    /// The present parents, by node and tree.
    parents: Vec<Vec<Option<u32>>>,
    /// Those when the overlay was built.
    built: Vec<Vec<Option<u32>>>,
    /// The nodes that cannot meet their delay goal in the first tree, as they report it.
    infeasible: BTreeSet<u32>,
    /// Those when the overlay was built, ascending.
    infeasible_built: Vec<u32>,
    /// Those when it had adapted to moves.
    adapted: Vec<Vec<Option<u32>>>,
    /// When the last node joined.
    last_join: Option<Time>,
    /// When a node last handled anything.
    last: Time,
    /// Which packet came to which node when, if that is kept.
    receipts: Option<Vec<(u32, u32, Time)>>,
}

impl OverlayRecord {
    /// An empty record of a run of these `parts`, that begins with these `parents`, by node and
    /// tree, and keeps who received what if it `keeps_packets`.
    pub(super) fn new(
        parts: Vec<OverlayStage>,
        parents: Vec<Vec<Option<u32>>>,
        keeps_packets: bool,
    ) -> Self {
        Self {
            parts,
            begun: 0,
            tallies: [None; PARTS],
            built: Vec::new(),
            infeasible: BTreeSet::new(),
            infeasible_built: Vec::new(),
            adapted: Vec::new(),
            parents,
            last_join: None,
            last: Time::ZERO,
            receipts: keeps_packets.then(Vec::new),
        }
    }

    /// What was counted in `part`; `None` if the run does not have it.
    pub(super) fn part(&self, part: OverlayStage) -> Option<PartCounts> {
        self.tallies[part as usize]
    }

    /// The parents by node and tree, as they were when the overlay was built.
    pub fn built(&self) -> &[Vec<Option<u32>>] {
        &self.built
    }

    /// The nodes that reported, when the overlay was built, that they cannot meet their delay goal in the
    /// first tree; ascending.
    pub fn infeasible(&self) -> &[u32] {
        &self.infeasible_built
    }

    /// The parents by node and tree, as they were when the overlay had adapted to moves; empty if
    /// it has not.
    pub fn adapted(&self) -> &[Vec<Option<u32>>] {
        &self.adapted
    }

    /// The parents by node and tree at the end of the run.
    pub fn parents(&self) -> &[Vec<Option<u32>>] {
        &self.parents
    }

    /// When the last node joined.
    pub(super) fn last_join(&self) -> Option<Time> {
        self.last_join
    }

    /// When a node last handled anything.
    pub(super) fn last(&self) -> Time {
        self.last
    }

    /// Which packet came to which node when, if that is kept; to the source it comes when it is sent.
    pub(super) fn receipts(&self) -> impl Iterator<Item = (u32, u32, Time)> {
        self.receipts.iter().flatten().copied()
    }

    fn now(&mut self) -> &mut PartCounts {
        let part = self.parts[self.begun - 1];
        self.tallies[part as usize].get_or_insert_default()
    }
}

impl Measures<Dissemination> for OverlayRecord {
    fn begin(&mut self, now: Time) {
        match self.parts[self.begun] {
            OverlayStage::Intact => {
                self.built.clone_from(&self.parents);
                self.infeasible_built = self.infeasible.iter().copied().collect();
            }
            OverlayStage::Adapted => self.adapted.clone_from(&self.parents),
            _ => {}
        }
        self.begun += 1;
        self.now().began = now;
    }

    fn input(&mut self, now: Time, _: UnitId, input: &Input<Dissemination>) {
        self.last = now;
        if let Input::Command(Command::Join) = input {
            self.last_join = Some(now);
        }
    }

    fn unhandled(&mut self, _: Time, _: UnitId, _: &Input<Dissemination>) {}

    fn cut(&mut self, _: Time) {
        self.now().stopped = true;
    }

    fn effect(&mut self, now: Time, unit: UnitId, effect: &Effect<Dissemination>) {
        match effect {
            Effect::Send { message, .. } => {
                let packet = matches!(message, Message::Packet { .. });
                self.now().messages += u64::from(!packet);
            }
            Effect::Observation(Observation::Parent { tree, parent }) => {
                self.parents[unit.index() as usize][usize::from(*tree)] = *parent;
                self.now().changed = Some(now);
            }
            Effect::Observation(Observation::Goal { tree, infeasible }) => {
                if *tree == 0 && *infeasible {
                    self.infeasible.insert(unit.index());
                } else if *tree == 0 {
                    self.infeasible.remove(&unit.index());
                }
            }
            Effect::Observation(Observation::Received { number }) => {
                if let Some(receipts) = &mut self.receipts {
                    receipts.push((*number, unit.index(), now));
                }
                self.now().received += u64::from(unit.index() != SOURCE);
            }
            Effect::Arm { .. } | Effect::Disarm { .. } => {}
        }
    }
}
