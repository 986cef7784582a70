//! CAIDA's relations between autonomous systems, serial 1 (`provider|customer|-1`, `peer|peer|0`) and serial
//! 2 (the same, and the source behind it). Serial 1 of 2012 has siblings as well (2). An AS is a router.
//!
//! This module does *not* know what domains follow from the relations ([`super::listing`]).

use super::lines::Lines;
use super::listing::{Kind, Listing, Mentioned, names};
use crate::error::{Error, Result};

/// The systems and their relations.
pub(super) fn list(text: &str) -> Result<Listing<'_>> {
    let mut listing = Listing::new(text)?;
    let mut mentioned = Mentioned::default();
    for line in Lines::of(text, &['#']) {
        let fields: Vec<&str> = line.text.split('|').map(str::trim).collect();
        let (&[from, to, relation], rest) = fields.split_first_chunk().ok_or_else(|| {
            listing
                .error(line.offset, "a relation is expected here")
                .help("a line is `provider|customer|-1` or `peer|peer|0`")
        })?;
        for system in [from, to] {
            if system.parse::<u32>().is_err() {
                let what = format!("`{system}` is not the number of an autonomous system");
                return Err(listing
                    .error(line.offset, what)
                    .help("numbers go from 0 to 2^32 - 1"));
            }
            mentioned.add(&mut listing, line.offset, system)?;
        }
        if !["-1", "0", "2"].contains(&relation) {
            let what = format!("`{relation}` is not a relation");
            // In files of 2004 to 2010, 1 is what -1 is here, and -1 the opposite; a heading of 2011 calls 1 the opposite.
            let help = if relation == "1" {
                "old files mean by 1 a provider and its customer, or the opposite: write each relation once, such as \
                 `provider|customer|-1`"
            } else {
                "-1 is that of a provider to its customer, 0 that of peers, 2 that of siblings"
            };
            return Err(listing.error(line.offset, what).help(help));
        }
        if from == to {
            let what = format!("`{from}` is no provider or peer of itself");
            return Err(listing
                .error(line.offset, what)
                .help("correct the line, or leave it out"));
        }
        listing.add_edge(line.offset, [from, to], false)?;
        listing.tell(Kind::Edge, names::RELATIONSHIP, relation);
        if let Some(source) = rest.first() {
            listing.tell(Kind::Edge, "relation_source", *source);
        }
    }
    if listing.edges.is_empty() {
        return Err(Error::new("the file has no relations").at(1));
    }
    Ok(listing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_that_are_none_are_refused_with_their_line() {
        for (text, line) in [
            ("1|2|-1\n3|3|0\n", 2),
            ("1|2|-1\n1|3\n", 2),
            ("1|2|7\n", 1),
            ("1|2|2\n2|1|1\n", 2),
            ("# no\n1|4294967296|0\n", 2),
            ("# no\n", 1),
        ] {
            let error = list(text).map(drop).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{line}:")), "{text}: {error}");
        }
    }
}
