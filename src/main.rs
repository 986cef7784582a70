//! The command line: parse, call one function, map the error to an exit code.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A discrete-event simulator of the Arigatoni overlay network.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Look at underlays, convert them, measure them.
    #[command(subcommand)]
    Topology(arigatoni::cli::topology::Command),
}

fn main() -> ExitCode {
    let Verb::Topology(command) = Arguments::parse().verb;
    match arigatoni::cli::topology::run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
