//! `arigatoni check`: has a metric moved since a baseline was made?

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use serde_json::Value;

use super::folder::{Folder, reread};
use super::held::make;
use super::order::{Prepared, Runs};
use super::planning::plan;
use super::progress::Progress;
use super::signals::Listener;
use super::verdict::{Verdict, junit, markdown};
use super::{baseline, output};
use crate::error::{Error, Kind, Result};
use crate::experiment::Experiment;
use crate::ledger::{Ledger, Plan, Record, differences};
use crate::results::{Manifest, Study};
use crate::statistics::Comparison;
use crate::store;
use crate::study::{self, Control};

/// Run a scenario again and compare it with a baseline, for continuous integration.
///
/// The answer is `identical` (all fingerprints are equal), `equivalent` (some are not, but no
/// metric has changed beyond chance and the tolerance) or `changed`: which metric, where, by how
/// much, how sure. Runs are paired by point and replication; Holm's procedure over all metrics and
/// points keeps the rate of false alarms. Exit code 0: identical or equivalent, 1: changed, 2: bad
/// input.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  arigatoni check scenarios/paper-quick.json --baseline results/paper-quick\n  \
                        arigatoni check scenarios/paper-quick.json --baseline baselines/paper-quick --markdown check.md --junit check.xml\n  \
                        arigatoni check scenarios/paper-quick.json --baseline baselines/paper-quick --update"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    runs: Runs,
    /// The results to compare with: a folder with manifest.json and runs.csv.
    #[arg(long, value_name = "DIR")]
    baseline: PathBuf,
    /// How likely it may be that anything is called changed where nothing is.
    #[arg(long, value_name = "RATE", default_value_t = 0.05, value_parser = output::share)]
    false_alarms: f64,
    /// Differences of at most this share of the baseline's mean do not count, however sure.
    #[arg(long, value_name = "SHARE", default_value_t = 0.001, value_parser = output::tolerance)]
    tolerance: f64,
    /// Write a summary for a pull request to FILE.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Write JUnit XML for the CI server to FILE.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Accept: make the new results the baseline (also where there is none yet).
    #[arg(long)]
    update: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let control = Arc::new(Control::default());
    let listener = Listener::new(&control, arguments.runs.grace())?;
    let prepared = arguments.runs.prepare(None)?;
    let baseline = Folder::new(arguments.baseline.clone());
    baseline
        .check_place()
        .map_err(|error| error.help("give a folder that `sweep` or `check --update` has made"))?;
    let threads = arguments.runs.threads();
    let there = arguments.update && store::exists(baseline.path());
    let lock = there.then(|| baseline.lock()).transpose()?;
    if there {
        baseline::check_finished(&baseline)?;
    }
    let found = baseline.manifest_if_there()?;
    if found.is_none() && !arguments.update {
        return Err(Error::new("there is no baseline")
            .at(arguments.baseline.display())
            .help("make it with --update, or give a folder that `sweep` has made"));
    }
    let mut again = Again::new(&prepared)?;
    let former = match found {
        None => None,
        Some(manifest) => match read(&baseline, &manifest, &again) {
            Ok(study) => Some((study, manifest)),
            // What cannot be compared with can still be replaced, if that is asked.
            Err(error) if arguments.update => {
                eprintln!("not compared: {error}");
                None
            }
            Err(error) => return Err(error),
        },
    };
    let compared = former.as_ref().map(|(study, _)| study);
    let needed = if arguments.update { None } else { compared };
    again.make(&prepared, needed, threads, &control)?;
    if let Some(kind) = listener.heard() {
        return Err(Error::stopped(kind, "stopped before the check was done"));
    }
    let verdict = match &former {
        None => None,
        Some((study, manifest)) => Some(judge(arguments, &prepared, &again, study, manifest)?),
    };
    if let Some(verdict) = &verdict {
        let text = markdown(verdict);
        if let Some(path) = &arguments.markdown {
            store::replace(path, text.as_bytes())?;
        }
        if let Some(path) = &arguments.junit {
            store::replace(path, junit(verdict).as_bytes())?;
        }
        output::print(text.as_bytes())?;
    }
    if arguments.update {
        baseline::accept(&baseline, &prepared, &again.study, again.finished, lock)?;
        eprintln!("{}: this is the baseline now", arguments.baseline.display());
        return Ok(());
    }
    match verdict {
        Some(verdict) if verdict.failed() => Err(Error::stopped(Kind::Failed, verdict.headline())
            .at(arguments.baseline.display())
            .help(verdict.remedy())),
        _ => Ok(()),
    }
}

/// The baseline's study, which must have the scenario's columns and points.
fn read(baseline: &Folder, manifest: &Manifest, again: &Again) -> Result<Study> {
    if let Err(error) = baseline.sound_study(&[], manifest) {
        eprintln!("{error}; it is compared as it is");
    }
    let study = baseline.study(&[])?;
    let other = |error: Error| {
        error
            .at(baseline.path().display())
            .help("give the baseline of this scenario, or make it anew with --update")
    };
    again.check_points(&study).map_err(other)?;
    Comparison::check_columns(&study, &again.study).map_err(other)?;
    Ok(study)
}

/// The runs that are made again.
struct Again {
    plan: Plan,
    ledger: Ledger,
    /// Whether a point was stopped by the most replications that a precision allows.
    unreached: usize,
    /// Whether all runs of the scenario are there, not only those that the baseline has too.
    finished: bool,
    study: Study,
}

impl Again {
    fn new(prepared: &Prepared) -> Result<Self> {
        let (scenario, selection) = (prepared.experiment.scenario(), &prepared.selection);
        let (plan, ledger) = (plan(scenario, selection, u64::MAX)?, Ledger::default());
        Ok(Self {
            study: study_of(prepared, &plan, &ledger),
            plan,
            ledger,
            unreached: 0,
            finished: false,
        })
    }

    /// That the baseline has the scenario's points, and no others.
    fn check_points(&self, baseline: &Study) -> Result<()> {
        let mut there: Vec<String> = baseline.points().iter().map(key_of).collect();
        let mut here: Vec<String> = self.plan.keys().to_vec();
        there.sort_unstable();
        here.sort_unstable();
        if let Some(key) = here.iter().find(|key| there.binary_search(key).is_err()) {
            return Err(Error::new(format!("the baseline has not the point {key}")));
        }
        if let Some(key) = there.iter().find(|key| here.binary_search(key).is_err()) {
            return Err(Error::new(format!(
                "the scenario has not the baseline's point {key}"
            )));
        }
        Ok(())
    }

    /// Makes what `baseline` has too; without it, everything.
    fn make(
        &mut self,
        prepared: &Prepared,
        baseline: Option<&Study>,
        threads: Option<usize>,
        control: &Arc<Control>,
    ) -> Result<()> {
        loop {
            let outline = self.plan.outline(&self.ledger);
            let mut jobs = self
                .plan
                .jobs(&outline, &self.ledger, crate::ledger::Shard::ALL);
            if let Some(baseline) = baseline {
                let most = replications_of(baseline);
                jobs.retain(|job| {
                    let known = most.get(self.plan.key(job.point));
                    known.is_some_and(|&most| job.replication < most)
                });
            }
            if jobs.is_empty() || control.stopped() {
                let stops = outline.stops.iter().flatten();
                self.unreached = stops.filter(|stop| !stop.reached).count();
                self.finished = outline.finished;
                self.study = study_of(prepared, &self.plan, &self.ledger);
                return Ok(());
            }
            let progress = Progress::start(Arc::clone(control), 0, jobs.len() as u64);
            let make = make(&prepared.experiment);
            let made = Mutex::new(Vec::with_capacity(jobs.len()));
            let worked = study::work(
                &jobs,
                threads,
                control,
                |job| make(self.plan.points()[job.point as usize], job.replication),
                |job, outcome| {
                    let point = self.plan.key(job.point).to_owned();
                    let replication = job.replication;
                    made.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(Record {
                            point,
                            replication,
                            outcome,
                        });
                    Ok(())
                },
            );
            progress.finish();
            worked?;
            for record in made.into_inner().unwrap_or_else(PoisonError::into_inner) {
                self.ledger.enter(record);
            }
        }
    }
}

/// How many replications each point of a study has.
fn replications_of(study: &Study) -> std::collections::BTreeMap<String, u32> {
    let points = study.points();
    points
        .iter()
        .map(|point| (key_of(point), point.rows.len() as u32))
        .collect()
}

fn key_of(point: &crate::results::Point<'_>) -> String {
    let values = point.values.iter().map(crate::results::axis_value);
    crate::results::compact(&values.collect())
}

/// The study of all runs in a ledger.
fn study_of(prepared: &Prepared, plan: &Plan, ledger: &Ledger) -> Study {
    let experiment = &prepared.experiment;
    super::held::study_of(
        experiment.scenario(),
        &experiment.columns(),
        plan,
        ledger,
        |_| plan.replications(),
    )
}

fn judge(
    arguments: &Arguments,
    prepared: &Prepared,
    again: &Again,
    baseline: &Study,
    manifest: &Manifest,
) -> Result<Verdict> {
    let scenario = prepared.experiment.scenario();
    let headline = Experiment::headline(scenario);
    let comparison = Comparison::of(baseline, &again.study, &[], &headline)
        .map_err(|error| error.at(arguments.baseline.display()))?;
    let there = reread(&manifest.scenario).map(|there| there.identity());
    let changes = differences(&there.unwrap_or(Value::Null), &scenario.identity());
    Ok(Verdict {
        name: scenario.name().to_owned(),
        baseline: arguments.baseline.display().to_string(),
        comparison,
        rate: arguments.false_alarms,
        tolerance: arguments.tolerance,
        failures: again.study.failures.rows.len(),
        unreached: again.unreached,
        changes,
    })
}
