//! Complete tables as finished runs: row by row, as far as they are as they were written.
//!
//! It does *not* know what a manifest is, nor which tables a study should have.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

use super::finished::Ledger;
use super::record::Record;
use crate::error::{Error, Result};
use crate::measure::{Cell, RunOutcome};
use crate::results::{Blocks, SweepResults, axis_value, compact, csv, run_of_line};
use crate::store::{self, Lines};

/// The tables of a study in a folder, and what is known of how they were written.
#[derive(Debug)]
pub(crate) struct Tables<'a> {
    /// Where they lie.
    pub folder: &'a Path,
    /// The hash of each one's bytes, by the names of the files.
    pub hashes: &'a BTreeMap<String, String>,
    /// The hashes of their blocks, if known.
    pub blocks: Option<&'a Blocks>,
    /// A study without runs that has their columns.
    pub empty: &'a SweepResults,
}

/// What was found in tables.
#[derive(Debug, Default)]
struct Found {
    /// The blocks that are as they were written in all tables; `None`: everything is.
    sound: Option<BTreeSet<u64>>,
    /// What is not as it was written, first of all.
    trouble: Option<Error>,
}

impl Tables<'_> {
    /// Enters the runs that are as they were written in `ledger`; returns what is not.
    ///
    /// # Errors
    /// If a file cannot be read, or a run cannot be entered.
    pub(crate) fn load(&self, ledger: &mut Ledger) -> Result<Option<Error>> {
        let mut found = self.look()?;
        let nothing = found.sound.as_ref().is_some_and(BTreeSet::is_empty);
        if !nothing && let Some(other) = self.other_columns()? {
            let what = format!("another build of the program wrote this: {other}");
            return Ok(Some(Error::new(what).at(self.folder.display())));
        }
        if !nothing {
            let errors = self.errors(&mut found)?;
            self.enter(&found, &errors, ledger)?;
        }
        Ok(found.trouble)
    }

    /// The names of the files whose rows belong to runs, and their columns.
    fn files(&self) -> impl Iterator<Item = (String, &Vec<String>)> {
        let runs = (SweepResults::RUNS.to_owned(), &self.empty.runs.columns);
        let details = self.empty.details.iter();
        let details = details.map(|(name, table)| (format!("{name}.csv"), &table.columns));
        [runs].into_iter().chain(details)
    }

    /// Whether the table `name` was not written, as it had no rows.
    fn is_empty(&self, name: &str) -> bool {
        self.hashes.contains_key(SweepResults::RUNS) && !self.hashes.contains_key(name)
    }

    fn open(&self, name: &str) -> Result<Option<Rows>> {
        Rows::open(&self.folder.join(name))
    }

    /// Which blocks are as they were written.
    fn look(&self) -> Result<Found> {
        let mut found = Found::default();
        for (name, _) in self.files() {
            let whole = self.look_at(&name, &mut found)?;
            if let Err(error) = whole {
                found.trouble = found.trouble.or(Some(error));
            }
        }
        // The sound ones were only counted in the tables that were looked at block by block.
        if found.trouble.is_some() && found.sound.is_none() {
            found.sound = Some(BTreeSet::new());
        }
        Ok(found)
    }

    /// Looks at one table, and takes from the sound blocks those that are not sound in it.
    fn look_at(&self, name: &str, found: &mut Found) -> Result<Result<()>> {
        let path = self.folder.join(name);
        let Some(mut rows) = self.open(name)? else {
            if self.is_empty(name) {
                return Ok(Ok(()));
            }
            found.sound = Some(BTreeSet::new());
            return Ok(Err(Error::new("there is no such file").at(path.display())));
        };
        let mut whole = Xxh3::new();
        let mut hasher = self.blocks.map(Blocks::hasher);
        let mut first = true;
        while let Some(row) = rows.next()? {
            whole.update(row);
            if let Some(hasher) = hasher.as_mut().filter(|_| !first) {
                hasher.add(row);
            }
            first = false;
        }
        if self.hashes.get(name) == Some(&format!("{:016x}", whole.digest())) {
            return Ok(Ok(()));
        }
        let sound = match (self.blocks, &hasher) {
            (Some(blocks), Some(hasher)) => blocks.sound(name, hasher),
            _ => BTreeSet::new(),
        };
        found.sound = Some(match &found.sound {
            Some(others) => &sound & others,
            None => sound,
        });
        Ok(Err(Error::new(
            "the table was changed after it was written",
        )
        .at(path.display())))
    }

    /// What tells the columns of the files from those that the study has here, if anything does.
    fn other_columns(&self) -> Result<Option<String>> {
        for (name, here) in self.files() {
            let Some(mut rows) = self.open(&name)? else {
                continue;
            };
            let first = rows.next()?.unwrap_or_default();
            let there = csv::decode(first).map(|table| table.columns);
            let there = there.unwrap_or_default();
            if there == *here {
                continue;
            }
            let missing_in = |list: &[String], other: &[String]| {
                other.iter().find(|column| !list.contains(column)).cloned()
            };
            let table = name.trim_end_matches(".csv");
            return Ok(Some(
                match (missing_in(&there, here), missing_in(here, &there)) {
                    (Some(column), _) => format!("the table {table} has no column {column}"),
                    (None, Some(column)) => format!(
                        "the table {table} has a column {column}, which this program does not know"
                    ),
                    (None, None) => format!(
                        "the table {table} has the columns in a different \
                    order"
                    ),
                },
            ));
        }
        Ok(None)
    }

    /// The messages of the runs that failed, by the runs' numbers.
    fn errors(&self, found: &mut Found) -> Result<BTreeMap<u64, String>> {
        let path = self.folder.join(SweepResults::FAILURES);
        let Some(bytes) = store::read_if_there(&path)? else {
            return Ok(BTreeMap::new());
        };
        let mut hash = Xxh3::new();
        hash.update(&bytes);
        let table = csv::decode(&bytes);
        let known =
            self.hashes.get(SweepResults::FAILURES) == Some(&format!("{:016x}", hash.digest()));
        let Some(table) = table.ok().filter(|_| known) else {
            let altered =
                Error::new("the table was changed after it was written").at(path.display());
            found.trouble.get_or_insert(altered);
            return Ok(BTreeMap::new());
        };
        let error = |row: &Vec<Cell>| match (&row[0], row.last()?) {
            (Cell::Count(run), error) => Some((*run, csv::cell_text(error))),
            _ => None,
        };
        Ok(table.rows.iter().filter_map(error).collect())
    }

    /// Goes through all tables side by side: in each the runs are in ascending order.
    fn enter(
        &self,
        found: &Found,
        errors: &BTreeMap<u64, String>,
        ledger: &mut Ledger,
    ) -> Result<()> {
        let is_sound = |run: u64| {
            let block = self.blocks.map(|blocks| blocks.block_of(run));
            let sound = found.sound.as_ref();
            sound.is_none_or(|sound| block.is_some_and(|block| sound.contains(&block)))
        };
        let Some(mut runs) = self.open(SweepResults::RUNS)? else {
            return Ok(());
        };
        runs.next()?;
        let mut details = Vec::new();
        for (name, columns) in self.files().skip(1) {
            let rows = self.open(&name)?;
            if rows.is_none() && !self.is_empty(&name) {
                return Ok(());
            }
            let grouped = rows.map(|rows| Grouped::new(rows, columns));
            details.push(grouped.transpose()?);
        }
        while let Some(row) = runs.next()? {
            let Some(run) = run_of_line(row).filter(|&run| is_sound(run)) else {
                continue;
            };
            let cells = csv::decode_rows(&self.empty.runs.columns, row)?;
            let rows_of = |detail: &mut Option<Grouped>| match detail {
                Some(detail) => detail.of(run),
                None => Ok(Vec::new()),
            };
            let details = details.iter_mut().map(rows_of);
            let details = details.collect::<Result<_>>()?;
            let record = cells
                .first()
                .and_then(|cells| self.record(cells, errors.get(&run), details));
            if let Some(record) = record {
                ledger.enter(record)?;
            }
        }
        Ok(())
    }

    /// The record of a row of the table of runs; `None` of a run that failed, nobody knows why.
    fn record(
        &self,
        cells: &[Cell],
        error: Option<&String>,
        details: Vec<Vec<Vec<Cell>>>,
    ) -> Option<Record> {
        let (first, rest) = cells.split_at_checked(2)?;
        let (values, rest) = rest.split_at_checked(self.empty.axes.len())?;
        let Cell::Count(replication) = first[1] else {
            return None;
        };
        let outcome = match (error, rest.split_last()?) {
            (Some(error), _) => Err(error.clone()),
            (None, (Cell::Fingerprint(fingerprint), metrics)) => Ok(RunOutcome {
                metrics: metrics.to_vec(),
                fingerprint: *fingerprint,
                details,
            }),
            (None, _) => return None,
        };
        Some(Record {
            point: compact(&values.iter().map(axis_value).collect()),
            replication: replication.try_into().ok()?,
            outcome,
        })
    }
}

/// How many rows the table in the file at `path` has; none if there is no such file.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn count_rows(path: &Path) -> Result<u64> {
    let Some(mut rows) = Rows::open(path)? else {
        return Ok(0);
    };
    let mut count = 0_u64;
    while rows.next()?.is_some() {
        count += 1;
    }
    Ok(count.saturating_sub(1))
}

/// The rows of a file with their ends; a line within quotes belongs to the one before it.
struct Rows {
    path: PathBuf,
    lines: Lines,
    row: Vec<u8>,
}

impl Rows {
    fn open(path: &Path) -> Result<Option<Self>> {
        let rows = |lines| Self {
            path: path.into(),
            lines,
            row: Vec::new(),
        };
        Ok(Lines::open(path)?.map(rows))
    }

    fn next(&mut self) -> Result<Option<&[u8]>> {
        self.row.clear();
        let mut within_quotes = false;
        loop {
            let from = self.row.len();
            let more = self.lines.next(&mut self.row)?;
            for _ in self.row[from..].iter().filter(|&&byte| byte == b'"') {
                within_quotes = !within_quotes;
            }
            if !more || !within_quotes {
                break;
            }
        }
        Ok((!self.row.is_empty()).then_some(&self.row[..]))
    }
}

/// The rows of a detail table, run by run.
struct Grouped<'a> {
    columns: &'a [String],
    rows: Rows,
    /// The next row's run; absent at the end.
    run: Option<u64>,
    row: Vec<u8>,
}

impl<'a> Grouped<'a> {
    fn new(rows: Rows, columns: &'a [String]) -> Result<Self> {
        let mut grouped = Self {
            columns,
            rows,
            run: None,
            row: Vec::new(),
        };
        grouped.rows.next()?;
        grouped.advance()?;
        Ok(grouped)
    }

    fn advance(&mut self) -> Result<()> {
        let row = self.rows.next()?;
        self.row = row.unwrap_or_default().to_vec();
        // A row that belongs to no run is passed over with those of the runs before.
        self.run = row.map(|row| run_of_line(row).unwrap_or(0));
        Ok(())
    }

    /// The rows of `run`, without run and replication. Asked for in ascending order.
    fn of(&mut self, run: u64) -> Result<Vec<Vec<Cell>>> {
        let mut bytes = Vec::new();
        while let Some(next) = self.run.filter(|&next| next <= run) {
            if next == run {
                bytes.extend_from_slice(&self.row);
            }
            self.advance()?;
        }
        let rows = csv::decode_rows(self.columns, &bytes);
        let rows = rows.map_err(|error| error.at(self.rows.path.display()))?;
        let without = |mut row: Vec<Cell>| row.split_off(2.min(row.len()));
        Ok(rows.into_iter().map(without).collect())
    }
}
