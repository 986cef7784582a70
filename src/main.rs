//! The command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    arigatoni::cli::main()
}
