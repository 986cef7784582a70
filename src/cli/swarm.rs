//! `arigatoni swarm`: random small worlds, and what must hold of each.

#![allow(clippy::disallowed_types, reason = "--time-s is about wall-clock time")]

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::input::read_named;
use super::signals::{Listener, RUNS};
use super::waiting::Waiting;
use super::{cores, output, targets};
use crate::error::{Error, Kind, Result};
use crate::store;
use crate::study::{Control, work};
use crate::swarm::{
    self, Findings, Theme, check_theme, check_without, examine, scenario, smallest,
};
use crate::words::{brief, counted};

/// Worlds whose findings are printed together, in order.
const BATCH: u64 = 1000;

/// The number of worlds whose scenarios are shrunk: each takes some hundred runs.
const SHRUNK_MAX: u64 = 3;

/// How long worlds that are being run may still take after SIGTERM.
const GRACE: Duration = Duration::from_secs(20);

/// Run random small worlds, and check what must hold of each.
///
/// A world is a scenario whose members are all drawn from one number, its seed. It is run several times:
/// until everything has come to rest, then again, with the other fidelity, on two threads, and with the
/// other order of search. Nothing may be left over, and the runs must agree. For each world in which that
/// does not hold, its seed is printed and a scenario that is as small as possible and fails alike.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  arigatoni swarm --worlds 100000\n  \
                  arigatoni swarm --seed 17 --worlds 1        one world again\n  \
                  arigatoni swarm --time-s 7200 --without /network/loss")]
pub(super) struct Arguments {
    /// How many worlds. Default: 1000, or with --time-s any number.
    #[arg(long, value_name = "N", value_parser = output::positive::<NonZeroU64>, allow_negative_numbers = true)]
    worlds: Option<NonZeroU64>,
    /// The seed of the first world; the others follow.
    #[arg(long, value_name = "S", default_value_t = 0, value_parser = output::whole::<u64>, allow_negative_numbers = true)]
    seed: u64,
    /// The number of threads; default: one per core.
    #[arg(long, value_name = "T", value_parser = cores::threads)]
    threads: Option<NonZeroUsize>,
    /// Begin no world after so many seconds, and make none smaller.
    #[arg(long, value_name = "S", value_parser = output::positive::<NonZeroU32>, allow_negative_numbers = true)]
    time_s: Option<NonZeroU32>,
    /// Leave the member at POINTER, and those below it, at their defaults; the segment `*` stands for the
    /// system.
    #[arg(long, value_name = "POINTER", value_parser = without)]
    without: Vec<String>,
    /// Draw only worlds of Arigatoni that are made for one question; without it one in eight is.
    #[arg(long, value_name = "THEME", value_enum)]
    theme: Option<ThemeName>,
    /// Print the scenarios of the worlds, one in a line, and run none.
    #[arg(long, conflicts_with_all = ["threads", "time_s"])]
    show: bool,
    /// Run the one world that is in FILE, a line that was printed or any small scenario without files.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["worlds", "seed", "time_s", "without", "theme", "show"])]
    scenario: Option<PathBuf>,
    /// Write a trace of its first run to FILE (CSV), until everything has come to rest.
    #[arg(long, value_name = "FILE", requires = "scenario")]
    trace: Option<PathBuf>,
}

/// What worlds are made for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum ThemeName {
    /// Whether the overlay heals.
    Healing,
    /// Whether all orders of search accept the same requests.
    Search,
}

impl Arguments {
    /// The world called `seed`.
    fn world(&self, seed: u64) -> Value {
        scenario(seed, &self.without(), self.theme())
    }

    fn theme(&self) -> Option<Theme> {
        self.theme.map(|name| match name {
            ThemeName::Healing => Theme::Healing,
            ThemeName::Search => Theme::Search,
        })
    }

    fn without(&self) -> Vec<&str> {
        self.without.iter().map(String::as_str).collect()
    }
}

/// Reads a pointer to what is not drawn.
fn without(text: &str) -> Result<String> {
    check_without(text).map(|()| text.into())
}

/// What came out of the worlds so far.
#[derive(Debug, Default)]
struct SwarmCounts {
    worlds: u64,
    failed: u64,
    findings: Findings,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    cores::limit(arguments.threads)?;
    let control = Arc::new(Control::default());
    let listener = Listener::new(&control, GRACE, RUNS)?;
    let begun = Instant::now();
    let time = arguments
        .time_s
        .map(|time_s| Duration::from_secs(time_s.get().into()));
    let is_over = || time.is_some_and(|time| begun.elapsed() >= time);
    let worlds = arguments.worlds.map(NonZeroU64::get);
    let worlds = worlds.or(time.is_none().then_some(1000));
    let end = match worlds {
        Some(worlds) => arguments.seed.checked_add(worlds).ok_or_else(|| {
            let last = u64::MAX - worlds;
            Error::new(format!(
                "so many worlds have no seeds from {} on",
                arguments.seed
            ))
            .at("--seed")
            .help(format!("give a number up to {last}"))
        })?,
        None => u64::MAX,
    };
    if let Some(file) = &arguments.scenario {
        return run_one(file, arguments.trace.as_ref());
    }
    if let Some(theme) = arguments.theme() {
        check_theme(theme, &arguments.without()).map_err(|error| error.at("--theme"))?;
    }
    if arguments.show {
        return show(arguments, arguments.seed..end, &control);
    }
    let mut tally = SwarmCounts::default();
    let mut next = arguments.seed;
    while next < end && !control.stopped() && !is_over() {
        let batch: Vec<u64> = (next..end.min(next.saturating_add(BATCH))).collect();
        next += batch.len() as u64;
        run_batch(arguments, &batch, begun, (&control, &is_over), &mut tally)?;
    }
    let heard = listener.heard();
    let stopped = heard.map(|kind| Error::stopped(kind, "stopped before all worlds were run"));
    tally.finish().and(stopped.map_or(Ok(()), Err))
}

/// Runs the world in `file`, and writes a `trace` if it is asked for.
fn run_one(file: &Path, trace: Option<&PathBuf>) -> Result<()> {
    targets::check(trace, [file.to_owned()])?;
    let text = read_named(file)?;
    let world: Value = serde_json::from_str(&text)
        .map_err(|error| Error::new(format!("it is not JSON: {error}")).at(file.display()))?;
    if let Some(path) = trace {
        store::replace(path, &swarm::trace(&world)?)?;
    }
    let findings = examine(&world);
    let mut tally = SwarmCounts {
        worlds: 1,
        ..SwarmCounts::default()
    };
    if !findings.violations.is_empty() {
        tally.failed = 1;
        let name = file.display().to_string();
        report(&name, world, &findings, &|| true)?;
    }
    tally.findings.add(findings);
    tally.finish()
}

/// Prints the scenarios of the worlds of these `seeds`.
fn show(arguments: &Arguments, seeds: Range<u64>, control: &Control) -> Result<()> {
    for seed in seeds.take_while(|_| !control.stopped()) {
        let world = arguments.world(seed);
        output::print(format!("{world}\n").as_bytes())?;
    }
    Ok(())
}

/// Runs the worlds of a `batch` of those that have been run since `begun`, and prints in order what is violated
/// in them.
fn run_batch(
    arguments: &Arguments,
    batch: &[u64],
    begun: Instant,
    (control, is_over): (&Arc<Control>, &(impl Fn() -> bool + Sync)),
    tally: &mut SwarmCounts,
) -> Result<()> {
    let found: Mutex<BTreeMap<u64, Findings>> = Mutex::default();
    let waiting = {
        let control = Arc::clone(control);
        Waiting::telling_since(begun, move || format!("{} worlds are run", control.done()))
    };
    let make = |&seed: &u64| {
        let findings = (!is_over()).then(|| examine(&arguments.world(seed)));
        Ok((seed, findings))
    };
    let keep = |_: &u64, made: Result<(u64, Option<Findings>), String>| {
        let (seed, findings) = made.map_err(Error::new)?;
        if let Some(findings) = findings {
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.insert(seed, findings);
        }
        Ok(())
    };
    let threads = arguments.threads.map(NonZeroUsize::get);
    work(batch, threads, control, make, keep)?;
    waiting.finish();
    for (seed, findings) in found.into_inner().unwrap_or_else(PoisonError::into_inner) {
        tally.worlds += 1;
        if !findings.violations.is_empty() {
            tally.failed += 1;
            let shrinks = tally.failed <= SHRUNK_MAX;
            let goes_on = || shrinks && !control.stopped() && !is_over();
            let name = format!("world {seed}");
            report(&name, arguments.world(seed), &findings, &goes_on)?;
        }
        tally.findings.add(findings);
    }
    Ok(())
}

/// Prints what is violated in a world, and its scenario, which is made smaller as long as `goes_on` says so.
fn report(name: &str, world: Value, findings: &Findings, goes_on: &dyn Fn() -> bool) -> Result<()> {
    let violations = findings.violations.iter();
    let violations: Vec<String> = violations.map(ToString::to_string).collect();
    let (what, world) = match &findings.violations[..] {
        [first, ..] if goes_on() => {
            let smaller = smallest(&world, first.name, goes_on);
            let what = if goes_on() {
                "the smallest that fails alike"
            } else {
                "one that fails alike, as small as there was time to make it"
            };
            (what, smaller)
        }
        _ => ("its scenario", world),
    };
    let text = format!("{name}: {}\n{what}:\n{world}\n\n", violations.join("\n"));
    output::print(text.as_bytes())
}

impl SwarmCounts {
    /// Prints what came out; an error if something is violated.
    fn finish(&self) -> Result<()> {
        output::print(self.line().as_bytes())?;
        output::print(self.table().as_bytes())?;
        if self.failed == 0 {
            return Ok(());
        }
        let what = format!("something is violated in {}", counted(self.failed, "world"));
        Err(Error::stopped(Kind::Failed, what))
    }

    /// In how many worlds was put to the test what not every world asks, a line each.
    fn table(&self) -> String {
        let asked = self.findings.asked.iter();
        let rows = asked.map(|(name, worlds)| {
            let share = *worlds as f64 / self.worlds.max(1) as f64;
            let percent = format!("{:.1} %", 100.0 * share);
            vec![format!("  {name}"), counted(*worlds, "world"), percent]
        });
        let rows: Vec<Vec<String>> = rows.collect();
        if rows.is_empty() {
            return String::new();
        }
        format!(
            "put to the test in some worlds only:\n{}",
            output::columns(&rows)
        )
    }

    /// All of it in a line.
    fn line(&self) -> String {
        let found = &self.findings;
        let failed = match self.failed {
            0 => "nothing is violated".into(),
            failed => format!("something is violated in {}", counted(failed, "world")),
        };
        format!(
            "{}, {}, {}, {} events: {failed}\n",
            counted(self.worlds, "world"),
            counted(found.runs, "run"),
            counted(found.requests, "request"),
            brief(found.events as f64)
        )
    }
}
