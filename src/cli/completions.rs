//! `arigatoni completions`: scripts with which a shell completes the command line.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::output;
use crate::error::Result;

/// Print a completion script for a shell.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  arigatoni completions bash > ~/.local/share/bash-completion/completions/arigatoni"
)]
pub(super) struct Arguments {
    /// The shell.
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let mut script = Vec::new();
    let mut command = super::Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "arigatoni", &mut script);
    output::print(&script)
}
