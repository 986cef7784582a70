//! What brokers' tables and summaries cost where services are constraints, in all and by depth of the tree.
//!
//! It does *not* know how brokers sum up what their colonies offer.

use std::collections::BTreeMap;

use super::World;
use crate::measure::Cell;

/// The numbers, all absent where services are numbers.
#[derive(Debug)]
pub(super) struct Summaries {
    /// Entries of all tables, updates sent by brokers, and false positives.
    pub(super) cells: [Cell; 3],
    /// The same of the brokers of each depth.
    pub(super) by_depth: Vec<Vec<Cell>>,
}

impl Summaries {
    /// Those of the brokers of `world`, of which each has so many `entries` in its table, if it has one, and has
    /// `told` its super-broker something so often; and of the enquiries, and those in vain.
    pub(super) fn of(
        world: &World,
        entries: Option<&[u64]>,
        (told, [enquiries, vain]): (&[u64], [u64; 2]),
    ) -> Self {
        let entries = entries.filter(|all| !all.is_empty());
        let (Some(_), Some(entries)) = (world.matching.constraints(), entries) else {
            return Self {
                cells: [Cell::Absent, Cell::Absent, Cell::Absent],
                by_depth: Vec::new(),
            };
        };
        let mut depths: BTreeMap<u32, Vec<(u64, u64)>> = BTreeMap::new();
        let counts = entries.iter().copied().zip(told.iter().copied());
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
            cells: [
                Cell::Count(entries.iter().sum()),
                Cell::Count(told.iter().sum()),
                Cell::ratio(vain, enquiries),
            ],
            by_depth: depths.into_iter().map(row).collect(),
        }
    }
}
