//! `arigatoni topology info`: what sums up a graph, and what was used of its file.
//!
//! This verb does *not* know how the numbers are found.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use clap::Args;
use serde::Serialize;

use super::output::print;
use super::stderr::print_stderr;
use super::topology_source::Source;
use super::waiting::Waiting;
use crate::error::{Error, Result};
use crate::topology::{Account, Column, Purpose, Reading, RouterId, Statistics};
use crate::topology::{Asked, Distance, Domains, Pairs, Range};

/// The number of routers from which on the distances between all pairs take longer than a person waits: some
/// seconds here, growing with the square of the number.
const ROUTERS_SLOW: usize = 8000;

/// What is told of a graph, and how.
#[derive(Debug, Clone, Args)]
pub(super) struct How {
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// List the routers instead, as CSV: number, the file's id, label, longitude or x, latitude or y.
    #[arg(long, conflicts_with = "json")]
    routers: bool,
    /// Omit the distances between all pairs of routers, which take long in large graphs.
    #[arg(long)]
    no_distances: bool,
}

/// Prints what sums up the graph.
pub(super) fn run(source: &Source, how: &How) -> Result<()> {
    let reading = source.read(Purpose::Look)?;
    if how.routers {
        return print(routers(&reading).as_bytes());
    }
    let count = reading.graph.routers.len();
    if count >= ROUTERS_SLOW && !how.no_distances {
        print_stderr(format!(
            "note: the distances between all pairs of {count} routers take long, and four times as \
            long for twice as many; --no-distances omits them"
        ));
    }
    let done = Arc::new(AtomicU64::new(0));
    let waiting = Waiting::counting(
        format!("distances in {}: routers", source.name()),
        Arc::clone(&done),
        count as u64,
    );
    let asked = Asked {
        lengths: reading.unmeasured() == 0,
        distances: !how.no_distances,
        done: &done,
    };
    let statistics = Statistics::asked(&reading.graph, &asked);
    waiting.finish();
    let statistics = statistics.map_err(|error| error.at(source.name()))?;
    if how.json {
        return print(json(&statistics, &reading.account)?.as_bytes());
    }
    print(table(&reading, &statistics, how.no_distances).as_bytes())
}

fn json(statistics: &Statistics, account: &Account) -> Result<String> {
    #[derive(Serialize)]
    struct Told<'a> {
        #[serde(flatten)]
        statistics: &'a Statistics,
        file: &'a Account,
    }
    let told = Told {
        statistics,
        file: account,
    };
    let object = serde_json::to_string_pretty(&told)
        .map_err(|error| Error::new(format!("the numbers cannot be written: {error}")))?;
    Ok(object + "\n")
}

/// The routers as CSV.
fn routers(reading: &Reading) -> String {
    let mut text = String::from("number,id,label,x,y\n");
    for (number, router) in (0..).zip(&reading.graph.routers) {
        let id = reading.id(RouterId(number));
        let [x, y] = router
            .position
            .map_or_else(Default::default, |place| place.map(|at| at.to_string()));
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(
            text,
            "{number},{},{},{x},{y}",
            cell(&id),
            cell(&router.label)
        );
    }
    text
}

/// A text as a cell of CSV.
fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into()
    }
}

/// The columns of nodes or edges: name, how many have it, as what it was used.
fn column_rows(kind: &str, columns: &[Column]) -> Vec<(String, String)> {
    let row = |(index, column): (usize, &Column)| {
        let title = if index == 0 {
            format!("data of {kind}")
        } else {
            String::new()
        };
        let used = match &column.used_as {
            Some(used) => format!("used as {used}"),
            None => "not used".into(),
        };
        let values = if column.values == 0 {
            ", no values".into()
        } else {
            format!(" ({})", column.values)
        };
        (title, format!("{}{values}: {used}", column.name))
    };
    columns.iter().enumerate().map(row).collect()
}

fn table(reading: &Reading, s: &Statistics, no_distances: bool) -> String {
    let Reading { graph, account, .. } = reading;
    let unmeasured = match reading.unmeasured() {
        0 => None,
        count => Some(format!(
            "unknown for {count} of {} links",
            graph.links.len()
        )),
    };
    let without = |distance: Option<Distance>| match distance {
        Some(_) => self::distance(distance),
        None if no_distances => "left out".into(),
        None if s.parts > 1 => format!("none: the graph has {} components", s.parts),
        None => "none".into(),
    };
    let of_lengths = |told: String| unmeasured.clone().unwrap_or(told);
    let mut rows = vec![
        ("graph".into(), graph.id.clone()),
        ("routers".into(), s.routers.to_string()),
    ];
    if let Some(pairs) = s.pairs {
        rows.extend(pair_rows(pairs, s));
        return aligned(rows);
    }
    rows.extend([
        (
            "links".into(),
            format!("{} ({} loops, {} parallels)", s.links, s.loops, s.parallels),
        ),
        ("degree".into(), spread(s.degree)),
        (
            "routers with one neighbour".into(),
            format!("{} %", short(100.0 * s.leaf_share)),
        ),
        ("link length".into(), of_lengths(spread(s.link_length))),
    ]);
    if let Some(domains) = &s.domains {
        rows.extend(domain_rows(domains));
    }
    rows.push(("hops".into(), without(s.hops)));
    rows.push(("length".into(), of_lengths(without(s.length))));
    rows.push(("policy weight".into(), without(s.policy)));
    rows.push((
        "length by policy".into(),
        of_lengths(without(s.policy_length)),
    ));
    rows.push(("clustering".into(), short(s.clustering)));
    rows.push(("transitivity".into(), short(s.transitivity)));
    rows.extend(column_rows("nodes", &account.nodes));
    rows.extend(column_rows("edges", &account.edges));
    aligned(rows)
}

/// What a matrix has in place of links.
fn pair_rows(pairs: Pairs, s: &Statistics) -> [(String, String); 3] {
    let Pairs {
        all,
        unknown,
        unequal,
    } = pairs;
    let of_latencies = match s.length {
        Some(_) => distance(s.length),
        None if all == 0 => "none: there is one router".into(),
        None => format!("unknown for {unknown} of {all} pairs"),
    };
    [
        ("components".into(), s.parts.to_string()),
        (
            "pairs".into(),
            format!("{all} ({unknown} unknown, {unequal} unequal in the opposite direction)"),
        ),
        ("latency".into(), of_latencies),
    ]
}

/// Names and values in two columns.
fn aligned(rows: Vec<(String, String)>) -> String {
    let width = rows
        .iter()
        .map(|(name, _): &(String, String)| name.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for (name, value) in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:width$}  {value}");
    }
    text
}

fn domain_rows(domains: &Domains) -> Vec<(String, String)> {
    let row = |name: &str, value: String| (name.to_string(), value);
    let size = |size: Option<Range>| match size {
        Some(size) => format!(", {} to {} each", size.min, size.max),
        None => String::new(),
    };
    let links = domains.links;
    let mut rows = vec![
        row(
            "transit domains",
            format!(
                "{} of {} routers{}",
                domains.transit_domains,
                domains.transit_routers,
                size(domains.transit_size)
            ),
        ),
        row(
            "stub domains",
            format!(
                "{} of {} routers{}",
                domains.stub_domains,
                domains.stub_routers,
                size(domains.stub_size)
            ),
        ),
        row(
            "links inside transit domains",
            links.intra_transit.to_string(),
        ),
        row(
            "links between transit domains",
            links.inter_transit.to_string(),
        ),
        row("links from transit to stub", links.transit_stub.to_string()),
        row("links inside stub domains", links.intra_stub.to_string()),
        row("links between stub domains", links.stub_stub.to_string()),
    ];
    if links.no_domain > 0 {
        rows.push(row("links without a domain", links.no_domain.to_string()));
    }
    rows
}

fn spread(spread: Option<Range>) -> String {
    spread.map_or_else(
        || "none".into(),
        |s| {
            format!(
                "{} to {}, mean {}",
                short(s.min),
                short(s.max),
                short(s.mean)
            )
        },
    )
}

fn distance(distance: Option<Distance>) -> String {
    distance.map_or_else(
        || "none".into(),
        |d| format!("diameter {}, mean {}", short(d.diameter), short(d.mean)),
    )
}

/// The number with at most four decimals.
fn short(number: f64) -> String {
    let text = format!("{number:.4}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}
