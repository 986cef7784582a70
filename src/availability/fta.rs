//! The file `event_trace.tab` of the Failure Trace Archive: intervals in which a node was available or
//! not, in Unix seconds.
//!
//! This module does *not* know the archive's other files.

use super::nodes::{ByAppearance, Node};
use super::{Trace, for_each_line, said, seconds, shortened};
use crate::error::{Error, Result};
use crate::time::Span;

/// Number of the columns: event, component, node and platform id, node name, event type, start, stop,
/// reason of the end.
const COLUMNS: usize = 9;

/// Unix time in 2096.
const UNIX_SECONDS_MAX: u64 = 4_000_000_000;

/// A row: times are since the beginning of Unix time.
#[derive(Debug, Clone, Copy)]
struct Interval {
    is_up: bool,
    start: Span,
    stop: Span,
}

pub(super) fn read(bytes: &[u8]) -> Result<Trace> {
    let mut nodes = ByAppearance::new();
    let mut zero = Span::from_s(UNIX_SECONDS_MAX);
    let mut is_first = true;
    for_each_line(bytes, |_, line| {
        let cells = cells(line)?;
        // The archive's own files begin with `#`; what wrote them again may leave it out.
        let is_heading = std::mem::take(&mut is_first) && cells[2] == "node_id";
        if is_heading {
            return Ok(());
        }
        let (id, interval) = row(&cells)?;
        zero = interval.start.min(zero);
        let known: &mut Vec<Interval> = nodes.of(id, Vec::new);
        if let Some(before) = known.last().filter(|last| interval.start < last.stop) {
            let what = format!(
                "an interval of node {id} begins at {} s, before the end of the one above it, {} s",
                said(interval.start),
                said(before.stop)
            );
            return Err(Error::new(what).help("the intervals of a node must ascend"));
        }
        known.push(interval);
        Ok(())
    })?;
    let node = |intervals: Vec<Interval>| {
        let mut node = Node::new(false);
        for interval in intervals.into_iter().filter(|interval| interval.is_up) {
            // Where one interval begins as another ends, the node stays up.
            node.change(interval.start - zero);
            node.change(interval.stop - zero);
        }
        node
    };
    Ok(Trace {
        nodes: nodes.into_list().into_iter().map(node).collect(),
        ignored: 0,
    })
}

/// The cells of a line. Columns are separated by tabs or by blanks; names may have blanks in them only
/// where all columns are separated by tabs.
fn cells(line: &str) -> Result<Vec<&str>> {
    let by_tabs: Vec<&str> = line.split('\t').map(str::trim).collect();
    if by_tabs.len() == COLUMNS {
        return Ok(by_tabs);
    }
    let cells: Vec<&str> = line.split_ascii_whitespace().collect();
    if cells.len() == COLUMNS {
        return Ok(cells);
    }
    let what = format!("expected {COLUMNS} columns, found {}", cells.len());
    Err(Error::new(what))
}

/// The node and the interval of a row.
fn row(cells: &[&str]) -> Result<(i64, Interval)> {
    let id = cells[2].parse().map_err(|_| {
        Error::new(format!(
            "the node id {} is not a whole number",
            shortened(cells[2])
        ))
    })?;
    let is_up = match cells[5] {
        "1" => true,
        "0" => false,
        other => {
            let what = format!("the event type {} is neither 0 nor 1", shortened(other));
            return Err(Error::new(what).help("1: available, 0: unavailable"));
        }
    };
    let start = seconds("start", cells[6], UNIX_SECONDS_MAX)?;
    let stop = seconds("stop", cells[7], UNIX_SECONDS_MAX)?;
    if stop < start {
        let (start, stop) = (said(start), said(stop));
        let what = format!("the interval stops at {stop} s, before its start at {start} s");
        return Err(Error::new(what));
    }
    Ok((id, Interval { is_up, start, stop }))
}
