//! The tables of a sweep, written row by row: the runs need not fit into memory, and nothing is
//! put into its place before everything is written.
//!
//! It does *not* know how runs are made, nor when tables may be replaced.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::Xxh3;

use super::folder::Folder;
use crate::error::Result;
use crate::figures::Shown;
use crate::ledger::{Ledger, Plan};
use crate::results::{Blocks, Columns, Hasher, SweepResults, rows};
use crate::scenario::Scenario;
use crate::statistics::{self, Agreement, agreements};
use crate::store::{self, Draft};

/// A table that is written and not yet in its place.
pub(super) struct Written {
    /// The name of its file.
    pub(super) name: String,
    draft: Draft,
    hash: Xxh3,
    /// Of tables whose rows belong to runs.
    blocks: Option<Hasher>,
}

impl Written {
    /// The table of these `bytes`, for the file `name` of `folder`.
    pub(super) fn of(folder: &Folder, name: &str, bytes: &[u8]) -> Result<Self> {
        let mut written = Self {
            name: name.to_owned(),
            draft: Draft::new(&folder.path().join(name))?,
            hash: Xxh3::new(),
            blocks: None,
        };
        written.append(bytes)?;
        Ok(written)
    }

    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.hash.update(bytes);
        self.draft.write(bytes)
    }

    /// Puts it into its place; returns the hash of its bytes.
    pub(super) fn put(self) -> Result<String> {
        let hash = format!("{:016x}", self.hash.digest());
        self.draft.put().map(|()| hash)
    }
}

/// The tables of a study that comes point by point, and what its figures show.
pub(super) struct Writing<'a> {
    folder: &'a Folder,
    /// Above the numbers of all runs.
    end: u64,
    tables: Vec<Written>,
    shown: &'a Shown,
    /// What the figures need of the runs.
    pub(super) study: SweepResults,
    /// What theory says of them.
    pub(super) theory: Vec<Agreement>,
    pub(super) runs: u64,
    pub(super) failed: u64,
}

impl<'a> Writing<'a> {
    /// Those of runs below `end` with the columns of the study `empty`, for `folder`.
    pub(super) fn begin(
        folder: &'a Folder,
        empty: &SweepResults,
        end: u64,
        shown: &'a Shown,
    ) -> Result<Self> {
        store::make_folder(folder.path())?;
        let mut writing = Self {
            folder,
            end,
            tables: Vec::new(),
            shown,
            study: shown.part_of(empty.clone()),
            theory: Vec::new(),
            runs: 0,
            failed: 0,
        };
        writing.write(empty)?;
        Ok(writing)
    }

    /// Adds the runs of the next point.
    pub(super) fn add(&mut self, point: SweepResults) -> Result<()> {
        if point.runs.rows.is_empty() {
            return Ok(());
        }
        self.runs += point.runs.rows.len() as u64;
        self.failed += point.failures.rows.len() as u64;
        self.write(&point)?;
        self.theory.extend(agreements(&point));
        self.study.append(self.shown.part_of(point));
        Ok(())
    }

    fn write(&mut self, study: &SweepResults) -> Result<()> {
        let always = [
            SweepResults::RUNS,
            SweepResults::SUMMARY,
            SweepResults::FAILURES,
        ];
        for (name, bytes) in study.encode(&statistics::summary(study)) {
            let first = rows(&bytes).next().map_or(0, <[u8]>::len);
            let known = self.tables.iter().position(|table| table.name == name);
            // A table of details is written once there is something in it.
            if known.is_none() && first == bytes.len() && !always.contains(&&*name) {
                continue;
            }
            let known = known.map_or_else(|| self.begin_table(&name, &bytes[..first]), Ok)?;
            let table = &mut self.tables[known];
            if let Some(blocks) = &mut table.blocks {
                rows(&bytes[first..]).for_each(|row| blocks.add(row));
            }
            table.append(&bytes[first..])?;
        }
        Ok(())
    }

    /// Begins the table `name` with its first line; returns its place among the tables.
    fn begin_table(&mut self, name: &str, first: &[u8]) -> Result<usize> {
        let mut table = Written::of(self.folder, name, first)?;
        if name != SweepResults::SUMMARY && name != SweepResults::FAILURES {
            table.blocks = Some(Hasher::new(self.end));
        }
        self.tables.push(table);
        Ok(self.tables.len() - 1)
    }

    /// The tables, the hashes of their blocks, and what the figures need.
    pub(super) fn end(self) -> (Vec<Written>, Blocks, SweepResults) {
        let hashed: BTreeMap<&str, &Hasher> = self
            .tables
            .iter()
            .filter_map(|table| Some((&*table.name, table.blocks.as_ref()?)))
            .collect();
        let blocks = Blocks::of_hashed(self.end, hashed);
        (self.tables, blocks, self.study)
    }
}

/// The study of the finished runs of a plan in canonical order, of each point (told by its place)
/// as many replications as are asked.
///
/// # Errors
/// If what was observed cannot be read back.
pub(super) fn study_of(
    scenario: &Scenario,
    columns: Columns,
    plan: &Plan,
    ledger: &Ledger,
    replications: impl Fn(usize) -> u32,
) -> Result<SweepResults> {
    let mut study = columns.study();
    for place in 0..plan.points().len() {
        let whose = (scenario, plan, ledger);
        add_point(&mut study, whose, place, replications(place))?;
    }
    Ok(study)
}

/// Adds the finished ones of the first `replications` of a point to a study.
pub(super) fn add_point(
    study: &mut SweepResults,
    (scenario, plan, ledger): (&Scenario, &Plan, &Ledger),
    place: usize,
    replications: u32,
) -> Result<()> {
    let point = plan.points()[place];
    let values = scenario.axis_values(point);
    for replication in 0..replications {
        let Some(outcome) = ledger.outcome(plan.key(place as u32), replication)? else {
            continue;
        };
        let run = point * u64::from(plan.replications()) + u64::from(replication);
        study.add((run, replication.into()), &values, outcome);
    }
    Ok(())
}
