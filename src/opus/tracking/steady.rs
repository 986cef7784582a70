//! What the root believes while nodes move from one cluster to another.
//!
//! A node that moves leaves one branch of the hierarchy and enters another, and the root hears of the one before the
//! other: meanwhile the node is missing or there twice. Each node has a mark, and an estimate carries the sum of the marks
//! of those in it. So the root sees that they are not the same as before, also where their number is, and goes on with
//! the last estimate in which they were, for as long as a move may take. If they are still others then, nodes have
//! come or gone.
//!
//! This module does *not* know clusters, nor who is told.

use super::message::Estimate;
use crate::time::{Span, Time};

/// What was last known of one quantity over those who take part.
#[derive(Debug, Clone, Copy)]
struct Known {
    estimate: Estimate,
    /// Since when other nodes seem to take part.
    others_since: Option<Time>,
}

/// The last estimates over those who take part, by quantity.
#[derive(Debug)]
pub(super) struct Steady(Vec<Option<Known>>);

impl Steady {
    /// Nothing is known of so many quantities.
    pub(super) fn new(quantities: u16) -> Self {
        Self(vec![None; usize::from(quantities)])
    }

    /// Forgets who takes part.
    pub(super) fn reset(&mut self) {
        self.0.fill(None);
    }

    /// The estimate of `quantity` is `live` at `now`; other nodes than before may seem to take part for as long as
    /// `patience`.
    pub(super) fn see(&mut self, quantity: u16, live: Estimate, now: Time, patience: Span) {
        let known = &mut self.0[usize::from(quantity)];
        let since = match known {
            Some(known) if known.estimate.members != live.members => {
                *known.others_since.get_or_insert(now)
            }
            Some(_) | None => now.saturating_sub(patience),
        };
        if now.saturating_since(since) >= patience {
            *known = Some(Known {
                estimate: live,
                others_since: None,
            });
        }
    }

    /// What is to be believed of `quantity` where `live` is what was heard last.
    pub(super) fn believed(&self, quantity: u16, live: Estimate) -> Estimate {
        match self.0[usize::from(quantity)] {
            Some(known) if known.estimate.members != live.members => known.estimate,
            Some(_) | None => live,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_moves_is_there_once_and_who_stays_away_is_missing_after_a_while() {
        let at = |s: u64| Time::ZERO + Span::from_s(s);
        let one = |node: u32, value: f64| Estimate::of_one(value, at(0)).of_node(node);
        let mut both = one(1, 10.0);
        both.add(one(2, 20.0));
        let mut twice = both;
        twice.add(one(2, 20.0));
        // As many as before, and not the same.
        let mut swapped = one(1, 10.0);
        swapped.add(one(1, 10.0));
        let mut steady = Steady::new(1);
        assert_eq!(steady.believed(0, both), both, "nothing is known");
        let mut see = |live, s| {
            steady.see(0, live, at(s), Span::from_s(4));
            steady.believed(0, live)
        };
        assert_eq!(see(both, 10), both);
        for other in [one(1, 10.0), twice, swapped] {
            assert_eq!(see(other, 20), both);
            assert_eq!(see(other, 23), both);
            assert_eq!(see(both, 24), both);
        }
        assert_eq!(see(one(1, 10.0), 30), both);
        assert_eq!(see(one(1, 11.0), 34), one(1, 11.0));
        assert_eq!(see(one(1, 12.0), 35), one(1, 12.0), "values change");
    }
}
