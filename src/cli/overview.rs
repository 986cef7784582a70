//! Two studies side by side, on one screen: what differs between the scenarios, what figures show, the
//! largest differences.
//!
//! This module does *not* read results, nor judge differences.

use serde_json::{Value, json};

use super::compare::{Side, as_json, axes_json, cells, columns_json, interval, pairs, point};
use super::output::columns;
use super::stderr::print_stderr;
use crate::error::Result;
use crate::experiment::Experiment;
use crate::figures::PointNames;
use crate::ledger::{difference_list, differences};
use crate::measure::Limits;
use crate::statistics::{Comparison, Paired, Row};
use crate::words::{brief, counted};

/// How many lines of each part are on the screen.
const DIFFERENCES_SHOWN: usize = 8;
const WHOLE_SHOWN: usize = 10;
const LARGEST_SHOWN: usize = 10;
const POINTS_SHOWN: usize = 3;

/// What two studies have in common, and what not.
#[derive(Debug)]
pub(super) struct View {
    pub(super) sides: [Side; 2],
    pub(super) comparison: Comparison,
    /// What its points are called.
    names: PointNames,
    /// The metrics that figures show as curves.
    pub(super) headline: Vec<String>,
    /// Whether both draw the same random numbers.
    pub(super) same_seed: bool,
    /// Whether one scenario made both.
    pub(super) same_scenario: bool,
    /// Of false alarms.
    pub(super) rate: f64,
    /// Whether everything is shown.
    pub(super) all: bool,
}

impl View {
    /// The overview of two sides, of the metrics `wanted` (none: all), with this rate of false alarms.
    pub(super) fn of([a, b]: [Side; 2], wanted: &[String], rate: f64, all: bool) -> Result<Self> {
        if let (Some(by_a), Some(by_b)) = (&a.program, &b.program)
            && by_a != by_b
        {
            print_stderr(format_args!(
                "different programs made these results, which may cause differences: A by {by_a}, B by \
                {by_b}"
            ));
        }
        let headline = Experiment::headline(&a.scenario);
        let none = Limits::default();
        let comparison = Comparison::of(&a.study, &b.study, wanted, &headline, &none)?;
        let same_scenario =
            a.at == b.at && differences(&a.scenario.identity(), &b.scenario.identity()).is_empty();
        Ok(Self {
            same_seed: a.scenario.effective()["seed"] == b.scenario.effective()["seed"],
            rate,
            same_scenario,
            all,
            headline,
            names: PointNames::of(&Experiment::figures(&a.scenario), &a.study),
            sides: [a, b],
            comparison,
        })
    }

    /// How many axes the two have.
    pub(super) fn axes(&self) -> usize {
        self.comparison.axes.len()
    }

    /// The members in which the scenarios differ, with both values, and files of another content.
    pub(super) fn members(&self) -> Vec<String> {
        let [a, b] = &self.sides;
        let members = difference_list(a.scenario.effective(), b.scenario.effective());
        let mut found: Vec<String> = members
            .into_iter()
            .map(|(pointer, [one, other])| format!("{pointer}: {one} in A, {other} in B"))
            .collect();
        for (source, hash) in &a.topologies {
            if b.topologies.get(source).is_some_and(|other| other != hash) {
                found.push(format!("{source} has a different content in B"));
            }
        }
        found
    }

    /// What made the two, and what is compared, a line each.
    pub(super) fn notes(&self) -> Vec<String> {
        let [a, b] = self.sides.each_ref().map(|side| side.program.as_ref());
        let programs = match (a, b) {
            (Some(a), Some(b)) if a == b => Some(format!("both were made by {a}")),
            (Some(a), Some(b)) => Some(format!(
                "different programs made them, which may cause differences: A by {a}, B by {b}"
            )),
            (Some(a), None) => Some(format!(
                "A was made by {a}; B is a baseline, which names no program"
            )),
            (None, Some(b)) => Some(format!(
                "B was made by {b}; A is a baseline, which names no program"
            )),
            (None, None) => None,
        };
        programs.into_iter().chain(self.pairing()).collect()
    }

    /// The columns of the table of a page, in the order of [`Self::for_page`].
    pub(super) fn page_columns(&self) -> Vec<String> {
        self.for_page(self.columns())
    }

    /// The table of all rows for a page, but for those in which neither side has a value.
    pub(super) fn page_rows(&self) -> Vec<Vec<String>> {
        let rows = self.comparison.rows.iter();
        rows.filter(|row| !is_absent(row))
            .map(|row| self.for_page(self.row(row)))
            .collect()
    }

    /// A row of the table with the verdict right behind the axes, then the difference, and the number of pairs and both
    /// means last: narrow pages are cut off at the right.
    fn for_page(&self, mut cells: Vec<String>) -> Vec<String> {
        let own = &mut cells[1 + self.axes()..];
        own.rotate_right(1);
        own[1..].rotate_left(3);
        cells
    }

    /// For people.
    pub(super) fn as_text(&self) -> String {
        let [a, b] = &self.sides;
        let mut text = format!("A: {}\nB: {}\n", a.place, b.place);
        let mut line = |line: String| {
            text.push_str(&line);
            text.push('\n');
        };
        self.differing().into_iter().for_each(&mut line);
        self.pairing().into_iter().for_each(&mut line);
        line(format!(
            "over all {} together, the probability of a false alarm and that of an interval that \
            misses the true value are each at most {}",
            counted(self.comparison.rows.len() as u64, "row"),
            self.rate,
        ));
        let (whole, at_points) = self.comparison.rows.split_at(self.comparison.whole);
        if self.all {
            line(String::new());
            self.table(&self.comparison.rows.iter().collect::<Vec<_>>(), &mut line);
            return text;
        }
        let heads: Vec<&Row> = whole
            .iter()
            .filter(|row| self.headline.contains(&row.metric) && !is_absent(row))
            .collect();
        let all: Vec<&Row> = whole.iter().collect();
        let (shown, what) = if heads.is_empty() || whole.len() <= WHOLE_SHOWN {
            (all, "")
        } else {
            (heads, ", metrics that figures show")
        };
        line(format!("\nover all points{what}:"));
        let first = &shown[..shown.len().min(WHOLE_SHOWN)];
        self.table(first, &mut line);
        let rest: Vec<&Row> = whole.iter().filter(|row| !first.contains(row)).collect();
        self.largest("other metrics over all points", rest, &mut line);
        self.largest("points", at_points.iter().collect(), &mut line);
        line("\n--all prints all rows, --metric NAME those of a metric, --json everything".into());
        text
    }

    /// In what the scenarios differ, and what was picked.
    fn differing(&self) -> Vec<String> {
        let [a, b] = &self.sides;
        let found = self.members();
        let mut lines = Vec::new();
        if a.at != b.at {
            let picked = |side: &Side| match &side.at[..] {
                [] => "all points".to_owned(),
                at => at
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", "),
            };
            lines.push(format!("A at {}; B at {}", picked(a), picked(b)));
        }
        lines.push(match found.len() {
            0 => "the scenarios are the same".into(),
            _ => "the scenarios differ:".into(),
        });
        let shown = if self.all {
            found.len()
        } else {
            DIFFERENCES_SHOWN
        };
        lines.extend(found.iter().take(shown).map(|line| format!("  {line}")));
        if found.len() > shown {
            lines.push(format!("  … and {} more members", found.len() - shown));
        }
        lines
    }

    /// What is compared, and what only one side has.
    fn pairing(&self) -> Vec<String> {
        let comparison = &self.comparison;
        let mut lines = vec![format!(
            "{}, {} with the same fingerprint; {}",
            pairs(comparison.runs),
            comparison.identical,
            if self.same_seed {
                "common random numbers"
            } else {
                "the seeds differ, so the numbers are independent"
            },
        )];
        for (side, (points, runs)) in ["A", "B"]
            .iter()
            .zip(comparison.only.iter().zip(comparison.unpaired))
        {
            let shown = if self.all { points.len() } else { POINTS_SHOWN };
            let listed = points
                .iter()
                .take(shown)
                .map(|values| point(values, &comparison.axes));
            let mut told: Vec<String> = listed.collect();
            if points.len() > shown {
                told.push(format!("… and {} more", points.len() - shown));
            }
            if !points.is_empty() {
                let count = counted(points.len() as u64, "point");
                lines.push(format!("only {side} has {count}: {}", told.join("; ")));
            }
            if runs > 0 {
                lines.push(format!(
                    "{} of {side} without a counterpart, not compared",
                    counted(runs, "run")
                ));
            }
        }
        lines
    }

    /// The largest of the differences among `rows`, by their share of A's mean.
    fn largest(&self, what: &str, rows: Vec<&Row>, line: &mut impl FnMut(String)) {
        if rows.is_empty() {
            return;
        }
        let of = rows.len();
        let mut found: Vec<&Row> = rows
            .into_iter()
            .filter(|row| row.changed(self.rate) || self.certain(row))
            .collect();
        if found.is_empty() {
            line(format!(
                "\n{what}: no difference seen in {}",
                counted(of as u64, "row")
            ));
            return;
        }
        let size = |row: &Row| row.paired.relative().map_or(f64::INFINITY, f64::abs);
        found.sort_by(|one, other| size(other).total_cmp(&size(one)));
        let shown = found.len().min(LARGEST_SHOWN);
        let largest = if shown < found.len() {
            ", the largest"
        } else {
            ""
        };
        line(format!(
            "\n{what}: {} of {of} rows differ{largest}:",
            found.len()
        ));
        self.table(&found[..shown], line);
    }

    fn table(&self, rows: &[&Row], line: &mut impl FnMut(String)) {
        let mut lines = vec![self.columns()];
        lines.extend(rows.iter().map(|row| self.row(row)));
        columns(&lines)
            .lines()
            .for_each(|text| line(text.to_owned()));
    }

    /// The columns of a table of rows.
    pub(super) fn columns(&self) -> Vec<String> {
        let mut head = vec!["metric".to_owned()];
        head.extend(self.comparison.axes.iter().map(|axis| axis.column.clone()));
        let behind = ["n", "A", "B", "B − A", "in %", "interval", "verdict"];
        head.extend(behind.map(str::to_owned));
        head
    }

    fn row(&self, row: &Row) -> Vec<String> {
        let paired = &row.paired;
        let number = |value: Option<f64>| value.map_or("–".into(), brief);
        let relative = paired.relative().map(|share| 100.0 * share);
        let mut all = vec![row.metric.clone()];
        all.extend(cells(row, &self.comparison.axes, &self.names));
        all.extend([
            paired.n.to_string(),
            number(paired.first),
            number(paired.second),
            number(paired.difference),
            relative.map_or("–".into(), |share| format!("{share:+.2}")),
            interval(row, self.rate),
            self.verdict(row).into(),
        ]);
        all
    }

    /// Whether both have the same scenario, and runs with the same events have other numbers, which
    /// needs no statistics.
    fn certain(&self, row: &Row) -> bool {
        self.same_scenario && row.remeasured
    }

    /// What is said of a row.
    fn verdict(&self, row: &Row) -> &'static str {
        let difference = row.paired.difference.unwrap_or(0.0);
        match row.p {
            _ if self.certain(row) => "same events, other numbers",
            _ if is_absent(row) => self.absence(row),
            None if difference == 0.0 => "same",
            None => "too few replications",
            // All of one side and none of the other: that is seen, however few there are.
            Some(_) if row.paired.n == 0 => "present in one only",
            Some(p) if p > self.rate && !row.paired.differs() => "same",
            Some(p) if p > self.rate => "no difference seen",
            Some(_) if difference > 0.0 => "B is higher",
            Some(_) => "B is lower",
        }
    }

    /// What is said of a row without any value. One over all points counts those points at which both sides are whole, so its
    /// metric may have values all the same.
    fn absence(&self, row: &Row) -> &'static str {
        let same = self
            .comparison
            .rows
            .iter()
            .filter(|it| it.metric == row.metric);
        let [mut in_first, mut in_second] = [false; 2];
        for Paired {
            n,
            vanished,
            appeared,
            ..
        } in same.map(|it| &it.paired)
        {
            in_first |= n + vanished > 0;
            in_second |= n + appeared > 0;
        }
        match (in_first, in_second) {
            _ if row.point.is_some() => "absent in both",
            (false, false) => "absent in both",
            (true, true) => "too few replications",
            _ => "present in one only",
        }
    }

    /// For programs.
    pub(super) fn as_json(&self) -> Value {
        let comparison = &self.comparison;
        let row = |row: &Row| {
            let mut all = as_json(row, self.rate);
            all["verdict"] = self.verdict(row).into();
            all
        };
        let [a, b] = &self.sides;
        let differing = difference_list(a.scenario.effective(), b.scenario.effective());
        let differing = differing
            .into_iter()
            .map(|(pointer, [one, other])| json!({"pointer": pointer, "a": one, "b": other}));
        let only = comparison.only.each_ref().map(|points| {
            let texts = points.iter().map(|values| point(values, &comparison.axes));
            texts.collect::<Vec<_>>()
        });
        json!({
            "axes": axes_json(&comparison.axes), "columns": columns_json(&comparison.axes),
            "runs": comparison.runs, "identical": comparison.identical,
            "common_random_numbers": self.same_seed, "false_alarms": self.rate,
            "scenario_differences": differing.collect::<Vec<_>>(),
            "points_only_in_a": only[0], "points_only_in_b": only[1],
            "runs_only_in_a": comparison.unpaired[0], "runs_only_in_b": comparison.unpaired[1],
            "rows": comparison.rows.iter().map(row).collect::<Vec<_>>(),
        })
    }
}

/// Whether neither side has a value.
fn is_absent(row: &Row) -> bool {
    let paired = &row.paired;
    paired.n + paired.vanished + paired.appeared == 0
}
