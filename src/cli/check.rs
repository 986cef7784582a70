//! `arigatoni check`: has a metric moved since a baseline was made?

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use serde_json::Value;

use super::folder::{Folder, reread};
use super::held::make;
use super::order::{Order, Prepared};
use super::planning::{cores, plan};
use super::progress::Progress;
use super::signals::Listener;
use super::verdict::{Verdict, junit, markdown};
use super::{clock, output};
use crate::error::{Error, Kind, Result};
use crate::ledger::{Ledger, Plan, Record, differences};
use crate::results::{Machine, Manifest, Study};
use crate::statistics::{self, Comparison};
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
    order: Order,
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
    let listener = Listener::new(&control)?;
    let prepared = arguments.order.prepare()?;
    let baseline = Folder::new(arguments.baseline.clone());
    let threads = arguments.order.threads();
    let found = baseline.manifest_if_there()?;
    if found.is_none() && !arguments.update {
        return Err(Error::new("there is no baseline")
            .at(arguments.baseline.display())
            .help("make it with --update, or give a folder that `sweep` has made"));
    }
    let started = clock::now();
    let mut again = Again::new(&prepared)?;
    let former = match &found {
        None => None,
        Some(manifest) => {
            let study = baseline.study(&[])?;
            again.check_points(&study, &arguments.baseline)?;
            Some((study, manifest))
        }
    };
    again.make(
        &prepared,
        former.as_ref().map(|(study, _)| study),
        threads,
        &control,
    )?;
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
        update(&baseline, &prepared, &again, started, threads)?;
        eprintln!("{}: this is the baseline now", arguments.baseline.display());
        return Ok(());
    }
    match verdict {
        Some(verdict) if verdict.failed() => Err(Error::stopped(Kind::Failed, verdict.headline())
            .at(arguments.baseline.display())
            .help("if that is meant, accept it with --update")),
        _ => Ok(()),
    }
}

/// The runs that are made again.
struct Again {
    plan: Plan,
    ledger: Ledger,
    /// Whether a point was stopped by the most replications that a precision allows.
    unreached: usize,
    study: Study,
}

impl Again {
    fn new(prepared: &Prepared) -> Result<Self> {
        Ok(Self {
            plan: plan(
                prepared.experiment.scenario(),
                &prepared.selection,
                u64::MAX,
            )?,
            ledger: Ledger::default(),
            unreached: 0,
            study: Study::default(),
        })
    }

    /// That the baseline has the scenario's columns and points.
    fn check_points(&self, baseline: &Study, path: &std::path::Path) -> Result<()> {
        let other = |what: String| {
            Error::new(what)
                .at(path.display())
                .help("give the baseline of this scenario, or make it anew with --update")
        };
        let mut there: Vec<String> = baseline.points().iter().map(key_of).collect();
        let mut here: Vec<String> = self.plan.keys().to_vec();
        there.sort_unstable();
        here.sort_unstable();
        if let Some(key) = here.iter().find(|key| there.binary_search(key).is_err()) {
            return Err(other(format!("the baseline has not the point {key}")));
        }
        if let Some(key) = there.iter().find(|key| here.binary_search(key).is_err()) {
            return Err(other(format!(
                "the scenario has not the baseline's point {key}"
            )));
        }
        Ok(())
    }

    /// Makes what the baseline has too; without a baseline, everything.
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
    let comparison = Comparison::of(baseline, &again.study, &[])
        .map_err(|error| error.at(arguments.baseline.display()))?;
    let scenario = prepared.experiment.scenario();
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

/// Makes the new results the baseline: its tables and the manifest, and the figures if it has any.
fn update(
    baseline: &Folder,
    prepared: &Prepared,
    again: &Again,
    started: String,
    threads: Option<usize>,
) -> Result<()> {
    baseline.check_place()?;
    store::make_folder(baseline.path())?;
    let former = baseline.manifest_if_there()?;
    let study = &again.study;
    let scenario = prepared.experiment.scenario();
    let runs = study.runs.rows.len() as u64;
    let mut manifest = Manifest {
        version: env!("CARGO_PKG_VERSION").into(),
        commit: option_env!("ARIGATONI_COMMIT").map(str::to_owned),
        scenario: scenario.effective().clone(),
        filters: prepared.filters.clone(),
        complete: again.plan.outline(&again.ledger).finished,
        runs,
        runs_done: runs,
        runs_failed: study.failures.rows.len() as u64,
        chunk_runs: prepared.chunk_runs.unwrap_or(runs.max(1)),
        run_ms: None,
        shards: None,
        topologies: prepared.experiment.topologies(),
        tables: former.map(|former| former.tables).unwrap_or_default(),
        started,
        ended: Some(clock::now()),
        machine: Machine {
            os: std::env::consts::OS.into(),
            architecture: std::env::consts::ARCH.into(),
            cores: cores().map(|cores| cores as u32),
        },
        threads: threads.or_else(cores).map(|threads| threads as u32),
    };
    let tables = study.encode(&statistics::summary(study));
    let figures = if store::is_folder(&baseline.path().join("figures")) {
        crate::experiment::Experiment::figures(scenario)
    } else {
        Vec::new()
    };
    let unfit = baseline.put(&tables, study, &figures, &mut manifest)?;
    output::complain(&unfit);
    Ok(())
}
