//! Rocketfuel's files: maps of routers (`.cch`), and latencies or weights of links between cities
//! (`latencies.intra`, `weights.intra`).
//!
//! This module does *not* know what data mean ([`super::listing`]).

use super::lines::{Line, Lines};
use super::listing::{Kind, Listing, Mentioned};
use crate::error::{Error, Result};
use crate::words::counted;

/// The routers and links of a map.
///
/// A line is `uid @place [+] [bb] (count) [&external] -> <uid> … {-euid} … =name[!] rn`; the routers of
/// other networks (`-euid =address rn`) and the links to them are left out.
pub(super) fn map(text: &str) -> Result<Listing<'_>> {
    let mut listing = Listing::new(text)?;
    let mut links = Vec::new();
    let mut outside = 0;
    for line in Lines::of(text, &['#']) {
        let mut words = line.text.split_whitespace();
        let uid = words.next().unwrap_or_default();
        if uid.starts_with('-') {
            continue;
        }
        if uid.parse::<u64>().is_err() {
            let what = format!("`{uid}` is not the number of a router");
            return Err(listing.error(line.offset, what).help(
                "a line is `uid @place (count) -> <uid> … =name rn`, as Rocketfuel's README says",
            ));
        }
        listing.add_node(line.offset, uid)?;
        let (neighbours, unlisted) = router(&mut listing, &line, words)?;
        outside += u64::from(unlisted > 0);
        links.extend(neighbours.into_iter().map(|to| (line.offset, uid, to)));
    }
    if listing.nodes.is_empty() {
        return Err(Error::new("the map has no routers").at(1));
    }
    for (offset, from, to) in links {
        // Each router lists its own neighbours: a link stands there twice.
        listing.add_edge(offset, [from, to], true)?;
    }
    if outside > 0 {
        listing.notes.push(format!(
            "{} fewer neighbours than the number in parentheses: the map leaves routers out, as those cut at a radius \
             do (.r0.cch, .r1.cch)",
            if outside == 1 {
                "1 router lists".into()
            } else {
                format!("{outside} routers list")
            }
        ));
    }
    Ok(listing)
}

/// Tells what a line says of its router; returns its neighbours, and how many more it has that the map leaves out.
fn router<'a>(
    listing: &mut Listing<'_>,
    line: &Line<'_>,
    words: impl Iterator<Item = &'a str>,
) -> Result<(Vec<&'a str>, usize)> {
    let mut neighbours = Vec::new();
    let mut announced = None;
    // A line that is not cut off ends in `=name rn`.
    let [mut has_name, mut is_whole] = [false; 2];
    for word in words {
        if let Some(place) = word.strip_prefix('@') {
            listing.tell(Kind::Node, "location", place.replace('+', " "));
        } else if let Some(name) = word.strip_prefix('=') {
            listing.tell(Kind::Node, "address", name.trim_end_matches('!'));
            has_name = true;
        } else if let Some(count) = in_marks(word, '(', ')') {
            announced = Some(count);
        } else if let Some(uid) = in_marks(word, '<', '>') {
            neighbours.push(uid);
        } else if word == "bb" {
            listing.tell(Kind::Node, "backbone", "1");
        } else if let Some(radius) = word.strip_prefix('r') {
            listing.tell(Kind::Node, "radius", radius);
            is_whole = has_name && radius.parse::<u32>().is_ok();
        }
    }
    let count = announced.and_then(|count| count.parse::<usize>().ok());
    match count {
        Some(count) if count == neighbours.len() || (count > neighbours.len() && is_whole) => {
            let unlisted = count - neighbours.len();
            Ok((neighbours, unlisted))
        }
        Some(count) => {
            let what = format!(
                "the router says {}, and lists {}",
                counted(count as u64, "neighbour"),
                neighbours.len()
            );
            Err(listing
                .error(line.offset, what)
                .help("the line is cut off, or the number in parentheses is wrong"))
        }
        None => Err(listing
            .error(
                line.offset,
                "the router does not say how many neighbours it has",
            )
            .help("write the number in parentheses: `(3)`")),
    }
}

fn in_marks(word: &str, open: char, close: char) -> Option<&str> {
    word.strip_prefix(open)?.strip_suffix(close)
}

/// The links of a list of latencies or weights. Which of them it is, the file does not tell: a copy of it may
/// have another name.
pub(super) fn links(text: &str) -> Result<Listing<'_>> {
    let mut listing = Listing::new(text)?;
    let mut mentioned = Mentioned::default();
    for line in Lines::of(text, &['#']) {
        let fields: Vec<&str> = line.text.split_whitespace().collect();
        let [from, to, length] = fields[..] else {
            return Err(listing
                .error(line.offset, format!("the line has {} fields", fields.len()))
                .help("a link is `city,+country1 city,+country2 number`"));
        };
        for end in [from, to] {
            mentioned.add(&mut listing, line.offset, end)?;
        }
        if length.parse::<f64>().is_err() {
            let what = format!("`{length}` is no latency or weight");
            return Err(listing
                .error(line.offset, what)
                .help("a link is `city,+country1 city,+country2 number`"));
        }
        listing.add_edge(line.offset, [from, to], true)?;
        listing.tell(Kind::Edge, "weight", length);
    }
    if listing.edges.is_empty() {
        return Err(Error::new("the file has no links").at(1));
    }
    Ok(listing)
}
