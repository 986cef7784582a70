//! Aggregation: the estimates that other nodes have sent, by node, and when each node was last heard
//! from.
//!
//! This module does *not* know who tells whom, nor what is told on.

use super::message::{Estimate, SentEstimates};
use crate::time::Time;

/// A node that is listened to.
#[derive(Debug, Clone, Copy)]
struct Row {
    node: u32,
    heard: Time,
}

/// The rows, ascending by node.
#[derive(Debug, Default)]
pub(super) struct Aggregation {
    quantities: usize,
    rows: Vec<Row>,
    /// `quantities` a row.
    parts: Vec<Estimate>,
}

impl Aggregation {
    /// No rows; each will have `quantities` quantities.
    pub(super) fn new(quantities: u16) -> Self {
        Self {
            quantities: usize::from(quantities),
            ..Self::default()
        }
    }

    /// The nodes that are listened to, ascending.
    pub(super) fn nodes(&self) -> impl Iterator<Item = u32> {
        self.rows.iter().map(|row| row.node)
    }

    fn find(&self, node: u32) -> Result<usize, usize> {
        // Where everybody is listened to, a node's row has its number, or the one before.
        for guess in [node, node.saturating_sub(1)] {
            if self
                .rows
                .get(guess as usize)
                .is_some_and(|row| row.node == node)
            {
                return Ok(guess as usize);
            }
        }
        self.rows.binary_search_by_key(&node, |row| row.node)
    }

    /// Listens to `node`, which counts as heard of.
    pub(super) fn insert(&mut self, node: u32, now: Time) {
        match self.find(node) {
            Ok(row) => self.rows[row].heard = now,
            Err(row) => {
                self.rows.insert(row, Row { node, heard: now });
                let at = row * self.quantities;
                let nothing = std::iter::repeat_n(Estimate::default(), self.quantities);
                self.parts.splice(at..at, nothing);
            }
        }
    }

    /// Listens to `node` no more, and forgets what it told; whether it was listened to.
    pub(super) fn remove(&mut self, node: u32) -> bool {
        let Ok(row) = self.find(node) else {
            return false;
        };
        self.rows.remove(row);
        let at = row * self.quantities;
        self.parts.drain(at..at + self.quantities);
        true
    }

    /// Forgets what `node` told, but goes on listening to it.
    pub(super) fn clear(&mut self, node: u32) {
        if let Ok(row) = self.find(node) {
            let at = row * self.quantities;
            self.parts[at..at + self.quantities].fill(Estimate::default());
        }
    }

    /// Notes that `node` lives; whether it is listened to.
    pub(super) fn hear(&mut self, node: u32, now: Time) -> bool {
        let row = self.find(node);
        if let Ok(row) = row {
            self.rows[row].heard = now;
        }
        row.is_ok()
    }

    /// Takes in what `node` tells; whether it is listened to.
    pub(super) fn take(&mut self, node: u32, parts: &SentEstimates, now: Time) -> bool {
        let Ok(row) = self.find(node) else {
            return false;
        };
        self.rows[row].heard = now;
        let parts_of_row = &mut self.parts[row * self.quantities..][..self.quantities];
        for part in parts.as_slice() {
            if let Some(known) = parts_of_row.get_mut(usize::from(part.quantity())) {
                *known = part.estimate();
            }
        }
        true
    }

    /// The nodes not heard of since `before`.
    pub(super) fn silent(&self, before: Time) -> impl Iterator<Item = u32> {
        let silent = move |row: &&Row| row.heard < before;
        self.rows.iter().filter(silent).map(|row| row.node)
    }

    /// All that was told of `quantity`, added to `own`.
    pub(super) fn sum(&self, quantity: u16, own: Estimate) -> Estimate {
        let mut sum = own;
        let column = self.parts.iter().skip(usize::from(quantity));
        for part in column.step_by(self.quantities) {
            sum.add(*part);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::SentEstimate;
    use super::*;

    fn told(quantity: u16, value: f64, at: u64) -> SentEstimates {
        SentEstimates::first([SentEstimate::new(
            quantity,
            Estimate::of_one(value, Time::from_ns(at)),
        )])
    }

    #[test]
    fn sums_are_of_those_who_are_listened_to() {
        let mut aggregation = Aggregation::new(2);
        for node in [7, 3, 5] {
            aggregation.insert(node, Time::from_ns(10));
        }
        assert!(aggregation.take(5, &told(1, 2.5, 11), Time::from_ns(20)));
        assert!(aggregation.take(7, &told(1, 4.0, 12), Time::from_ns(30)));
        assert!(!aggregation.take(4, &told(1, 100.0, 12), Time::from_ns(30)));
        let own = Estimate::of_one(1.0, Time::from_ns(40));
        let sum = aggregation.sum(1, own);
        assert!((sum.sum - 7.5).abs() < 1e-12);
        assert_eq!((sum.nodes, sum.since.as_ns()), (3, 11));
        assert_eq!(aggregation.sum(0, Estimate::default()), Estimate::default());
        assert_eq!(
            aggregation.silent(Time::from_ns(30)).collect::<Vec<_>>(),
            [3, 5]
        );
        assert!(aggregation.remove(5) && !aggregation.remove(5));
        assert!((aggregation.sum(1, own).sum - 5.0).abs() < 1e-12);
        assert_eq!(aggregation.nodes().collect::<Vec<_>>(), [3, 7]);
    }
}
