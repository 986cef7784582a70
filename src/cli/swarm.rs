//! `arigatoni swarm`: random small worlds, and what must hold of each.

#![allow(clippy::disallowed_types, reason = "--time-s is about wall-clock time")]

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::Value;

use super::signals::Listener;
use super::waiting::Waiting;
use super::{cores, output};
use crate::error::{Error, Kind, Result};
use crate::study::{Control, work};
use crate::swarm::{Findings, check_without, examine, scenario, smallest};
use crate::words::{brief, counted};

/// Worlds whose findings are printed together, in order.
const BATCH: u64 = 1000;

/// The scenarios of so many worlds are made as small as possible: it takes some hundred worlds each.
const SHRUNK_MAX: u64 = 3;

/// So long after SIGTERM worlds that are being run may still end.
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
    #[arg(long, value_name = "N", value_parser = output::positive::<u64>, allow_negative_numbers = true)]
    worlds: Option<u64>,
    /// The seed of the first world; the others follow.
    #[arg(long, value_name = "S", default_value_t = 0, value_parser = output::whole::<u64>, allow_negative_numbers = true)]
    seed: u64,
    /// The number of threads; default: one per core.
    #[arg(long, value_name = "T", value_parser = cores::threads)]
    threads: Option<NonZeroUsize>,
    /// Begin no world after so many seconds.
    #[arg(long, value_name = "S", value_parser = output::positive::<u32>, allow_negative_numbers = true)]
    time_s: Option<u32>,
    /// Leave the member at POINTER, and those below it, at their defaults; the segment `*` stands for the
    /// system.
    #[arg(long, value_name = "POINTER", value_parser = without)]
    without: Vec<String>,
}

/// Reads a pointer to what is not drawn.
fn without(text: &str) -> Result<String> {
    check_without(text).map(|()| text.into())
}

/// What came out of the worlds so far.
#[derive(Debug, Default)]
struct Tally {
    worlds: u64,
    failed: u64,
    findings: Findings,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    cores::limit(arguments.threads)?;
    let control = Arc::new(Control::default());
    let listener = Listener::new(&control, GRACE)?;
    let begun = Instant::now();
    let time = arguments
        .time_s
        .map(|time_s| Duration::from_secs(time_s.into()));
    let is_over = || time.is_some_and(|time| begun.elapsed() >= time);
    let worlds = arguments.worlds.or(time.is_none().then_some(1000));
    let end = worlds.map_or(u64::MAX, |worlds| arguments.seed.saturating_add(worlds));
    let mut tally = Tally::default();
    let mut next = arguments.seed;
    while next < end && !control.stopped() && !is_over() {
        let batch: Vec<u64> = (next..end.min(next.saturating_add(BATCH))).collect();
        next += batch.len() as u64;
        run_batch(arguments, &batch, (&control, &is_over), &mut tally)?;
    }
    output::print(tally.line().as_bytes())?;
    if let Some(kind) = listener.heard() {
        return Err(Error::stopped(kind, "stopped before all worlds were run"));
    }
    if tally.failed == 0 {
        return Ok(());
    }
    let what = format!(
        "something is violated in {}",
        counted(tally.failed, "world")
    );
    Err(Error::stopped(Kind::Failed, what))
}

/// Runs the worlds of a `batch`, and prints in order what is violated in them.
fn run_batch(
    arguments: &Arguments,
    batch: &[u64],
    (control, is_over): (&Arc<Control>, &(impl Fn() -> bool + Sync)),
    tally: &mut Tally,
) -> Result<()> {
    let without: Vec<&str> = arguments.without.iter().map(String::as_str).collect();
    let found: Mutex<BTreeMap<u64, Findings>> = Mutex::default();
    let waiting = {
        let control = Arc::clone(control);
        Waiting::telling(move || format!("{} worlds are run", control.done()))
    };
    let make = |&seed: &u64| {
        let findings = (!is_over()).then(|| examine(&scenario(seed, &without)));
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
            let shrink = tally.failed <= SHRUNK_MAX && !control.stopped();
            report(seed, scenario(seed, &without), &findings, shrink)?;
        }
        tally.findings.add(findings);
    }
    Ok(())
}

/// Prints what is violated in a world, and its scenario, which is made smaller if `shrink` says so.
fn report(seed: u64, world: Value, findings: &Findings, shrink: bool) -> Result<()> {
    let violations = findings.violations.iter();
    let violations: Vec<String> = violations.map(ToString::to_string).collect();
    let (what, world) = match &findings.violations[..] {
        [first, ..] if shrink => (
            "the smallest that fails alike",
            smallest(&world, first.name),
        ),
        _ => ("its scenario", world),
    };
    let text = format!(
        "world {seed}: {}\n{what}:\n{world}\n\n",
        violations.join("\n")
    );
    output::print(text.as_bytes())
}

impl Tally {
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
