//! What is observed of a run, from the inputs and notes of nodes.
//!
//! A run has five parts: the overlay is built; packets are sent over it; nodes fail and packets
//! are sent at once; the overlay is repaired; packets are sent again. This module does *not* know
//! how nodes decide, nor what is computed from the record.

use super::message::{Command, Dissemination, Message, Note};
use crate::system::Measures;
use crate::time::Time;
use crate::unit::{Effect, Input, UnitId};

/// The parts of a run, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The overlay is built.
    Build,
    /// Packets are sent over it.
    Intact,
    /// Nodes have failed, and packets are sent at once.
    Failed,
    /// The overlay is repaired.
    Repair,
    /// Packets are sent over what is left.
    Repaired,
}

/// How many parts there are.
const PARTS: usize = 5;

/// What was counted in one part.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    /// When it began.
    pub(super) began: Time,
    /// Messages other than packets that were sent.
    pub(super) messages: u64,
    /// First receipts of packets, those of the source included.
    pub(super) received: u64,
    /// When a node last changed a parent.
    pub(super) changed: Option<Time>,
}

/// The record of one run.
#[derive(Debug)]
pub struct OverlayRecord {
    parts: [Tally; PARTS],
    /// How many parts have begun.
    begun: usize,
    /// The present parents, by node and tree.
    parents: Vec<Vec<Option<u32>>>,
    /// Those when the overlay was built.
    built: Vec<Vec<Option<u32>>>,
    /// When the last node joined.
    last_join: Option<Time>,
}

impl OverlayRecord {
    /// An empty record of a run that begins with these `parents`, by node and tree.
    pub(super) fn new(parents: Vec<Vec<Option<u32>>>) -> Self {
        Self {
            parts: [Tally::default(); PARTS],
            begun: 0,
            built: Vec::new(),
            parents,
            last_join: None,
        }
    }

    /// What was counted in `part`.
    pub(super) fn part(&self, part: Part) -> Tally {
        self.parts[part as usize]
    }

    /// The parents by node and tree, as they were when the overlay was built.
    pub fn built(&self) -> &[Vec<Option<u32>>] {
        &self.built
    }

    /// The parents by node and tree at the end of the run.
    pub fn parents(&self) -> &[Vec<Option<u32>>] {
        &self.parents
    }

    /// When the last node joined.
    pub(super) fn last_join(&self) -> Option<Time> {
        self.last_join
    }

    fn now(&mut self) -> &mut Tally {
        &mut self.parts[self.begun - 1]
    }
}

impl Measures<Dissemination> for OverlayRecord {
    fn begin(&mut self, now: Time) {
        if self.begun == Part::Intact as usize {
            self.built.clone_from(&self.parents);
        }
        self.begun += 1;
        self.now().began = now;
    }

    fn input(&mut self, now: Time, _: UnitId, input: &Input<Dissemination>) {
        if let Input::Command(Command::Join) = input {
            self.last_join = Some(now);
        }
    }

    fn unhandled(&mut self, _: Time, _: UnitId, _: &Input<Dissemination>) {}

    fn effect(&mut self, now: Time, unit: UnitId, effect: &Effect<Dissemination>) {
        match effect {
            Effect::Send { message, .. } => {
                let packet = matches!(message, Message::Packet { .. });
                self.now().messages += u64::from(!packet);
            }
            Effect::Note(Note::Parent { tree, parent }) => {
                self.parents[unit.index() as usize][usize::from(*tree)] = *parent;
                self.now().changed = Some(now);
            }
            Effect::Note(Note::Received { .. }) => self.now().received += 1,
            Effect::Arm { .. } | Effect::Disarm { .. } => {}
        }
    }
}
