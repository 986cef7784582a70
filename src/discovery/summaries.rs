//! What brokers' tables and summaries cost where services are constraints, in all and by depth of the tree.
//!
//! It does *not* know how brokers sum up what their colonies offer.

use std::collections::BTreeMap;
use std::iter;

use super::{GBU, World};
use crate::measure::{Cell, Named, absent};
use crate::unit::UnitId;

/// What is counted of a run.
#[derive(Debug, Default)]
pub(super) struct Costs {
    /// Updates of summaries that each broker has sent, by number, up to the last one that has sent any.
    told: Vec<u64>,
    /// Where services are constraints: enquiries of computers and subcolonies.
    enquiries: u64,
    /// Those of them that met nothing that matches.
    vain: u64,
}

impl Costs {
    /// `unit` reports to its leader that its offers, or those of its colony, have changed.
    pub(super) fn told(&mut self, unit: UnitId) {
        if unit.kind() == GBU {
            let at = unit.index() as usize;
            self.told.resize(self.told.len().max(at + 1), 0);
            self.told[at] += 1;
        }
    }

    /// Somebody was asked, who has `found` something that matches or not.
    pub(super) fn enquired(&mut self, found: bool) {
        self.enquiries += 1;
        self.vain += u64::from(!found);
    }

    /// Adds those of another part of the run.
    pub(super) fn merge(&mut self, other: &Self) {
        let brokers = self.told.len().max(other.told.len());
        self.told.resize(brokers, 0);
        for (mine, other) in self.told.iter_mut().zip(&other.told) {
            *mine += other;
        }
        self.enquiries += other.enquiries;
        self.vain += other.vain;
    }
}

/// The numbers, all absent where services are numbers.
#[derive(Debug)]
pub(super) struct Summaries {
    /// Entries of all tables, updates sent by brokers, and false positives.
    pub(super) cells: Vec<Named>,
    /// The three cells for the brokers of each depth.
    pub(super) by_depth: Vec<Vec<Cell>>,
}

impl Summaries {
    /// The summaries of the brokers of `world`, from the number of `entries` in each broker's table, if it has
    /// one.
    pub(super) fn of(world: &World, entries: Option<&[u64]>, costs: &Costs) -> Self {
        let entries = entries.filter(|all| !all.is_empty());
        let (Some(_), Some(entries)) = (world.matching.constraints(), entries) else {
            return Self {
                cells: absent(["table_entries", "summary_updates", "false_positive_ratio"]).into(),
                by_depth: Vec::new(),
            };
        };
        let mut depths: BTreeMap<u32, Vec<(u64, u64)>> = BTreeMap::new();
        let counts = entries
            .iter()
            .copied()
            .zip(costs.told.iter().copied().chain(iter::repeat(0)));
        for (broker, counts) in world.gbus().iter().zip(counts) {
            depths.entry(broker.depth).or_default().push(counts);
        }
        let row = |(depth, counts): (u32, Vec<(u64, u64)>)| {
            let entries = counts.iter().map(|(entries, _)| *entries);
            let (most, brokers) = (entries.clone().max(), counts.len() as u64);
            vec![
                Cell::Count(depth.into()),
                Cell::Count(brokers),
                Cell::ratio(entries.sum(), brokers),
                most.map_or(Cell::Absent, Cell::Count),
                Cell::Count(counts.iter().map(|(_, told)| told).sum()),
            ]
        };
        Self {
            cells: vec![
                ("table_entries", Cell::Count(entries.iter().sum())),
                ("summary_updates", Cell::Count(costs.told.iter().sum())),
                (
                    "false_positive_ratio",
                    Cell::ratio(costs.vain, costs.enquiries),
                ),
            ],
            by_depth: depths.into_iter().map(row).collect(),
        }
    }
}
