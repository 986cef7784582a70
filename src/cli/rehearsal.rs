//! `arigatoni sweep --dry-run`: what a sweep will take.

use std::time::Duration;

use super::cores;
use super::memory::check_memory;
use super::output;
use super::stderr::clock;
use super::sweep_arguments::SweepArguments;
use crate::error::Result;
use crate::store;
use crate::study::{Prepared, Rehearsal};
use crate::words::{brief, counted, duration};

pub(super) fn run(sweep: &SweepArguments) -> Result<()> {
    let prepared = sweep.prepare()?;
    check_memory(&prepared, sweep.threads())?;
    let rehearsal = Rehearsal::of(&prepared)?;
    let threads = sweep.threads().unwrap_or_else(cores::count) as u64;
    output::print(text(&prepared, rehearsal, threads).as_bytes())
}

fn text(prepared: &Prepared, rehearsal: Rehearsal, threads: u64) -> String {
    let scenario = prepared.experiment.scenario();
    let (most, points) = (prepared.runs(), rehearsal.points);
    let least = match scenario.precision() {
        Some(precision) => points * u64::from(precision.min.0),
        None => most,
    };
    let range = |of: &dyn Fn(u64) -> String| {
        let ends = [of(least), of(most)];
        if ends[0] == ends[1] {
            ends[0].clone()
        } else {
            format!("{} to {}", ends[0], ends[1])
        }
    };
    let at_once = threads.min(most);
    let seconds = |runs: u64| rehearsal.run_s * runs as f64 / at_once as f64;
    let bytes =
        |runs: u64| rehearsal.run_bytes * runs as f64 + rehearsal.point_bytes * points as f64;
    let mut rows = vec![
        ("points", points.to_string()),
        ("runs", range(&|runs| runs.to_string())),
        (
            "time",
            format!(
                "about {} on {}; a run took {} ({} tried)",
                range(&|runs| time(rounded(seconds(runs)))),
                counted(at_once, "thread"),
                time(rounded(rehearsal.run_s)),
                rehearsal.tried,
            ),
        ),
    ];
    // Without an estimate for the largest run: what the process had for those that it tried, one by one.
    let (memory, whence) = match prepared.experiment.memory() {
        Some(memory) => (Some(memory.bytes), ""),
        None => (store::memory_had(), ", by the runs that were tried"),
    };
    if let Some(bytes) = memory {
        let (bytes, runs) = (size(bytes * at_once as f64), counted(at_once, "run"));
        rows.push((
            "memory",
            format!("about {bytes} for {runs} at once{whence}"),
        ));
    }
    let disk = range(&|runs| size(bytes(runs)));
    rows.push((
        "disk",
        format!("about {disk} for the tables, besides figures"),
    ));
    rows.push(("results", prepared.folder.path().display().to_string()));
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(name, value)| vec![name.to_owned(), value])
        .collect();
    format!("{}nothing was written\n", output::columns(&rows))
}

/// A time as the progress of the sweep tells it, which does not tell parts of a second apart.
fn time(seconds: f64) -> String {
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) if seconds >= 1.0 => clock(time),
        _ => duration(seconds),
    }
}

/// Two digits of an estimate.
fn rounded(number: f64) -> f64 {
    if number <= 0.0 {
        return 0.0;
    }
    let unit = libm::pow(10.0, libm::floor(libm::log10(number)) - 1.0);
    libm::round(number / unit) * unit
}

/// A number of bytes, rounded to two digits.
fn size(bytes: f64) -> String {
    let (name, unit) = match bytes {
        ..1e6 => ("kB", 1e3),
        1e6..1e9 => ("MB", 1e6),
        _ => ("GB", 1e9),
    };
    format!("{} {name}", brief(rounded(bytes / unit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_have_two_digits() {
        assert_eq!(size(1234.0), "1.2 kB");
        assert_eq!(size(45_678_901.0), "46 MB");
        assert_eq!(size(3.21e9), "3.2 GB");
        assert!((rounded(0.01234) - 0.012).abs() < 1e-12);
        assert_eq!(time(rounded(0.0)), "0 s");
        assert_eq!(time(rounded(0.01234)), "12 ms");
        assert_eq!(time(rounded(93.2)), "1 min 33 s");
        assert_eq!(time(rounded(5400.0)), "1 h 30 min");
    }
}
