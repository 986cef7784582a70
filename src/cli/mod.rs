//! The command line, one file a verb. Results go to stdout, everything else to stderr.
//!
//! This room parses words, calls other rooms and says what they found; it does *not* know what is
//! simulated.

mod bounded;
mod calculus;
mod check;
mod compare;
mod completions;
mod constraint;
mod cores;
mod explain;
mod explore;
mod exports;
mod figures;
mod input;
mod junit;
mod logs;
mod memory;
mod merge;
mod new;
mod output;
mod overview;
mod parquet;
mod pictures;
mod precision;
mod progress;
mod rehearsal;
mod report;
mod retry;
mod run;
mod schema;
mod screen;
mod sequence;
mod signals;
mod slurm;
mod status;
mod stderr;
mod submit;
mod swarm;
mod sweep;
mod sweep_arguments;
mod targets;
mod topology;
mod topology_distances;
mod topology_fit;
mod topology_generate;
mod topology_info;
mod topology_source;
mod verdict;
mod waiting;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use stderr::print_stderr;

use crate::error::{Kind, Result};

/// A discrete-event simulator of the Arigatoni overlay network.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    after_help = "Example: a quick version of the published study, with its figures\n  \
                  arigatoni sweep scenarios/paper-quick.json\n\n\
                  Exit codes: 0 done, 1 a check or some runs failed, 2 bad input, or a file that\n  cannot be read or written (full disk, no permission), 3 not all was explored, 75 stopped by SIGTERM, 130 stopped by Ctrl-C"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Arguments),
    Sweep(sweep::Arguments),
    Status(status::Arguments),
    Merge(merge::Arguments),
    Submit(submit::Arguments),
    Retry(retry::Arguments),
    Compare(compare::Arguments),
    Check(check::Arguments),
    Figures(figures::Arguments),
    Report(report::Arguments),
    Parquet(parquet::Arguments),
    /// Inspect, draw, convert, generate and measure topologies.
    #[command(
        subcommand,
        after_help = "Example:\n  arigatoni topology info topologies/ts600-0.gb\n\n\
                      For examples of each command: arigatoni topology COMMAND --help"
    )]
    Topology(topology::Command),
    Swarm(swarm::Arguments),
    Explore(explore::Arguments),
    Constraint(constraint::Arguments),
    /// Read, rewrite and explore terms of the colony calculus.
    #[command(
        subcommand,
        after_help = "Example:\n  arigatoni calculus step scenarios/calculus/community.term\n\n\
                      For examples of each command: arigatoni calculus COMMAND --help"
    )]
    Calculus(calculus::Command),
    New(new::Arguments),
    Explain(explain::Arguments),
    Schema(schema::Schema),
    Completions(completions::Arguments),
}

/// Does what the command line asks, says what went wrong, and gives the exit code.
///
/// A program with a system of its own calls [`crate::systems::register`] first.
pub fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_stderr(format_args!("error: {error}"));
            ExitCode::from(match error.kind() {
                Kind::Failed => 1,
                Kind::BadInput => 2,
                Kind::Incomplete => 3,
                Kind::Terminated => 75,
                Kind::Interrupted => 130,
            })
        }
    }
}

fn run() -> Result<()> {
    let command = Arguments::parse().command;
    // What keeps its work as it goes hears signals itself.
    let keeps = matches!(
        command,
        Command::Sweep(_)
            | Command::Retry(_)
            | Command::Check(_)
            | Command::Swarm(_)
            | Command::Explore(_)
    );
    if !keeps {
        signals::end_at_once()?;
    }
    match command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Sweep(arguments) => sweep::run(&arguments),
        Command::Status(arguments) => status::run(&arguments),
        Command::Merge(arguments) => merge::run(&arguments),
        Command::Submit(arguments) => submit::run(&arguments),
        Command::Retry(arguments) => retry::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Figures(arguments) => figures::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Parquet(arguments) => parquet::run(&arguments),
        Command::Topology(command) => {
            cores::limit(None)?;
            topology::run(command)
        }
        Command::Swarm(arguments) => swarm::run(&arguments),
        Command::Explore(arguments) => explore::run(&arguments),
        Command::Constraint(arguments) => constraint::run(&arguments),
        Command::Calculus(command) => calculus::run(&command),
        Command::New(arguments) => new::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Schema(_) => schema::run(),
        Command::Completions(arguments) => completions::run(&arguments),
    }
}
