//! `arigatoni check`: has a metric moved since a baseline was made?

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::junit::junit;
use super::memory::check_memory;
use super::screen::Screen;
use super::signals::{Listener, RUNS};
use super::stderr::{Stderr, print_stderr};
use super::sweep_arguments::Runs;
use super::verdict::{as_json, headline, markdown, remedy};
use super::{output, targets};
use crate::error::{Error, Kind, Result};
use crate::results::{Manifest, SweepResults};
use crate::store;
use crate::study::{Baseline, Control, Execution, Folder, Prepared, Rerun, Terms, Verdict};

/// Run a scenario again and compare it with a baseline, for continuous integration.
///
/// The answer is `identical` (all fingerprints are equal), `equivalent` (some differ, but no metric has
/// changed significantly beyond its tolerance) or `changed` (with the metric, the point, the size and
/// the certainty of each change). The member /check of the scenario says which changes of a metric
/// count. Runs are paired by point and replication; Holm's procedure over all metrics and points
/// controls the rate of false alarms. With --filter only the selected points are compared. Exit code 0:
/// identical or equivalent, 1: changed, failed runs, or a precision that was not reached, 2: bad input.
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
    /// The results to compare with: a folder with manifest.json and runs.csv. Default: the results
    /// folder that was given as the scenario, which is then compared with a repetition of itself.
    #[arg(long, value_name = "DIR")]
    baseline: Option<PathBuf>,
    /// The probability that any change is reported if nothing has changed.
    #[arg(long, value_name = "RATE", default_value_t = 0.05, value_parser = output::share)]
    false_alarms: f64,
    /// Compare only this metric; may be given several times.
    #[arg(long = "metric", value_name = "NAME")]
    metrics: Vec<String>,
    /// Report only changes that are significantly larger than this fraction of the baseline's mean.
    /// Default: /check/tolerance of the scenario, which is 0.001 by default. A metric in /check/metrics
    /// keeps its own tolerance.
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
    /// Accept the new results as the baseline, also if there is none yet; not with --filter.
    #[arg(long)]
    update: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let control = Arc::new(Control::default());
    let listener = Listener::new(&control, arguments.runs.grace(), RUNS)?;
    let prepared = prepare(arguments)?;
    let baseline = baseline_of(arguments)?;
    check_whole(arguments, &prepared)?;
    baseline
        .check_place()
        .map_err(|error| error.help("give a folder made by `sweep` or `check --update`"))?;
    let threads = arguments.runs.threads();
    check_memory(&prepared, threads)?;
    check_outputs(arguments, &prepared, &baseline)?;
    let there = arguments.update && store::exists(baseline.path());
    let lock = there.then(|| baseline.lock()).transpose()?;
    if there {
        baseline.check_finished()?;
    }
    let found = manifest_of(arguments, &baseline)?;
    let mut screen = Screen::new(&control);
    let mut again = Rerun::of(&prepared)?;
    let former = match found {
        Some(manifest) => read(&baseline, manifest, &again, arguments.update)?,
        None => None,
    };
    if let Some(former) = former.as_ref().filter(|_| !arguments.update) {
        again.limit(&former.study);
    }
    let mut execution = Execution {
        threads,
        control: &control,
        watch: &mut screen,
    };
    again.make(&mut execution)?;
    if let Some(kind) = listener.heard() {
        return Err(Error::stopped(kind, "stopped before the check was done"));
    }
    let terms = Terms {
        metrics: &arguments.metrics,
        false_alarms: arguments.false_alarms,
        tolerance: arguments.tolerance,
    };
    let judged = former.map(|former| again.judge(&former, &terms));
    let verdict = judged.transpose()?;
    if let Some(verdict) = &verdict {
        put(arguments, verdict)?;
    }
    if arguments.update {
        again.accept(&baseline, lock, &mut screen)?;
        print_stderr(format_args!(
            "{}: this is the baseline now",
            baseline.path().display()
        ));
        return Ok(());
    }
    match verdict {
        Some(verdict) if verdict.failed() => Err(Error::stopped(Kind::Failed, headline(&verdict))
            .at(baseline.path().display())
            .help(remedy(&verdict))),
        _ => Ok(()),
    }
}

/// The scenario with all that it needs, which has the metrics that are asked for.
fn prepare(arguments: &Arguments) -> Result<Prepared> {
    let prepared = arguments.runs.prepare(None)?;
    let known = prepared.experiment.check_metrics(&arguments.metrics);
    known.map_err(|error| error.at("--metric"))?;
    Ok(prepared)
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

/// How the baseline came about, if there is one, as there must be unless one is to be made.
fn manifest_of(arguments: &Arguments, baseline: &Folder) -> Result<Option<Manifest>> {
    let found = baseline.manifest_if_there()?;
    if found.is_none() && !arguments.update {
        return Err(Error::new("there is no baseline")
            .at(baseline.path().display())
            .help("make it with --update, or give a folder made by `sweep`"));
    }
    Ok(found)
}

/// Says so, if the results to compare with are not complete.
fn say_partial(baseline: &Folder, manifest: &Manifest) {
    if manifest.is_partial() {
        print_stderr(format_args!(
            "{}: the results are not complete ({} of {} runs); only the existing runs are compared",
            baseline.path().display(),
            manifest.runs_done,
            manifest.runs
        ));
    }
}

/// Checks that no part of a scenario takes the place of a whole baseline.
fn check_whole(arguments: &Arguments, prepared: &Prepared) -> Result<()> {
    if !arguments.update || prepared.filters.is_empty() {
        return Ok(());
    }
    Err(
        Error::new("--update replaces the whole baseline, but --filter selects only a part of it")
            .help(
                "omit --filter; `arigatoni sweep` with --filter makes a part of the results in a \
                separate folder",
            ),
    )
}

/// Checks that the files that are asked for can be written, and are none of those that are read.
fn check_outputs(arguments: &Arguments, prepared: &Prepared, baseline: &Folder) -> Result<()> {
    let ours = [Manifest::FILE, SweepResults::RUNS, SweepResults::FAILURES];
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

/// The sentence that a baseline was made from a scenario of another name, if it was.
fn other_scenario(manifest: &Manifest, again: &Rerun<'_>) -> Option<String> {
    let (there, here) = (manifest.scenario["name"].as_str()?, again.name());
    (there != here).then(|| {
        format!(
            "the baseline is one of the scenario `{there}`, and the scenario to check is `{here}`"
        )
    })
}

/// The baseline, which must have the scenario's columns and points. What cannot be compared with can still
/// be replaced, if an `update` is asked: that is said then.
fn read(
    folder: &Folder,
    manifest: Manifest,
    again: &Rerun<'_>,
    update: bool,
) -> Result<Option<Baseline>> {
    let other = other_scenario(&manifest, again);
    let fitting = |study: SweepResults| {
        let fits = again.check_baseline(&study);
        fits.map(|()| study).map_err(|error| {
            let error = match &other {
                Some(other) => Error::new(format!("{other}: {}", error.into_parts().1)),
                None => error,
            };
            let error = error.at(folder.path().display());
            // A person who updates the baseline gets no advice to update it.
            if update {
                return error;
            }
            error.help("give the baseline of this scenario, or make it again with --update")
        })
    };
    say_partial(folder, &manifest);
    let study = folder.scenario(&manifest);
    let study = study.and_then(|_| folder.study(&[], &manifest, "compared", &mut Stderr));
    match study.and_then(fitting) {
        Ok(study) => {
            if let Some(other) = &other {
                print_stderr(format_args!("{}: {other}", folder.path().display()));
            }
            Ok(Some(Baseline {
                folder: folder.clone(),
                manifest,
                study,
            }))
        }
        Err(error) if update => {
            print_stderr(format_args!("not compared: {error}"));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
