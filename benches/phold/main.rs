//! PHOLD, side by side with what the hardware allows.
//!
//! Each measurement is a process of its own, and contenders take turns. Speeds are events a second
//! of processor time, or of wall-clock time where the system does not tell the former; a turn that
//! had a smaller share of a core than `SHARE_MIN` (0.85) does not count. Prints medians, and ratios
//! of medians. See `benches/README.md`.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a bench measures wall-clock time and reads what the system says of its memory"
)]

mod bound;
mod system;

use std::process::Command;
use std::time::Instant;

use arigatoni::random::RandomStreams;
use bound::{Fast, Keyed};

/// Units, jobs each, timed jobs.
const SIZES: [(u32, u32, u64); 3] = [
    (1_000, 1, 10_000_000),
    (10_000, 10, 6_000_000),
    (1_000_000, 1, 5_000_000),
];
const OURS: &str = "arigatoni";
/// The bound, what makes it do more and more of what the simulator does, and the simulator.
const BOUND: &str = "bound";
const KEYED: &str = "bound, keyed draws";
const PORTABLE: &str = "bound, keyed draws and libm";
const HASHED: &str = "bound, keyed draws, libm and fingerprint";
const AHEAD: &str = "bound, all of these, drawn ahead";
const CONTENDERS: [&str; 6] = [BOUND, KEYED, PORTABLE, HASHED, AHEAD, OURS];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [one, contender, units, jobs, limit] = arguments.as_slice()
        && one == "--one"
    {
        let number = |text: &str| text.parse().expect("a number");
        let (units, jobs) = (number(units) as u32, number(jobs) as u32);
        measure(contender, units, jobs, number(limit));
        return;
    }
    let setting = |name: &str, default: f64| {
        std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
    };
    let (repeats, share_min) = (setting("REPEATS", 6.0), setting("SHARE_MIN", 0.85));
    for (units, jobs, limit) in SIZES {
        compare(units, jobs, limit, repeats as usize, share_min);
    }
}

/// Lets the contenders take turns and prints a line for each.
fn compare(units: u32, jobs: u32, limit: u64, repeats: usize, share_min: f64) {
    let outside = std::env::var("PHOLD_BOUND").ok();
    let mut contenders: Vec<String> = CONTENDERS.map(str::to_owned).to_vec();
    contenders.extend(outside.map(|program| format!("{EXTERNAL}{program}")));
    let mut samples: Vec<Vec<Sample>> = vec![Vec::new(); contenders.len()];
    let mut dropped = 0;
    for _ in 0..repeats {
        for (contender, samples) in contenders.iter().zip(&mut samples) {
            match turn(contender, units, jobs, limit) {
                Some(sample) if sample.share.is_none_or(|share| share >= share_min) => {
                    samples.push(sample);
                }
                _ => dropped += 1,
            }
        }
    }
    let pending = units * jobs;
    println!("{pending} pending ({units} units, {jobs} jobs each), {dropped} turns dropped");
    println!("  million events/s  bytes/unit  bound ÷ it");
    let speed = |samples: &[Sample]| median(samples.iter().map(|sample| sample.rate));
    let bound = speed(&samples[0]);
    for (contender, samples) in contenders.iter().zip(&samples) {
        let rate = speed(samples);
        let bytes = median(samples.iter().filter_map(|sample| sample.bytes));
        let cell = |value: Option<f64>, digits| value.map(|value| format!("{value:.digits$}"));
        println!(
            "  {:>16}  {:>10}  {:>10}  {} (n = {})",
            cell(rate.map(|rate| rate / 1e6), 2).unwrap_or_default(),
            cell(bytes.map(|bytes| bytes / f64::from(units)), 0).unwrap_or_default(),
            cell(bound.zip(rate).map(|(bound, rate)| bound / rate), 2).unwrap_or_default(),
            contender.strip_prefix(EXTERNAL).unwrap_or(contender),
            samples.len()
        );
    }
}

/// Marks a contender that is a program of its own: called as `PROGRAM ladder24pf2 UNITS JOBS
/// EVENTS`, it prints a comma-separated line with the seconds, the rate and the kilobytes taken in
/// fields 6, 7 and 8.
const EXTERNAL: &str = "program:";

#[derive(Debug, Clone, Copy)]
struct Sample {
    /// Events a second of processor time.
    rate: f64,
    /// Memory taken.
    bytes: Option<f64>,
    /// Processor time ÷ wall-clock time.
    share: Option<f64>,
}

/// One turn of one contender, in a process of its own.
fn turn(contender: &str, units: u32, jobs: u32, limit: u64) -> Option<Sample> {
    let numbers = [units.to_string(), jobs.to_string(), limit.to_string()];
    if let Some(program) = contender.strip_prefix(EXTERNAL) {
        let output = Command::new(program)
            .arg("ladder24pf2")
            .args(numbers)
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let field = |index: usize| text.split(',').nth(index)?.parse::<f64>().ok();
        return Some(Sample {
            rate: field(6)?,
            bytes: field(7).map(|kilobytes| kilobytes * 1024.0),
            share: None,
        });
    }
    let output = Command::new(std::env::current_exe().ok()?)
        .args(["--one", contender])
        .args(numbers)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut fields = text.split_whitespace().map(|field| field.parse().ok());
    let (rate, bytes, share): (f64, _, _) = (fields.next()??, fields.next()?, fields.next()?);
    Some(Sample {
        rate: rate / share.unwrap_or(1.0),
        bytes,
        share,
    })
}

/// Runs one contender and prints its rate by wall-clock time, the bytes it took and its share of a core.
fn measure(contender: &str, units: u32, jobs: u32, limit: u64) {
    let underlay = system::underlay();
    let before = resident();
    let mut marks: Vec<(Instant, Option<f64>)> = Vec::with_capacity(2);
    let mut after = None;
    let clock = || {
        marks.push((Instant::now(), processor_time()));
        if marks.len() == 2 {
            after = resident();
        }
    };
    let pending = u64::from(units) * u64::from(jobs);
    let streams = RandomStreams::new(42, 0);
    let portable = Keyed(streams, libm::log);
    match contender {
        BOUND => bound::run::<false, false>(units, jobs, limit, Fast::new(), clock),
        KEYED => bound::run::<false, false>(units, jobs, limit, Keyed(streams, f64::ln), clock),
        PORTABLE => bound::run::<false, false>(units, jobs, limit, portable, clock),
        HASHED => bound::run::<true, false>(units, jobs, limit, portable, clock),
        AHEAD => bound::run::<true, true>(units, jobs, limit, portable, clock),
        OURS => {
            let config = system::Config {
                units,
                jobs,
                limit: pending + limit,
            };
            system::run(&underlay, config, clock);
        }
        unknown => panic!("{unknown}: one of {CONTENDERS:?} is known"),
    }
    let [begin, end] = marks.as_slice() else {
        unreachable!("the clock is called twice")
    };
    let seconds = (end.0 - begin.0).as_secs_f64();
    let show = |value: Option<f64>| value.map_or("absent".into(), |value| value.to_string());
    println!(
        "{} {} {}",
        limit as f64 / seconds,
        show(after.zip(before).map(|(after, before)| after - before)),
        show(
            end.1
                .zip(begin.1)
                .map(|(end, begin)| (end - begin) / seconds)
        )
    );
}

/// Memory in use, in bytes, where the system tells.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024.0)
}

/// Processor time used so far, in seconds, where the system tells.
fn processor_time() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let ns: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(ns / 1e9)
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len().checked_sub(1)? / 2;
    Some(f64::midpoint(values[middle], values[values.len() / 2]))
}
