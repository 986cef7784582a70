//! Graphs in files: the format by the file name's ending, and what to do with graphs that cannot
//! be used as they are.

use std::path::Path;

use super::components::Components;
use super::faults::{Faults, Remedy, listed};
use super::graph::Graph;
use super::kinds::Kind;
use super::options::ReadOptions;
use super::reading::Reading;
use super::{alt, dot, graphbase, graphml, kinds};
use crate::error::{Error, Result};
use crate::parameters::Problem;
use crate::{packing, store};

/// What a graph is wanted for: what is wrong with it and does not matter for that is told, and no
/// error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be simulated on: all must be in order.
    Routes,
    /// To be measured: every link has a length, and the graph is connected.
    Distances,
    /// To be searched: the graph is connected.
    Connected,
    /// To be looked at, or written again: anything will do.
    Look,
}

impl Purpose {
    /// Whether what `remedy` makes good can stay as it is.
    fn bears(self, remedy: Remedy) -> bool {
        match remedy {
            Remedy::RenameDuplicates => self != Self::Routes,
            Remedy::LargestComponent => self == Self::Look,
            Remedy::LengthUnit
            | Remedy::OtherLength
            | Remedy::OtherPlace
            | Remedy::LengthFrom
            | Remedy::DegreesFrom
            | Remedy::PlaceFrom
            | Remedy::SplitPlaces
            | Remedy::DefaultLatency => matches!(self, Self::Connected | Self::Look),
        }
    }
}

/// Reads the graph at `path`, which must be usable as it is: [`read_with`] with no options.
pub fn read(path: &Path) -> Result<Graph> {
    read_with(path, &ReadOptions::default())
}

/// Reads the connected graph at `path` in the format that the file name's ending tells: `.gb`,
/// `.alt` or `.graphml`, also packed (`.graphml.gz`).
///
/// Errors name the file, and the line or the routers.
pub fn read_with(path: &Path, options: &ReadOptions) -> Result<Graph> {
    load(path, options, Purpose::Routes).map(|reading| reading.graph)
}

/// Like [`read_with`], for a `purpose`, and with all that the file tells besides.
pub fn load(path: &Path, options: &ReadOptions, purpose: Purpose) -> Result<Reading> {
    // The options are judged before the file is read.
    let format = Format::of(path);
    options
        .check("", path)
        .map_err(|problem| of_option(problem).at(path.display()))?;
    let bytes = store::read(path)?;
    interpret(bytes, format, options, purpose).map_err(|error| error.at(path.display()))
}

/// Like [`load`], of bytes that have no name: their beginning tells the format.
pub fn load_bytes(bytes: Vec<u8>, options: &ReadOptions, purpose: Purpose) -> Result<Reading> {
    interpret(bytes, None, options, purpose)
}

/// The formats that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    GraphBase,
    Alt,
    GraphMl,
}

impl Format {
    /// That of the file name's ending.
    fn of(path: &Path) -> Option<Self> {
        match endings(path).0.as_str() {
            "gb" => Some(Self::GraphBase),
            "alt" => Some(Self::Alt),
            "graphml" => Some(Self::GraphMl),
            _ => None,
        }
    }

    /// That of the text's beginning.
    fn of_text(bytes: &[u8]) -> Option<Self> {
        match kinds::seems(bytes)?.kind {
            Kind::GraphBase => Some(Self::GraphBase),
            Kind::Alt => Some(Self::Alt),
            Kind::GraphMl => Some(Self::GraphMl),
            Kind::Xml | Kind::OtherFormat | Kind::NoGraph => None,
        }
    }
}

impl ReadOptions {
    /// Whether the options, whose object stands at `pointer`, can hold for the file at `path`, as far as its
    /// name tells.
    ///
    /// # Errors
    /// If one is out of its range, or for GraphML and the ending is that of another format.
    pub fn check(&self, pointer: &str, path: &Path) -> std::result::Result<(), Problem> {
        self.check_values(pointer)?;
        match Format::of(path) {
            Some(format) => self.check_format(pointer, format),
            None => Ok(()),
        }
    }

    fn check_format(&self, pointer: &str, format: Format) -> std::result::Result<(), Problem> {
        match format {
            Format::GraphBase => self.check_graphml(pointer, ".gb"),
            Format::Alt => self.check_graphml(pointer, ".alt"),
            Format::GraphMl => Ok(()),
        }
    }
}

/// The error of a problem with an option that no scenario has: it has no pointer.
fn of_option(problem: Problem) -> Error {
    let pointer = String::new();
    Problem { pointer, ..problem }.error()
}

/// The graph in the bytes of a file.
fn interpret(
    bytes: Vec<u8>,
    format: Option<Format>,
    options: &ReadOptions,
    purpose: Purpose,
) -> Result<Reading> {
    let bytes = packing::unpacked(bytes)?;
    let Some(format) = format.or_else(|| Format::of_text(&bytes)) else {
        return Err(unread(&bytes));
    };
    let checked = options.check_values("");
    let checked = checked.and_then(|()| options.check_format("", format));
    checked.map_err(of_option)?;
    let read = match format {
        Format::GraphBase => {
            graphbase::parse(&bytes).map(|graph| (graph.into(), Faults::default()))
        }
        Format::Alt => alt::parse(&bytes).map(|graph| (graph.into(), Faults::default())),
        Format::GraphMl => graphml::read(&bytes, options),
    };
    match read {
        Ok((reading, faults)) => usable(reading, faults, options, purpose),
        Err(error) => Err(misnamed(&bytes, format).unwrap_or(error)),
    }
}

/// Why bytes are not read whose format neither a name nor their beginning tells.
fn unread(bytes: &[u8]) -> Error {
    let known = "graphs are read from .gb, .alt and .graphml files";
    match kinds::seems(bytes) {
        None => Error::new(
            "neither the file name's ending nor its text tells a graph format that can be read",
        )
        .help(known),
        Some(guess) if guess.kind == Kind::NoGraph => {
            Error::new(format!("the file is {}", guess.what)).help(guess.help)
        }
        Some(guess) => Error::new(format!(
            "the file seems to be {}, which is not read",
            guess.what
        ))
        .help(format!("{}; {known}", guess.help)),
    }
}

/// What the bytes seem to be instead, if they are another thing than the file's name tells.
fn misnamed(bytes: &[u8], format: Format) -> Option<Error> {
    let guess = kinds::seems(bytes)?;
    // What is XML of no certain kind may be a damaged GraphML file: the reader tells more.
    let is_another = Format::of_text(bytes) != Some(format) && guess.kind != Kind::Xml;
    is_another.then(|| Error::new(format!("the file is {}", guess.what)).help(guess.help))
}

/// What came in the place of a text that is no graph (a spec, a scenario), if that can be seen: a page, a
/// pointer, an archive.
pub(crate) fn not_the_file(bytes: &[u8]) -> Option<Error> {
    let guess = kinds::seems(bytes)?;
    let is_none = guess.kind == Kind::NoGraph && !bytes.is_empty();
    is_none.then(|| {
        let what = guess.what.trim_end_matches(", not a graph");
        Error::new(format!("the file is {what}")).help(guess.help)
    })
}

/// Writes `reading` to the file at `path` in the format that the file name's ending tells: `.gb`,
/// `.alt`, `.graphml`, `.dot` or `.gv`, packed if `.gz` follows.
///
/// What the format cannot hold of the graph is an error, and nothing is written. Data that the
/// graph has no place for are kept in GraphML.
pub fn save(path: &Path, reading: &Reading) -> Result<()> {
    let (ending, is_packed) = endings(path);
    let Reading { graph, .. } = reading;
    let text = match ending.as_str() {
        "gb" => graphbase::write(graph),
        "alt" => alt::write(graph),
        "graphml" => graphml::write_reading(reading),
        "dot" | "gv" => Ok(dot::write_reading(reading)),
        _ => Err(
            Error::new("the file name's ending tells no graph format that can be written")
                .help("known endings are .gb, .alt, .graphml and .dot"),
        ),
    };
    let text = text.map_err(|error| error.at(path.display()))?;
    if is_packed {
        store::replace(path, &packing::packed(text.as_bytes()))
    } else {
        store::replace(path, text.as_bytes())
    }
}

/// The ending that tells the format, in small letters, and whether `.gz` follows it.
fn endings(path: &Path) -> (String, bool) {
    let ending = |path: &Path| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        ending.unwrap_or_default().to_ascii_lowercase()
    };
    match ending(path).as_str() {
        "gz" => (
            ending(Path::new(path.file_stem().unwrap_or_default())),
            true,
        ),
        plain => (plain.into(), false),
    }
}

/// The graph if nothing is wrong with it that the options do not make good and that the purpose
/// does not bear, or its largest part if they say so.
fn usable(
    reading: Reading,
    mut faults: Faults,
    options: &ReadOptions,
    purpose: Purpose,
) -> Result<Reading> {
    let parts = Components::of(&reading.graph);
    let whole = parts.sizes.len() <= 1;
    if !whole && !options.largest_component {
        let largest = parts.largest();
        let others = (0..)
            .zip(&parts.part_of)
            .filter(|(_, part)| **part != largest);
        let others: Vec<u32> = others.map(|(router, _)| router).collect();
        faults.add(
            format!(
                "the graph falls into {} parts; outside the largest, of {}, are {}",
                parts.sizes.len(),
                match parts.sizes[largest as usize] {
                    1 => "1 router".into(),
                    size => format!("{size} routers"),
                },
                listed(&others, &reading.graph.routers)
            ),
            Remedy::LargestComponent,
        );
    }
    let borne = faults.bear(|remedy| purpose.bears(remedy));
    faults.check()?;
    let mut reading = if whole || !options.largest_component {
        reading
    } else {
        reading.retain(&parts.in_largest())
    };
    reading.account.notes.extend(borne);
    Ok(reading)
}
