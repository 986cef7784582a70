//! Putting the results of a sweep together that was made in shards.

use std::collections::BTreeMap;

use super::folder::Folder;
use super::sweep::Sweep;
use super::watch::Watch;
use crate::error::Result;
use crate::ledger::{Outline, Shard};

/// What came of merging.
pub enum Merged {
    /// The results are in the folder, those of all runs that are finished.
    Done(Sweep, Outline),
    /// Runs are missing, and nothing was written.
    Missing(Gaps),
}

/// The runs that are missing.
pub struct Gaps {
    /// The sweep of which they are.
    pub sweep: Sweep,
    /// What is asked for.
    pub outline: Outline,
    /// How many are missing of each chunk of which any is, by its place in the outline.
    pub chunks: BTreeMap<u32, usize>,
    /// Whether the tables that are there have more rows than there are finished runs: tables of these
    /// alone would lose some.
    pub fewer_rows: bool,
}

impl Gaps {
    /// How many runs are missing.
    pub fn missing(&self) -> u64 {
        self.chunks.values().sum::<usize>() as u64
    }
}

/// Puts the results in `folder` together; those of a `partial` sweep, too, if that is meant.
///
/// # Errors
/// If another process works in the folder, another program made what is there, or the results cannot
/// be read or written.
pub fn merge(folder: &Folder, partial: bool, watch: &mut dyn Watch) -> Result<Merged> {
    let lock = folder.lock()?;
    // Each time that shards have planned more meanwhile, what there is is looked at anew.
    loop {
        let mut sweep = Sweep::open(folder.clone(), watch)?;
        let outline = sweep.outline();
        let jobs = sweep.jobs(&outline, Shard::ALL);
        if !jobs.is_empty() && !partial {
            let mut chunks: BTreeMap<u32, usize> = BTreeMap::new();
            for job in &jobs {
                *chunks.entry(job.chunk).or_default() += 1;
            }
            let made = outline.runs() - jobs.len() as u64;
            return Ok(Merged::Missing(Gaps {
                fewer_rows: sweep.rows_there()? > made,
                sweep,
                outline,
                chunks,
            }));
        }
        let threads = sweep.manifest().threads.map(|threads| threads as usize);
        if sweep.finish(&outline, threads, &lock, watch)? {
            return Ok(Merged::Done(sweep, outline));
        }
    }
}
