//! Finished runs, read back from the tables of a complete sweep.
//!
//! This module does *not* know journals and chunks, nor what becomes of the runs.

use super::folder::Folder;
use crate::error::{Error, Result};
use crate::experiment;
use crate::ledger::{Ledger, Tables};
use crate::results::Manifest;
use crate::scenario::Scenario;

/// What complete tables gave.
pub(super) enum FromTables {
    /// There are none.
    None,
    /// All of their rows.
    Whole,
    /// The rows that are as they were written, if any; and what is not.
    Altered(Error),
}

/// Enters the runs of complete tables in `ledger`, as far as they are as they were written.
pub(super) fn load_tables(
    folder: &Folder,
    scenario: &Scenario,
    manifest: &Manifest,
    ledger: &mut Ledger,
) -> Result<FromTables> {
    if !manifest.complete {
        return Ok(FromTables::None);
    }
    let columns = experiment::columns(scenario);
    let tables = Tables {
        folder: folder.path(),
        hashes: &manifest.tables,
        blocks: manifest.blocks.as_ref(),
        empty: &columns.study(),
    };
    let altered = tables.load(ledger)?;
    Ok(altered.map_or(FromTables::Whole, FromTables::Altered))
}
