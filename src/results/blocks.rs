//! Which rows of a table are as they were written, where not all of them are.
//!
//! A table whose rows belong to runs is cut into blocks: a block has the rows of a number of runs, identified by
//! their numbers, and a hash. Rows that were changed, lost or added invalidate their own block and no other. This
//! module does *not* know what the columns mean, but that the first one is the run's number.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

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
        let block = run_of_line(row).map(|run| (run / self.runs) as usize);
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
    pub fn of_hashed(end: u64, tables: BTreeMap<&str, &Hasher>) -> Self {
        let digits = |(name, hasher): (&str, &Hasher)| (name.to_owned(), hasher.digits());
        Self {
            runs: Hasher::new(end).runs,
            tables: tables.into_iter().map(digits).collect(),
        }
    }

    /// An empty hasher of the same blocks.
    pub fn hasher(&self) -> Hasher {
        let digits = self.tables.values().map(String::len).max().unwrap_or(0);
        let blocks = (0..digits / 16).map(|_| Xxh3::new()).collect();
        Hasher {
            runs: self.runs.max(1),
            blocks,
        }
    }

    /// The numbers of the blocks of the table `name` that are as they were written, if all rows of
    /// its file went into `found`.
    pub fn sound(&self, name: &str, found: &Hasher) -> BTreeSet<u64> {
        let known = self.tables.get(name).map_or("", String::as_str);
        let found = found.digits();
        (0..found.len() / 16)
            .filter(|block| {
                let digits = 16 * block..16 * (block + 1);
                known.get(digits.clone()) == found.get(digits)
            })
            .map(|block| block as u64)
            .collect()
    }

    /// The number of the block to which the rows of `run` belong.
    pub fn block_of(&self, run: u64) -> u64 {
        run / self.runs.max(1)
    }
}

/// The lines of a table with their ends; one within quotes belongs to the line before it.
pub(crate) fn rows(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    bytes.split_inclusive(move |&byte| {
        quoted ^= byte == b'"';
        byte == b'\n' && !quoted
    })
}

/// The number of the run that a row belongs to, given as it stands in the file.
pub(crate) fn run_of_line(row: &[u8]) -> Option<u64> {
    let digits = row.split(|&byte| byte == b',').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: &str = "0,0,\"a\nb\",0.5\n1,0,c,1\n2,0,c,2\n3,0,c,3\n130,0,c,4\n";

    fn hash(blocks: &Blocks, text: &str) -> Vec<u64> {
        let mut hasher = blocks.hasher();
        rows(text.as_bytes()).for_each(|row| hasher.add(row));
        blocks.sound("runs.csv", &hasher).into_iter().collect()
    }

    /// 131 numbers of runs make 44 blocks of three.
    #[test]
    fn what_was_changed_spoils_its_own_block() {
        let mut written = Hasher::new(131);
        rows(ROWS.as_bytes()).for_each(|row| written.add(row));
        let blocks = Blocks::of_hashed(131, BTreeMap::from([("runs.csv", &written)]));
        let spoilt = |text: &str| -> Vec<u64> {
            let sound = hash(&blocks, text);
            (0..44).filter(|block| !sound.contains(block)).collect()
        };
        assert_eq!(blocks.block_of(130), 43);
        assert!(spoilt(ROWS).is_empty());
        assert_eq!(spoilt(&ROWS.replace("c,2", "c,7")), [0]);
        assert_eq!(spoilt(&ROWS.replace("3,0,c", "13,0,c")), [1, 4]);
        assert_eq!(spoilt(&ROWS.replace("130,0", "7,0")), [2, 43]);
        assert_eq!(spoilt(&ROWS.replace("a\n", "a")), [0]);
        assert!(spoilt(&format!("{ROWS}999,0,c,4\n")).is_empty());
        assert_eq!(spoilt(&ROWS[..ROWS.len() - 3]), [43]);
        let other = Hasher::new(131);
        assert!(blocks.sound("depths.csv", &other).is_empty());
    }
}
