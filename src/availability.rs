//! Traces of availability: when the nodes of a real system were up.
//!
//! Three formats are read ([`Format`]). Reading is strict: what is out of order, contradicts itself or is
//! not understood is an error with its line. This room does *not* know which units follow a trace,
//! nor how they come and go.

mod csv;
mod fta;
mod nodes;
mod oversim;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::time::Span;
use nodes::Node;

/// Times beyond this many seconds (32 years) are refused.
const SECONDS_MAX: u64 = 1_000_000_000;

/// How a trace of availability is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The text of the simulator OverSim: `time node COMMAND`.
    Oversim,
    /// The file `event_trace.tab` of the Failure Trace Archive.
    Fta,
    /// Lines of `unit,time_s,up` or `unit,time_s,down`.
    Csv,
}

impl Format {
    /// What a line of it looks like.
    fn line(self) -> &'static str {
        match self {
            Self::Oversim => "a line is a time, a node and a command, such as 12.5 3 JOIN",
            Self::Fta => {
                "a line has nine cells: event, component, node and platform id, node name, event type (1: \
                 up), start, stop and reason of the end, such as 0 0 3 0 n3 1 1000 1600 NULL"
            }
            Self::Csv => "a line is a unit, a time and a change, such as 3,12.5,up",
        }
    }
}

/// When each of some nodes was up, from time 0 on.
///
/// The nodes are numbered from 0: by their first appearance in the file (OverSim, Failure Trace
/// Archive), or by the number that the file gives them (CSV). What a node is after its last change it
/// remains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    nodes: Vec<Node>,
    ignored: usize,
}

impl Trace {
    /// Reads the `bytes` of a trace, which errors call `file`.
    ///
    /// - OverSim: times ascend over the whole file. A node is down until it joins. `PUT` and `GET`
    ///   are requests, and `CONNECT_NODETYPES`, `DISCONNECT_NODETYPES` and `MERGE_BOOTSTRAPNODES`
    ///   concern the network: they do not change who is up, and are only counted ([`Self::ignored`]).
    /// - Failure Trace Archive: a node is up in its intervals of event type 1, and down outside of
    ///   them. Its intervals ascend. Time 0 is the least start in the file.
    /// - CSV: the rows of each unit ascend and alternate. Before its first row a unit is the opposite. The
    ///   numbers of the units begin with 0 and have no gap.
    ///
    /// Empty lines and lines that begin with `#` say nothing in all of them.
    ///
    /// # Errors
    /// If a line is no such line, or contradicts those before it; or if there is no node.
    pub fn read(bytes: &[u8], format: Format, file: &str) -> Result<Self> {
        let trace = match format {
            Format::Oversim => oversim::read(bytes),
            Format::Fta => fta::read(bytes),
            Format::Csv => csv::read(bytes),
        };
        let trace = trace.map_err(|error| error.at(file))?;
        if trace.is_empty() {
            let error = Error::new("the trace has no nodes");
            return Err(error.help(format.line()).at(file));
        }
        Ok(trace)
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Whether node number `node` is up at time 0.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn is_up_at_start(&self, node: usize) -> bool {
        self.nodes[node].is_up_at_start
    }

    /// When node number `node` comes up (true) and goes down (false) after time 0: ascending, in turn.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn of(&self, node: usize) -> impl ExactSizeIterator<Item = (Span, bool)> + '_ {
        let Node {
            is_up_at_start,
            changes,
        } = &self.nodes[node];
        let numbered = changes.iter().enumerate();
        numbered.map(move |(number, at)| (*at, is_up_at_start ^ (number % 2 == 0)))
    }

    /// When node number `node` changes after time 0 for the time numbered `number`, from 0; `None`: it does not.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn change(&self, node: usize, number: usize) -> Option<Span> {
        self.nodes[node].changes.get(number).copied()
    }

    /// How many commands do not change who is up (OverSim).
    pub fn ignored(&self) -> usize {
        self.ignored
    }

    /// Checks that there are nodes for `units` units. More nodes do not matter.
    ///
    /// # Errors
    /// If there are fewer.
    pub fn check_units(&self, units: usize) -> Result<()> {
        let nodes = self.len();
        if nodes >= units {
            return Ok(());
        }
        let what = format!(
            "the trace has {nodes} {}, but {units} units come and go",
            if nodes == 1 { "node" } else { "nodes" }
        );
        Err(Error::new(what).help("use a trace of more nodes, or fewer units"))
    }
}

/// Hands each line that says something to `take`, with its number; errors get the number.
fn for_each_line(bytes: &[u8], mut take: impl FnMut(u64, &str) -> Result<()>) -> Result<()> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    for (line, number) in bytes.split(|byte| *byte == b'\n').zip(1_u64..) {
        let text = str::from_utf8(line);
        let text = text.map_err(|_| Error::new("this line is not text in UTF-8").at(number))?;
        let text = text.trim_end_matches('\r');
        if !text.trim().is_empty() && !text.starts_with('#') {
            take(number, text).map_err(|error| error.at(number))?;
        }
    }
    Ok(())
}

/// The time `text`, called `name` in errors, a number of seconds; at most `most`.
fn seconds(name: &str, text: &str, most: u64) -> Result<Span> {
    let span = decimal(text).filter(|span| *span <= Span::from_s(most));
    span.ok_or_else(|| {
        let found = shortened(text);
        Error::new(format!(
            "the {name} {found} is not a number of seconds from 0 to {most}"
        ))
    })
}

/// A decimal number of seconds, rounded to the nearest nanosecond. An `f64` is not as precise: after ten
/// years of seconds two of them are 60 ns apart.
fn decimal(text: &str) -> Option<Span> {
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i16 = exponent.parse().ok()?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // This many digits are whole nanoseconds; the next one decides how they are rounded.
    let count = i64::try_from(whole.len()).ok()? + i64::from(exponent) + 9;
    let mut digits = digits.bytes().chain(std::iter::repeat(b'0'));
    let mut ns: u64 = 0;
    for digit in digits.by_ref().take(count.max(0) as usize) {
        ns = ns.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
    }
    let rounds_up = count >= 0 && digits.next() >= Some(b'5');
    ns.checked_add(u64::from(rounds_up)).map(Span::from_ns)
}

/// A time in seconds, as messages say it: with no more digits than it has.
fn said(at: Span) -> String {
    let (whole, ns) = (at.as_ns() / 1_000_000_000, at.as_ns() % 1_000_000_000);
    let text = format!("{whole}.{ns:09}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `text` in quotes, cut if it is long.
fn shortened(text: &str) -> String {
    let cut: String = text.chars().take(40).collect();
    format!("\"{}\"", cut.escape_debug())
}
