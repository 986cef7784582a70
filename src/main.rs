//! The command line: parse, call one function, map the error to an exit code.

use std::process::ExitCode;

use arigatoni::cli;
use arigatoni::error::Kind;

fn main() -> ExitCode {
    match cli::main() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::print_stderr(format_args!("error: {error}"));
            ExitCode::from(match error.kind() {
                Kind::Failed => 1,
                Kind::BadInput => 2,
                Kind::Terminated => 75,
                Kind::Interrupted => 130,
            })
        }
    }
}
