//! Matrices of latencies: one row a router, between tabs, commas, semicolons or blanks; names in the first
//! line and in front of the rows, if there are any.
//!
//! This module does *not* know what is done with a pair that is not measured ([`finish`] asks the
//! options), nor routes.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::edges::cell;
use super::faults::{Faults, Remedy};
use super::latencies::Latencies;
use super::lines::{Line, Lines, Separator};
use super::options::{LengthUnit, ReadOptions};
use super::reading::{Kept, Reading};
use super::{Domain, Graph, Origin, Router};
use crate::error::{Error, Result};
use crate::time::Span;
use crate::words::counted;

/// What matrices say of pairs that were not measured.
const GAPS: [&str; 10] = [
    "", "-", "-1", "nan", "na", "n/a", "null", "none", "inf", "infinity",
];

/// Whether a cell says that a pair was not measured.
pub(super) fn is_gap(cell: &str) -> bool {
    GAPS.iter().any(|gap| cell.eq_ignore_ascii_case(gap)) || cell.parse() == Ok(-1.0)
}

/// The latency in a cell, in `unit`; `None` if there is none.
pub(super) fn latency(cell: &str, unit: LengthUnit, line: usize) -> Result<Option<f64>> {
    if is_gap(cell) {
        return Ok(None);
    }
    let shown: String = cell.chars().take(40).collect();
    let number: f64 = cell.parse().map_err(|_| {
        Error::new(format!("`{shown}` is not a latency"))
            .at(line)
            .help("write a number, or `nan` for a pair that was not measured")
    })?;
    if number < 0.0 {
        return Err(Error::new(format!("`{shown}` is a negative latency"))
            .at(line)
            .help("write a number from 0, or `nan` for a pair that was not measured"));
    }
    if !number.is_finite() {
        return Ok(None);
    }
    if Span::from_ms(unit.in_ms(number)).is_none() {
        let what = format!("`{shown}` is a latency above 10^12 ms (31 years)");
        return Err(Error::new(what)
            .at(line)
            .help("correct the number, or say the unit of all with --length-unit"));
    }
    Ok(Some(number))
}

/// Matrices whose middle number is below this may be in seconds: computers far from each other are some tens of
/// milliseconds apart.
const SECONDS_MAX: f64 = 1.0;

/// The middle of the latencies that are known.
fn middle(latencies: &Latencies) -> Option<f64> {
    let known = latencies.pairs().filter_map(|(_, _, latency)| latency);
    let mut known: Vec<f64> = known.collect();
    let at = known.len().checked_sub(1)? / 2;
    Some(*known.select_nth_unstable_by(at, f64::total_cmp).1)
}

/// Reads a matrix, and what is wrong with it that an option would make good.
pub(super) fn read(text: &str, options: &ReadOptions) -> Result<(Reading, Faults)> {
    let lines: Vec<Line<'_>> = Lines::of(text, &['#', '%']).collect();
    let Some(first) = lines.first() else {
        return Err(Error::new("the file has no rows").at(1));
    };
    let separator = Separator::of(first.text);
    let (mut names, rows) = heading(separator, &lines);
    let Some(row) = rows.first() else {
        return Err(Error::new("no row of numbers follows the names").at(first.number));
    };
    let has_corner = names.first().is_some_and(|name| name == CORNER);
    let (_, cells) = labelled(separator, row, has_corner);
    let size = cells.len();
    let mut latencies = Latencies::new(size).map_err(|error| error.at(row.number))?;
    if names.len() == size + 1 {
        names.remove(0);
    }
    check_names(row.number, names.len(), size)?;
    let has_heading = !names.is_empty();
    let unit = options.length_unit.unwrap_or(LengthUnit::Ms);
    let mut on_diagonal = 0;
    for (from, row) in rows.iter().enumerate() {
        let (label, cells) = labelled(separator, row, has_corner);
        check_square(row.number, (from, cells.len()), size)?;
        name(&mut names, has_heading, from, label, row.number)?;
        for (to, cell) in cells.iter().enumerate() {
            let latency = latency(cell, unit, row.number)?;
            on_diagonal += usize::from(from == to && latency.is_some_and(|latency| latency > 0.0));
            if let Some(latency) = latency {
                latencies.set(from, to, latency);
            }
        }
    }
    if rows.len() < size {
        let last = rows[rows.len() - 1].number;
        let what = format!("the file ends after {} of {size} rows", rows.len());
        return Err(Error::new(what)
            .at(last)
            .help("a matrix has as many rows as columns: fetch the file again if it is cut off"));
    }
    let middle = middle(&latencies).filter(|_| options.length_unit.is_none());
    let (mut reading, faults) = finish(latencies, names, unit, options)?;
    if let Some(middle) = middle.filter(|middle| *middle < SECONDS_MAX) {
        reading.account.notes.push(format!(
            "the numbers are taken for ms, and half of them are not above {middle}: if they are seconds, say \
             --length-unit s (in a scenario \"length_unit\": \"s\")"
        ));
    }
    if on_diagonal > 0 {
        let (routers, have, them) = if on_diagonal == 1 {
            ("router", "has", "itself")
        } else {
            ("routers", "have", "themselves")
        };
        let what = format!("{on_diagonal} {routers} {have} a latency to {them}, which is not used");
        reading.account.notes.push(what);
    }
    Ok((reading, faults))
}

/// The word in the corner of a matrix whose names may be numbers.
pub(super) const CORNER: &str = "router";

/// The names in the first line, if it holds no number or begins with [`CORNER`], and the other lines.
fn heading<'l, 'a>(separator: Separator, lines: &'l [Line<'a>]) -> (Vec<String>, &'l [Line<'a>]) {
    let fields = separator.split(lines[0].text);
    let is_cell =
        |field: &str| field.parse::<f64>().is_ok() || (is_gap(field) && !field.is_empty());
    let has_corner = fields[0] == CORNER;
    if !has_corner && fields.iter().any(|field| is_cell(field)) {
        return (Vec::new(), lines);
    }
    let names = fields.into_iter().map(String::from).collect();
    (names, &lines[1..])
}

/// The name in front of a row, if `has_corner` or its first field is none of its numbers, and the rest.
fn labelled<'a>(
    separator: Separator,
    row: &Line<'a>,
    has_corner: bool,
) -> (Option<String>, Vec<Cow<'a, str>>) {
    let mut cells = separator.split(row.text);
    let is_label = cells
        .first()
        .is_some_and(|first| has_corner || (first.parse::<f64>().is_err() && !is_gap(first)));
    let label = is_label.then(|| cells.remove(0).into_owned());
    (label, cells)
}

/// Refuses names that are not as many as the fields of the first row.
fn check_names(line: usize, names: usize, size: usize) -> Result<()> {
    if names == 0 || names == size {
        return Ok(());
    }
    let columns = match names {
        1 => "1 column has a name".into(),
        many => format!("{many} columns have names"),
    };
    let what = format!(
        "the row has {}, but {columns}",
        counted(size as u64, "field")
    );
    Err(Error::new(what)
        .at(line)
        .help("name every column, or none; one name may stand over the names of the rows"))
}

fn check_square(line: usize, (row, cells): (usize, usize), size: usize) -> Result<()> {
    let what = if row >= size {
        format!("this is row {}, but the rows have {size} numbers", row + 1)
    } else if cells != size {
        format!("the row has {cells} numbers, and the first one {size}")
    } else {
        return Ok(());
    };
    Err(Error::new(what).at(line).help(
        "a matrix is square: as many rows as columns, `nan` for a pair that was not measured",
    ))
}

/// Takes note of the name in front of a row, if it has one: it must be the one of its column. Without names of
/// columns, all rows have names or none.
fn name(
    names: &mut Vec<String>,
    has_heading: bool,
    row: usize,
    label: Option<String>,
    line: usize,
) -> Result<()> {
    let Some(label) = label else {
        if has_heading || names.is_empty() {
            return Ok(());
        }
        let what = "the row has no name, and those before it have one";
        return Err(Error::new(what).at(line).help("name all rows, or none"));
    };
    if has_heading {
        return if names[row] == label {
            Ok(())
        } else {
            let column = &names[row];
            let what = format!("the row is called `{label}`, and its column `{column}`");
            Err(Error::new(what)
                .at(line)
                .help("name rows and columns in the same order"))
        };
    }
    if names.len() == row {
        names.push(label);
        return Ok(());
    }
    let what = format!("the row has the name `{label}`, and others have none");
    Err(Error::new(what)
        .at(line)
        .help("`nan` stands for a pair that was not measured"))
}

/// Makes a graph of latencies in `unit`: converts them, fills gaps as the options say, and tells of what is
/// left. Routers without names are known by their numbers.
pub(super) fn finish(
    mut latencies: Latencies,
    names: Vec<String>,
    unit: LengthUnit,
    options: &ReadOptions,
) -> Result<(Reading, Faults)> {
    let mut notes = Vec::new();
    let half = if options.rtt {
        notes.push("the latencies are round trips: half of each is used".into());
        0.5
    } else {
        1.0
    };
    latencies.scale(|latency| unit.in_ms(latency) * half);
    let mut seen = BTreeSet::new();
    if let Some(name) = names.iter().find(|name| !seen.insert(name.as_str())) {
        return Err(Error::new(format!("two routers are called `{name}`"))
            .help("change one of the names in the file"));
    }
    let names = if names.is_empty() {
        (0..latencies.size())
            .map(|number| number.to_string())
            .collect()
    } else {
        names
    };
    let routers = names.iter().map(|name| Router {
        label: name.clone(),
        position: None,
        domain: Domain::from_label(name),
    });
    let graph = Graph {
        id: String::new(),
        origin: Origin::Other,
        routers: routers.collect(),
        links: Vec::new(),
        loops_unlisted: 0,
        latencies: Some(latencies),
    };
    let mut reading = Reading::from(graph);
    reading.kept = Kept {
        ids: names,
        ..Kept::default()
    };
    if options.largest_component {
        reading = reading.largest();
    }
    let mut faults = Faults::default();
    if let Some(latencies) = &mut reading.graph.latencies {
        let routers = &reading.graph.routers;
        tell_gaps(latencies, routers, options, (&mut notes, &mut faults));
        let at_once = latencies
            .pairs()
            .filter(|(_, _, latency)| *latency == Some(0.0));
        match at_once.count() {
            0 => {}
            1 => notes.push("1 pair of routers has a latency of 0".into()),
            count => notes.push(format!("{count} pairs of routers have a latency of 0")),
        }
    }
    reading.account.notes.extend(notes);
    Ok((reading, faults))
}

fn tell_gaps(
    latencies: &mut Latencies,
    routers: &[Router],
    options: &ReadOptions,
    (notes, faults): (&mut Vec<String>, &mut Faults),
) {
    if options.fill_gaps {
        let [opposite, detours] = latencies.fill();
        if opposite + detours > 0 {
            let have = if opposite == 1 { "has" } else { "have" };
            notes.push(format!(
                "gaps are filled: {} {have} the latency of the opposite direction, {detours} the least sum of two \
                 latencies over a third router",
                counted(opposite as u64, "pair")
            ));
        }
    }
    if let Some(latency) = options.default_latency_ms {
        let count = latencies.fill_with(latency.0);
        if count > 0 {
            notes.push(format!(
                "{count} pairs have the default latency, {} ms",
                latency.0
            ));
        }
    }
    let gaps = latencies.gaps();
    if let Some((from, to)) = gaps.first() {
        let [from, to] = [from, to].map(|end| &routers[*end].label);
        let all = latencies.size() * (latencies.size() - 1);
        let what = format!(
            "the latencies of {} of {all} pairs are not known, such as that from {from} to {to}",
            gaps.len()
        );
        let remedy = if options.fill_gaps {
            Remedy::DefaultLatency
        } else {
            Remedy::FillGaps
        };
        faults.add(what, remedy);
    }
}

/// A name as a field. One of no letters stands in quotes: nothing at the end of a line does not count.
fn name_cell(name: &str, separator: char) -> Result<Cow<'_, str>> {
    if name.is_empty() {
        return Ok(Cow::Borrowed("\"\""));
    }
    cell(name, separator)
}

/// The matrix as text, with `separator` between fields: the names in the first line and in front of the
/// rows, unless they are the routers' numbers, and `nan` for pairs that are not known.
pub(super) fn write(reading: &Reading, latencies: &Latencies, separator: char) -> Result<String> {
    let routers = &reading.graph.routers;
    let are_named = (0..)
        .zip(routers)
        .any(|(number, router): (usize, _)| router.label != number.to_string());
    let mut out = String::new();
    if are_named {
        out.push_str(CORNER);
        for router in routers {
            out.push(separator);
            out.push_str(&name_cell(&router.label, separator)?);
        }
        out.push('\n');
    }
    for (from, router) in routers.iter().enumerate() {
        if are_named {
            out.push_str(&name_cell(&router.label, separator)?);
        }
        for to in 0..latencies.size() {
            if are_named || to > 0 {
                out.push(separator);
            }
            // Writing to a string cannot fail.
            let _ = match latencies.get(from, to) {
                Some(latency) => write!(out, "{latency}"),
                None => write!(out, "nan"),
            };
        }
        out.push('\n');
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_names_all_or_none() {
        let read = |text: &str| read(text, &ReadOptions::default());
        let error = |text: &str| read(text).map(drop).unwrap_err().to_string();
        assert!(error("a,0,1\n1,0\n").starts_with("2: the row has no name"));
        assert!(error("0,1\na,1,0\n").starts_with("2: the row has the name `a`"));
        let (named, _) = read("a,b\na,0,1\n1,0\n").unwrap();
        assert_eq!(named.graph.routers[1].label, "b");
        // Found by the fuzzer: one router was read, with the latencies of four.
        let found = format!("route{}r,1,2,30,12\n1,0,5.3,8.1\n", "\0".repeat(75));
        assert!(error(&found).starts_with("2: the row has no name"));
    }
}
