//! From a graph to the bytes that GT-ITM (the Stanford GraphBase's `save_graph`) writes for it.

use std::fmt::Write as _;

use super::checksum::{self, Checksum};
use super::{FLAT_TYPES, ID_CHARACTERS_MAX, INTEGER_MAX, TRANSIT_STUB_TYPES};
use crate::error::{Error, Result};
use crate::topology::{Graph, Origin, Router};

/// Vertex records beyond the routers' own.
const SPARE_VERTICES: usize = 4;

/// Arc records are allocated in blocks of this many.
const ARC_BLOCK: usize = 102;

/// A line holds this many characters, or one more if the last is a comma or a backslash.
const LINE_CHARACTERS: usize = 78;

/// The `.gb` file of the graph, byte for byte as the original tool would write it.
///
/// Only what GT-ITM can make fits: a transit-stub or flat graph with integer positions and
/// lengths and labels of plain ASCII. Anything else is an error that says what does not fit.
pub fn write(graph: &Graph) -> Result<String> {
    let (types, numbers) = numbers_of(graph.origin)?;
    let arcs = arcs_of(graph)?;
    let records = ARC_BLOCK * arcs.records.len().div_ceil(ARC_BLOCK);
    let mut out = Writer::default();
    out.graph_record(graph, &numbers)?;
    out.title("* Vertices\n");
    for (router, first) in graph.routers.iter().zip(&arcs.first) {
        let label = quoted(&router.label)?;
        let [x, y] = integer_position(router)?;
        out.record(&[label, reference('A', *first), x.to_string(), y.to_string()]);
    }
    for _ in 0..SPARE_VERTICES {
        out.record(&["\"\"", "0", "0", "0"].map(String::from));
    }
    out.title("* Arcs\n");
    for arc in &arcs.records {
        let (length, weight) = (arc.length.to_string(), arc.weight.to_string());
        out.record(&[
            reference('V', Some(arc.tip)),
            reference('A', arc.next),
            length,
            weight,
        ]);
    }
    for _ in arcs.records.len()..records {
        out.record(&["0", "0", "0", "0"].map(String::from));
    }
    Ok(format!(
        "* GraphBase graph (util_types {types},{}V,{records}A)\n{}* Checksum {}\n",
        graph.routers.len() + SPARE_VERTICES,
        out.text,
        out.checksum.value()
    ))
}

/// The utility types and the graph's utility fields.
pub(in crate::topology) fn numbers_of(origin: Origin) -> Result<(&'static str, Vec<i64>)> {
    match origin {
        Origin::TransitStub {
            scale,
            transit_diameter,
            stub_diameter,
            top_diameter,
        } => Ok((
            TRANSIT_STUB_TYPES,
            vec![scale, transit_diameter, stub_diameter, top_diameter],
        )),
        Origin::Flat { scale } => Ok((FLAT_TYPES, vec![scale])),
        Origin::Other => Err(Error::new(
            "only graphs made by GT-ITM's methods can be written in GT-ITM's formats",
        )
        .help("write .graphml or .dot instead")),
    }
}

/// `id` as far as GT-ITM's files show it.
pub(in crate::topology) fn shown_id(graph: &Graph) -> Result<&str> {
    if let Some(character) = graph.id.chars().find(|c| !checksum::is_plain(*c)) {
        return Err(unfit_text("identification", &graph.id, character));
    }
    Ok(&graph.id[..graph.id.len().min(ID_CHARACTERS_MAX)])
}

/// The router's position, which must be on GT-ITM's grid.
pub(in crate::topology) fn integer_position(router: &Router) -> Result<[i64; 2]> {
    let unfit = |what: String| {
        Error::new(format!(
            "router {} {what}, but GT-ITM's formats hold only integer positions",
            router.label
        ))
        .help("write .graphml instead")
    };
    let [x, y] = router
        .position
        .ok_or_else(|| unfit("has no position".into()))?;
    let integers = integer(x).zip(integer(y)).map(|(x, y)| [x, y]);
    integers.ok_or_else(|| unfit(format!("is at ({x}, {y})")))
}

/// A link's length, which must be an integer.
pub(in crate::topology) fn integer_length(length: f64) -> Result<i64> {
    integer(length)
        .filter(|length| *length >= 0)
        .ok_or_else(|| {
            Error::new(format!(
                "a link has the length {length}, but GT-ITM's formats hold only integers from 0"
            ))
            .help("write .graphml or .dot instead")
        })
}

fn integer(number: f64) -> Option<i64> {
    (number.abs() <= INTEGER_MAX as f64 && number.fract() == 0.0).then_some(number as i64)
}

fn unfit_text(what: &str, text: &str, character: char) -> Error {
    Error::new(format!(
        "the {what} `{text}` holds {character:?}, which a GraphBase file cannot hold"
    ))
    .help("write .graphml or .dot instead")
}

fn quoted(label: &str) -> Result<String> {
    match label.chars().find(|c| !checksum::is_plain(*c)) {
        Some(character) => Err(unfit_text("label", label, character)),
        None => Ok(format!("\"{label}\"")),
    }
}

fn reference(letter: char, number: Option<usize>) -> String {
    number.map_or_else(|| "0".into(), |number| format!("{letter}{number}"))
}

struct Arc {
    tip: usize,
    next: Option<usize>,
    length: i64,
    weight: u32,
}

struct Arcs {
    /// The first arc of each router's list.
    first: Vec<Option<usize>>,
    records: Vec<Arc>,
}

/// Arcs 2k and 2k + 1 for link k: the even one leaves the lower end. Lists are newest first.
fn arcs_of(graph: &Graph) -> Result<Arcs> {
    let mut first = vec![None; graph.routers.len()];
    let mut records = Vec::with_capacity(2 * graph.links.len());
    for link in &graph.links {
        let [a, b] = link.ends.map(super::super::graph::RouterId::index);
        let (lower, higher) = (a.min(b), a.max(b));
        let (even, odd) = (records.len(), records.len() + 1);
        let length = integer_length(link.length)?;
        let next_of_odd = first[higher].replace(odd);
        // Of a loop's arcs the even one comes to lie before the odd one in the same list.
        let next_of_even = first[lower].replace(even);
        let weight = link.weight;
        records.push(Arc {
            tip: higher,
            next: next_of_even,
            length,
            weight,
        });
        records.push(Arc {
            tip: lower,
            next: next_of_odd,
            length,
            weight,
        });
    }
    Ok(Arcs { first, records })
}

/// Text with the GraphBase's line breaks and checksum.
#[derive(Default)]
struct Writer {
    text: String,
    checksum: Checksum,
    /// Where the current line begins in `text`.
    line_start: usize,
}

impl Writer {
    fn graph_record(&mut self, graph: &Graph, numbers: &[i64]) -> Result<()> {
        let mut items = vec![
            format!("\"{}\"", shown_id(graph)?),
            graph.routers.len().to_string(),
            (2 * graph.links.len()).to_string(),
        ];
        items.extend(numbers.iter().map(i64::to_string));
        self.record(&items);
        Ok(())
    }

    /// A line that the checksum leaves out.
    fn title(&mut self, title: &str) {
        self.text.push_str(title);
        self.line_start = self.text.len();
    }

    fn record(&mut self, items: &[String]) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            self.item(item);
        }
        self.end_line();
    }

    fn item(&mut self, item: &str) {
        let used = self.used();
        if used + item.len() <= LINE_CHARACTERS {
            self.text.push_str(item);
        } else if item.len() <= LINE_CHARACTERS {
            self.end_line();
            self.text.push_str(item);
        } else {
            self.long_item(item);
        }
    }

    /// An item of more than a line, all ASCII: only the graph's identification can be longer than a line.
    fn long_item(&mut self, mut item: &str) {
        if self.used() >= LINE_CHARACTERS {
            self.end_line();
        }
        while item.len() > LINE_CHARACTERS {
            let (head, tail) = item.split_at(LINE_CHARACTERS - self.used());
            // Writing to a string cannot fail.
            let _ = write!(self.text, "{head}\\");
            self.end_line();
            item = tail;
        }
        self.text.push_str(item);
    }

    fn used(&self) -> usize {
        self.text.len() - self.line_start
    }

    fn end_line(&mut self) {
        let line = &self.text.as_bytes()[self.line_start..];
        // Readers, the original's too, take such a line for a title, and leave it out. It is the
        // rest of a long identification that is broken before an asterisk, as GT-ITM writes none.
        if !line.starts_with(b"*") {
            self.checksum.add_line(line);
        }
        self.text.push('\n');
        self.line_start = self.text.len();
    }
}
