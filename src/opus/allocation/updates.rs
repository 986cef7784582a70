//! What is observed of the applications' overlays: which updates reach whom and how late, and, at a few
//! instants, who is whose parent.
//!
//! An update is *due* at the nodes that serve its application when it is published, and *received* by
//! those of them that still do when its first copy comes. This module does *not* know how members
//! decide, nor what is computed from the record.

use std::sync::Arc;

use super::kept::KeptUpdate;
use super::message::{Observation, SERVICE};
use super::world::World;
use crate::opus::overlay::message as overlay;
use crate::time::{Span, Time};
use crate::unit::UnitId;

/// How often the overlays are sampled, at equal intervals, the last time at the end.
const SAMPLES: u64 = 12;
/// The maximum number of trees of an overlay.
pub(super) const TREES: usize = 3;

/// The updates of one overlay that were published in one bin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct UpdateCounts {
    pub(super) published: u64,
    /// Nodes to which they were due, together.
    pub(super) due: u64,
    /// By how many of these they were received.
    pub(super) received: u64,
    /// How many of these receipts were later than the delay goal.
    pub(super) late: u64,
    pub(super) delay_s: f64,
    /// Σ delay ÷ latency of the direct route, over receipts at nodes that are any way off.
    pub(super) ratio: (f64, u64),
}

impl UpdateCounts {
    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            published: self.published + other.published,
            due: self.due + other.due,
            received: self.received + other.received,
            late: self.late + other.late,
            delay_s: self.delay_s + other.delay_s,
            ratio: (self.ratio.0 + other.ratio.0, self.ratio.1 + other.ratio.1),
        }
    }
}

/// A node's place in an overlay.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OverlayMembership {
    /// Which application it serves.
    pub(super) serves: Option<u16>,
    /// Of which application's overlay it is a member, and under which number.
    pub(super) member: Option<(u16, u32)>,
    /// Its parents there.
    pub(super) parents: [Option<u32>; TREES],
}

/// The record of the overlays of one run.
#[derive(Debug)]
pub(super) struct Updates {
    world: Arc<World>,
    /// By bin, then overlay.
    tallies: Vec<UpdateCounts>,
    /// When each update was published, by overlay and number, and at which count of changes.
    published: Vec<Vec<(Time, u64)>>,
    /// How many nodes serve each application that has an overlay.
    serving: Vec<u32>,
    /// By node.
    places: Vec<OverlayMembership>,
    /// At which count of changes each node began to serve.
    since: Vec<u64>,
    /// How often a node began to serve or an update was published.
    changes: u64,
    /// The places of all nodes at the instants so far.
    samples: Vec<Vec<OverlayMembership>>,
    /// Messages of members, without copies of updates.
    pub(super) messages: u64,
    /// Each update for each node to which it was due, by update and node, if that is kept.
    kept: Option<Vec<KeptUpdate>>,
}

impl Updates {
    /// An empty record of a run in which nodes serve as `serves` tells from the beginning.
    pub(super) fn new(world: Arc<World>, serves: &[Option<u16>]) -> Self {
        let overlays = world.overlays.len();
        let place = |serves: &Option<u16>| OverlayMembership {
            serves: *serves,
            ..OverlayMembership::default()
        };
        let serve = |overlay: &super::world::Publishing| {
            let own = |serves: &&Option<u16>| **serves == Some(overlay.application);
            serves.iter().filter(own).count() as u32
        };
        Self {
            tallies: vec![UpdateCounts::default(); world.bins() * overlays],
            published: vec![Vec::new(); overlays],
            serving: world.overlays.iter().map(serve).collect(),
            places: serves.iter().map(place).collect(),
            since: vec![0; serves.len()],
            changes: 0,
            samples: Vec::new(),
            messages: 0,
            kept: None,
            world,
        }
    }

    /// From now on each update is kept.
    pub(super) fn keep(&mut self) {
        self.kept = Some(Vec::new());
    }

    /// Each update that was kept, for each node to which it was due: by time, then node.
    pub(super) fn kept(&self) -> impl Iterator<Item = &KeptUpdate> {
        self.kept.iter().flatten()
    }

    /// The instants of [`Self::samples`].
    pub(super) fn instants(&self) -> impl Iterator<Item = Time> {
        (1..=SAMPLES).map(|number| self.instant(number))
    }

    /// The updates of an overlay that were published in a bin.
    pub(super) fn tally(&self, bin: usize, overlay: usize) -> UpdateCounts {
        self.tallies[bin * self.published.len() + overlay]
    }

    /// The places of all nodes at each of the instants, when nothing more will happen.
    pub(super) fn samples(&self) -> impl Iterator<Item = &[OverlayMembership]> {
        let last = std::iter::repeat(&self.places);
        let samples = self.samples.iter().chain(last);
        samples.take(SAMPLES as usize).map(Vec::as_slice)
    }

    /// A node or a publisher has said `observation`.
    pub(super) fn observed(&mut self, now: Time, unit: UnitId, observation: Observation) {
        if self.published.is_empty() {
            return;
        }
        self.sample(now);
        match observation {
            Observation::Serves { application } => self.serve(unit.index(), application),
            Observation::Joins {
                application,
                member,
            } => self.place(unit).member = Some((application, member)),
            Observation::Leaves => {
                let place = self.place(unit);
                (place.member, place.parents) = (None, [None; TREES]);
            }
            Observation::Overlay {
                application,
                observation,
            } => match observation {
                overlay::Observation::Parent { tree, parent } => {
                    self.place(unit).parents[usize::from(tree)] = parent;
                }
                overlay::Observation::Received { .. } if unit.kind() == SERVICE => {
                    self.publish(now, application);
                }
                overlay::Observation::Received { number } => {
                    self.receive(now, unit.index(), application, number);
                }
                overlay::Observation::Goal { .. } => {}
            },
            Observation::Believes { .. } | Observation::Decides { .. } => {}
        }
    }

    fn place(&mut self, unit: UnitId) -> &mut OverlayMembership {
        &mut self.places[unit.index() as usize]
    }

    /// Keeps the places of all nodes as they were at the instants before `now`.
    fn sample(&mut self, now: Time) {
        while (self.samples.len() as u64) < SAMPLES
            && now > self.instant(self.samples.len() as u64 + 1)
        {
            self.samples.push(self.places.clone());
        }
    }

    /// The instant with this number at which the overlays are looked at, from 1.
    fn instant(&self, number: u64) -> Time {
        let duration = self.world.end - Time::ZERO;
        let ns = u128::from(duration.as_ns()) * u128::from(number) / u128::from(SAMPLES);
        Time::from_ns(ns as u64)
    }

    fn serve(&mut self, node: u32, application: Option<u16>) {
        self.changes += 1;
        self.since[node as usize] = self.changes;
        let before = &mut self.places[node as usize].serves;
        let before = std::mem::replace(before, application);
        for (application, sign) in [(before, -1), (application, 1)] {
            let place = application.and_then(|application| self.world.overlay_place(application));
            if let Some(place) = place {
                self.serving[place] = self.serving[place].wrapping_add_signed(sign);
            }
        }
    }

    fn publish(&mut self, now: Time, application: u16) {
        let Some(overlay) = self.world.overlay_place(application) else {
            return;
        };
        self.changes += 1;
        self.keep_due(now, application, self.published[overlay].len() as u32);
        self.published[overlay].push((now, self.changes));
        let due = u64::from(self.serving[overlay]);
        let tally = self.tally_at(now, overlay);
        tally.published += 1;
        tally.due += due;
    }

    fn receive(&mut self, now: Time, node: u32, application: u16, number: u32) {
        let Some(overlay) = self.world.overlay_place(application) else {
            return;
        };
        let Some(&(published, change)) = self.published[overlay].get(number as usize) else {
            return;
        };
        let serves = self.places[node as usize].serves == Some(application);
        if !serves || self.since[node as usize] > change {
            return;
        }
        self.keep_received(now, published, (application, number, node));
        let publishing = &self.world.overlays[overlay];
        let direct = publishing.latencies[node as usize];
        let delay = now - published;
        let goal = publishing.rules.goal(direct);
        let tally = self.tally_at(published, overlay);
        tally.received += 1;
        tally.late += u64::from(delay > goal);
        tally.delay_s += World::seconds(delay);
        if direct > Span::ZERO {
            tally.ratio.0 += World::seconds(delay) / World::seconds(direct);
            tally.ratio.1 += 1;
        }
    }

    /// Keeps to whom an update is due, if that is kept.
    fn keep_due(&mut self, published: Time, application: u16, number: u32) {
        let Some(kept) = &mut self.kept else { return };
        let places = (0..).zip(&self.places);
        let due = places.filter(|(_, place)| place.serves == Some(application));
        kept.extend(due.map(|(node, _)| KeptUpdate {
            application,
            number,
            published,
            node,
            received: None,
        }));
    }

    /// Keeps that an update has been received, if that is kept.
    fn keep_received(
        &mut self,
        now: Time,
        published: Time,
        (application, number, node): (u16, u32, u32),
    ) {
        let Some(kept) = &mut self.kept else { return };
        let first = kept.partition_point(|update| update.published < published);
        let own = |update: &&mut KeptUpdate| {
            (update.application, update.number, update.node) == (application, number, node)
        };
        if let Some(update) = kept[first..].iter_mut().find(own) {
            update.received = Some(now);
        }
    }

    fn tally_at(&mut self, published: Time, overlay: usize) -> &mut UpdateCounts {
        let bin = self.world.bin_of(published);
        &mut self.tallies[bin * self.published.len() + overlay]
    }
}
