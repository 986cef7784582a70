//! The end of a sweep: its tables, figures and manifest, put into its folder.
//!
//! It does *not* know how the runs were made.

use super::overwriting::PRECISION;
use super::sweep::{Sweep, is_same_but_shards};
use super::watch::Watch;
use super::writing::{Writing, Written, add_point};
use super::{clock, provenance};
use crate::error::{Error, Result};
use crate::experiment::{self, Experiment};
use crate::figures::{PointNames, Shown};
use crate::ledger::{self, Outline};
use crate::measure::{Cell, Table};
use crate::results::{self, SweepResults, csv};
use crate::statistics::{Agreement, told};
use crate::store::{self, Lock};

/// Of more runs no figures are drawn along with the tables: what figures show is kept in memory until
/// then, up to 2 kB a run.
const RUNS_DRAWN_MAX: u64 = 250_000;

/// What is said if there are too many runs to draw their figures.
fn too_many(runs: u64) -> Option<String> {
    (runs > RUNS_DRAWN_MAX).then(|| {
        format!(
            "to save memory, no figures are drawn for more than {RUNS_DRAWN_MAX} runs; `arigatoni figures` with \
            this folder draws them, and needs about {} MB",
            runs.div_ceil(400)
        )
    })
}

impl Sweep {
    /// [`Self::finish`] will draw no figures, and remove those that are there, which show former results.
    pub fn leave_figures(&mut self) {
        self.draws = false;
    }

    /// Puts the results into the folder, which `lock` holds; the parts go if nothing is missing.
    /// Returns false, with nothing done, if another process has planned more since the folder was looked at.
    ///
    /// # Errors
    /// If the folder is no longer here, or cannot be written; or if the table of runs would have fewer
    /// rows than it has.
    pub fn finish(
        &mut self,
        outline: &Outline,
        threads: Option<usize>,
        lock: &Lock,
        watch: &mut dyn Watch,
    ) -> Result<bool> {
        let mut figures = Experiment::figures(&self.scenario);
        let undrawn = too_many(outline.runs()).filter(|_| self.draws && !figures.is_empty());
        let draws = self.draws && undrawn.is_none();
        if !draws {
            figures.clear();
        }
        let shown = Shown::of(&figures);
        let mut writing = self.write(outline, &shown)?;
        let theory = std::mem::take(&mut writing.theory);
        let (made, failed) = (writing.runs, writing.failed);
        let (mut tables, blocks, study) = writing.end();
        if self.scenario.precision().is_some() {
            let table = csv::encode(&self.stops(outline));
            tables.push(Written::of(&self.folder, PRECISION, &table)?);
        }
        let _alone = self.folder.lock_manifest()?;
        self.folder.check_still_here(lock)?;
        let now = self.folder.manifest()?;
        if !is_same_but_shards(&now, &self.manifest) {
            return Ok(false);
        }
        if !outline.finished {
            self.check_not_fewer(made)?;
        }
        self.manifest.shards = now.shards;
        self.manifest.complete = outline.finished;
        self.manifest.runs = outline.runs();
        self.manifest.runs_done = made;
        self.manifest.runs_failed = failed;
        self.manifest.ended = Some(clock::now());
        self.manifest.threads = threads
            .or_else(provenance::cores)
            .map(|threads| threads as u32);
        self.manifest.blocks = Some(blocks);
        if !draws {
            self.folder.remove_figures(&self.manifest, &[])?;
        }
        let unfit = self
            .folder
            .put(tables, &study, &figures, &mut self.manifest, lock)?;
        let kept = self.folder.put_readme(&self.scenario, &self.manifest)?;
        for why in undrawn.into_iter().chain(unfit).chain(kept) {
            watch.report(&why);
        }
        if self.scenario.wants_theory() {
            self.tell_theory(&theory, &study, watch);
        }
        if outline.finished {
            store::sync_folder(self.folder.path())?;
            self.parts.remove()?;
        }
        Ok(true)
    }

    /// Says whether theory agrees with the runs of `study`.
    fn tell_theory(&self, theory: &[Agreement], study: &SweepResults, watch: &mut dyn Watch) {
        let names = PointNames::of(&Experiment::figures(&self.scenario), study);
        let (agreement, mut told) = told(
            theory,
            &|point| names.place(point),
            &Experiment::beyond_theory(&self.scenario),
        );
        if !told.contains(&agreement) {
            told.insert(0, agreement);
        }
        for sentence in told {
            watch.report(&sentence);
        }
    }

    /// Writes the tables of all finished runs that count, in canonical order, beside their places.
    fn write<'a>(&'a self, outline: &Outline, shown: &'a Shown) -> Result<Writing<'a>> {
        let columns = experiment::columns(&self.scenario);
        let empty = columns.study();
        let end = self.scenario.run_count();
        let mut writing = Writing::begin(&self.folder, &empty, end, shown)?;
        for (place, &replications) in outline.replications.iter().enumerate() {
            let mut point = empty.clone();
            let whose = (&self.scenario, &self.plan, &self.ledger);
            add_point(&mut point, whose, place, replications)?;
            writing.add(point)?;
        }
        Ok(writing)
    }

    /// How many rows the table of runs has, whether they can be vouched for or not.
    pub(super) fn rows_there(&self) -> Result<u64> {
        let path = self.folder.path().join(SweepResults::RUNS);
        Ok(ledger::count_rows(&path)?.max(self.manifest.runs_done))
    }

    /// Checks that tables that are not complete have no fewer rows than those that are there.
    fn check_not_fewer(&self, made: u64) -> Result<()> {
        let there = self.rows_there()?;
        if made >= there {
            return Ok(());
        }
        Err(Error::new(format!(
            "the table of runs has {there} rows, but only {made} would remain: the others were \
            changed after they were written"
        ))
        .at(self.folder.path().display())
        .help(
            "`arigatoni sweep` with the same scenario and folder repeats only those, with the \
        same bytes as the result",
        ))
    }

    /// The table of `precision.csv`: where each point was stopped, and why.
    fn stops(&self, outline: &Outline) -> Table {
        let own = ["replications", "n", "mean", "half_width", "stopped"].map(str::to_owned);
        let axes = experiment::columns(&self.scenario).axes;
        let axes = axes.into_iter().map(|axis| axis.column);
        let mut rows = Vec::new();
        for (&point, stop) in self.plan.points().iter().zip(&outline.stops) {
            let Some(stop) = stop else { continue };
            let values = self.scenario.axis_values(point);
            let mut row: Vec<Cell> = values.iter().map(results::axis_cell).collect();
            row.extend([
                Cell::Count(stop.replications.into()),
                Cell::Count(stop.n),
                stop.mean.into(),
                stop.half_width.into(),
                Cell::Text(stop.resolution.word().into()),
            ]);
            rows.push(row);
        }
        Table {
            columns: axes.chain(own).collect(),
            rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::{RUNS_DRAWN_MAX, too_many};

    #[test]
    fn figures_of_very_many_runs_are_left_and_that_is_said() {
        assert_eq!(too_many(RUNS_DRAWN_MAX), None);
        expect!["to save memory, no figures are drawn for more than 250000 runs; `arigatoni figures` with this folder draws them, and needs about 2500 MB"].assert_eq(&too_many(1_000_000).unwrap());
    }
}
