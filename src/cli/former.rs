//! Finished runs, read back from the tables of a complete sweep.
//!
//! This module does *not* know journals and chunks, nor what becomes of the runs.

use std::collections::BTreeMap;

use super::folder::Folder;
use crate::error::{Error, Result};
use crate::experiment;
use crate::ledger::{Ledger, Observed, Record};
use crate::measure::Cell;
use crate::results::{Manifest, Study, axis_value, compact, csv};
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
    let columns = experiment::columns(scenario, &scenario.base().system);
    let details: Vec<&str> = columns.details.iter().map(|detail| detail.name).collect();
    let (study, trouble) = match folder.sound_study(&details, manifest) {
        Ok(study) => (Some(study), None),
        Err(error) => (folder.sound_rows(&details, manifest)?, Some(error)),
    };
    let empty = Study::new(columns.axes, columns.metrics, columns.details);
    if let Some(study) = &study {
        if let Some(other) = other_columns(study, &empty) {
            let what = format!("another build of the program wrote this: {other}");
            return Ok(FromTables::Altered(
                Error::new(what).at(folder.path().display()),
            ));
        }
        for record in records_of(study) {
            ledger.enter(record);
        }
    }
    Ok(trouble.map_or(FromTables::Whole, FromTables::Altered))
}

/// What tells the columns of `there` from those of `here`, if anything does.
fn other_columns(there: &Study, here: &Study) -> Option<String> {
    let tables = |study: &Study| -> Vec<(String, Vec<String>)> {
        let details = study.details.iter();
        let details = details.map(|(name, table)| (name.clone(), table.columns.clone()));
        let runs = ("runs".to_owned(), study.runs.columns.clone());
        [runs].into_iter().chain(details).collect()
    };
    let (there, here) = (tables(there), tables(here));
    let (there, here) = there
        .iter()
        .zip(&here)
        .find(|(there, here)| there != here)?;
    let missing_in = |list: &[String], other: &[String]| {
        other.iter().find(|column| !list.contains(column)).cloned()
    };
    let table = &there.0;
    Some(
        match (missing_in(&there.1, &here.1), missing_in(&here.1, &there.1)) {
            (Some(column), _) => format!("the table {table} has no column {column}"),
            (None, Some(column)) => {
                format!("the table {table} has a column {column}, which this one does not know")
            }
            (None, None) => format!("the table {table} has the columns in another order"),
        },
    )
}

/// The runs of a study as records.
fn records_of(study: &Study) -> Vec<Record> {
    let mut rows: BTreeMap<u64, Vec<Vec<Vec<Cell>>>> = BTreeMap::new();
    for (number, (_, table)) in study.details.iter().enumerate() {
        for row in &table.rows {
            let Cell::Count(run) = row[0] else { continue };
            let of_run = rows
                .entry(run)
                .or_insert_with(|| vec![Vec::new(); study.details.len()]);
            of_run[number].push(row[2..].to_vec());
        }
    }
    let errors: BTreeMap<u64, String> = study
        .failures
        .rows
        .iter()
        .filter_map(|row| match (&row[0], row.last()?) {
            (Cell::Count(run), error) => Some((*run, csv::cell_text(error))),
            _ => None,
        })
        .collect();
    let behind_axes = 2 + study.axes.len();
    (0..study.runs.rows.len())
        .filter_map(|row| {
            let (run, replication) = study.run_of_row(row);
            let values = study.values_of_row(row).iter().map(axis_value);
            let cells = &study.runs.rows[row][behind_axes..];
            let outcome = match (errors.get(&run), cells.split_last()) {
                // It failed, and nobody knows why any more.
                (None, Some((Cell::Absent, _)) | None) => return None,
                (None, Some((Cell::Fingerprint(fingerprint), metrics))) => Ok(Observed {
                    metrics: metrics.to_vec(),
                    fingerprint: *fingerprint,
                    details: rows
                        .remove(&run)
                        .unwrap_or_else(|| vec![Vec::new(); study.details.len()]),
                }),
                (error, _) => Err(error.cloned().unwrap_or_default()),
            };
            Some(Record {
                point: compact(&values.collect()),
                replication: replication as u32,
                outcome,
            })
        })
        .collect()
}
