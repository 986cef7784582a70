//! `arigatoni explore`: all histories of a small world, and what must hold in each.

#![allow(
    clippy::disallowed_types,
    reason = "states per second are about wall-clock time"
)]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Args;

use super::input::{Asked, Input};
use super::signals::Listener;
use super::stderr::print_stderr;
use super::waiting::Waiting;
use super::{output, pictures, sequence, targets};
use crate::error::{Error, Kind, Result};
use crate::experiment::Underlays;
use crate::explore::{Bounds, CounterExample, Covered, Explored, Faults, Properties, Stopped};
use crate::random::RandomStreams;
use crate::store;
use crate::study::Control;
use crate::system::Event;
use crate::systems::Setting;
use crate::words::{brief, counted};

/// So long after SIGTERM the search may still go on.
const GRACE: Duration = Duration::from_secs(20);

/// Visit all histories of a small world, and check what must hold in each.
///
/// The units' own code is driven through every order of deliveries, timers and faults; no clock goes. If something
/// does not hold, the shortest history to it is printed. The exit code is 1 then, and 3 if the search has ended
/// before its end because memory was short.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  arigatoni explore scenarios/explore/request.json\n  \
                  arigatoni explore scenarios/explore/crash.json --crashes 1 --timers 3\n  \
                  arigatoni explore scenarios/explore/request.json --losses 1 --schedule s.json --chart s.svg\n  \
                  arigatoni explore scenarios/explore/request.json --list"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    bounds: BoundsArguments,
    /// Check these properties only, by their names with commas between them.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    properties: Option<Vec<String>>,
    /// Print all properties, each with a sentence, and explore nothing.
    #[arg(long)]
    list: bool,
    /// Write the shortest history to what does not hold to FILE, for `run --schedule` (JSON).
    #[arg(long, value_name = "FILE")]
    schedule: Option<PathBuf>,
    /// Draw it as a sequence chart to FILE: SVG, or PNG if the name ends in .png.
    #[arg(long, value_name = "FILE")]
    chart: Option<PathBuf>,
}

/// What a history may have.
#[derive(Debug, Args)]
struct BoundsArguments {
    /// So many messages may be lost.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = output::whole::<u8>, allow_negative_numbers = true)]
    losses: u8,
    /// So many messages may be doubled.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = output::whole::<u8>, allow_negative_numbers = true)]
    duplicates: u8,
    /// So many units may crash.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = output::whole::<u8>, allow_negative_numbers = true)]
    crashes: u8,
    /// So many units may come back to life.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = output::whole::<u8>, allow_negative_numbers = true)]
    restarts: u8,
    /// So many units may be told to leave.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = output::whole::<u8>, allow_negative_numbers = true)]
    leaves: u8,
    /// So many units may be told to come back.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = output::whole::<u8>, allow_negative_numbers = true)]
    joins: u8,
    /// So many timers may fire, at whatever time; more fire only when the world is left alone.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = output::whole::<u8>, allow_negative_numbers = true)]
    timers: u8,
    /// So many megabytes may be held by the search; it ends before it needs more.
    #[arg(long, value_name = "MB", default_value_t = 1000, value_parser = output::whole::<u32>, allow_negative_numbers = true)]
    memory: u32,
}

impl Arguments {
    fn bounds(&self) -> Bounds {
        let BoundsArguments {
            losses,
            duplicates,
            crashes,
            restarts,
            leaves,
            joins,
            timers,
            memory,
        } = self.bounds;
        Bounds {
            faults: Faults {
                losses,
                duplicates,
                crashes,
                restarts,
                leaves,
                joins,
                timers,
            },
            memory: u64::from(memory) * MEGABYTE,
            properties: self.properties.clone(),
        }
    }
}

const MEGABYTE: u64 = 1_000_000;

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let control = Arc::new(Control::default());
    let listener = Listener::new(&control, GRACE)?;
    let Asked {
        scenario, files, ..
    } = arguments.input.read()?;
    let run = scenario.base();
    let files_out = arguments.schedule.iter().chain(&arguments.chart);
    targets::check(files_out, [arguments.input.file().to_owned()])?;
    let locate_error = |error| scenario.locate_error(error, &[]);
    if arguments.list {
        let properties = run.system.properties().map_err(locate_error)?;
        return output::print(listed(&properties).as_bytes());
    }
    let mut underlays = Underlays::new(files);
    let run = underlays.supplied(run.clone()).map_err(locate_error)?;
    underlays
        .prepare(&run, &mut |note| print_stderr(note))
        .map_err(locate_error)?;
    let underlay = underlays.of(&run, 0)?;
    let setting = Setting {
        underlay: &underlay,
        streams: RandomStreams::new(run.seed, 0),
        conditions: &run.network,
    };
    let begun = Instant::now();
    let states = Arc::new(AtomicU64::new(0));
    let waiting = {
        let states = Arc::clone(&states);
        Waiting::telling_since(begun, move || {
            format!("{} states", states.load(Ordering::Relaxed))
        })
    };
    let bounds = arguments.bounds();
    let mut go_on = |covered: Covered| {
        states.store(covered.states, Ordering::Relaxed);
        !control.stopped()
    };
    let explored = run.system.explore(setting, &bounds, &mut go_on);
    waiting.finish();
    let explored = explored.map_err(locate_error)?;
    let rate = explored.covered.states as f64 / begun.elapsed().as_secs_f64().max(1e-6);
    print_stderr(format_args!("{} states per second", brief(rate)));
    tell(arguments, &explored, listener.heard())
}

/// Prints what came out and writes what is asked for; an error if something does not hold, or not all was
/// covered.
fn tell(arguments: &Arguments, explored: &Explored, heard: Option<Kind>) -> Result<()> {
    output::print(covered_lines(&explored.covered).as_bytes())?;
    if let Some(found) = &explored.found {
        output::print(table(found).as_bytes())?;
        if let Some(path) = &arguments.schedule {
            let schedule = found.schedule();
            store::replace(path, schedule.write().as_bytes())?;
        }
        if let Some(path) = &arguments.chart {
            pictures::save(path, &sequence::chart(found).draw())?;
        }
        let what = format!("`{}` does not hold", found.broken.name);
        return Err(Error::stopped(Kind::Failed, what));
    }
    match explored.stopped {
        None => output::print(b"everything holds in every history\n"),
        Some(stopped) => {
            let left = explored.covered.states - explored.covered.finished;
            let what = format!(
                "what was covered holds; of {} no further step was taken",
                counted(left, "state")
            );
            output::print(format!("{what}\n").as_bytes())?;
            let (kind, why) = match stopped {
                Stopped::Memory => (
                    Kind::Incomplete,
                    "the memory was used up before all histories were visited",
                ),
                Stopped::Asked => (
                    heard.unwrap_or(Kind::Interrupted),
                    "stopped before all histories were visited",
                ),
            };
            Err(Error::stopped(kind, why))
        }
    }
}

/// The properties, a line each.
fn listed(properties: &Properties) -> String {
    let always = properties.always.iter().map(|it| (it, "always"));
    let at_rest = properties.at_rest.iter().map(|it| (it, "at rest"));
    let rows = always.chain(at_rest);
    let rows = rows.map(|((name, sentence), when)| {
        vec![(*name).to_owned(), when.to_owned(), (*sentence).to_owned()]
    });
    output::columns(&rows.collect::<Vec<_>>())
}

/// What was covered, a number a line.
fn covered_lines(covered: &Covered) -> String {
    let Covered {
        states,
        transitions,
        depth,
        calm,
        unit_states,
        bytes,
        ..
    } = *covered;
    let rows = [
        ("states", states, "states of the world that differ"),
        (
            "transitions",
            transitions,
            "steps from one to another, or to the same",
        ),
        (
            "depth",
            depth.into(),
            "steps of the longest of the shortest histories",
        ),
        (
            "calm",
            calm,
            "states in which nothing is under way, each left alone until it was at rest",
        ),
        ("unit_states", unit_states, "states of single units"),
        (
            "memory_bytes",
            bytes,
            "held by the search at most, as counted",
        ),
    ];
    let rows =
        rows.map(|(name, number, what)| vec![name.to_owned(), number.to_string(), what.to_owned()]);
    output::columns(&rows)
}

/// What does not hold, and the history to it.
fn table(found: &CounterExample) -> String {
    let mut rows = vec![
        ["", "what happens", "to", "what is sent then"]
            .map(str::to_owned)
            .to_vec(),
    ];
    let mut text = format!("\n{}\n\n", found.broken);
    for (number, line) in found.lines.iter().enumerate() {
        let (what, to) = words(&line.step.event);
        let what = match line.step.passes_ns {
            0 => what,
            ns => format!("{what} (after {} s)", ns as f64 / 1e9),
        };
        let sent = line
            .told
            .sent
            .iter()
            .map(|(to, name)| format!("{name} to {to}"));
        let sent = if line.told.in_vain {
            "nobody is there".into()
        } else {
            sent.collect::<Vec<_>>().join(", ")
        };
        let mark = if number < found.length { "" } else { "·" };
        rows.push(vec![format!("{}{mark}", number + 1), what, to, sent]);
    }
    text += &output::columns(&rows);
    if found.length < found.lines.len() {
        text += "· the world is left alone: nothing goes wrong any more\n";
    }
    text
}

/// What happens, and to whom.
fn words(event: &Event) -> (String, String) {
    match event {
        Event::Give { unit, input, .. } => (format!("told: {input}"), unit.clone()),
        Event::Deliver(flight) => (
            format!("{} from {}", flight.message, flight.from),
            flight.to.clone(),
        ),
        Event::Lose(flight) => (
            format!("lost: {} from {}", flight.message, flight.from),
            flight.to.clone(),
        ),
        Event::Duplicate(flight) => (
            format!("doubled: {} from {}", flight.message, flight.from),
            flight.to.clone(),
        ),
        Event::Fire { unit, timer, .. } => (format!("timer: {timer}"), unit.clone()),
        Event::Crash { unit } => ("crash".into(), unit.clone()),
        Event::Restart { unit } => ("restart".into(), unit.clone()),
        Event::Leave { unit } => ("told: leave".into(), unit.clone()),
        Event::Join { unit } => ("told: join".into(), unit.clone()),
    }
}
