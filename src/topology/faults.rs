//! What keeps a graph from being used as it is, all of it in one message, and which of the
//! [`super::ReadOptions`] makes it good.
//!
//! It does *not* know how a fault is found, nor files.

use super::graph::Router;
use crate::error::{Error, Result};

/// The maximum number of routers that are named in an error; the rest is counted.
const NAMED_MAX: usize = 10;

/// What makes a fault good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    RenameDuplicates,
    LengthUnit,
    OtherLength,
    OtherPlace,
    LengthFrom,
    DegreesFrom,
    PlaceFrom,
    SplitPlaces,
    FillGaps,
    DefaultLatency,
    LargestComponent,
}

impl Remedy {
    /// Any one of these is enough where several are offered.
    const OF_LATENCIES: [Self; 6] = [
        Self::LengthFrom,
        Self::DegreesFrom,
        Self::PlaceFrom,
        Self::SplitPlaces,
        Self::FillGaps,
        Self::DefaultLatency,
    ];

    /// All of them, in the order in which they are told; those of a group stand for each other.
    const GROUPS: [&'static [Self]; 6] = [
        &[Self::RenameDuplicates],
        &[Self::LengthUnit],
        &[Self::OtherLength],
        &[Self::OtherPlace],
        &Self::OF_LATENCIES,
        &[Self::LargestComponent],
    ];

    /// What to do on the command line, and what to write in a scenario; `columns` are the ones to name,
    /// if they are known.
    fn words(self, columns: &[String]) -> [String; 2] {
        let [length, longitude, latitude] = match columns {
            [length] => [length, "LONGITUDE", "LATITUDE"],
            [longitude, latitude] => ["NAME", longitude, latitude],
            _ => ["NAME", "LONGITUDE", "LATITUDE"],
        };
        let words = match self {
            Self::RenameDuplicates => [
                "add each node's id to such a label with --rename-duplicates",
                "\"rename_duplicates\": true",
            ],
            Self::LengthUnit => [
                "say the unit with --length-unit UNIT, or compute all with --length-from places",
                "\"length_unit\": \"UNIT\" or \"length_from\": \"places\"",
            ],
            Self::OtherLength => [
                "correct such data, or take other lengths with --length-from NAME or --length-from places",
                "\"length_from\": \"NAME\" or \"places\"",
            ],
            Self::OtherPlace => [
                "correct such data, or name other columns with --place-from LONGITUDE,LATITUDE",
                "\"place_from\": [\"LONGITUDE\", \"LATITUDE\"]",
            ],
            Self::LengthFrom => return length_from(length),
            Self::DegreesFrom => [
                "name columns that hold degrees with --place-from LONGITUDE,LATITUDE",
                "\"place_from\": [\"LONGITUDE\", \"LATITUDE\"]",
            ],
            Self::PlaceFrom => {
                return [
                    format!(
                        "if they are degrees, say --place-from {}",
                        argument(&format!("{longitude},{latitude}"))
                    ),
                    format!("\"place_from\": [{longitude:?}, {latitude:?}]"),
                ];
            }
            Self::SplitPlaces => [
                "write longitude and latitude into two columns and name them with --place-from LONGITUDE,LATITUDE",
                "\"place_from\": [\"LONGITUDE\", \"LATITUDE\"]",
            ],
            Self::FillGaps => [
                "fill the gaps by the opposite direction or over a third router with --fill-gaps, or give these a latency with --default-latency MS",
                "\"fill_gaps\": true or \"default_latency_ms\": MS",
            ],
            Self::DefaultLatency => [
                "give such links a latency with --default-latency MS",
                "\"default_latency_ms\": MS",
            ],
            Self::LargestComponent => [
                "keep the largest part alone with --largest-component",
                "\"largest_component\": true",
            ],
        };
        words.map(String::from)
    }
}

/// How to name the column of lengths; one that tells round trips is halved.
fn length_from(column: &str) -> [String; 2] {
    let [option, member] = if column.to_ascii_lowercase().contains("rtt") {
        [" --rtt", ", \"rtt\": true"]
    } else {
        [""; 2]
    };
    let named = argument(column);
    [
        format!("choose the edges' lengths with --length-from {named}{option}"),
        format!("\"length_from\": {column:?}{member}"),
    ]
}

/// A text as a shell takes it in one piece.
fn argument(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "_-.,:/".contains(letter);
    if text.chars().all(is_plain) {
        text.into()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// The faults of one graph.
#[derive(Debug, Default)]
pub(super) struct Faults {
    found: Vec<Fault>,
}

#[derive(Debug)]
struct Fault {
    what: String,
    remedy: Remedy,
    /// Where the first of its kind is in the file, if it is anywhere.
    line: Option<usize>,
    /// The columns that the remedy names, if they are known.
    columns: Vec<String>,
}

impl Fault {
    fn with_line(&self) -> String {
        match self.line {
            Some(line) => format!("{} (line {line})", self.what),
            None => self.what.clone(),
        }
    }
}

impl Faults {
    /// Takes note of one; `what` is a sentence without a full stop.
    pub(super) fn add(&mut self, what: String, remedy: Remedy) {
        self.add_naming(what, remedy, &[]);
    }

    /// Takes note of one in a line of the file.
    pub(super) fn add_at(&mut self, line: usize, what: String, remedy: Remedy) {
        self.found.push(Fault {
            what,
            remedy,
            line: Some(line),
            columns: Vec::new(),
        });
    }

    /// Takes note of one whose remedy names these columns.
    pub(super) fn add_naming(&mut self, what: String, remedy: Remedy, columns: &[String]) {
        self.found.push(Fault {
            what,
            remedy,
            line: None,
            columns: columns.to_vec(),
        });
    }

    /// Those that `is_borne` says are no faults for what is asked, as notes; the others stay.
    pub(super) fn bear(&mut self, is_borne: impl Fn(Remedy) -> bool) -> Vec<String> {
        let (borne, found) = std::mem::take(&mut self.found)
            .into_iter()
            .partition(|fault| is_borne(fault.remedy));
        self.found = found;
        let borne: Vec<Fault> = borne;
        borne.iter().map(Fault::with_line).collect()
    }

    /// An error that tells all of them, and all that is to be done, if there are any.
    pub(super) fn check(&self) -> Result<()> {
        if self.found.is_empty() {
            return Ok(());
        }
        let error = match &self.found[..] {
            [
                Fault {
                    what,
                    line: Some(line),
                    ..
                },
            ] => Error::new(what).at(line),
            all => {
                let whats: Vec<String> = all.iter().map(Fault::with_line).collect();
                Error::new(whats.join("; "))
            }
        };
        let (orders, members): (Vec<_>, Vec<_>) = Remedy::GROUPS
            .into_iter()
            .filter_map(|group| self.alternatives(group))
            .unzip();
        Err(error.help(format!(
            "{}; in a scenario, write {} beside the `file`",
            in_words(&orders),
            in_words(&members)
        )))
    }

    /// What to do on the command line and in a scenario by one of these remedies, if any is called for.
    fn alternatives(&self, group: &[Remedy]) -> Option<(String, String)> {
        let faults = group
            .iter()
            .filter_map(|remedy| self.found.iter().find(|fault| fault.remedy == *remedy));
        let words = faults.map(|fault| fault.remedy.words(&fault.columns).into());
        let (orders, members): (Vec<String>, Vec<String>) = words.unzip();
        (!orders.is_empty()).then(|| (orders.join(", or "), members.join(" or ")))
    }
}

/// `a`, `a and b`, `a, b and c`.
fn in_words(items: &[String]) -> String {
    match items.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// A count of nodes in words: `1 node`, `2 nodes`.
pub(super) fn nodes(count: usize) -> String {
    if count == 1 {
        "1 node".into()
    } else {
        format!("{count} nodes")
    }
}

/// Routers by number and label, the first few of many: `3 (Graz), 5 (Linz) and 7 more`.
pub(super) fn listed(numbers: &[u32], routers: &[Router]) -> String {
    let named = numbers.iter().take(NAMED_MAX);
    let names: Vec<String> = named
        .map(|number| {
            let label: String = routers[*number as usize].label.chars().take(40).collect();
            format!("{number} ({label})")
        })
        .collect();
    let more = numbers.len().saturating_sub(NAMED_MAX);
    let names = names.join(", ");
    if more == 0 {
        names
    } else {
        format!("{names} and {more} more")
    }
}
