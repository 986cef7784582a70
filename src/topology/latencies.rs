//! Latencies that were measured between all pairs of routers, in place of links.
//!
//! This module does *not* know files, nor routes.

use crate::error::{Error, Result};

/// Matrices of more routers are not read: all pairs must fit in memory.
pub const MEASURED_ROUTERS_MAX: usize = 4096;

/// What stands for a pair that was not measured.
const GAP: f64 = -1.0;

/// The latency from each router to each other one, in the graph's unit. It may differ by direction, and
/// a pair may have none.
#[derive(Debug, Clone, PartialEq)]
pub struct Latencies {
    size: usize,
    /// Row by row; [`GAP`] where nothing is known, 0 from a router to itself.
    all: Vec<f64>,
}

impl Latencies {
    /// The latencies between `size` routers, none of which is known yet.
    ///
    /// # Errors
    /// If there are more than [`MEASURED_ROUTERS_MAX`].
    pub fn new(size: usize) -> Result<Self> {
        if size > MEASURED_ROUTERS_MAX {
            return Err(Error::new(format!(
                "a matrix of {size} routers is more than the {MEASURED_ROUTERS_MAX} whose pairs fit in memory"
            ))
            .help("take a part of the matrix"));
        }
        let mut all = vec![GAP; size * size];
        for router in 0..size {
            all[router * size + router] = 0.0;
        }
        Ok(Self { size, all })
    }

    /// How many routers there are.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The latency from one router to another, if it is known.
    pub fn get(&self, from: usize, to: usize) -> Option<f64> {
        Some(self.all[from * self.size + to]).filter(|latency| *latency >= 0.0)
    }

    /// Tells the latency from one router to another: a finite number from 0.
    pub fn set(&mut self, from: usize, to: usize, latency: f64) {
        if from != to {
            self.all[from * self.size + to] = latency;
        }
    }

    /// Changes every latency that is known.
    pub(super) fn scale(&mut self, change: impl Fn(f64) -> f64) {
        for latency in self.all.iter_mut().filter(|latency| **latency > 0.0) {
            *latency = change(*latency);
        }
    }

    /// All pairs of different routers, and their latency if it is known.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize, Option<f64>)> + Clone {
        let routers = 0..self.size;
        routers.flat_map(move |from| {
            let others = (0..self.size).filter(move |to| *to != from);
            others.map(move |to| (from, to, self.get(from, to)))
        })
    }

    /// The pairs whose latency is not known.
    pub fn gaps(&self) -> Vec<(usize, usize)> {
        let pairs = self.pairs().filter(|(_, _, latency)| latency.is_none());
        pairs.map(|(from, to, _)| (from, to)).collect()
    }

    /// Those among the routers that are `kept`.
    pub(super) fn among(&self, kept: &[bool]) -> Self {
        let routers: Vec<usize> = (0..self.size).filter(|router| kept[*router]).collect();
        let row = |from: &usize| {
            let from = *from * self.size;
            routers.iter().map(move |to| self.all[from + to])
        };
        Self {
            size: routers.len(),
            all: routers.iter().flat_map(row).collect(),
        }
    }

    /// Fills gaps: a pair gets the latency of the opposite direction, or else the least sum of two
    /// latencies over a third router. Returns how many were filled in each way.
    pub(super) fn fill(&mut self) -> [usize; 2] {
        let gaps = self.gaps();
        let mut opposite = Vec::new();
        for &(from, to) in &gaps {
            if let Some(latency) = self.get(to, from) {
                opposite.push((from, to, latency));
            }
        }
        for &(from, to, latency) in &opposite {
            self.set(from, to, latency);
        }
        let least = |&(from, to): &(usize, usize)| {
            let over = |third| Some(self.get(from, third)? + self.get(third, to)?);
            let sums = (0..self.size).filter_map(over);
            Some((from, to, sums.min_by(f64::total_cmp)?))
        };
        let detours: Vec<_> = self.gaps().iter().filter_map(least).collect();
        for &(from, to, latency) in &detours {
            self.set(from, to, latency);
        }
        [opposite.len(), detours.len()]
    }

    /// Fills all gaps with one latency. Returns how many there were.
    pub(super) fn fill_with(&mut self, latency: f64) -> usize {
        let gaps = self.gaps();
        for &(from, to) in &gaps {
            self.set(from, to, latency);
        }
        gaps.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Latencies;

    #[test]
    fn gaps_are_filled_by_the_opposite_direction_then_over_a_third_router() {
        let mut latencies = Latencies::new(4).unwrap();
        for (from, to, latency) in [
            (0, 1, 5.0),
            (1, 0, 6.0),
            (1, 2, 7.0),
            (2, 3, 1.0),
            (1, 3, 9.0),
        ] {
            latencies.set(from, to, latency);
        }
        assert_eq!(latencies.gaps().len(), 7);
        // 2 → 1, 3 → 2 and 3 → 1 by their opposites; 0 ↔ 2 over 1, 0 ↔ 3 over 1: 5 + 9, not 5 + 7 + 1.
        assert_eq!(latencies.fill(), [3, 4]);
        assert_eq!(latencies.get(2, 1), Some(7.0));
        assert_eq!(latencies.get(0, 3), Some(14.0));
        assert_eq!(latencies.get(2, 0), Some(13.0));
        assert!(latencies.gaps().is_empty());
        assert!(Latencies::new(5000).is_err());
    }
}
