//! Finding what a figure shows in the tables of a study.
//!
//! It does *not* know what is plotted how.

use super::arrange::PlotPoint;
use crate::error::{Error, Result, nearest};
use crate::measure::{Cell, Table};
use crate::results::{SweepResults, former_name};

/// The numbers in a column of the runs at `place`, in the order of replications.
pub(super) fn numbers(
    study: &SweepResults,
    place: &PlotPoint,
    column: usize,
) -> impl Iterator<Item = f64> {
    let cells = place
        .rows
        .iter()
        .map(move |&row| &study.runs.rows[row][column]);
    cells.filter_map(Cell::number)
}

/// A detail table that a figure shows.
pub(super) fn detail_table<'a>(study: &'a SweepResults, name: &str) -> Result<&'a Table> {
    study.detail(name).ok_or_else(|| {
        Error::new(format!("the results have no table `{name}`"))
            .at(format!("{name}.csv"))
            .help("the folder has lost it: make the results again with `arigatoni sweep`")
    })
}

/// The number of the column `name` of `table`, which lies in `file`.
pub(super) fn column(table: &Table, file: &str, name: &str) -> Result<usize> {
    table.column(name).ok_or_else(|| {
        let error = Error::new(format!("there is no column `{name}`")).at(file);
        let known = || table.columns.iter().map(String::as_str);
        match (former_name(name, known()), nearest(name, known())) {
            (Some(former), _) => error.help(format!(
                "an earlier version made these results and called it `{former}`: make them again"
            )),
            (None, Some(known)) => error.help(format!("is `{known}` meant?")),
            (None, None) => error,
        }
    })
}
