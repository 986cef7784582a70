//! Making the runs of a scenario again, and judging them against a baseline.
//!
//! It does *not* know how the verdict is told, nor when a baseline is accepted.

use std::collections::BTreeMap;

use super::folder::{Folder, reread};
use super::identity::{changed_files, changed_precision, changed_scenario, other_program};
use super::planning::plan;
use super::prepared::Prepared;
use super::rounds::{Ended, Rounds};
use super::verdict::{Replications, Verdict};
use super::watch::Execution;
use super::writing;
use crate::error::{Error, Result};
use crate::experiment::Experiment;
use crate::ledger::{Ledger, Outline, Plan, Resolution};
use crate::results::{Manifest, Point, SweepResults, axis_value, compact};
use crate::statistics::Comparison;

/// What is judged, and how strictly.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The metrics that are compared; empty: all.
    pub metrics: &'a [String],
    /// The probability that any change is reported if nothing has changed.
    pub false_alarms: f64,
    /// The share of the baseline's mean up to which a change does not count, unless the scenario has a
    /// limit for the metric; `None`: what the scenario says.
    pub tolerance: Option<f64>,
}

/// Results that others are compared with.
pub struct Baseline {
    /// Where they are.
    pub folder: Folder,
    /// How they came about.
    pub manifest: Manifest,
    /// Their runs.
    pub study: SweepResults,
}

/// The runs of a scenario, made again in memory: no folder is touched.
pub struct Rerun<'p> {
    pub(super) prepared: &'p Prepared,
    plan: Plan,
    ledger: Ledger,
    /// Points at which the precision was not reached, though the values vary.
    unreached: usize,
    /// Points at which all values are one number, in all replications that are allowed.
    uniform: usize,
    /// Points at which it was the baseline that had no more replications; they are unreached.
    short: usize,
    /// Whether all runs are there: of the scenario, or of what is [limited](Self::limit).
    pub(super) finished: bool,
    pub(super) study: SweepResults,
}

impl<'p> Rerun<'p> {
    /// None yet of the runs that are asked for.
    ///
    /// # Errors
    /// If the precision's metric does not exist.
    pub fn of(prepared: &'p Prepared) -> Result<Self> {
        let (scenario, selection) = (prepared.experiment.scenario(), &prepared.selection);
        let (plan, ledger) = (plan(scenario, selection, u64::MAX)?, Ledger::default());
        Ok(Self {
            study: study_of(prepared, &plan, &ledger)?,
            prepared,
            plan,
            ledger,
            unreached: 0,
            uniform: 0,
            short: 0,
            finished: false,
        })
    }

    /// The name of the scenario.
    pub fn name(&self) -> &str {
        self.prepared.experiment.scenario().name()
    }

    /// The runs that were made.
    pub fn study(&self) -> &SweepResults {
        &self.study
    }

    /// Whether all runs are there: of the scenario, or of what is [limited](Self::limit).
    pub fn finished(&self) -> bool {
        self.finished
    }

    /// Checks that the runs can be compared with those of a baseline.
    ///
    /// # Errors
    /// If it has other columns, or points that are not run.
    pub fn check_baseline(&self, baseline: &SweepResults) -> Result<()> {
        self.check_points(baseline)?;
        Comparison::check_columns(baseline, &self.study)
    }

    /// Checks that the baseline has the points that are run, and no others than the scenario.
    fn check_points(&self, baseline: &SweepResults) -> Result<()> {
        let mut there: Vec<String> = baseline.points().iter().map(key_of).collect();
        let mut here: Vec<String> = self.plan.keys().to_vec();
        there.sort_unstable();
        here.sort_unstable();
        if let Some(key) = here.iter().find(|key| there.binary_search(key).is_err()) {
            return Err(Error::new(format!(
                "the baseline does not have the point {key}"
            )));
        }
        if !self.prepared.filters.is_empty() {
            // What the filters leave out is not compared.
            let scenario = self.prepared.experiment.scenario();
            here = plan(scenario, &scenario.select(&[])?, u64::MAX)?
                .keys()
                .to_vec();
            here.sort_unstable();
        }
        if let Some(key) = there.iter().find(|key| here.binary_search(key).is_err()) {
            return Err(Error::new(format!(
                "the scenario does not have the baseline's point {key}"
            )));
        }
        Ok(())
    }

    /// Limits what is made to what `baseline` has, too.
    pub fn limit(&mut self, baseline: &SweepResults) {
        let most = replications_of(baseline);
        let plan = self.plan.clone();
        self.plan = plan.limited(|key| most.get(key).copied().unwrap_or(0));
    }

    /// How many replications are asked for and how many the baseline has where runs are compared.
    fn replications(&self, baseline: &SweepResults) -> Option<Replications> {
        let scenario = self.prepared.experiment.scenario();
        let there = replications_of(baseline);
        let there = self.plan.keys().iter().filter_map(|key| there.get(key));
        let told = Replications {
            asked: scenario.replications(),
            least: *there.clone().min()?,
            most: *there.max()?,
        };
        scenario.precision().is_none().then_some(told)
    }

    /// Notes at how many points the precision is not reached, and why.
    fn note_stops(&mut self, outline: &Outline, most: u32) {
        for stop in outline.stops.iter().flatten() {
            match stop.resolution {
                Resolution::Reached => {}
                Resolution::NoVariance if stop.replications == most => self.uniform += 1,
                _ => {
                    self.unreached += 1;
                    self.short += usize::from(stop.replications < most);
                }
            }
        }
    }

    /// Makes all runs, up to the limit, unless the work is stopped; what was made is a study then.
    ///
    /// # Errors
    /// The first error of a run.
    pub fn make(&mut self, execution: &mut Execution<'_>) -> Result<Ended> {
        let experiment = &self.prepared.experiment;
        let mut rounds = Rounds {
            plan: &self.plan,
            ledger: &mut self.ledger,
            parts: None,
            resumed: false,
        };
        let ended = rounds.make_all(experiment, execution)?;
        let precision = experiment.scenario().precision();
        let most = precision.map_or(0, |precision| precision.max.0);
        self.note_stops(&ended.outline, most);
        self.finished = ended.outline.finished && !ended.stopped;
        self.study = study_of(self.prepared, &self.plan, &self.ledger)?;
        Ok(ended)
    }

    /// Judges what was made against a baseline, on these `terms`.
    ///
    /// # Errors
    /// If a metric that is wanted does not exist.
    pub fn judge(&self, baseline: &Baseline, terms: &Terms<'_>) -> Result<Verdict> {
        let experiment = &self.prepared.experiment;
        let Baseline {
            folder,
            manifest,
            study,
        } = baseline;
        let scenario = experiment.scenario();
        let headline = Experiment::headline(scenario);
        let limits = scenario.limits(terms.tolerance);
        let comparison = Comparison::of(study, &self.study, terms.metrics, &headline, &limits)
            .map_err(|error| error.at(folder.path().display()))?;
        let topologies = experiment.topologies();
        let mut changes = changed_files(manifest, experiment, &topologies);
        match reread(&manifest.scenario) {
            Ok(there) => changes.extend(changed_scenario(
                (&there, &manifest.topologies),
                (scenario, &topologies),
            )),
            Err(error) => changes.push(format!("the baseline's scenario cannot be read: {error}")),
        }
        Ok(Verdict {
            name: scenario.name().to_owned(),
            baseline: folder.path().display().to_string(),
            other_program: other_program(manifest),
            comparison,
            rate: terms.false_alarms,
            limits,
            replications: self.replications(study),
            failures: self.study.failures.rows.len(),
            unreached: self.unreached,
            uniform: self.uniform,
            short: self.short,
            changes,
            precision: changed_precision(&manifest.scenario, scenario),
        })
    }
}

/// How many replications each point of a study has.
fn replications_of(study: &SweepResults) -> BTreeMap<String, u32> {
    let points = study.points();
    points
        .iter()
        .map(|point| (key_of(point), point.rows.len() as u32))
        .collect()
}

fn key_of(point: &Point<'_>) -> String {
    let values = point.values.iter().map(axis_value);
    compact(&values.collect())
}

/// The study of all runs in a ledger.
fn study_of(prepared: &Prepared, plan: &Plan, ledger: &Ledger) -> Result<SweepResults> {
    let experiment = &prepared.experiment;
    writing::study_of(
        experiment.scenario(),
        experiment.columns().clone(),
        plan,
        ledger,
        |_| plan.replications(),
    )
}
