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

use super::bounded::BoundedFaults;
use super::input::{Asked, Input};
use super::signals::{Listener, Sentences};
use super::stderr::print_stderr;
use super::waiting::Waiting;
use super::{output, pictures, sequence, targets};
use crate::error::{Error, Kind, Result};
use crate::experiment::Underlays;
use crate::explore::{Bounds, CounterExample, Covered, Explored, Properties, Stopped};
use crate::random::RandomStreams;
use crate::store;
use crate::study::Control;
use crate::system::Event;
use crate::systems::Setting;
use crate::words::{brief, counted};

/// How long the search may still go on after SIGTERM.
const GRACE: Duration = Duration::from_secs(20);

const SENTENCES: Sentences = Sentences {
    stopping: "stopping: what was covered is told in a moment (again to stop at once)",
    at_once: "stopped at once: what was covered is not told",
    overdue: [
        "the step at hand",
        "is dropped; what was covered is not told",
    ],
};

/// Visit all histories of a small world, and check what must hold in each.
///
/// The units' own code is driven through every order of deliveries, timers and faults; no clock goes. If something
/// does not hold, the shortest history to it is printed. The exit code is 1 then, and 3 if the search has ended
/// before its end because memory was short.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  arigatoni explore scenarios/explore/request.json\n  \
                  arigatoni explore scenarios/explore/crash.json --crashes 1 --timers 3\n  \
                  arigatoni explore scenarios/explore/request.json --reach accepted --schedule s.json --chart s.svg\n  \
                  arigatoni explore scenarios/explore/request.json --list"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    faults: BoundedFaults,
    /// So many megabytes may be held by the search; it ends before it needs more.
    #[arg(long, value_name = "MB", default_value_t = 1000, value_parser = output::whole::<u32>, allow_negative_numbers = true)]
    memory: u32,
    /// Check these properties only, by their names with commas between them.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    properties: Option<Vec<String>>,
    /// Look for a shortest history to GOAL instead, and check nothing.
    #[arg(long, value_name = "GOAL", conflicts_with = "properties")]
    reach: Option<String>,
    /// Print all properties and goals, each with a sentence, and explore nothing.
    #[arg(long)]
    list: bool,
    /// Write the shortest history to what does not hold, or to the goal, to FILE, for `run --schedule` (JSON).
    #[arg(long, value_name = "FILE")]
    schedule: Option<PathBuf>,
    /// Draw it as a sequence chart to FILE: SVG, or PNG if the name ends in .png.
    #[arg(long, value_name = "FILE")]
    chart: Option<PathBuf>,
}

impl Arguments {
    fn bounds(&self) -> Result<Bounds> {
        if self.memory < MEGABYTES_LEAST {
            let what = format!("{} MB are too little for any search", self.memory);
            let help = format!("give at least {MEGABYTES_LEAST}");
            return Err(Error::new(what).at("--memory").help(help));
        }
        Ok(Bounds {
            faults: self.faults.0,
            memory: u64::from(self.memory) * MEGABYTE,
            properties: self.properties.clone(),
            reach: self.reach.clone(),
        })
    }

    /// The files that are asked for.
    fn targets(&self) -> impl Iterator<Item = &PathBuf> {
        self.schedule.iter().chain(&self.chart)
    }
}

const MEGABYTE: u64 = 1_000_000;
/// Less is used up by what a search holds before it has taken a step.
const MEGABYTES_LEAST: u32 = 4;

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let control = Arc::new(Control::default());
    let listener = Listener::new(&control, GRACE, SENTENCES)?;
    let Asked {
        scenario, files, ..
    } = arguments.input.read()?;
    let run = scenario.base();
    targets::check(arguments.targets(), [arguments.input.file().to_owned()])?;
    let locate_error = |error| scenario.locate_error(error, &[]);
    if arguments.list {
        let properties = run.system.properties().map_err(locate_error)?;
        return output::print(listed(&properties).as_bytes());
    }
    let idle = run.system.idle_when_explored(&run.network);
    let without_effect = arguments.faults.without_effect().into_iter();
    for note in without_effect.chain(idle.map_err(locate_error)?) {
        print_stderr(format_args!("note: {note}"));
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
    let bounds = arguments.bounds()?;
    let so_far = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
    let waiting = {
        let (so_far, most) = (Arc::clone(&so_far), arguments.memory);
        Waiting::telling_since(begun, move || {
            let [states, bytes] = [0, 1].map(|at: usize| so_far[at].load(Ordering::Relaxed));
            let held = bytes.div_ceil(MEGABYTE);
            format!("{states} states, {held} MB of {most}")
        })
    };
    let mut go_on = |covered: Covered| {
        so_far[0].store(covered.states, Ordering::Relaxed);
        so_far[1].store(covered.bytes, Ordering::Relaxed);
        !control.stopped()
    };
    let explored = run.system.explore(setting, &bounds, &mut go_on);
    waiting.finish();
    let explored = explored.map_err(locate_error)?;
    let rate = explored.covered.states as f64 / begun.elapsed().as_secs_f64().max(1e-6);
    print_stderr(format_args!("{} states per second", brief(rate)));
    tell(arguments, &explored, listener.heard())
}

/// Prints what came out and writes what is asked for; an error if something does not hold, or a goal is not reached,
/// or not all was covered.
fn tell(arguments: &Arguments, explored: &Explored, heard: Option<Kind>) -> Result<()> {
    if let Some((name, why)) = explored.unchecked {
        print_stderr(format_args!("note: `{name}` is not checked: {why}"));
    }
    output::print(covered_lines(&explored.covered).as_bytes())?;
    let goal = arguments.reach.as_deref();
    if let Some(found) = &explored.found {
        output::print(table(found, goal.is_some()).as_bytes())?;
        write(arguments, found)?;
        if goal.is_some() {
            return Ok(());
        }
        let what = format!("`{}` does not hold", found.broken.name);
        return Err(Error::stopped(Kind::Failed, what));
    }
    for path in arguments.targets() {
        print_stderr(format_args!(
            "note: there is no history to be written to {}",
            path.display()
        ));
    }
    match (explored.stopped, goal) {
        (None, None) => output::print(b"everything holds in every history\n"),
        (None, Some(goal)) => {
            let what = format!("no history leads to `{goal}`");
            Err(Error::stopped(Kind::Failed, what))
        }
        (Some(stopped), goal) => {
            output::print(partly(&explored.covered, goal).as_bytes())?;
            Err(match stopped {
                Stopped::Memory => {
                    let why = "the memory was used up before all histories were visited";
                    let help = "give more by --memory, or let less happen: fewer --timers, say";
                    Error::stopped(Kind::Incomplete, why).help(help)
                }
                Stopped::Asked => {
                    let kind = heard.unwrap_or(Kind::Interrupted);
                    Error::stopped(kind, "stopped before all histories were visited")
                }
            })
        }
    }
}

/// Writes the history to the files that are asked for.
fn write(arguments: &Arguments, found: &CounterExample) -> Result<()> {
    if let Some(path) = &arguments.schedule {
        let schedule = found.schedule();
        store::replace(path, schedule.write().as_bytes())?;
    }
    let Some(path) = &arguments.chart else {
        return Ok(());
    };
    pictures::save(path, &sequence::chart(found).draw())
}

/// What is known after a part of all histories.
fn partly(covered: &Covered, goal: Option<&str>) -> String {
    let left = covered.states - covered.finished;
    let shorter = counted(covered.depth.into(), "step");
    let what = goal.map_or_else(
        || "what was covered holds".to_owned(),
        |goal| format!("what was covered does not lead to `{goal}`"),
    );
    format!(
        "{what}: all histories of fewer than {shorter}, and longer ones; of {} no further step was taken\n",
        counted(left, "state")
    )
}

/// The properties and goals, a line each.
fn listed(properties: &Properties) -> String {
    let always = properties.always.iter().map(|it| (it, "always"));
    let at_rest = properties.at_rest.iter().map(|it| (it, "at rest"));
    let goals = properties.goals.iter().map(|it| (it, "goal"));
    let rows = always.chain(at_rest).chain(goals);
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

/// What does not hold, or is reached, and the history to it.
fn table(found: &CounterExample, is_goal: bool) -> String {
    let mut rows = vec![
        ["", "what happens", "to", "what is sent then"]
            .map(str::to_owned)
            .to_vec(),
    ];
    let mut text = if is_goal {
        let reached = &found.broken;
        let who = reached.cases.join(", ");
        format!("\n{}: {} ({who})\n\n", reached.name, reached.sentence)
    } else {
        format!("\n{}\n\n", found.broken)
    };
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
        Event::Tell { units, input, .. } => (format!("told: {input}"), units.join(", ")),
    }
}
