//! SNDlib's native format: sections of lines in parentheses.

use super::GEOGRAPHICAL;
use crate::error::{Error, Result};
use crate::topology::lines::{Line, Lines};
use crate::topology::listing::{Kind, Listing};

/// What stands behind the ends of a link, before its modules.
const LINK: [&str; 4] = ["capacity", "capacity_cost", "routing_cost", "setup_cost"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    /// Between sections.
    None,
    Nodes,
    Links,
    /// A section that is not read, with this many parentheses open.
    Other(usize),
}

pub(super) fn list(text: &str) -> Result<Listing<'_>> {
    let mut listing = Listing::new(text)?;
    let mut section = Section::None;
    let mut lines = Lines::of(text, &['#', '?']);
    let mut has_links = false;
    for line in lines.by_ref() {
        section = match section {
            Section::None => {
                let section = title(&listing, &line)?;
                has_links |= section == Section::Links;
                section
            }
            Section::Other(open) => {
                match open + balance(line.text).0 - balance(line.text).1.min(open) {
                    0 => Section::None,
                    open => Section::Other(open),
                }
            }
            _ if line.text.trim() == ")" => Section::None,
            Section::Nodes => {
                node(&mut listing, &line)?;
                section
            }
            Section::Links => {
                link(&mut listing, &line)?;
                section
            }
        };
    }
    if section != Section::None || !has_links {
        return Err(Error::new("the file ends before its links do")
            .at(lines.number())
            .help("the file is cut off: fetch it again"));
    }
    Ok(listing)
}

/// How many parentheses a line opens and closes.
fn balance(line: &str) -> (usize, usize) {
    (line.matches('(').count(), line.matches(')').count())
}

fn title(listing: &Listing<'_>, line: &Line<'_>) -> Result<Section> {
    let words: Vec<&str> = line.text.split_whitespace().collect();
    match (&words[..], balance(line.text)) {
        (["NODES", "("], _) => Ok(Section::Nodes),
        (["LINKS", "("], _) => Ok(Section::Links),
        ([name, "(", ..], (open, close))
            if name
                .chars()
                .all(|letter| letter.is_ascii_uppercase() || letter == '_') =>
        {
            Ok(match open.saturating_sub(close) {
                0 => Section::None,
                open => Section::Other(open),
            })
        }
        _ => Err(listing
            .error(line.offset, "a section is expected here, such as `NODES (`")
            .help("each section begins with its name and `(`, and ends with a line `)`")),
    }
}

/// The words of a line, parentheses alone.
fn words(line: &str) -> Vec<String> {
    let spaced = line.replace('(', " ( ").replace(')', " ) ");
    spaced.split_whitespace().map(String::from).collect()
}

fn node(listing: &mut Listing<'_>, line: &Line<'_>) -> Result<()> {
    let words = words(line.text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [id] => listing.add_node(line.offset, id),
        [id, "(", x, y, ")"] => {
            listing.add_node(line.offset, id)?;
            listing.tell(Kind::Node, GEOGRAPHICAL[0], x);
            listing.tell(Kind::Node, GEOGRAPHICAL[1], y);
            Ok(())
        }
        _ => Err(listing
            .error(line.offset, "a node is expected here")
            .help("a node is `name ( longitude latitude )`")),
    }
}

fn link(listing: &mut Listing<'_>, line: &Line<'_>) -> Result<()> {
    let words = words(line.text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [id, "(", from, to, ")", data @ ..] = &words[..] else {
        return Err(listing.error(line.offset, "a link is expected here").help(
            "a link is `name ( node node ) capacity cost routing_cost setup_cost ( modules )`",
        ));
    };
    listing.add_edge(line.offset, [*from, *to], false)?;
    listing.tell(Kind::Edge, "name", *id);
    for (name, text) in LINK.iter().zip(data).take_while(|(_, text)| **text != "(") {
        listing.tell(Kind::Edge, name, *text);
    }
    Ok(())
}
