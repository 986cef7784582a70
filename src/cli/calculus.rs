//! `arigatoni calculus`: terms of the colony calculus, what the rules make of them, and the term of a run's overlay.
//!
//! It does *not* know the language, nor the rules.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::input::{is_stdin, read_given};
use super::{output, pictures, targets};
use crate::calculus::{Community, Rule, Script, Space, TooLarge, Transition, rules};
use crate::error::{Error, Result, nearest};
use crate::figures::states::States;
use crate::store;
use crate::words::counted;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check a term, and print its canonical text, its hash and what is in it.
    #[command(
        after_help = "Example:\n  arigatoni calculus check scenarios/calculus/community.term"
    )]
    Check(File),
    /// Print all transitions: a label, and the term that comes of it.
    #[command(
        after_help = "Examples:\n  arigatoni calculus step scenarios/calculus/community.term\n  \
                      arigatoni calculus step scenarios/calculus/community.term --rules join,leave"
    )]
    Step {
        #[command(flatten)]
        file: File,
        #[command(flatten)]
        rules: Rules,
    },
    /// Apply a script of rules, one label after another, and print the derivation: each label and the term that it makes. If
    /// one cannot be applied, say which premise does not hold, and the term there.
    #[command(
        after_help = "Example:\n  arigatoni calculus run scenarios/calculus/community.term --script scenarios/calculus/day.rules"
    )]
    Run {
        #[command(flatten)]
        file: File,
        /// The script: a label a line, such as `join g9 B1` (`calculus rules` lists them), without times; comments go from `#` to
        /// the end of a line; - for standard input.
        #[arg(long, value_name = "FILE")]
        script: PathBuf,
    },
    /// Find all terms that the rules make in so many steps, and print how many there are.
    #[command(
        after_help = "Example:\n  arigatoni calculus explore scenarios/calculus/community.term --depth 1 --rules join,leave --dot s.dot --picture s.svg"
    )]
    Explore(Explore),
    /// Print the term of the overlay in a world.json: what is disconnected there is free.
    #[command(
        after_help = "Example:\n  arigatoni run scenarios/paper-quick.json --world world.json\n  \
                      arigatoni calculus from-world world.json"
    )]
    FromWorld(File),
    /// Print the rules: the form of their labels, their premises, and what they say.
    Rules,
}

#[derive(Debug, Args)]
pub(super) struct File {
    /// The file; - for standard input.
    #[arg(value_name = "FILE")]
    path: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Rules {
    /// Only these rules, by their names with commas between them. Default: all.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    rules: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct Explore {
    #[command(flatten)]
    file: File,
    /// So many steps at most.
    #[arg(long, value_name = "N", value_parser = output::whole::<u32>, allow_negative_numbers = true)]
    depth: u32,
    #[command(flatten)]
    rules: Rules,
    /// So many megabytes may be held by the terms and transitions.
    #[arg(long, value_name = "MB", default_value_t = 1000, value_parser = output::whole::<u32>, allow_negative_numbers = true)]
    memory: u32,
    /// Write the terms and transitions to FILE as a graph for Graphviz.
    #[arg(long, value_name = "FILE")]
    dot: Option<PathBuf>,
    /// Draw them to FILE: SVG, or PNG if the name ends in .png.
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
}

const MEGABYTE: u64 = 1_000_000;

/// Does what the command says.
pub(super) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Check(file) => check(&file.read()?),
        Command::Step { file, rules } => {
            let rules = rules.read()?;
            step(&file.read()?, &rules)
        }
        Command::Run { file, script } => {
            if is_stdin(&file.path) && is_stdin(script) {
                let what = "standard input is the term already, and can be read once only";
                let error = Error::new(what).at("--script");
                return Err(error.help("write the term or the script to a file"));
            }
            derive(&file.read()?, script)
        }
        Command::Explore(arguments) => explore(arguments),
        Command::FromWorld(file) => {
            let (text, origin) = read_given(&file.path)?;
            let world = Community::from_world(&text).map_err(|error| error.at(origin))?;
            output::print(format!("{world}\n").as_bytes())
        }
        Command::Rules => output::print(listed().as_bytes()),
    }
}

impl File {
    fn read(&self) -> Result<Community> {
        let (text, origin) = read_given(&self.path)?;
        Community::parse(&text).map_err(|error| error.at(origin))
    }
}

impl Rules {
    /// The rules that are asked for, in their order.
    fn read(&self) -> Result<Vec<Rule>> {
        for name in &self.rules {
            if Rule::named(name).is_none() {
                let error = Error::new(format!("there is no rule `{name}`")).at("--rules");
                return Err(match nearest(name, Rule::ALL.map(Rule::name)) {
                    Some(near) => error.help(format!("do you mean `{near}`?")),
                    None => error.help("`arigatoni calculus rules` lists them"),
                });
            }
        }
        let asked = |rule: &Rule| self.rules.iter().any(|name| name == rule.name());
        let all = Rule::ALL.into_iter();
        Ok(all
            .filter(|rule| self.rules.is_empty() || asked(rule))
            .collect())
    }
}

fn check(community: &Community) -> Result<()> {
    let (computers, brokers): (Vec<_>, Vec<_>) = community
        .individuals()
        .partition(|(name, _)| !name.is_broker());
    let text = format!(
        "{community}\nhash {:016x}\ncomputers {}\nbrokers {}\nlinks {}\ntunnels {}\n",
        community.hash(),
        computers.len(),
        brokers.len(),
        community.links().count(),
        community.tunnels().count()
    );
    output::print(text.as_bytes())
}

/// A line for a transition.
fn line((label, community): &Transition) -> String {
    format!("{label} -> {community}\n")
}

fn step(community: &Community, rules: &[Rule]) -> Result<()> {
    let visited = community.visit_transitions(rules, &mut |label, next| match output::offer(
        line(&(label, next)).as_bytes(),
    ) {
        Ok(true) => ControlFlow::Continue(()),
        Ok(false) => ControlFlow::Break(Ok(())),
        Err(error) => ControlFlow::Break(Err(error)),
    });
    match visited {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(ended) => ended,
    }
}

fn derive(community: &Community, path: &Path) -> Result<()> {
    let (text, origin) = read_given(path)?;
    let script = Script::parse(&text).map_err(|error| error.at(&origin))?;
    let derivation = script.run(community);
    let mut text = format!("{community}\n");
    text.extend(derivation.steps.iter().map(line));
    output::print(text.as_bytes())?;
    match derivation.stuck {
        None => Ok(()),
        Some(stuck) => Err(stuck.at(origin)),
    }
}

fn explore(arguments: &Explore) -> Result<()> {
    let Explore {
        file,
        depth,
        rules,
        memory,
        dot,
        picture,
    } = arguments;
    let rules = rules.read()?;
    targets::check(dot.iter().chain(picture), [file.path.clone()])?;
    let first = file.read()?;
    let allowed = u64::from(*memory) * MEGABYTE;
    let there = store::memory_there().map_or(allowed, |there| there as u64);
    let space = Space::explore(&first, &rules, *depth, allowed.min(there));
    let space = space.map_err(|too_large| refused(too_large, allowed <= there))?;
    let rows = [
        ("terms", space.states.len(), "that differ"),
        (
            "transitions",
            space.transitions.len(),
            "from one of them to one of them",
        ),
        (
            "depth",
            space.depth() as usize,
            "steps of the longest of the shortest ways",
        ),
        (
            "stuck",
            space.stuck(*depth),
            "terms without a transition, of those nearer than the depth",
        ),
    ];
    let rows =
        rows.map(|(name, number, what)| vec![name.to_owned(), number.to_string(), what.to_owned()]);
    let mut text = output::columns(&rows);
    text += if space.is_complete {
        "there are no other terms\n"
    } else {
        "there are more terms further on\n"
    };
    output::print(text.as_bytes())?;
    if let Some(path) = dot {
        store::replace(path, space.dot().as_bytes())?;
    }
    if let Some(path) = picture {
        pictures::save(path, &drawn(&space).draw())?;
    }
    Ok(())
}

/// The terms would take more memory than they may.
fn refused(TooLarge { states, depth }: TooLarge, is_asked: bool) -> Error {
    let what = format!(
        "there is not enough memory: {} had been found at depth {depth}",
        counted(states as u64, "term")
    );
    let help = if is_asked {
        "give less depth, fewer rules (--rules), or more memory (--memory MB)"
    } else {
        "give less depth or fewer rules (--rules), or use a larger machine"
    };
    Error::new(what).at("--depth").help(help)
}

/// The terms in a picture.
fn drawn(space: &Space) -> States {
    let layers = space.states.iter();
    let layers = layers.map(|(community, steps)| (*steps as usize, community.to_string()));
    let arrows = space.transitions.iter();
    States {
        title: format!(
            "{}, {}",
            counted(space.states.len() as u64, "term"),
            counted(space.transitions.len() as u64, "transition")
        ),
        states: layers.collect(),
        arrows: arrows
            .map(|(from, label, to)| (*from, *to, label.to_string()))
            .collect(),
    }
}

/// The rules, a line each.
fn listed() -> String {
    let mut text = String::new();
    for rule in rules() {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}: {}\n    if {}",
            rule.form,
            rule.about,
            rule.premises.join(", ")
        );
    }
    text
}
