//! `.alt` files, the plain text that GT-ITM's `sgb2alt` makes of a `.gb` file.
//!
//! Links are told by their lower end, the newest first, and self-loops only by the count of arcs.
//! So a graph that went through `.alt` has lost the order of creation between different routers
//! and the places of its loops, and nothing else. This module does *not* know files.

use std::fmt::Write as _;
use std::str::FromStr;

use super::graph::{Domain, Graph, Link, Origin, Router, RouterId, check_size};
use super::graphbase::{self, INTEGER_MAX};
use crate::error::{Error, Result};

const GRAPH_TITLE: &str = "GRAPH (#nodes #edges id uu vv ww xx yy zz):";
const VERTICES_TITLE: &str = "VERTICES (index name u v w x y z):";
const EDGES_TITLE: &str = "EDGES (from-node to-node length a b):";

/// Reads an `.alt` file. Writing the result gives the same bytes for every file of the original
/// tool. Errors name the line.
pub fn parse(bytes: &[u8]) -> Result<Graph> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = &bytes[..error.valid_up_to()];
        let line = valid.split(|byte| *byte == b'\n').count();
        Error::new("the file is not text").at(line)
    })?;
    let mut input = Lines {
        lines: text.lines(),
        number: 0,
    };
    input.title(GRAPH_TITLE)?;
    let summary = input.summary()?;
    input.title(VERTICES_TITLE)?;
    let mut routers = Vec::new();
    while routers.len() < summary.routers {
        routers.push(input.router(routers.len())?);
    }
    input.title(EDGES_TITLE)?;
    let mut links = Vec::new();
    while let Some(fields) = input.next_fields() {
        // More than announced are refused, however many they are.
        if links.len() as u64 > summary.arcs / 2 {
            break;
        }
        links.push(input.link(&fields, summary.routers)?);
    }
    let loops_unlisted = unlisted_loops(&summary, links.len())?;
    // Newest first in the file; a stable sort keeps the order of creation at each lower end.
    links.reverse();
    links.sort_by_key(|link| link.ends[0]);
    Ok(Graph {
        id: summary.id,
        origin: summary.origin,
        routers,
        links,
        loops_unlisted,
        latencies: None,
    })
}

/// The `.alt` file of the graph, byte for byte as the original tool would write it.
///
/// Like [`graphbase::write`] it refuses what GT-ITM's formats cannot hold; a label with a blank
/// or a line break in it is one more case.
pub fn write(graph: &Graph) -> Result<String> {
    let (_, numbers) = graphbase::numbers_of(graph.origin)?;
    let arcs = 2 * (graph.links.len() as u64 + u64::from(graph.loops_unlisted));
    let id = graphbase::shown_id(graph)?;
    one_word("identification", id)?;
    let mut out = format!("{GRAPH_TITLE}\n{} {arcs} {id} ", graph.routers.len());
    for number in numbers {
        // Writing to a string cannot fail, here and below.
        let _ = write!(out, "{number} ");
    }
    let _ = write!(out, "\n\n{VERTICES_TITLE}\n");
    for (number, router) in graph.routers.iter().enumerate() {
        one_word("label", &router.label)?;
        let [x, y] = graphbase::integer_position(router)?;
        let _ = writeln!(out, "{number} {} {x} {y} ", router.label);
    }
    let _ = write!(out, "\n{EDGES_TITLE}\n");
    for link in listed(graph) {
        let length = graphbase::integer_length(link.length)?;
        let [lower, higher] = sorted(link.ends).map(|router| router.0);
        let _ = writeln!(out, "{lower} {higher} {length} {} ", link.weight);
    }
    Ok(out)
}

/// The links by their lower end, the newest first, without loops.
fn listed(graph: &Graph) -> Vec<&Link> {
    let without_loops = graph
        .links
        .iter()
        .filter(|link| link.ends[0] != link.ends[1]);
    let mut links: Vec<&Link> = without_loops.rev().collect();
    links.sort_by_key(|link| sorted(link.ends)[0]);
    links
}

fn sorted([a, b]: [RouterId; 2]) -> [RouterId; 2] {
    [a.min(b), a.max(b)]
}

fn one_word(what: &str, text: &str) -> Result<()> {
    let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then_some(()).ok_or_else(|| {
        Error::new(format!(
            "the {what} {text:?} is not one word, as an .alt file needs it"
        ))
        .help("write .gb, .graphml or .dot instead")
    })
}

/// The record of the graph.
struct Summary {
    line: usize,
    routers: usize,
    arcs: u64,
    id: String,
    origin: Origin,
}

/// The loops that the count of arcs tells of, though no line does.
fn unlisted_loops(summary: &Summary, listed: usize) -> Result<u32> {
    let links = summary.arcs.is_multiple_of(2).then_some(summary.arcs / 2);
    links
        .and_then(|links| u32::try_from(links.checked_sub(listed as u64)?).ok())
        .ok_or_else(|| {
            Error::new(format!(
                "the graph's record says {} arcs, but {listed} links are listed",
                summary.arcs
            ))
            .at(summary.line)
            .help("every link counts as two arcs; self-loops are counted and not listed")
        })
}

/// The lines of a file, blank ones left out.
struct Lines<'a> {
    lines: std::str::Lines<'a>,
    /// The number of the line read last, from 1.
    number: usize,
}

impl<'a> Lines<'a> {
    fn next_line(&mut self) -> Option<&'a str> {
        loop {
            let line = self.lines.next()?.trim_end();
            self.number += 1;
            if !line.is_empty() {
                return Some(line);
            }
        }
    }

    fn next_fields(&mut self) -> Option<Vec<&'a str>> {
        Some(self.next_line()?.split_ascii_whitespace().collect())
    }

    fn error(&self, what: impl Into<String>) -> Error {
        Error::new(what).at(self.number.max(1))
    }

    fn ends_early(&self, expected: &str) -> Error {
        self.error(format!("the file ends before {expected}"))
            .help("the file is cut off: fetch or convert it again")
    }

    fn title(&mut self, title: &str) -> Result<()> {
        match self.next_line() {
            Some(line) if line == title => Ok(()),
            Some(_) => Err(self.error(format!("the title `{title}` is expected here"))),
            None => Err(self.ends_early(&format!("the title `{title}`"))),
        }
    }

    fn summary(&mut self) -> Result<Summary> {
        let fields = self.next_fields();
        let fields = fields.ok_or_else(|| self.ends_early("the graph's record"))?;
        let (&[routers, arcs, id], numbers) = fields.split_first_chunk().ok_or_else(|| {
            self.error("the graph's record has fewer fields than nodes, arcs and identification")
        })?;
        let routers: u32 = self.number_in(routers, "the number of nodes")?;
        if routers == 0 {
            return Err(self.error("the graph has no routers"));
        }
        let numbers: Vec<i64> = numbers
            .iter()
            .map(|field| self.integer(field, "a number of the graph's record"))
            .collect::<Result<_>>()?;
        let origin = match numbers[..] {
            [scale] => Origin::Flat { scale },
            [scale, transit_diameter, stub_diameter, top_diameter] => Origin::TransitStub {
                scale,
                transit_diameter,
                stub_diameter,
                top_diameter,
            },
            _ => {
                return Err(self
                    .error(format!(
                        "{} numbers follow the identification, which GT-ITM never writes",
                        numbers.len()
                    ))
                    .help("one number follows in flat graphs, four in transit-stub graphs"));
            }
        };
        let arcs: u64 = self.number_in(arcs, "the number of arcs")?;
        check_size(routers.into(), arcs / 2).map_err(|error| error.at(self.number))?;
        Ok(Summary {
            line: self.number,
            routers: routers as usize,
            arcs,
            id: id.into(),
            origin,
        })
    }

    fn router(&mut self, number: usize) -> Result<Router> {
        let fields = self.next_fields();
        let fields = fields.ok_or_else(|| self.ends_early(&format!("node {number}")))?;
        let &[index, label, x, y] = &fields[..] else {
            return Err(self.error(format!(
                "node {number} is expected here: its number, label, x and y"
            )));
        };
        if self.number_in::<u32>(index, "the node's number")? as usize != number {
            return Err(self.error(format!("node {index} stands where node {number} should")));
        }
        Ok(Router {
            label: label.into(),
            position: Some([
                self.integer(x, "the x coordinate")? as f64,
                self.integer(y, "the y coordinate")? as f64,
            ]),
            domain: Domain::from_label(label),
        })
    }

    fn link(&self, fields: &[&str], routers: usize) -> Result<Link> {
        let &[from, to, length, weight] = fields else {
            return Err(self.error("a link is expected here: from, to, length and policy weight"));
        };
        let mut ends = [RouterId(0); 2];
        for (end, field) in ends.iter_mut().zip([from, to]) {
            *end = RouterId(self.number_in(field, "an end of the link")?);
            if end.index() >= routers {
                return Err(self.error(format!(
                    "the link leads to node {field}, but the graph's record says that there are \
                     {routers}"
                )));
            }
        }
        if ends[0] == ends[1] {
            return Err(self
                .error(format!("node {from} is linked to itself"))
                .help("an .alt file does not list self-loops: leave the line out"));
        }
        let length = self.integer(length, "the length")?;
        if length < 0 {
            return Err(self.error(format!("the link has the negative length {length}")));
        }
        Ok(Link {
            ends: sorted(ends),
            length: length as f64,
            weight: self.number_in(weight, "the policy weight")?,
        })
    }

    /// A number without sign that the type can hold.
    fn number_in<T: FromStr>(&self, field: &str, what: &str) -> Result<T> {
        let plain = field.bytes().all(|byte| byte.is_ascii_digit());
        plain
            .then(|| field.parse().ok())
            .flatten()
            .ok_or_else(|| self.error(format!("{what} is `{field}`, not a number in its range")))
    }

    fn integer(&self, field: &str, what: &str) -> Result<i64> {
        field
            .parse()
            .ok()
            .filter(|number: &i64| (-INTEGER_MAX..=INTEGER_MAX).contains(number))
            .ok_or_else(|| self.error(format!("{what} is `{field}`, not an integer within ± 2^53")))
    }
}
