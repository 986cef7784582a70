//! GML files (`.gml`): lists of keys and values in brackets, as networkx, Gephi and the Topology Zoo write
//! them. The values of a list inside a node or an edge are data called `list.key`.
//!
//! This module does *not* know what data mean ([`super::listing`]).

mod writer;

pub(super) use self::writer::write;
use super::listing::{Kind, Listing, names};
use crate::error::{Error, Result};

/// Deeper lists are refused: no graph has such.
const DEPTH_MAX: usize = 32;

/// One piece of a file.
#[derive(Debug, Clone, PartialEq)]
enum Token<'a> {
    Open,
    Close,
    Word(&'a str),
    Text(String),
}

/// The pieces of a file, with their places.
struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    /// The next piece and where it begins; `None` at the end.
    fn next(&mut self, listing: &Listing<'_>) -> Result<Option<(usize, Token<'a>)>> {
        loop {
            let rest = &self.text[self.at..];
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            // A comment goes to the end of its line.
            if !trimmed.starts_with('#') {
                break;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
        let (start, rest) = (self.at, &self.text[self.at..]);
        let Some(first) = rest.chars().next() else {
            return Ok(None);
        };
        let (length, token) = match first {
            '[' => (1, Token::Open),
            ']' => (1, Token::Close),
            '"' => {
                let Some(end) = rest[1..].find('"') else {
                    return Err(listing
                        .error(start, "this text in quotes does not end")
                        .help("the file is cut off, or a quote is missing"));
                };
                (end + 2, Token::Text(decoded(&rest[1..=end])))
            }
            _ => {
                let ends = |letter: char| letter.is_whitespace() || "[]\"".contains(letter);
                let end = rest.find(ends).unwrap_or(rest.len());
                (end, Token::Word(&rest[..end]))
            }
        };
        self.at += length;
        Ok(Some((start, token)))
    }
}

/// A text with the characters that `&#233;` and `&amp;` stand for.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(';').filter(|end| *end <= 10);
        let character = end.and_then(|end| character(&rest[1..end]));
        if let Some((end, character)) = end.zip(character) {
            out.push(character);
            rest = &rest[end + 1..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out + rest
}

fn character(name: &str) -> Option<char> {
    let Some(digits) = name.strip_prefix('#') else {
        let known = [
            ("amp", '&'),
            ("quot", '"'),
            ("lt", '<'),
            ("gt", '>'),
            ("apos", '\''),
        ];
        let found = known.into_iter().find(|(known, _)| *known == name)?;
        return Some(found.1);
    };
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => digits.parse().ok()?,
    };
    char::from_u32(number)
}

/// The nodes and edges of a file.
pub(super) fn list(text: &str) -> Result<Listing<'_>> {
    let mut reader = Reader {
        listing: Listing::new(text)?,
        tokens: Tokens { text, at: 0 },
        directed: false,
        has_graph: false,
    };
    while let Some((offset, token)) = reader.tokens.next(&reader.listing)? {
        match token {
            Token::Word("graph") if reader.has_graph => {
                let error = reader.listing.error(offset, "the file has a second graph");
                return Err(error.help("leave one graph in the file"));
            }
            Token::Word("graph") => reader.graph(offset)?,
            Token::Word(key) => reader.value(offset, &mut |_, _| {}, key, 0)?,
            _ => {
                return Err(reader
                    .listing
                    .error(offset, "a key is expected here, such as graph"));
            }
        }
    }
    if !reader.has_graph {
        return Err(Error::new("the file has no graph").at(1));
    }
    Ok(reader.listing)
}

struct Reader<'a> {
    listing: Listing<'a>,
    tokens: Tokens<'a>,
    directed: bool,
    has_graph: bool,
}

impl Reader<'_> {
    fn graph(&mut self, offset: usize) -> Result<()> {
        self.has_graph = true;
        self.open(offset, "graph")?;
        let mut data = Vec::new();
        while let Some((offset, key)) = self.key("graph")? {
            match key.as_str() {
                "node" => self.node(offset)?,
                "edge" => self.edge(offset)?,
                _ => self.value(offset, &mut |name, text| data.push((name, text)), &key, 0)?,
            }
        }
        for (name, text) in data {
            if name == "directed" {
                self.directed = text == "1";
            } else if name == "multigraph" {
                // That edges may be parallel, which they may anyway.
            } else if name == names::ID || name == "name" {
                self.listing.tell(Kind::Graph, names::ID, text);
            } else {
                self.listing.tell(Kind::Graph, &name, text);
            }
        }
        let directed = self.directed;
        for edge in &mut self.listing.edges {
            edge.directed = directed;
        }
        Ok(())
    }

    /// The next key of a list, or `None` at its end.
    fn key(&mut self, list: &str) -> Result<Option<(usize, String)>> {
        match self.tokens.next(&self.listing)? {
            Some((offset, Token::Word(key))) => Ok(Some((offset, key.into()))),
            Some((_, Token::Close)) => Ok(None),
            Some((offset, _)) => Err(self
                .listing
                .error(offset, format!("a key is expected here, in `{list}`"))),
            None => Err(self.ends_early(list)),
        }
    }

    fn ends_early(&self, list: &str) -> Error {
        self.listing
            .error(self.tokens.at, format!("the file ends inside `{list}`"))
            .help("the file is cut off: fetch it again")
    }

    fn open(&mut self, offset: usize, list: &str) -> Result<()> {
        match self.tokens.next(&self.listing)? {
            Some((_, Token::Open)) => Ok(()),
            Some((offset, _)) => Err(self
                .listing
                .error(offset, format!("`[` is expected after `{list}`"))),
            None => Err(self
                .listing
                .error(offset, format!("the file ends after `{list}`"))),
        }
    }

    /// Reads the value of a key, and tells each datum in it with its name.
    fn value(
        &mut self,
        offset: usize,
        tell: &mut dyn FnMut(String, String),
        name: &str,
        depth: usize,
    ) -> Result<()> {
        match self.tokens.next(&self.listing)? {
            Some((_, Token::Word(word))) => tell(name.into(), word.into()),
            Some((_, Token::Text(text))) => tell(name.into(), text),
            Some((offset, Token::Open)) if depth == DEPTH_MAX => {
                return Err(self
                    .listing
                    .error(offset, "lists stand inside lists too deeply"));
            }
            Some((_, Token::Open)) => {
                while let Some((offset, key)) = self.key(name)? {
                    self.value(offset, tell, &format!("{name}.{key}"), depth + 1)?;
                }
            }
            Some((offset, Token::Close)) => {
                return Err(self.listing.error(offset, format!("`{name}` has no value")));
            }
            None => {
                let what = format!("the file ends after `{name}`");
                return Err(self
                    .listing
                    .error(offset, what)
                    .help("the file is cut off: fetch it again"));
            }
        }
        Ok(())
    }

    /// The data of a node or an edge.
    fn data(&mut self, offset: usize, list: &str) -> Result<Vec<(String, String)>> {
        self.open(offset, list)?;
        let mut data = Vec::new();
        while let Some((offset, key)) = self.key(list)? {
            self.value(offset, &mut |name, text| data.push((name, text)), &key, 0)?;
        }
        Ok(data)
    }

    fn node(&mut self, offset: usize) -> Result<()> {
        let data = self.data(offset, "node")?;
        let [id] = self.taken(offset, &data, "node", ["id"])?;
        self.listing.add_node(offset, id)?;
        for (name, text) in data.into_iter().filter(|(name, _)| name != "id") {
            self.listing.tell(Kind::Node, &name, text);
        }
        Ok(())
    }

    fn edge(&mut self, offset: usize) -> Result<()> {
        let data = self.data(offset, "edge")?;
        let ends = self.taken(offset, &data, "edge", ["source", "target"])?;
        self.listing
            .add_edge(offset, ends.each_ref().map(String::as_str), false)?;
        for (name, text) in data {
            if name != "source" && name != "target" {
                self.listing.tell(Kind::Edge, &name, text);
            }
        }
        Ok(())
    }

    /// What an element must have.
    fn taken<const N: usize>(
        &self,
        offset: usize,
        data: &[(String, String)],
        element: &str,
        keys: [&str; N],
    ) -> Result<[String; N]> {
        let mut found = [const { String::new() }; N];
        for (found, key) in found.iter_mut().zip(keys) {
            let text = data.iter().find(|(name, _)| name == key);
            let Some((_, text)) = text else {
                return Err(self
                    .listing
                    .error(offset, format!("this {element} has no `{key}`")));
            };
            found.clone_from(text);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::writer::quoted;
    use super::*;

    #[test]
    fn entities_are_characters() {
        assert_eq!(
            decoded("K&#246;ln &amp; Z&#xfc;rich & co; &nope;"),
            "Köln & Zürich & co; &nope;"
        );
        assert_eq!(
            quoted("Köln & \"Bonn\""),
            "\"K&#246;ln &amp; &quot;Bonn&quot;\""
        );
        assert_eq!(
            decoded(quoted("Köln & \"x\"").trim_matches('"')),
            "Köln & \"x\""
        );
    }

    #[test]
    fn bad_files_are_refused_with_their_line() {
        let refused = [
            "graph [\n node [ id 1 ]\n",
            "graph [\n node [ label \"a\" ]\n]",
            "graph [\n edge [ source 1 ]\n]",
            "graph [\n label \"a\n]",
            "graph [\n ] graph [ ]",
            "# \nVersion",
            "graph [ node ]",
            "Creator \"x\"",
        ]
        .map(|text| list(text).map(drop).unwrap_err().to_string());
        expect![[r#"
            3: the file ends inside `graph`
              help: the file is cut off: fetch it again
            2: this node has no `id`
            2: this edge has no `target`
            2: this text in quotes does not end
              help: the file is cut off, or a quote is missing
            2: the file has a second graph
              help: leave one graph in the file
            2: the file ends after `Version`
              help: the file is cut off: fetch it again
            1: `[` is expected after `node`
            1: the file has no graph"#]]
        .assert_eq(&refused.join("\n"));
    }
}
