//! What can be observed of a run, as data: cells, tables, and how they want to be drawn.
//!
//! A simulated system describes its own measures with these types; sweeps, statistics, results
//! and figures handle them without knowing what they mean. This module does *not* know any
//! system, nor how anything is written or drawn.

mod figure;
mod limit;
mod theory;

pub use figure::{
    AxisColumn, AxisName, Content, Credit, FigureSpec, GivenLabels, Period, Reference, Series,
    Source, pointer_matches,
};
pub use limit::{Limit, Limits, Worse};
pub use theory::{Prediction, Spread};

/// One observed value.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing was there to be computed from (an empty denominator, say): an empty cell, never 0.
    Absent,
    /// An exact count.
    Count(u64),
    /// A computed number; finite.
    Real(f64),
    /// A word, such as the value of a sweep axis.
    Text(String),
    /// A 64-bit fingerprint, written as `x` and 16 hexadecimal digits.
    Fingerprint(u64),
}

impl Cell {
    /// The ratio `part / whole`, absent if `whole` is 0.
    pub fn ratio(part: u64, whole: u64) -> Self {
        if whole == 0 {
            Self::Absent
        } else {
            Self::Real(part as f64 / whole as f64)
        }
    }

    /// The number in the cell, if it has one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Count(count) => Some(*count as f64),
            Self::Real(real) => Some(*real),
            Self::Absent | Self::Text(_) | Self::Fingerprint(_) => None,
        }
    }
}

impl From<Option<f64>> for Cell {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Self::Absent, Self::Real)
    }
}

/// A cell, and the name of its metric.
pub type Named = (&'static str, Cell);

/// These metrics of a run in which nothing is there to compute them from.
pub fn absent<const COUNT: usize>(names: [&'static str; COUNT]) -> [Named; COUNT] {
    names.map(|name| (name, Cell::Absent))
}

/// The cells of a run in the making: each is set once, by the name of its metric, also where it is [absent].
#[derive(Debug)]
pub struct Row {
    metrics: &'static [Metric],
    /// `None`: it is not set yet.
    cells: Vec<Option<Cell>>,
}

impl Row {
    /// A row for these metrics.
    pub fn of(metrics: &'static [Metric]) -> Self {
        Self {
            metrics,
            cells: vec![None; metrics.len()],
        }
    }

    /// Sets the cells of some metrics.
    ///
    /// # Panics
    /// If there is no metric of such a name, or its cell is set already.
    pub fn set(&mut self, cells: impl IntoIterator<Item = Named>) {
        self.set_under("", cells);
    }

    /// Sets the cells of metrics whose names are `prefix`, and then the name that is given.
    ///
    /// # Panics
    /// If there is no metric of such a name, or its cell is set already.
    pub fn set_under(&mut self, prefix: &str, cells: impl IntoIterator<Item = Named>) {
        for (name, cell) in cells {
            let is_it = |metric: &Metric| metric.name.strip_prefix(prefix) == Some(name);
            let at = self.metrics.iter().position(is_it);
            let at = at.unwrap_or_else(|| panic!("there is no metric `{prefix}{name}`"));
            let before = self.cells[at].replace(cell);
            assert!(before.is_none(), "`{prefix}{name}` is set twice");
        }
    }

    /// The cells, in the order of the metrics.
    ///
    /// # Panics
    /// If the cell of a metric is not set. That also shows two metrics of one name: only the first one can be set.
    pub fn into_cells(self) -> Vec<Cell> {
        let cells = self.metrics.iter().zip(self.cells);
        let cell = |(metric, cell): (&Metric, Option<Cell>)| {
            cell.unwrap_or_else(|| panic!("`{}` is not set", metric.name))
        };
        cells.map(cell).collect()
    }
}

/// What came out of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunOutcome {
    /// The value of each metric.
    pub metrics: Vec<Cell>,
    /// The fingerprint of its events.
    pub fingerprint: u64,
    /// For each detail table its rows, without run and replication.
    pub details: Vec<Vec<Vec<Cell>>>,
}

/// Named columns and rows of cells; every row has one cell a column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The columns' names, as in the header line of the file.
    pub columns: Vec<String>,
    /// The rows, in canonical order.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// The index of the column called `name`.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }
}

/// What numbers a quantity can be. Confidence intervals know of no such ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Domain {
    /// 0 and more: a count, a time, a quotient of such.
    #[default]
    NotNegative,
    /// From 0 to 1: a part of a whole.
    Share,
}

impl Domain {
    /// The least and the greatest number; the latter may be infinite.
    pub fn ends(self) -> [f64; 2] {
        match self {
            Self::NotNegative => [0.0, f64::INFINITY],
            Self::Share => [0.0, 1.0],
        }
    }
}

/// One measure of a run: a column of `runs.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// The column's name.
    pub name: &'static str,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// What it can be.
    pub domain: Domain,
    /// Whether it counts what should not happen, so that a report warns where it is not 0.
    pub trouble: bool,
}

impl Metric {
    /// A measure that is never negative.
    pub const fn new(name: &'static str, meaning: &'static str) -> Self {
        Self {
            name,
            meaning,
            domain: Domain::NotNegative,
            trouble: false,
        }
    }

    /// A measure that is a part of a whole.
    pub const fn share(name: &'static str, meaning: &'static str) -> Self {
        Self {
            name,
            meaning,
            domain: Domain::Share,
            trouble: false,
        }
    }

    /// Its unit, which its name ends with or has in it, as in `latency_ms_mean`: of a time in `ms` or `s`, of a rate in
    /// `1/s`; else it has none.
    pub fn unit(&self) -> Option<&'static str> {
        let words: Vec<&str> = self.name.split('_').collect();
        let rate = words.contains(&"per") && words.last() == Some(&"s");
        let unit = words.iter().find_map(|word| match *word {
            "ns" => Some("ns"),
            "ms" => Some("ms"),
            "s" => Some("s"),
            _ => None,
        });
        if rate { Some("1/s") } else { unit }
    }

    /// This metric, marked as one of which any count above 0 is trouble.
    #[must_use]
    pub const fn as_trouble(self) -> Self {
        Self {
            trouble: true,
            ..self
        }
    }
}

/// A table besides `runs.csv` that a system fills with any number of rows a run
/// (each prefixed with the run and replication), such as broker load by depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// The file's name without its ending: `depths` is written to `depths.csv`.
    pub name: &'static str,
    /// What it tells, in a line.
    pub about: &'static str,
    /// The columns after `run,replication`.
    pub columns: &'static [Metric],
}

impl Detail {
    /// The names of its columns.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|column| column.name)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    const METRICS: [Metric; 3] = [
        Metric::new("events", ""),
        Metric::new("load_mean", ""),
        Metric::new("load_max", ""),
    ];

    /// Two metrics of one name.
    const SAME: [Metric; 2] = [METRICS[0], METRICS[0]];

    /// What `set` makes of a row of `METRICS`, or the message with which that ends.
    fn made(metrics: &'static [Metric], set: impl FnOnce(&mut Row)) -> Result<Vec<Cell>, String> {
        let row = AssertUnwindSafe(|| {
            let mut row = Row::of(metrics);
            set(&mut row);
            row.into_cells()
        });
        catch_unwind(row).map_err(|why| *why.downcast::<String>().unwrap())
    }

    #[test]
    fn a_row_has_each_cell_once_in_the_order_of_the_metrics() {
        let load = |row: &mut Row| {
            row.set_under("load_", [("max", Cell::Count(2)), ("mean", Cell::Count(1))]);
        };
        let count = [("events", Cell::Count(7))];
        let whole = made(&METRICS, |row| {
            load(row);
            row.set(count.clone());
        });
        assert_eq!(whole, Ok([7, 1, 2].map(Cell::Count).to_vec()));
        let nothing = made(&METRICS, |row| {
            load(row);
            row.set(absent(["events"]));
        });
        assert_eq!(nothing.unwrap()[0], Cell::Absent);
        assert_eq!(made(&METRICS, load), Err("`events` is not set".to_owned()));
        let twice = made(&METRICS, |row| {
            row.set(count.clone());
            row.set(absent(["events"]));
        });
        assert_eq!(twice, Err("`events` is set twice".to_owned()));
        let unknown = made(&METRICS, |row| row.set_under("load_", absent(["min"])));
        assert_eq!(unknown, Err("there is no metric `load_min`".to_owned()));
        let same = made(&SAME, |row| row.set(count.clone()));
        assert_eq!(same, Err("`events` is not set".to_owned()));
    }
}
