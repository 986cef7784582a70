//! What BRITE writes (`.brite`), in all of its modes: routers, autonomous systems, top-down and bottom-up.
//! Nodes lie on a plane whose unit counts as a kilometre, as in BRITE's own delays, which are in ms.
//!
//! This module does *not* know what data mean ([`super::listing`]).

use super::graph::check_size;
use super::lines::{Line, Lines};
use super::listing::{Kind, Listing};
use crate::error::{Error, Result};

/// The columns of nodes behind their number, and those of edges behind their number and ends.
const NODE: [&str; 6] = ["x", "y", "indegree", "outdegree", "as", "type"];
const EDGE: [&str; 6] = [
    "length_km",
    "delay_ms",
    "bandwidth",
    "as_from",
    "as_to",
    "type",
];

/// What to do about a file that ends too early.
const CUT_OFF: &str = "the file is cut off: fetch or make it again";

/// The nodes and edges of a file.
pub(super) fn list(text: &str) -> Result<Listing<'_>> {
    let mut listing = Listing::new(text)?;
    let mut lines = Lines::of(text, &[]);
    let announced: [u64; 2] = title(&mut lines, "Topology:")?;
    check_size(announced[0], announced[1]).map_err(|error| error.at(lines.number()))?;
    let [nodes] = title(&mut lines, "Nodes:")?;
    for number in 0..nodes {
        let line = row(&mut lines, "nodes", number, nodes)?;
        let fields: Vec<&str> = line.text.split_whitespace().collect();
        // The type at the end is not always there.
        let (&id, data) = split(
            &line,
            &fields,
            3,
            "a node is its number, x and y, and what follows",
        )?;
        listing.add_node(line.offset, id)?;
        tell(&mut listing, Kind::Node, &NODE, data);
    }
    let [edges] = title(&mut lines, "Edges:")?;
    let mut usual = 0;
    for number in 0..edges {
        let line = row(&mut lines, "edges", number, edges)?;
        let fields: Vec<&str> = line.text.split_whitespace().collect();
        let help = "an edge is its number, both ends, its length and its delay, and what follows";
        let (_, data) = split(&line, &fields, 5, help)?;
        let is_last = !text[line.offset..].contains('\n');
        if is_last && fields.len() < usual {
            let what = format!(
                "the line has {} fields, and the one before {usual}",
                fields.len()
            );
            return Err(Error::new(what).at(line.number).help(CUT_OFF));
        }
        usual = fields.len();
        listing.add_edge(line.offset, [data[0], data[1]], false)?;
        tell(&mut listing, Kind::Edge, &EDGE, &data[2..]);
    }
    if let Some(line) = lines.next() {
        let what = format!("the file says that there are {edges} edges, but more follow");
        return Err(Error::new(what)
            .at(line.number)
            .help("correct the number of edges"));
    }
    if announced != [nodes, edges] {
        let what = format!(
            "the first line says {} nodes and {} edges, but {nodes} and {edges} are listed",
            announced[0], announced[1]
        );
        return Err(Error::new(what)
            .at(1)
            .help("correct the numbers, or fetch the file again"));
    }
    Ok(listing)
}

/// The `N` counts in the next line that begins with `title`.
fn title<const N: usize>(lines: &mut Lines<'_>, title: &str) -> Result<[u64; N]> {
    for line in lines.by_ref() {
        let Some(rest) = line.text.trim_start().strip_prefix(title) else {
            continue;
        };
        let numbers = rest.split(|letter: char| !letter.is_ascii_digit());
        let numbers: Vec<u64> = numbers.filter_map(|digits| digits.parse().ok()).collect();
        return <[u64; N]>::try_from(numbers).map_err(|_| {
            Error::new(format!("`{title}` does not say how many there are"))
                .at(line.number)
                .help("write it as BRITE does: Nodes: ( 100 )")
        });
    }
    Err(Error::new(format!("the file ends before `{title}`"))
        .at(lines.number())
        .help(CUT_OFF))
}

fn row<'a>(lines: &mut Lines<'a>, what: &str, number: u64, count: u64) -> Result<Line<'a>> {
    let line = lines.next().ok_or_else(|| {
        Error::new(format!("the file ends after {number} of {count} {what}"))
            .at(lines.number())
            .help(CUT_OFF)
    })?;
    if line
        .text
        .trim_start()
        .starts_with(|first: char| first.is_ascii_digit())
    {
        return Ok(line);
    }
    Err(Error::new(format!(
        "{number} of {count} {what} are listed before this line"
    ))
    .at(line.number)
    .help("correct the number, or fetch the file again"))
}

/// The first field and the others, if there are enough of them.
fn split<'f, 'a>(
    line: &Line<'_>,
    fields: &'f [&'a str],
    least: usize,
    help: &str,
) -> Result<(&'f &'a str, &'f [&'a str])> {
    let parts = fields.split_first().filter(|_| fields.len() >= least);
    parts.ok_or_else(|| {
        Error::new(format!("the line has {} fields", fields.len()))
            .at(line.number)
            .help(help.to_owned())
    })
}

fn tell(listing: &mut Listing<'_>, kind: Kind, names: &[&str], data: &[&str]) {
    for (name, text) in names.iter().zip(data) {
        // What BRITE does not know it writes as -1.
        let is_unknown = text.parse() == Ok(-1.0);
        if !is_unknown {
            listing.tell(kind, name, *text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "Topology: ( 2 Nodes, 1 Edges )\nModel (3 - ASWaxman): 2 100\n\nNodes: (2)\n\
         0 1 2 1 1 -1 AS_NODE\n1 5 6 1 1 -1 AS_NODE\n\nEdges: (1)\n0 0 1 5.6 0.02 10 0 1 E_AS U\n";

    #[test]
    fn counts_that_lie_are_refused_with_their_line() {
        assert_eq!(list(SMALL).unwrap().edges.len(), 1);
        for (from, to, line) in [
            ("Nodes: (2)", "Nodes: (3)", 8),
            ("Nodes: (2)", "Nodes: (1)", 1),
            ("Nodes: (2)", "Nodes:", 4),
            ("Edges: (1)", "Edges: (2)", 9),
            ("Edges: (1)", "Edges: (0)", 9),
            ("2 Nodes", "3 Nodes", 1),
            ("2 Nodes", "99999999999 Nodes", 1),
            ("0 0 1 5.6 0.02 10 0 1 E_AS U", "0 0 1", 9),
            ("0 1 2 1 1 -1 AS_NODE\n1", "0 1\n1", 5),
        ] {
            let bad = SMALL.replace(from, to);
            let error = list(&bad).map(drop).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("{line}:")),
                "{from} → {to}: {error}"
            );
        }
    }

    #[test]
    fn a_last_line_that_is_cut_off_is_refused() {
        let two = SMALL
            .replace("Edges: (1)", "Edges: (2)")
            .replace("1 Edges", "2 Edges");
        let whole = two + "1 1 0 5.6 0.02 10 0 1 E_AS U";
        assert_eq!(list(&whole).unwrap().edges.len(), 2);
        let cut = whole.strip_suffix("2 10 0 1 E_AS U").unwrap();
        let error = list(cut).map(drop).unwrap_err().to_string();
        assert!(error.starts_with("10: "), "{error}");
    }
}
