//! The delta filter: a value is sent when it has changed by more than ε since it was sent last, or when
//! T has passed.
//!
//! This module does *not* know to whom.

use super::message::Estimate;
use crate::time::{Span, Time};

/// What was told last of one quantity.
#[derive(Debug, Clone, Copy)]
struct Told {
    estimate: Estimate,
    at: Time,
}

/// What was told last, by quantity.
#[derive(Debug)]
pub(super) struct DeltaFilter(Vec<Option<Told>>);

impl DeltaFilter {
    /// A filter for `quantities` quantities, of which nothing was told yet.
    pub(super) fn new(quantities: u16) -> Self {
        Self(vec![None; usize::from(quantities)])
    }

    /// Forgets what was told, for it was told to others.
    pub(super) fn reset(&mut self) {
        self.0.fill(None);
    }

    /// What was told last of `quantity`.
    pub(super) fn last(&self, quantity: u16) -> Option<Estimate> {
        self.0[usize::from(quantity)].map(|told| told.estimate)
    }

    /// Whether `now` is to be told of `quantity`, since its sum or its number of nodes has moved by
    /// more than the one or the other limit (where that is 0, also if other nodes are in it); if so, it counts as told at `at`.
    ///
    /// What is not known is not told, unless something was told before.
    pub(super) fn moved(
        &mut self,
        quantity: u16,
        now: Estimate,
        at: Time,
        [sums, counts]: [f64; 2],
    ) -> bool {
        let told = &mut self.0[usize::from(quantity)];
        let tell = match told {
            None => now.nodes > 0,
            Some(told) => {
                let nodes = [now.nodes, told.estimate.nodes].map(f64::from);
                let others = counts == 0.0 && now.members != told.estimate.members;
                apart([now.sum, told.estimate.sum], sums) || apart(nodes, counts) || others
            }
        };
        if tell {
            *told = Some(Told { estimate: now, at });
        }
        tell
    }

    /// Whether `quantity` was told before, but not since `before`; if so, `now` counts as told at
    /// `at`.
    pub(super) fn old(&mut self, quantity: u16, now: Estimate, at: Time, before: Time) -> bool {
        match &mut self.0[usize::from(quantity)] {
            Some(told) if told.at <= before => {
                *told = Told { estimate: now, at };
                true
            }
            Some(_) | None => false,
        }
    }

    /// When the quantity that was told least recently is due again, `refresh` after that.
    pub(super) fn due(&self, refresh: Span) -> Option<Time> {
        let oldest = self.0.iter().flatten().map(|told| told.at).min();
        oldest.map(|at| at + refresh)
    }
}

/// Whether the one is more than 1 + ε times the other, or of the other sign. By the ratio, and not
/// by the difference to what was told, errors are bounded against the truth as well as against
/// the estimate.
fn apart([a, b]: [f64; 2], epsilon: f64) -> bool {
    let (less, more) = (a.abs().min(b.abs()), a.abs().max(b.abs()));
    more > (1.0 + epsilon) * less || a * b < 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_nodes_has_its_own_limit() {
        let mut delta_filter = DeltaFilter::new(1);
        let mut tell = |sum: f64, nodes: u32, counts: f64| {
            let since = Time::from_ns(1);
            let members = u64::from(nodes);
            let now = Estimate {
                sum,
                nodes,
                since,
                members,
            };
            delta_filter.moved(0, now, since, [0.1, counts])
        };
        assert!(tell(1000.0, 100, 0.1));
        assert!(!tell(1001.0, 101, 0.1), "both within their limits");
        assert!(tell(1001.0, 101, 0.0), "one more is a move");
        assert!(!tell(1002.0, 101, 0.0), "the sum may still move");
    }

    #[test]
    fn what_moves_by_more_than_epsilon_is_told_and_nothing_else() {
        let mut delta_filter = DeltaFilter::new(1);
        let mut tell = |value: f64, at: u64| {
            let now = Time::from_ns(at);
            delta_filter.moved(0, Estimate::of_one(value, now), now, [0.1; 2])
        };
        assert!(tell(1000.0, 1), "nothing was told before");
        assert!(!tell(1099.0, 2), "a tenth at most");
        assert!(tell(1101.0, 3));
        assert!(!tell(1001.0, 4), "1101 is less than 1.1 times as much");
        assert!(tell(1000.0, 4), "1101 is more");
        assert!(
            tell(0.0, 5) && tell(1e-9, 6),
            "from nothing, anything is a move"
        );
        assert!(
            delta_filter.moved(0, Estimate::default(), Time::from_ns(7), [0.1; 2]),
            "nobody is left"
        );
        assert_eq!(delta_filter.due(Span::from_ns(10)), Some(Time::from_ns(17)));
        assert!(!delta_filter.old(0, Estimate::default(), Time::from_ns(9), Time::from_ns(6)));
        assert!(delta_filter.old(0, Estimate::default(), Time::from_ns(9), Time::from_ns(7)));
        assert_eq!(delta_filter.due(Span::from_ns(10)), Some(Time::from_ns(19)));
        delta_filter.reset();
        assert_eq!(delta_filter.due(Span::from_ns(10)), None);
        assert!(!delta_filter.moved(0, Estimate::default(), Time::from_ns(9), [0.1; 2]));
    }
}
