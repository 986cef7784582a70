//! Which rows of a table are as they were written, where not all of them are.
//!
//! A table whose rows belong to runs is cut into blocks: a block has the rows of so many runs, told
//! by their numbers, and a hash. Rows that were changed, lost or added spoil their own block and no
//! other. This module does *not* know what the columns mean, but that the first one is the run's
//! number.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// Into how many blocks a table is cut, at most.
const BLOCKS: u64 = 64;

/// The hashes of the blocks of some tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blocks {
    /// How many numbers of runs make a block.
    runs: u64,
    /// Of each table by name, the hashes of its blocks: 16 hexadecimal digits each, one behind the
    /// other.
    tables: BTreeMap<String, String>,
}

/// The hashes of a table's blocks while it is written.
pub struct Hasher {
    runs: u64,
    blocks: Vec<Xxh3>,
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hasher")
            .field("runs", &self.runs)
            .field("blocks", &self.blocks.len())
            .finish()
    }
}

impl Hasher {
    /// For tables of the runs below `end`.
    pub fn new(end: u64) -> Self {
        let runs = end.div_ceil(BLOCKS).max(1);
        let count = end.div_ceil(runs) as usize;
        let blocks = (0..count).map(|_| Xxh3::new()).collect();
        Self { runs, blocks }
    }

    /// Adds the next row, as it stands in the file.
    pub fn add(&mut self, row: &[u8]) {
        let block = run_of(row).map(|run| (run / self.runs) as usize);
        if let Some(block) = block.and_then(|block| self.blocks.get_mut(block)) {
            block.update(row);
        }
    }

    fn digits(&self) -> String {
        let digits = |block: &Xxh3| format!("{:016x}", block.digest());
        self.blocks.iter().map(digits).collect()
    }
}

impl Blocks {
    /// Those of the tables (by the names of their files) that were hashed as they were written, of
    /// the runs below `end`.
    pub fn of_hashed(end: u64, tables: BTreeMap<String, Hasher>) -> Self {
        let digits = |(name, hasher): (String, Hasher)| (name, hasher.digits());
        Self {
            runs: Hasher::new(end).runs,
            tables: tables.into_iter().map(digits).collect(),
        }
    }

    /// Those of tables of the runs below `end`, given by the names and bytes of their files.
    pub fn of<'a>(end: u64, tables: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let hashed = tables.into_iter().map(|(name, bytes)| {
            let mut hasher = Hasher::new(end);
            rows(bytes).skip(1).for_each(|row| hasher.add(row));
            (name.to_owned(), hasher)
        });
        Self::of_hashed(end, hashed.collect())
    }

    /// The numbers of the blocks of the table `name` that are as they were written, if its file has
    /// these `bytes`.
    fn sound(&self, name: &str, bytes: &[u8]) -> BTreeSet<u64> {
        let Some(digits) = self.tables.get(name) else {
            return BTreeSet::new();
        };
        let known: Vec<&str> = (0..digits.len() / 16)
            .filter_map(|block| digits.get(16 * block..16 * (block + 1)))
            .collect();
        let mut found: BTreeMap<u64, Xxh3> = BTreeMap::new();
        for row in rows(bytes).skip(1) {
            if let Some(run) = run_of(row) {
                let block = run / self.runs.max(1);
                found.entry(block).or_default().update(row);
            }
        }
        let nothing = xxh3_64(&[]);
        let sound = |(block, digits): (u64, &&str)| {
            let found = found.get(&block).map_or(nothing, Xxh3::digest);
            format!("{found:016x}") == **digits
        };
        let numbered = (0..).zip(&known);
        let sound = numbered.filter(|&(block, digits)| sound((block, digits)));
        sound.map(|(block, _)| block).collect()
    }

    /// Of some tables (by the names and bytes of their files) what is as it was written in all of
    /// them: each one's first line, and the rows of the sound blocks.
    pub fn sound_of_all(&self, tables: &[(String, Vec<u8>)]) -> Vec<Vec<u8>> {
        let sound = tables
            .iter()
            .map(|(name, bytes)| self.sound(name, bytes))
            .reduce(|one, other| &one & &other)
            .unwrap_or_default();
        let keeps =
            |row: &[u8]| run_of(row).is_some_and(|run| sound.contains(&(run / self.runs.max(1))));
        let kept = |(_, bytes): &(String, Vec<u8>)| {
            let mut lines = rows(bytes);
            let first = lines.next().unwrap_or_default().iter();
            let rows = lines.filter(|row| keeps(row)).flatten();
            first.chain(rows).copied().collect()
        };
        tables.iter().map(kept).collect()
    }
}

/// How many rows the table in a file with these `bytes` has.
pub fn count_rows(bytes: &[u8]) -> u64 {
    rows(bytes).skip(1).count() as u64
}

/// The lines of a table with their ends; one within quotes belongs to the line before it.
pub fn rows(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    bytes.split_inclusive(move |&byte| {
        quoted ^= byte == b'"';
        byte == b'\n' && !quoted
    })
}

/// The number of the run that a row belongs to.
fn run_of(row: &[u8]) -> Option<u64> {
    let digits = row.split(|&byte| byte == b',').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(rows: u64) -> Vec<(String, Vec<u8>)> {
        let mut runs = "run,replication,/a,x\n".to_owned();
        let mut depths = "run,replication,depth\n".to_owned();
        for run in 0..rows {
            runs.push_str(&format!("{run},0,\"a\nb\",0.5\n"));
            depths.push_str(&format!("{run},0,1\n{run},0,2\n"));
        }
        vec![
            ("runs.csv".into(), runs.into_bytes()),
            ("depths.csv".into(), depths.into_bytes()),
        ]
    }

    fn blocks(tables: &[(String, Vec<u8>)], rows: u64) -> Blocks {
        let tables = tables.iter().map(|(name, bytes)| (&**name, &**bytes));
        Blocks::of(rows, tables)
    }

    #[test]
    fn what_was_changed_spoils_its_own_block() {
        let whole = tables(130);
        let blocks = blocks(&whole, 130);
        assert_eq!(blocks.runs, 3);
        let kept: Vec<Vec<u8>> = whole.iter().map(|(_, bytes)| bytes.clone()).collect();
        assert_eq!(blocks.sound_of_all(&whole), kept);

        // Row 7 of one table and row 120 of the other; a row that is lost; one that came from elsewhere.
        let text = |table: &(String, Vec<u8>)| String::from_utf8(table.1.clone()).unwrap();
        let mut altered = whole.clone();
        altered[0].1 = text(&whole[0]).replace("\n7,0", "\n7,1").into_bytes();
        let depths = text(&whole[1]).replace("\n120,0,2", "\n120,0,3");
        let depths = depths
            .replace("\n60,0,1\n", "\n")
            .replace("\n90,0,1\n", "\n9,0,1\n");
        altered[1].1 = depths.into_bytes();
        let kept = blocks.sound_of_all(&altered);
        let spoilt = [6..9, 9..12, 60..63, 90..93, 120..123];
        let left: Vec<String> = (0..130)
            .filter(|run| !spoilt.iter().any(|block| block.contains(run)))
            .map(|run| run.to_string())
            .collect();
        let runs = |table: &[u8]| {
            let mut runs: Vec<String> = rows(table)
                .skip(1)
                .map(|row| run_of(row).unwrap().to_string())
                .collect();
            runs.dedup();
            runs
        };
        assert_eq!(runs(&kept[0]), left);
        assert_eq!(runs(&kept[1]), left);
    }

    #[test]
    fn a_table_that_is_gone_keeps_nothing_and_one_that_is_cut_its_beginning() {
        let whole = tables(10);
        let blocks = blocks(&whole, 10);
        let mut altered = whole.clone();
        altered[1].1.truncate(40);
        let kept = blocks.sound_of_all(&altered);
        assert_eq!((count_rows(&kept[0]), count_rows(&kept[1])), (1, 2));
        altered[1].1.clear();
        assert_eq!(count_rows(&blocks.sound_of_all(&altered)[0]), 0);
    }
}
