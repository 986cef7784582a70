//! `arigatoni schema`: the JSON Schema of the scenario file.

use std::io::{ErrorKind, Write as _};

use clap::Args;

use crate::error::{Error, Result};
use crate::scenario;

/// Print the JSON Schema (draft 2020-12) of the scenario file.
///
/// It lists every member with its meaning, default and limits. Editors use it to complete and
/// check scenarios while they are typed.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  arigatoni schema > scenario.schema.json")]
pub struct Schema {}

/// Prints the schema on stdout.
pub fn run() -> Result<()> {
    let schema = format!("{:#}\n", scenario::schema());
    match std::io::stdout().lock().write_all(schema.as_bytes()) {
        // A reader that has seen enough, such as `head`, is no trouble.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::new(format!("stdout cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}
