//! `arigatoni check`: has a metric moved since a baseline was made?

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;

use super::folder::{Folder, reread};
use super::held::make;
use super::order::{Prepared, Runs};
use super::planning::{self, changed_files, plan};
use super::progress::Progress;
use super::signals::Listener;
use super::verdict::{Verdict, as_json, junit, markdown};
use super::{baseline, output, targets};
use crate::error::{Error, Kind, Result};
use crate::experiment::Experiment;
use crate::ledger::{Ledger, Plan, Record};
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
                        arigatoni check scenarios/paper-quick.json --baseline baselines/paper-quick --markdown check.md --junit check.xml --json check.json\n  \
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
    /// Write the verdict and its rows as JSON to FILE.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
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
    prepared.check_memory(arguments.runs.threads())?;
    check_outputs(arguments, &prepared, &baseline)?;
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
                super::tell(format_args!("not compared: {error}"));
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
        put(arguments, verdict)?;
    }
    if arguments.update {
        baseline::accept(&baseline, &prepared, &again.study, again.finished, lock)?;
        super::tell(format_args!(
            "{}: this is the baseline now",
            arguments.baseline.display()
        ));
        return Ok(());
    }
    match verdict {
        Some(verdict) if verdict.failed() => Err(Error::stopped(Kind::Failed, verdict.headline())
            .at(arguments.baseline.display())
            .help(verdict.remedy())),
        _ => Ok(()),
    }
}

/// That the files that are asked for can be written, and are none of those that are read.
fn check_outputs(arguments: &Arguments, prepared: &Prepared, baseline: &Folder) -> Result<()> {
    let ours = [Manifest::FILE, Study::RUNS, Study::FAILURES];
    let inputs = ours.map(|name| baseline.path().join(name)).into_iter();
    let inputs = inputs.chain(prepared.experiment.inputs());
    let outputs = [&arguments.markdown, &arguments.junit, &arguments.json];
    targets::check(
        outputs.into_iter().flatten(),
        inputs.chain([arguments.runs.file().to_owned()]),
    )
}

/// Writes the verdict as it is asked for, and its summary to stdout.
fn put(arguments: &Arguments, verdict: &Verdict) -> Result<()> {
    let text = markdown(verdict);
    if let Some(path) = &arguments.markdown {
        store::replace(path, text.as_bytes())?;
    }
    if let Some(path) = &arguments.junit {
        store::replace(path, junit(verdict).as_bytes())?;
    }
    if let Some(path) = &arguments.json {
        store::replace(path, as_json(verdict).as_bytes())?;
    }
    output::print(text.as_bytes())
}

/// The baseline's study, which must have the scenario's columns and points.
fn read(baseline: &Folder, manifest: &Manifest, again: &Again) -> Result<Study> {
    let study = baseline.study(&[], manifest, "compared")?;
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
            for record in made.into_inner().unwrap_or_else(PoisonError::into_inner) {
                self.ledger.enter(record);
            }
            let finished = self.plan.outline(&self.ledger).finished;
            progress.finish(finished || baseline.is_some() || worked.is_err() || control.stopped());
            worked?;
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
    let topologies = prepared.experiment.topologies();
    let mut changes = changed_files(manifest, &prepared.experiment, &topologies);
    match reread(&manifest.scenario) {
        Ok(there) => changes.extend(planning::changes(
            (&there, &manifest.topologies),
            (scenario, &topologies),
        )),
        Err(error) => changes.push(format!("the baseline's cannot be read: {error}")),
    }
    Ok(Verdict {
        name: scenario.name().to_owned(),
        baseline: arguments.baseline.display().to_string(),
        comparison,
        rate: arguments.false_alarms,
        tolerance: arguments.tolerance,
        replications: scenario.precision().is_none().then(|| {
            let there = replications_of(baseline).into_values();
            (scenario.replications(), there.max().unwrap_or(0))
        }),
        failures: again.study.failures.rows.len(),
        unreached: again.unreached,
        changes,
    })
}
