//! What is observed of a run: estimates against the truth at each sample, and who sends how much.
//!
//! The truth at a sample is the sum of what the living nodes report as their own values at that
//! very instant. Who reports at an instant is known once something later happens: nodes that come
//! back just then report as well, whatever their numbers. This module does *not* know how trackers estimate, nor what is computed from the
//! record.

use super::message::Estimate;
use super::node::{Observation, Tracked};
use crate::system::Measures;
use crate::time::{Span, Time};
use crate::unit::{Effect, Input, UnitId};

/// How far the estimates were from the truth at one instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    pub(super) at: Time,
    /// Relative errors, over nodes and quantities; those without an estimate or a truth above 0
    /// are left out.
    pub(super) error: Extremes,
    /// Relative errors of the roots alone.
    pub(super) root_error: Extremes,
    /// Ages of the oldest part, in seconds.
    pub(super) age_s: Extremes,
    /// Estimates that should be there.
    pub(super) expected: u64,
    /// Messages sent since the last sample.
    pub(super) messages: u64,
    /// Nodes that lived.
    pub(super) living: u32,
}

/// A mean and a maximum.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Extremes {
    pub(super) sum: f64,
    pub(super) max: f64,
    pub(super) count: u64,
}

impl Extremes {
    fn take(&mut self, value: f64) {
        self.sum += value;
        self.max = self.max.max(value);
        self.count += 1;
    }

    /// Joins two.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            sum: self.sum + other.sum,
            max: self.max.max(other.max),
            count: self.count + other.count,
        }
    }

    /// The mean.
    pub(super) fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }

    /// The greatest.
    pub(super) fn max(&self) -> Option<f64> {
        (self.count > 0).then_some(self.max)
    }
}

/// What one node has sent and received while it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Traffic {
    pub(super) sent: u64,
    pub(super) received: u64,
}

/// What a node believed of a quantity at an instant, and its own value.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeptEstimate {
    pub(super) at: Time,
    pub(super) node: u32,
    pub(super) quantity: u16,
    pub(super) own: f64,
    /// Whether it is a root, or the server.
    pub(super) root: bool,
    pub(super) total: Estimate,
}

/// The record of one run.
#[derive(Debug)]
pub struct TrackingRecord {
    /// What is measured begins.
    begun: Time,
    /// And ends.
    end: Time,
    /// Messages sent before.
    pub(super) before: u64,
    /// By node, from the beginning of what is measured.
    pub(super) traffic: Vec<Traffic>,
    /// The time that nodes lived while it was measured, summed, but for those still alive: these are
    /// added at the end.
    lived: Span,
    /// Since when each node lives.
    since: Vec<Option<Time>>,
    living: u32,
    quantities: u16,
    /// The present sample: the truth by quantity, and what nodes believe.
    at: Option<Time>,
    truth: Vec<f64>,
    believed: Vec<(u16, bool, Estimate)>,
    messages: u64,
    /// The samples before the present one.
    samples: Vec<Sample>,
    /// When nodes failed.
    pub(super) failed: Option<Time>,
    /// All estimates of all samples, if they are kept.
    kept: Option<Vec<KeptEstimate>>,
}

impl TrackingRecord {
    /// An empty record of `nodes` nodes with `quantities` quantities, of what happens between two moments.
    pub(super) fn new(nodes: u32, quantities: u16, [begun, end]: [Time; 2]) -> Self {
        Self {
            begun,
            end,
            before: 0,
            traffic: vec![Traffic::default(); nodes as usize],
            lived: Span::ZERO,
            since: vec![None; nodes as usize],
            living: 0,
            quantities,
            at: None,
            truth: vec![0.0; usize::from(quantities)],
            believed: Vec::new(),
            messages: 0,
            samples: Vec::new(),
            failed: None,
            kept: None,
        }
    }

    /// From now on each estimate is kept.
    pub(super) fn keep(&mut self) {
        self.kept = Some(Vec::new());
    }

    /// The estimates that were kept, ascending in time.
    pub(super) fn kept(&self) -> impl Iterator<Item = &KeptEstimate> {
        self.kept.iter().flatten()
    }

    /// The seconds that nodes lived while it was measured, summed over nodes.
    pub(super) fn node_seconds(&self) -> f64 {
        let alive = self.since.iter().flatten();
        let rest: Span = alive
            .map(|&since| self.end.saturating_since(since.max(self.begun)))
            .sum();
        (self.lived + rest).as_ms() / 1e3
    }

    fn believes(&mut self, now: Time, quantity: u16, own: f64, root: bool, total: Estimate) {
        self.at = Some(now);
        self.truth[usize::from(quantity)] += own;
        self.believed.push((quantity, root, total));
    }

    /// All samples, ascending in time.
    pub(super) fn samples(&self) -> impl Iterator<Item = Sample> {
        self.samples.iter().copied().chain(self.present())
    }

    /// The present sample, if nothing more happens at its instant.
    fn present(&self) -> Option<Sample> {
        let at = self.at?;
        let [mut error, mut root_error, mut age_s] = [Extremes::default(); 3];
        for (quantity, root, total) in &self.believed {
            let truth = self.truth[usize::from(*quantity)];
            let Some(age) = total.age(at) else { continue };
            age_s.take(age.as_ms() / 1e3);
            if truth > 0.0 {
                let relative = (total.sum - truth).abs() / truth;
                error.take(relative);
                if *root {
                    root_error.take(relative);
                }
            }
        }
        Some(Sample {
            at,
            error,
            root_error,
            age_s,
            expected: u64::from(self.living) * u64::from(self.quantities),
            messages: self.messages,
            living: self.living,
        })
    }

    /// Holds the estimates of the present sample against the truth if its instant is over.
    fn conclude_before(&mut self, now: Time) {
        if self.at.is_none_or(|at| at == now) {
            return;
        }
        let sample = self.present();
        self.samples.extend(sample);
        self.believed.clear();
        self.truth.fill(0.0);
        (self.at, self.messages) = (None, 0);
    }
}

impl Measures<Tracked> for TrackingRecord {
    fn begin(&mut self, _: Time) {}

    fn input(&mut self, now: Time, unit: UnitId, input: &Input<Tracked>) {
        self.conclude_before(now);
        let node = unit.index() as usize;
        match input {
            Input::Start => {
                self.since[node] = Some(now);
                self.living += 1;
            }
            Input::Message { .. } if now >= self.begun => self.traffic[node].received += 1,
            Input::Command(_) | Input::Message { .. } | Input::Timer(_) => {}
        }
    }

    fn unhandled(&mut self, _: Time, _: UnitId, _: &Input<Tracked>) {}

    fn crashed(&mut self, now: Time, unit: UnitId) {
        self.conclude_before(now);
        // Before it has come to life there is nothing that could fail.
        if let Some(since) = self.since[unit.index() as usize].take() {
            self.failed = self.failed.or(Some(now));
            self.lived += now.saturating_since(since.max(self.begun));
            self.living -= 1;
        }
    }

    fn effect(&mut self, now: Time, unit: UnitId, effect: &Effect<Tracked>) {
        match effect {
            Effect::Send { .. } if now < self.begun => self.before += 1,
            Effect::Send { .. } => {
                self.traffic[unit.index() as usize].sent += 1;
                self.messages += 1;
            }
            Effect::Observation(Observation::Believes {
                own,
                total,
                quantity,
                root,
            }) => {
                if let Some(kept) = &mut self.kept {
                    kept.push(KeptEstimate {
                        at: now,
                        node: unit.index(),
                        quantity: *quantity,
                        own: *own,
                        root: *root,
                        total: *total,
                    });
                }
                self.believes(now, *quantity, *own, *root, *total);
            }
            Effect::Arm { .. } | Effect::Disarm { .. } => {}
        }
    }
}
