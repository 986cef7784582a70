//! What a sweep will take, from a few of its runs; nothing is kept and nothing written.
//!
//! It does *not* know on how many threads the sweep will run.

use super::planning::{first_runs, plan};
use super::prepared::Prepared;
use crate::error::Result;
use crate::results::SweepResults;
use crate::statistics;

/// What a sweep will take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rehearsal {
    /// How many points are asked for.
    pub points: u64,
    /// How many runs were made to find out.
    pub tried: u64,
    /// How many seconds of one thread one of them took, on average.
    pub run_s: f64,
    /// How many bytes a run adds to the tables, on average.
    pub run_bytes: f64,
    /// How many bytes a point adds to them besides.
    pub point_bytes: f64,
}

impl Rehearsal {
    /// Makes up to three runs of the sweep.
    ///
    /// # Errors
    /// If a run cannot be made.
    pub fn of(prepared: &Prepared) -> Result<Self> {
        let experiment = &prepared.experiment;
        let scenario = experiment.scenario();
        let plan = plan(scenario, &prepared.selection, 1)?;
        let mut study = experiment.columns().clone().study();
        let empty = bytes(&study);
        let run_s = first_runs(experiment, plan.points(), |place, outcome| {
            let point = plan.points()[place as usize];
            let run = point * u64::from(plan.replications());
            study.add((run, 0), &scenario.axis_values(point), outcome);
            Ok(())
        })?;
        let tried = study.runs.rows.len() as u64;
        let [runs, summary] = [0, 1].map(|i| (bytes(&study)[i] - empty[i]) / tried as f64);
        Ok(Self {
            points: prepared.selection.len(),
            tried,
            run_s,
            run_bytes: runs,
            point_bytes: summary,
        })
    }
}

/// The bytes of the tables with rows for each run, and of the summary.
fn bytes(study: &SweepResults) -> [f64; 2] {
    let files = study.encode(&statistics::summary(study));
    let mut bytes = [0.0; 2];
    for (name, content) in files {
        let place = usize::from(name == SweepResults::SUMMARY);
        bytes[place] += content.len() as f64;
    }
    bytes
}
