//! From the bytes of a GraphBase file to its records, line by line.
//!
//! As strict as the original reader: titles must be exact, a record ends with its line, one line
//! break is allowed after a comma, a string is broken by a backslash at the line's end, blanks at
//! a line's end do not count, the checksum must be right unless it is negative, and what follows
//! it is ignored. Whether the records make a graph is decided in [`super::assemble`].

use std::fmt::Display;

use super::assemble::{Arc, Records, Vertex, assemble};
use super::checksum::{self, Checksum};
use super::{FLAT_TYPES, INTEGER_MAX, TRANSIT_STUB_TYPES};
use crate::error::{Error, Result};
use crate::topology::graph::check_size;
use crate::topology::{Graph, Origin};

const CUT_OFF: &str = "the file is cut off: fetch or generate it again";

/// The longest line that the original writes or reads, without its line feed.
const LINE_BYTES_MAX: usize = 79;

/// Records of vertices or arcs that are announced, but belong to no graph; the original leaves 4
/// vertices and less than 102 arcs.
const RECORDS_SPARE: u32 = 102;

/// Reads a GraphBase file of one of the two shapes that GT-ITM writes.
///
/// The links of the result are in order of creation, as far as the file tells it: writing the
/// graph again gives the same bytes for every file of the original tool. Errors name the line.
pub fn parse(bytes: &[u8]) -> Result<Graph> {
    let mut lines = Lines::new(bytes)?;
    let header = Header::parse(&mut lines)?;
    let mut records = header.graph_record(&mut lines)?;
    lines.title("* Vertices")?;
    // The counts are not to be trusted with memory: it is taken as the records come.
    for number in 0..header.vertices {
        lines.check_no_title("vertex", number, header.vertices)?;
        records.vertices.push(header.vertex_record(&mut lines)?);
    }
    lines.title("* Arcs")?;
    for number in 0..header.arcs {
        lines.check_no_title("arc", number, header.arcs)?;
        records.arcs.push(header.arc_record(&mut lines)?);
    }
    lines.checksum_line()?;
    assemble(records)
}

/// What the first line says.
struct Header {
    transit_stub: bool,
    vertices: u32,
    arcs: u32,
}

impl Header {
    fn parse(lines: &mut Lines<'_>) -> Result<Self> {
        let not_graphbase = || {
            Error::new("this is not a GraphBase file: its first line is another")
                .at(1)
                .help(
                    "a GraphBase file begins with \
                     `* GraphBase graph (util_types ZZZIIZIZIZZIII,104V,408A)`, the letters and \
                     the counts being its own",
                )
        };
        let (types, vertices, arcs) = std::str::from_utf8(lines.line)
            .ok()
            .and_then(|line| line.strip_prefix("* GraphBase graph (util_types "))
            .and_then(|line| line.strip_suffix("A)"))
            .and_then(|line| line.split_once(','))
            .and_then(|(types, counts)| {
                let (vertices, arcs) = counts.split_once("V,")?;
                Some((types, count(vertices)?, count(arcs)?))
            })
            .ok_or_else(not_graphbase)?;
        if types.len() != 14 || !types.bytes().all(|letter| b"ZIVAS".contains(&letter)) {
            return Err(Error::new(format!(
                "`{types}` are not the types of the 14 utility fields"
            ))
            .at(1)
            .help("14 letters are needed, each Z, I, V, A or S"));
        }
        if types != TRANSIT_STUB_TYPES && types != FLAT_TYPES {
            return Err(Error::new(format!(
                "the GraphBase graph has utility fields `{types}`, which GT-ITM never writes"
            ))
            .at(1)
            .help(format!(
                "GT-ITM writes `{TRANSIT_STUB_TYPES}` (method ts) or `{FLAT_TYPES}` (geo, hier)"
            )));
        }
        // Some records are spare: up to a block of each kind.
        let [routers, arcs_used] =
            [vertices, arcs].map(|count| count.saturating_sub(RECORDS_SPARE));
        check_size(routers.into(), u64::from(arcs_used) / 2).map_err(|error| error.at(1))?;
        lines.advance("the graph's own record")?;
        Ok(Self {
            transit_stub: types == TRANSIT_STUB_TYPES,
            vertices,
            arcs,
        })
    }

    fn graph_record(&self, lines: &mut Lines<'_>) -> Result<Records> {
        let line = lines.number;
        let id = lines.string()?;
        let routers = lines.next_integer("the number of vertices")?;
        let arcs_listed = lines.next_integer("the number of arcs")?;
        let scale = lines.next_integer("the scale (field uu)")?;
        let origin = if self.transit_stub {
            Origin::TransitStub {
                scale,
                transit_diameter: lines.next_integer("the transit diameter (field xx)")?,
                stub_diameter: lines.next_integer("the stub diameter (field yy)")?,
                top_diameter: lines.next_integer("the top diameter (field zz)")?,
            }
        } else {
            Origin::Flat { scale }
        };
        lines.end_record("the title `* Vertices`")?;
        Ok(Records {
            line,
            id,
            routers,
            arcs_listed,
            origin,
            vertices: Vec::new(),
            arcs: Vec::new(),
        })
    }

    fn vertex_record(&self, lines: &mut Lines<'_>) -> Result<Vertex> {
        let line = lines.number;
        let label = lines.string()?;
        let first = lines.next_reference(b'A', self.arcs, "the vertex's first arc")?;
        let x = lines.next_integer("the x coordinate")?;
        let y = lines.next_integer("the y coordinate")?;
        lines.end_record("the next vertex or the title `* Arcs`")?;
        Ok(Vertex {
            line,
            label,
            first,
            position: [x as f64, y as f64],
        })
    }

    fn arc_record(&self, lines: &mut Lines<'_>) -> Result<Arc> {
        let line = lines.number;
        let tip = lines.reference(b'V', self.vertices, "the arc's tip")?;
        let next = lines.next_reference(b'A', self.arcs, "the next arc of the list")?;
        let length = lines.next_integer("the arc's length")?;
        let weight = lines.next_integer("the arc's policy weight (field a)")?;
        lines.end_record("the next arc or the checksum")?;
        Ok(Arc {
            line,
            tip,
            next,
            length,
            weight,
        })
    }
}

/// A decimal number without sign.
fn count(text: &str) -> Option<u32> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// The lines of a file and the place in the current one.
struct Lines<'a> {
    rest: &'a [u8],
    /// The current line, without blanks at its end.
    line: &'a [u8],
    /// Its number, from 1.
    number: usize,
    /// How much of it has been read.
    column: usize,
    checksum: Checksum,
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self> {
        let mut lines = Self {
            rest: bytes,
            line: &[],
            number: 0,
            column: 0,
            checksum: Checksum::default(),
        };
        lines.advance("its first line")?;
        Ok(lines)
    }

    /// Goes to the next line, which should hold what is `expected`.
    fn advance(&mut self, expected: &str) -> Result<()> {
        if self.rest.is_empty() {
            let number = self.number.max(1);
            return Err(Error::new(format!("the file ends before {expected}"))
                .at(number)
                .help(CUT_OFF));
        }
        let end = self.rest.iter().position(|&byte| byte == b'\n');
        let (line, rest) = match end {
            Some(end) => (&self.rest[..end], &self.rest[end + 1..]),
            None => (self.rest, &[][..]),
        };
        // A file that was on Windows may have its lines end in CRLF.
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let length = line.iter().rposition(|&byte| byte != b' ');
        self.line = &line[..length.map_or(0, |last| last + 1)];
        self.rest = rest;
        self.number += 1;
        self.column = 0;
        if self.line.len() > LINE_BYTES_MAX {
            return Err(self.error("a line of a GraphBase file has at most 79 characters"));
        }
        if self.line.first() != Some(&b'*') {
            self.checksum.add_line(self.line);
        }
        Ok(())
    }

    /// An error at the current line.
    fn error(&self, what: impl Into<String>) -> Error {
        Error::new(what).at(self.number)
    }

    /// An error that shows what stands in the place of what is `expected`.
    fn unexpected(&self, expected: impl Display) -> Error {
        let found = match self.line.get(self.column) {
            None if self.rest.is_empty() => "the end of the file".into(),
            None => "the end of the line".into(),
            Some(b'\r') => "a carriage return".into(),
            Some(b'\t') => "a tabulator".into(),
            Some(b' ') => "a blank".into(),
            Some(byte) => format!("`{}`", byte.escape_ascii()),
        };
        let error = self.error(format!(
            "{expected} is expected at column {}, but there is {found}",
            self.column + 1
        ));
        if self.rest.is_empty() {
            error.help(CUT_OFF)
        } else {
            error
        }
    }

    fn peek(&self) -> Option<u8> {
        self.line.get(self.column).copied()
    }

    /// The end of a record, and on to the next line, which should hold what is `expected`.
    fn end_record(&mut self, expected: &str) -> Result<()> {
        if self.peek().is_some() {
            return Err(self.unexpected("the end of the record"));
        }
        self.advance(expected)
    }

    fn title(&mut self, title: &str) -> Result<()> {
        if self.line != title.as_bytes() {
            return Err(self.error(format!("the title `{title}` is expected here")));
        }
        self.advance("the records under a title")
    }

    /// The next of `count` records is here, not the title that follows the last one.
    fn check_no_title(&self, what: &str, number: u32, count: u32) -> Result<()> {
        if self.peek() == Some(b'*') {
            return Err(self.error(format!(
                "the first line announces {count} {what} records, but there are only {number}"
            )));
        }
        Ok(())
    }

    /// The comma between two fields; the line may be broken after it.
    fn comma(&mut self, expected: &str) -> Result<()> {
        if self.peek() != Some(b',') {
            return Err(self.unexpected(format_args!("a comma before {expected}")));
        }
        self.column += 1;
        if self.peek().is_none() {
            self.advance(expected)?;
        }
        Ok(())
    }

    /// The digits here, as a number of at most ± 2⁵³.
    fn digits(&mut self, what: &str) -> Result<i64> {
        let start = self.column;
        let mut number: i64 = 0;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            number = 10 * number + i64::from(digit - b'0');
            if number > INTEGER_MAX {
                return Err(self.error(format!("{what} is larger than 2^53")));
            }
            self.column += 1;
        }
        if self.column == start {
            return Err(self.unexpected(what));
        }
        Ok(number)
    }

    fn next_integer(&mut self, what: &str) -> Result<i64> {
        self.comma(what)?;
        let negative = self.peek() == Some(b'-');
        self.column += usize::from(negative);
        let number = self.digits(what)?;
        Ok(if negative { -number } else { number })
    }

    /// A reference to one of `count` records (`letter` and its number), or `0` for none.
    fn reference(&mut self, letter: u8, count: u32, what: &str) -> Result<Option<u32>> {
        match self.peek() {
            Some(b'0') => {
                self.column += 1;
                Ok(None)
            }
            Some(found) if found == letter => {
                self.column += 1;
                let number = self.digits(what)?;
                if number >= i64::from(count) {
                    let letter = char::from(letter);
                    return Err(self.error(format!(
                        "{what} is {letter}{number}, but there are only {count} such records"
                    )));
                }
                Ok(Some(number as u32))
            }
            _ => Err(self.unexpected(format_args!(
                "{what} (`{}` and a number, or `0`)",
                char::from(letter)
            ))),
        }
    }

    fn next_reference(&mut self, letter: u8, count: u32, what: &str) -> Result<Option<u32>> {
        self.comma(what)?;
        self.reference(letter, count, what)
    }

    fn string(&mut self) -> Result<String> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a string in quotes"));
        }
        self.column += 1;
        let mut text = String::new();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.column += 1;
                    return Ok(text);
                }
                Some(b'\\') if self.column + 1 == self.line.len() => {
                    self.advance("the end of a string")?;
                }
                Some(byte) if checksum::is_plain(char::from(byte)) => {
                    text.push(char::from(byte));
                    self.column += 1;
                }
                _ => return Err(self.unexpected("a character of the string or its closing quote")),
            }
        }
    }

    /// The line `* Checksum N`, where a negative N means that nobody computed it.
    fn checksum_line(&mut self) -> Result<()> {
        let text = self.line.strip_prefix(b"* Checksum ");
        let stated: Option<i64> =
            text.and_then(|text| std::str::from_utf8(text).ok()?.parse().ok());
        let Some(stated) = stated else {
            return Err(self.error("the line `* Checksum` with a number is expected here"));
        };
        let actual = i64::from(self.checksum.value());
        if stated >= 0 && stated != actual {
            return Err(self
                .error(format!(
                    "the checksum is {actual}, but the file says {stated}: it is damaged or was \
                     edited"
                ))
                .help(
                    "fetch or generate the file again; if you edited it on purpose, write \
                     `* Checksum -1`, which is not checked",
                ));
        }
        Ok(())
    }
}
