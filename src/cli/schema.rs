//! `arigatoni schema`: the JSON Schema of the scenario file.

use clap::Args;

use super::output;
use crate::error::Result;
use crate::scenario;

/// Print the JSON Schema (draft 2020-12) of the scenario file.
///
/// It lists every member with its meaning, default and limits. Editors use it to complete and check
/// scenarios.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  arigatoni schema > scenario.schema.json")]
pub(super) struct Schema {}

/// Prints the schema on stdout.
pub(super) fn run() -> Result<()> {
    output::print(format!("{:#}\n", scenario::schema()).as_bytes())
}
