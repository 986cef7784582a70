//! Our own format of traces: lines of `unit,time_s,up` or `unit,time_s,down`.
//!
//! This module does *not* know which kinds of units there are: units are numbers.

use std::collections::BTreeMap;

use super::nodes::Node;
use super::{SECONDS_MAX, Trace, for_each_line, said, seconds, shortened};
use crate::error::{Error, Result};
use crate::time::Span;

/// The heading, which can be left out.
const HEADING: &str = "unit,time_s,";

/// What is known of a unit.
struct Unit {
    node: Node,
    /// The line of its first row.
    line: u64,
    /// The time of its last row.
    latest: Span,
}

pub(super) fn read(bytes: &[u8]) -> Result<Trace> {
    let mut units: BTreeMap<u32, Unit> = BTreeMap::new();
    let mut is_first = true;
    for_each_line(bytes, |line, text| {
        if std::mem::take(&mut is_first) && text.starts_with(HEADING) {
            return Ok(());
        }
        let (number, at, comes) = row(text)?;
        let mut is_new = false;
        let unit = units.entry(number).or_insert_with(|| {
            is_new = true;
            Unit {
                node: Node::new(!comes),
                line,
                latest: at,
            }
        });
        if at < unit.latest {
            let (at, latest) = (said(at), said(unit.latest));
            let what = format!("the time {at} s of unit {number} comes after {latest} s");
            return Err(Error::new(what).help("sort the rows of each unit by time"));
        }
        if at <= unit.latest && !is_new {
            let what = format!("unit {number} has two rows at {} s", said(at));
            return Err(Error::new(what));
        }
        if unit.node.is_up() == comes {
            let word = word(comes);
            return Err(Error::new(format!("unit {number} is {word} already"))
                .help("the rows of a unit must be up and down in turn"));
        }
        unit.node.change(at);
        unit.latest = at;
        Ok(())
    })?;
    check_numbers(&units)?;
    Ok(Trace {
        nodes: units.into_values().map(|unit| unit.node).collect(),
        ignored: 0,
    })
}

/// Checks that the numbers of the units have no gap: a unit takes the node with its own number.
fn check_numbers(units: &BTreeMap<u32, Unit>) -> Result<()> {
    for ((number, unit), expected) in units.iter().zip(0..) {
        if *number != expected {
            let what = format!("unit {number} has rows, but unit {expected} has none");
            let help = format!(
                "units are numbered from 0 without a gap; one that is always up has the one row \
                 {expected},0,up"
            );
            return Err(Error::new(what).help(help).at(unit.line));
        }
    }
    Ok(())
}

fn word(is_up: bool) -> &'static str {
    if is_up { "up" } else { "down" }
}

/// The unit, the time, and whether it comes up then.
fn row(text: &str) -> Result<(u32, Span, bool)> {
    let cells: Vec<&str> = text.split(',').map(str::trim).collect();
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
    let at = seconds("time", at, SECONDS_MAX)?;
    match change {
        "up" => Ok((unit, at, true)),
        "down" => Ok((unit, at, false)),
        other => {
            let what = format!("expected `up` or `down`, found {}", shortened(other));
            Err(Error::new(what))
        }
    }
}
