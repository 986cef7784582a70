//! What Inet 3 writes: a line with the numbers of nodes and links, then a line `number x y` for each node,
//! then a line `from to length` for each link. Lengths are distances on Inet's plane.
//!
//! This module does *not* know what data mean ([`super::listing`]).

use super::graph::check_size;
use super::lines::{Line, Lines};
use super::listing::{Kind, Listing};
use crate::error::{Error, Result};

/// The nodes and links of a file.
pub(super) fn list(text: &str) -> Result<Listing<'_>> {
    let mut listing = Listing::new(text)?;
    let mut lines = Lines::of(text, &['#']);
    let first = next(&mut lines, "the numbers of nodes and links")?;
    let fields: Vec<&str> = first.text.split_whitespace().collect();
    let counts: Option<Vec<u64>> = fields.iter().map(|field| field.parse().ok()).collect();
    let Some(&[nodes, links]) = counts.as_deref() else {
        return Err(
            Error::new("the first line is not the numbers of nodes and links")
                .at(first.number)
                .help("write it as Inet does, such as `3037 4788`"),
        );
    };
    check_size(nodes, links).map_err(|error| error.at(first.number))?;
    for number in 0..nodes {
        let line = next(&mut lines, &format!("node {number} of {nodes}"))?;
        let [id, x, y] = three(&line, "a node is its number, x and y")?;
        if id != number.to_string() {
            let what = format!("node `{id}` stands where node {number} should");
            return Err(Error::new(what)
                .at(line.number)
                .help("nodes are listed from 0 in order"));
        }
        listing.add_node(line.offset, id)?;
        listing.tell(Kind::Node, "x", x);
        listing.tell(Kind::Node, "y", y);
    }
    for number in 0..links {
        let line = next(&mut lines, &format!("link {number} of {links}"))?;
        let [from, to, length] = three(&line, "a link is both ends and its length")?;
        listing.add_edge(line.offset, [from, to], false)?;
        listing.tell(Kind::Edge, "weight", length);
    }
    if let Some(line) = lines.next() {
        let what = format!("the first line says {links} links, but more follow");
        return Err(Error::new(what)
            .at(line.number)
            .help("correct the number of links"));
    }
    Ok(listing)
}

fn next<'a>(lines: &mut Lines<'a>, what: &str) -> Result<Line<'a>> {
    lines.next().ok_or_else(|| {
        Error::new(format!("the file ends before {what}"))
            .at(lines.number())
            .help("the file is cut off: fetch or make it again")
    })
}

fn three<'a>(line: &Line<'a>, help: &str) -> Result<[&'a str; 3]> {
    let fields: Vec<&str> = line.text.split_whitespace().collect();
    <[&str; 3]>::try_from(fields).map_err(|fields| {
        Error::new(format!("the line has {} fields", fields.len()))
            .at(line.number)
            .help(help.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "3 2\n0 10 20\n1 30 40\n2 5 5\n0 1 28\n1 2 43\n";

    #[test]
    fn counts_that_lie_are_refused_with_their_line() {
        assert_eq!(list(SMALL).unwrap().edges.len(), 2);
        for (from, to, line) in [
            ("3 2", "3", 1),
            ("3 2", "4 2", 5),
            ("3 2", "2 2", 6),
            ("3 2", "3 3", 6),
            ("3 2", "3 1", 6),
            ("3 2", "3000000 1", 1),
            ("1 30 40", "1 30", 3),
            ("1 30 40", "7 30 40", 3),
        ] {
            let bad = SMALL.replacen(from, to, 1);
            let error = list(&bad).map(drop).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("{line}:")),
                "{from} → {to}: {error}"
            );
        }
    }
}
