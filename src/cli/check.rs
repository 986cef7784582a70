//! `arigatoni check`: has a metric moved since a baseline was made?

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;

use super::folder::{Folder, reread};
use super::held::make;
use super::junit::junit;
use super::order::{Prepared, Runs};
use super::planning::{self, changed_files, plan};
use super::progress::{Begun, Progress};
use super::signals::Listener;
use super::verdict::{Replications, Verdict, as_json, markdown};
use super::{baseline, output, targets};
use crate::error::{Error, Kind, Result};
use crate::experiment::Experiment;
use crate::ledger::{Ledger, Outline, Plan, Record, Resolution, Shard};
use crate::results::{Manifest, Study};
use crate::scenario::Scenario;
use crate::statistics::Comparison;
use crate::store;
use crate::study::{self, Control};

/// Run a scenario again and compare it with a baseline, for continuous integration.
///
/// The answer is `identical` (all fingerprints are equal), `equivalent` (some are not, but no
/// metric has changed beyond its tolerance for sure) or `changed`: which metric, where, by how
/// much, how sure. Which changes of a metric count the scenario says in /check. Runs are paired by point and replication; Holm's procedure over all metrics and
/// points keeps the rate of false alarms. With --filter only the points that it leaves are
/// compared. Exit code 0: identical or equivalent, 1: changed, runs that failed, or a precision that
/// was not reached, 2: bad input.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  arigatoni check scenarios/paper-quick.json --baseline results/paper-quick\n  \
                        arigatoni check scenarios/paper-quick.json --baseline baselines/paper-quick --markdown check.md --junit check.xml --json check.json\n  \
                        arigatoni check scenarios/paper-quick.json --baseline baselines/paper-quick --update\n  \
                        arigatoni check results/paper-quick    (make it again, and compare it with itself)\n  \
                        arigatoni check scenarios/paper-quick.json --baseline results/paper-quick --metric messages_per_request \
                        --set '/check={\"metrics\": {\"messages_per_request\": {\"worse\": \"higher\", \"tolerance\": 0.02}}}'"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    runs: Runs,
    /// The results to compare with: a folder with manifest.json and runs.csv. Default: the results folder
    /// that takes the scenario's place, which is then made again and compared with itself.
    #[arg(long, value_name = "DIR")]
    baseline: Option<PathBuf>,
    /// How likely it may be that anything is called changed where nothing is.
    #[arg(long, value_name = "RATE", default_value_t = 0.05, value_parser = output::share)]
    false_alarms: f64,
    /// Compare only this metric; may be given several times.
    #[arg(long = "metric", value_name = "NAME")]
    metrics: Vec<String>,
    /// Changes count that are, for sure, of more than this share of the baseline's mean; default: that of
    /// the scenario's /check/tolerance, which is 0.001 unless it says otherwise. A metric in
    /// /check/metrics keeps its own.
    #[arg(long, value_name = "SHARE", value_parser = output::tolerance)]
    tolerance: Option<f64>,
    /// Write a summary for a pull request to FILE.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Write JUnit XML for the CI server to FILE.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the verdict and its rows as JSON to FILE.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Accept: make the new results the baseline (also where there is none yet); not with --filter.
    #[arg(long)]
    update: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let control = Arc::new(Control::default());
    let listener = Listener::new(&control, arguments.runs.grace())?;
    let prepared = arguments.runs.prepare(None)?;
    let baseline = baseline_of(arguments)?;
    check_whole(arguments, &prepared)?;
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
            .at(baseline.path().display())
            .help("make it with --update, or give a folder that `sweep` has made"));
    }
    let mut again = Again::new(&prepared)?;
    let former = match found {
        None => None,
        Some(manifest) => match read((&baseline, arguments.update), &manifest, &again, &prepared) {
            Ok(study) => Some((study, manifest)),
            // What cannot be compared with can still be replaced, if that is asked.
            Err(error) if arguments.update => {
                super::tell(format_args!("not compared: {error}"));
                None
            }
            Err(error) => return Err(error),
        },
    };
    if let Some((study, _)) = former.as_ref().filter(|_| !arguments.update) {
        again.limit(study);
    }
    again.make(&prepared, threads, &control)?;
    if let Some(kind) = listener.heard() {
        return Err(Error::stopped(kind, "stopped before the check was done"));
    }
    let verdict = match &former {
        None => None,
        Some((study, manifest)) => Some(judge(
            arguments,
            &prepared,
            &again,
            (&baseline, study, manifest),
        )?),
    };
    if let Some(verdict) = &verdict {
        put(arguments, verdict)?;
    }
    if arguments.update {
        baseline::accept(&baseline, &prepared, &again.study, again.finished, lock)?;
        super::tell(format_args!(
            "{}: this is the baseline now",
            baseline.path().display()
        ));
        return Ok(());
    }
    match verdict {
        Some(verdict) if verdict.failed() => Err(Error::stopped(Kind::Failed, verdict.headline())
            .at(baseline.path().display())
            .help(verdict.remedy())),
        _ => Ok(()),
    }
}

/// The folder to compare with.
fn baseline_of(arguments: &Arguments) -> Result<Folder> {
    let named = arguments.baseline.clone().map(Folder::new);
    named.or_else(|| arguments.runs.results()).ok_or_else(|| {
        Error::new("there is nothing to compare with")
            .at("--baseline")
            .help("give --baseline DIR; only a results folder can be compared with itself")
    })
}

/// That no part of a scenario takes the place of a whole baseline.
fn check_whole(arguments: &Arguments, prepared: &Prepared) -> Result<()> {
    if !arguments.update || prepared.filters.is_empty() {
        return Ok(());
    }
    Err(
        Error::new("--update replaces the whole baseline, and --filter leaves a part of it out")
            .help(
                "leave --filter out; `arigatoni sweep` with --filter makes the results of a part, \
                 in a folder of their own",
            ),
    )
}

/// That the files that are asked for can be written, and are none of those that are read.
fn check_outputs(arguments: &Arguments, prepared: &Prepared, baseline: &Folder) -> Result<()> {
    let ours = [Manifest::FILE, Study::RUNS, Study::FAILURES];
    let inputs = ours.map(|name| baseline.path().join(name)).into_iter();
    let inputs = inputs.chain(prepared.experiment.inputs().into_values());
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
fn read(
    (folder, update): (&Folder, bool),
    manifest: &Manifest,
    again: &Again,
    prepared: &Prepared,
) -> Result<Study> {
    planning::scenario_of(folder, manifest)?;
    let study = folder.study(&[], manifest, "compared")?;
    let other = |error: Error| {
        let error = error.at(folder.path().display());
        // Whoever updates it need not be told to.
        if update {
            return error;
        }
        error.help("give the baseline of this scenario, or make it anew with --update")
    };
    again.check_points(&study, prepared).map_err(other)?;
    Comparison::check_columns(&study, &again.study).map_err(other)?;
    Ok(study)
}

/// The runs that are made again.
struct Again {
    plan: Plan,
    ledger: Ledger,
    /// Points at which the precision was not reached, though the values vary.
    unreached: usize,
    /// Points at which all values are one number, in all replications that are allowed.
    uniform: usize,
    /// Points at which it was the baseline that had no more replications; they are unreached.
    short: usize,
    /// Whether all runs are there: of the scenario, or of what is [limited](Self::limit).
    finished: bool,
    study: Study,
}

impl Again {
    fn new(prepared: &Prepared) -> Result<Self> {
        let (scenario, selection) = (prepared.experiment.scenario(), &prepared.selection);
        let (plan, ledger) = (plan(scenario, selection, u64::MAX)?, Ledger::default());
        Ok(Self {
            study: study_of(prepared, &plan, &ledger)?,
            plan,
            ledger,
            unreached: 0,
            uniform: 0,
            short: 0,
            finished: false,
        })
    }

    /// That the baseline has the points that are run, and no others than the scenario.
    fn check_points(&self, baseline: &Study, prepared: &Prepared) -> Result<()> {
        let mut there: Vec<String> = baseline.points().iter().map(key_of).collect();
        let mut here: Vec<String> = self.plan.keys().to_vec();
        there.sort_unstable();
        here.sort_unstable();
        if let Some(key) = here.iter().find(|key| there.binary_search(key).is_err()) {
            return Err(Error::new(format!(
                "the baseline does not have the point {key}"
            )));
        }
        if !prepared.filters.is_empty() {
            // What the filters leave out is not compared.
            let scenario = prepared.experiment.scenario();
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
    fn limit(&mut self, baseline: &Study) {
        let most = replications_of(baseline);
        let plan = self.plan.clone();
        self.plan = plan.limited(|key| most.get(key).copied().unwrap_or(0));
    }

    /// How many replications are asked for and how many the baseline has where runs are compared.
    fn replications(&self, baseline: &Study, scenario: &Scenario) -> Option<Replications> {
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

    /// Makes all runs, up to the limit.
    fn make(
        &mut self,
        prepared: &Prepared,
        threads: Option<usize>,
        control: &Arc<Control>,
    ) -> Result<()> {
        let begun = Begun::now(control, false);
        loop {
            let outline = self.plan.outline(&self.ledger);
            let jobs = self.plan.jobs(&outline, &self.ledger, Shard::ALL);
            if jobs.is_empty() || control.stopped() {
                let precision = prepared.experiment.scenario().precision();
                let most = precision.map_or(0, |precision| precision.max);
                self.note_stops(&outline, most);
                self.finished = outline.finished;
                self.study = study_of(prepared, &self.plan, &self.ledger)?;
                return Ok(());
            }
            let (before, more) = (self.ledger.len(), jobs.len() as u64);
            let progress = Progress::start(Arc::clone(control), begun, more, before + more);
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
                self.ledger.enter(record)?;
            }
            let finished = self.plan.outline(&self.ledger).finished;
            progress.finish(finished || worked.is_err() || control.stopped());
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
fn study_of(prepared: &Prepared, plan: &Plan, ledger: &Ledger) -> Result<Study> {
    let experiment = &prepared.experiment;
    super::writing::study_of(
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
    (folder, baseline, manifest): (&Folder, &Study, &Manifest),
) -> Result<Verdict> {
    let scenario = prepared.experiment.scenario();
    let headline = Experiment::headline(scenario);
    let limits = scenario.limits(arguments.tolerance);
    let (wanted, again_study) = (&arguments.metrics, &again.study);
    let comparison = Comparison::of(baseline, again_study, wanted, &headline, &limits)
        .map_err(|error| error.at(folder.path().display()))?;
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
        baseline: folder.path().display().to_string(),
        other_program: planning::other_program(manifest),
        comparison,
        rate: arguments.false_alarms,
        limits,
        replications: again.replications(baseline, scenario),
        failures: again.study.failures.rows.len(),
        unreached: again.unreached,
        uniform: again.uniform,
        short: again.short,
        changes,
        precision: planning::changed_precision(&manifest.scenario, scenario),
    })
}
