//! From a DOT file to its nodes and edges: those of all subgraphs together, with their own attributes;
//! defaults (`node [...]`), attributes of the graph, ports and what else is for pictures are left out.
//!
//! This module does *not* know what attributes mean ([`crate::topology::listing`]).

use std::collections::BTreeMap;

use super::tokens::{Token, Tokens};
use crate::error::{Error, Result};
use crate::topology::listing::{Kind, Listing, names};

/// Deeper subgraphs are refused: no graph has such.
const DEPTH_MAX: usize = 64;

type Attributes = Vec<(String, String)>;

/// The nodes and edges of a file.
pub(in crate::topology) fn list(text: &str) -> Result<Listing<'_>> {
    let mut reader = Reader {
        listing: Listing::new(text)?,
        tokens: Tokens::of(text),
        directed: false,
        nodes: Vec::new(),
        number_of: BTreeMap::new(),
    };
    reader.graph()?;
    reader.add_nodes()?;
    Ok(reader.listing)
}

struct Node {
    offset: usize,
    id: String,
    attributes: Attributes,
}

struct Reader<'a> {
    listing: Listing<'a>,
    tokens: Tokens<'a>,
    directed: bool,
    nodes: Vec<Node>,
    number_of: BTreeMap<String, usize>,
}

impl Reader<'_> {
    fn error(&self, what: impl Into<String>) -> Error {
        self.listing.error(self.tokens.at(), what)
    }

    fn next(&mut self) -> Result<Token> {
        let found = self.tokens.next();
        found.map_err(|what| self.error(what))
    }

    fn expected(&self, what: &str, found: &Token) -> Error {
        match found {
            Token::End => {
                let error = self.error(format!("the file ends where {what} is expected"));
                error.help("the file is cut off: fetch it again")
            }
            _ => self.error(format!("{what} is expected here")),
        }
    }

    fn graph(&mut self) -> Result<()> {
        let mut word = self.next()?;
        if word.is_word("strict") {
            word = self.next()?;
        }
        self.directed = word.is_word("digraph");
        if !self.directed && !word.is_word("graph") {
            return Err(self.expected("`graph` or `digraph`", &word));
        }
        let mut token = self.next()?;
        if let Token::Name(name) = &token {
            self.listing.tell(Kind::Graph, names::ID, name);
            token = self.next()?;
        }
        if token != Token::Mark('{') {
            return Err(self.expected("`{`", &token));
        }
        self.statements(0)?;
        match self.next()? {
            Token::End => Ok(()),
            Token::Name(_) => Err(self
                .error("the file has a second graph")
                .help("leave one graph in the file")),
            _ => Err(self.error("nothing may follow the graph")),
        }
    }

    /// All statements up to the brace that closes them.
    fn statements(&mut self, depth: usize) -> Result<()> {
        if depth > DEPTH_MAX {
            return Err(self.error("subgraphs stand inside subgraphs too deeply"));
        }
        loop {
            let token = self.next()?;
            match token {
                Token::Mark('}') => return Ok(()),
                Token::Mark(';' | ',') => {}
                Token::Mark('{') => self.subgraph(depth)?,
                ref word if word.is_word("subgraph") => {
                    let mut token = self.next()?;
                    if matches!(token, Token::Name(_)) {
                        token = self.next()?;
                    }
                    if token != Token::Mark('{') {
                        return Err(self.expected("`{`", &token));
                    }
                    self.subgraph(depth)?;
                }
                ref word
                    if ["graph", "node", "edge"]
                        .iter()
                        .any(|kind| word.is_word(kind)) =>
                {
                    self.attributes()?;
                }
                Token::Name(name) => self.statement(name)?,
                token => return Err(self.expected("a node, an edge or `}`", &token)),
            }
        }
    }

    fn subgraph(&mut self, depth: usize) -> Result<()> {
        self.statements(depth + 1)?;
        if matches!(self.tokens.peek(), Ok(Token::Line)) {
            return Err(self.edge_of_subgraph());
        }
        Ok(())
    }

    fn edge_of_subgraph(&self) -> Error {
        let mark = if self.directed { "->" } else { "--" };
        let help = format!(
            "write one edge for each pair of nodes: `a {mark} b; a {mark} c` in place of `a {mark} {{ b c }}`"
        );
        self.error("an edge to or from a whole subgraph is not read")
            .help(help)
    }

    /// An edge, a node or an attribute of the graph, of which the first name has been read.
    fn statement(&mut self, name: String) -> Result<()> {
        if self.tokens.peek() == Ok(Token::Mark('=')) {
            self.next()?;
            return self.name("a value").map(drop);
        }
        self.port()?;
        let mut ends = vec![self.number(name)?];
        let offset = self.tokens.at();
        while self.tokens.peek() == Ok(Token::Line) {
            self.next()?;
            let name = self.end()?;
            self.port()?;
            ends.push(self.number(name)?);
        }
        let attributes = self.attributes()?;
        if let [node] = ends[..] {
            self.nodes[node].attributes.extend(attributes);
            return Ok(());
        }
        for pair in ends.windows(2) {
            let [from, to] = [pair[0], pair[1]].map(|end| self.nodes[end].id.as_str());
            self.listing.add_edge(offset, [from, to], self.directed)?;
            for (name, value) in &attributes {
                let name = if name == "policy" {
                    names::POLICY_WEIGHT
                } else {
                    name
                };
                self.listing.tell(Kind::Edge, name, value);
            }
        }
        Ok(())
    }

    /// The node behind `--` or `->`.
    fn end(&mut self) -> Result<String> {
        if self.tokens.peek() == Ok(Token::Mark('{')) {
            return Err(self.edge_of_subgraph());
        }
        let name = self.name("a node")?;
        let is_keyword = name.eq_ignore_ascii_case("subgraph");
        match self.tokens.peek() {
            Ok(Token::Mark('{') | Token::Name(_)) if is_keyword => Err(self.edge_of_subgraph()),
            _ => Ok(name),
        }
    }

    fn name(&mut self, what: &str) -> Result<String> {
        match self.next()? {
            Token::Name(name) => Ok(name),
            token => Err(self.expected(what, &token)),
        }
    }

    /// `:port:n` behind a node.
    fn port(&mut self) -> Result<()> {
        while self.tokens.peek() == Ok(Token::Mark(':')) {
            self.next()?;
            self.name("a port")?;
        }
        Ok(())
    }

    /// The number of a node, which is new if it has not been named before.
    fn number(&mut self, id: String) -> Result<usize> {
        if let Some(number) = self.number_of.get(&id) {
            return Ok(*number);
        }
        let number = self.nodes.len();
        if number == crate::topology::ROUTERS_MAX {
            return Err(self.error(format!(
                "the file has more than {number} nodes, which do not fit in memory"
            )));
        }
        self.number_of.insert(id.clone(), number);
        self.nodes.push(Node {
            offset: self.tokens.at(),
            id,
            attributes: Vec::new(),
        });
        Ok(number)
    }

    /// All lists of attributes that follow.
    fn attributes(&mut self) -> Result<Attributes> {
        let mut attributes = Vec::new();
        while self.tokens.peek() == Ok(Token::Mark('[')) {
            self.next()?;
            loop {
                match self.next()? {
                    Token::Mark(']') => break,
                    Token::Mark(';' | ',') => {}
                    Token::Name(name) => {
                        let mark = self.next()?;
                        if mark != Token::Mark('=') {
                            return Err(self.expected("`=`", &mark));
                        }
                        attributes.push((name, self.name("a value")?));
                    }
                    token => return Err(self.expected("an attribute or `]`", &token)),
                }
            }
        }
        Ok(attributes)
    }

    /// Adds the nodes; by number if they are called 0, 1, 2, …
    fn add_nodes(&mut self) -> Result<()> {
        let mut nodes = std::mem::take(&mut self.nodes);
        let number = |node: &Node| {
            let number: Option<usize> = node.id.parse().ok();
            number.filter(|number| *number < self.number_of.len() && number.to_string() == node.id)
        };
        if nodes.iter().all(|node| number(node).is_some()) {
            nodes.sort_by_key(number);
        }
        for node in nodes {
            self.listing.add_node(node.offset, node.id)?;
            for (name, value) in node.attributes {
                match value.trim_end_matches('!').split_once(',') {
                    Some((x, y)) if name == "pos" => {
                        self.listing.tell(Kind::Node, names::X, x.trim());
                        self.listing.tell(Kind::Node, names::Y, y.trim());
                    }
                    // As a picture has it when a node is called by its own name.
                    _ if name == names::LABEL && value == "\\N" => {}
                    _ => self.listing.tell(Kind::Node, &name, value),
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn graphs_of_any_shape_are_read() {
        let text = "// made up\nstrict digraph \"a \\\"b\\\"\" {\n node [shape=box]; rankdir=LR\n\
             subgraph cluster_1 { 2 [label=\"Bonn\", pos=\"1.5,2!\"]; 0 }\n 0 -> 1 -> 2 [length=3]; 1:n -> 0 /* x */ }\n";
        let listing = list(text).unwrap();
        let ids: Vec<&str> = listing
            .nodes
            .iter()
            .map(|node| node.names[0].as_str())
            .collect();
        assert_eq!(ids, ["0", "1", "2"]);
        assert_eq!(listing.edges.len(), 3);
        assert_eq!(listing.of_graph(names::ID), Some("a \"b\""));
        let x = listing.columns.named(Kind::Node, "x").unwrap();
        assert_eq!(listing.nodes[2].data.own(x), Some("1.5"));
    }

    #[test]
    fn bad_files_are_refused_with_their_line() {
        let refused = [
            "graph {\n a -- b\n",
            "graph {\n a -- \n}",
            "graph {\n a [label=]\n}",
            "graph {\n a [label \"x\"]\n}",
            "graph {\n \"a\n}",
            "graph {\n {a b} -- c\n}",
            "graph {\n a -- {b c}\n}",
            "digraph {\n a -> b -> subgraph x { c }\n}",
            "graph { } graph { }",
            "tree { }",
        ]
        .map(|text| list(text).map(drop).unwrap_err().to_string());
        expect![[r#"
            3: the file ends where a node, an edge or `}` is expected
              help: the file is cut off: fetch it again
            3: a node is expected here
            2: a value is expected here
            2: `=` is expected here
            2: this text in quotes does not end
            2: an edge to or from a whole subgraph is not read
              help: write one edge for each pair of nodes: `a -- b; a -- c` in place of `a -- { b c }`
            2: an edge to or from a whole subgraph is not read
              help: write one edge for each pair of nodes: `a -- b; a -- c` in place of `a -- { b c }`
            2: an edge to or from a whole subgraph is not read
              help: write one edge for each pair of nodes: `a -> b; a -> c` in place of `a -> { b c }`
            1: the file has a second graph
              help: leave one graph in the file
            1: `graph` or `digraph` is expected here"#]].assert_eq(&refused.join("\n"));
    }
}
