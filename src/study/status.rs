//! How far a sweep is: what is finished, what has failed, what is left in each shard.
//!
//! It does *not* know in what words that is told.

use std::collections::BTreeMap;

use super::identity::other_program;
use super::sweep::Sweep;
use super::tally::Tally;
use crate::ledger::Shard;
use crate::store;

/// How far a sweep is.
#[derive(Debug)]
pub struct Status {
    /// How many runs are asked for, as far as is known.
    pub runs: u64,
    /// How many of them are finished.
    pub done: u64,
    /// The number of shards of the sweep.
    pub shards: u32,
    /// Shards of which runs are missing.
    pub missing: Vec<u32>,
    /// The runs that failed, by their numbers.
    pub failed: Vec<Failed>,
    /// Milliseconds of one thread for what is missing; absent if no run was timed.
    pub left_ms: Option<f64>,
    /// Milliseconds of one thread for what is missing of the shard that has most to do.
    pub longest_ms: Option<f64>,
    /// Milliseconds of one thread for repeating the failed runs.
    pub again_ms: Option<f64>,
    /// Whether the tables are complete.
    pub complete: bool,
    /// What made the results, if it is known.
    pub program: Option<String>,
    /// Whether that is another program than this one, which cannot go on with them.
    pub other_program: bool,
    /// What became of the precision that is asked for, if one is.
    pub precision: Option<Tally>,
}

/// A run that failed.
#[derive(Debug)]
pub struct Failed {
    /// Its number.
    pub run: u64,
    /// The shard that it belongs to.
    pub shard: u32,
    /// Its replication.
    pub replication: u32,
    /// The message with which it failed.
    pub error: String,
}

impl Status {
    /// The status of `sweep`, which is made in `shards` shards.
    pub fn of(sweep: &Sweep, shards: u32) -> Self {
        let outline = sweep.outline();
        let jobs = sweep.jobs(&outline, Shard::ALL);
        let mut left: BTreeMap<u32, u64> = BTreeMap::new();
        for job in &jobs {
            *left.entry(job.chunk % shards).or_default() += 1;
        }
        let mut failed: Vec<Failed> = sweep
            .failures(&outline)
            .map(|(chunk, run, replication, error)| Failed {
                run,
                shard: chunk % shards,
                replication,
                error,
            })
            .collect();
        failed.sort_by_key(|failed| failed.run);
        let run_ms = sweep.manifest().run_ms;
        let work_ms = |runs: u64| run_ms.map(|run_ms| run_ms * runs as f64);
        Self {
            runs: outline.runs(),
            done: outline.runs() - jobs.len() as u64,
            shards,
            left_ms: work_ms(jobs.len() as u64),
            longest_ms: work_ms(left.values().copied().max().unwrap_or(0)),
            again_ms: work_ms(failed.len() as u64),
            missing: left.into_keys().collect(),
            failed,
            complete: sweep.manifest().complete && has_tables(sweep),
            program: (!sweep.manifest().is_baseline())
                .then(|| sweep.manifest().program().to_string()),
            other_program: other_program(sweep.manifest()).is_some(),
            precision: sweep.scenario().precision().map(|_| Tally::of(&outline)),
        }
    }
}

/// Whether all tables that the manifest tells are there.
fn has_tables(sweep: &Sweep) -> bool {
    let mut names = sweep.manifest().tables.keys();
    names.all(|name| store::exists(&sweep.folder().path().join(name)))
}
