//! Our own format of traces: lines of `unit,time_s,up` or `unit,time_s,down`.
//!
//! This module does *not* know which kinds of units there are: units are numbers.

use std::collections::BTreeMap;

use super::nodes::Node;
use super::{SECONDS_MAX, Trace, for_each_line, seconds, shortened, span};
use crate::error::{Error, Result};

/// The heading, which can be left out.
const HEADING: &str = "unit,time_s,";

pub(super) fn read(bytes: &[u8]) -> Result<Trace> {
    // Each unit, and the time of its last row.
    let mut units: BTreeMap<u32, (Node, f64)> = BTreeMap::new();
    let mut is_first = true;
    for_each_line(bytes, |line| {
        if std::mem::take(&mut is_first) && line.starts_with(HEADING) {
            return Ok(());
        }
        let (unit, at_s, comes) = row(line)?;
        let mut is_new = false;
        let (node, latest_s) = units.entry(unit).or_insert_with(|| {
            is_new = true;
            (Node::new(!comes), at_s)
        });
        if at_s < *latest_s {
            let what = format!("the time {at_s} s of unit {unit} comes after {latest_s} s");
            return Err(Error::new(what).help("sort the rows of each unit by time"));
        }
        if at_s <= *latest_s && !is_new {
            return Err(Error::new(format!("unit {unit} has two rows at {at_s} s")));
        }
        if node.is_up() == comes {
            let word = word(comes);
            return Err(Error::new(format!("unit {unit} is {word} already"))
                .help("the rows of a unit must be up and down in turn"));
        }
        node.change(span(at_s));
        *latest_s = at_s;
        Ok(())
    })?;
    Ok(Trace {
        nodes: units.into_values().map(|(node, _)| node).collect(),
        ignored: 0,
    })
}

fn word(is_up: bool) -> &'static str {
    if is_up { "up" } else { "down" }
}

/// The unit, the time in s, and whether it comes up then.
fn row(line: &str) -> Result<(u32, f64, bool)> {
    let cells: Vec<&str> = line.split(',').map(str::trim).collect();
    let [unit, at, change] = cells[..] else {
        let what = format!(
            "expected unit,time_s,up or down, found {} cells",
            cells.len()
        );
        return Err(Error::new(what));
    };
    let unit = unit.parse().map_err(|_| {
        let what = format!("{} is not the number of a unit", shortened(unit));
        Error::new(what).help("units are numbered from 0")
    })?;
    let at_s = seconds("time", at, SECONDS_MAX)?;
    match change {
        "up" => Ok((unit, at_s, true)),
        "down" => Ok((unit, at_s, false)),
        other => {
            let what = format!("expected `up` or `down`, found {}", shortened(other));
            Err(Error::new(what))
        }
    }
}
