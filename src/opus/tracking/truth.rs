//! The values that are tracked: each follows a law, by keyed draws.
//!
//! This module does *not* know who tracks them, nor how.

use std::f64::consts::TAU;

use super::config::{Process, Truth};
use crate::opus::stream;
use crate::random::RandomStreams;
use crate::time::{Span, Time};

/// One value of one node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Value {
    /// What names it in draws: node and quantity.
    entity: u64,
    base: f64,
    /// Of a random walk: where it is.
    at: f64,
    /// How often it has changed.
    changes: u32,
}

impl Value {
    /// The value of `quantity` at `node`, before it changes.
    pub(super) fn new(node: u32, quantity: u16, streams: RandomStreams) -> Self {
        let entity = u64::from(node) << 16 | u64::from(quantity);
        let base = 0.5 + streams.unit(stream::BASE, entity, 0);
        Self {
            entity,
            base,
            at: base,
            changes: 0,
        }
    }

    /// Its next value, `begun` being when what is measured begins.
    pub(super) fn change(&mut self, truth: &Truth, begun: Time, now: Time, streams: RandomStreams) {
        if truth.process == Process::Walk {
            let step = truth.walk_step.0;
            let drawn = 2.0 * streams.unit(stream::WALK, self.entity, self.changes) - 1.0;
            let (next, top) = (self.at + drawn * step * self.base, 2.0 * self.base);
            // Steps are at most as long as the base value: one reflection is enough.
            self.at = if next < 0.0 {
                -next
            } else if next > top {
                top - (next - top)
            } else {
                next
            };
        } else {
            self.at = self.base * factor(truth, begun, now);
        }
        self.changes += 1;
    }

    /// What it is.
    pub(super) fn value(&self) -> f64 {
        self.at
    }
}

/// How many times the base value is `now`, of processes that are alike at all nodes.
fn factor(truth: &Truth, begun: Time, now: Time) -> f64 {
    match truth.process {
        Process::Jump if now >= begun + truth.jump_ms.span() => truth.jump_factor.0,
        Process::Constant | Process::Walk | Process::Jump => 1.0,
        Process::Diurnal => {
            let period = truth.diurnal_period_ms.span();
            // Before it begins, too: from the same point of the period.
            let since = now + Span::from_ns(period.as_ns() - begun.as_ns() % period.as_ns());
            let turn = (since.as_ns() % period.as_ns()) as f64 / period.as_ns() as f64;
            1.0 + truth.diurnal_amplitude.0 * libm::sin(TAU * turn)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::parameters::decode;

    fn of(truth: &Json) -> Truth {
        decode(truth, "").unwrap()
    }

    fn values(truth: &Truth, changes: u32) -> Vec<f64> {
        let streams = RandomStreams::new(1, 0);
        let mut value = Value::new(3, 1, streams);
        let base = value.base;
        let begun = Time::ZERO + Span::from_s(10);
        let after = |change: u32| Time::ZERO + Span::from_s(u64::from(change));
        (0..changes)
            .map(|change| {
                value.change(truth, begun, after(change), streams);
                value.value() / base
            })
            .collect()
    }

    #[test]
    fn a_walk_moves_in_its_bounds_and_no_farther_than_its_step() {
        let walk = values(&of(&json!({"process": "walk", "walk_step": 0.5})), 2000);
        assert!(walk.iter().all(|at| (0.0..=2.0).contains(at)));
        let steps = walk.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        assert!(steps.clone().all(|step| step <= 0.5 + 1e-12));
        assert!(steps.fold(0.0, f64::max) > 0.49);
        let [least, most] = [f64::min, f64::max].map(|of| walk.iter().copied().fold(1.0, of));
        assert!(least < 0.05 && most > 1.95, "{least} {most}");
    }

    #[test]
    fn the_others_do_what_they_are_called() {
        let is = |at: f64, expected: f64| (at - expected).abs() < 1e-9;
        let constant = values(&of(&json!({"process": "constant"})), 20);
        assert!(constant.into_iter().all(|at| is(at, 1.0)));
        let jump = json!({"process": "jump", "jump_factor": 3, "jump_ms": 5000});
        let jump = values(&of(&jump), 20);
        assert!(is(jump[14], 1.0) && is(jump[15], 3.0), "{jump:?}");
        let swing =
            json!({"process": "diurnal", "diurnal_amplitude": 0.5, "diurnal_period_ms": 4000});
        let swing = values(&of(&swing), 20);
        let expected = [1.0, 1.5, 1.0, 0.5];
        for (&at, change) in swing.iter().zip(2_usize..) {
            // Time 10, where it begins, is a multiple of the period after time 2.
            assert!(is(at, expected[change % 4]), "{swing:?}");
        }
    }
}
