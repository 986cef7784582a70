//! Graphs in files: the format by the file name's ending, and what to do with graphs that cannot
//! be used as they are.

use std::path::Path;

use super::components::Components;
use super::faults::{Faults, Remedy, listed};
use super::format::{Format, endings};
use super::graph::Graph;
use super::kinds::Kind;
use super::options::ReadOptions;
use super::reading::Reading;
use super::{alt, as_rel, brite, decoding, dot, edges, gml, graphbase, graphml, inet, json, king};
use super::{kinds, listing, matrix, rocketfuel, sndlib};
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
            | Remedy::FillGaps
            | Remedy::DefaultLatency => matches!(self, Self::Connected | Self::Look),
        }
    }
}

/// Reads the graph at `path`, which must be usable as it is: [`read_with`] with no options.
pub fn read(path: &Path) -> Result<Graph> {
    read_with(path, &ReadOptions::default())
}

/// Reads the connected graph at `path`, also packed (`.graphml.gz`), in the format that the options, the
/// file name's ending or its text tells.
///
/// Errors name the file, and the line or the routers.
pub fn read_with(path: &Path, options: &ReadOptions) -> Result<Graph> {
    load(path, options, Purpose::Routes).map(|reading| reading.graph)
}

/// Like [`read_with`], for a `purpose`, and with all that the file tells besides.
pub fn load(path: &Path, options: &ReadOptions, purpose: Purpose) -> Result<Reading> {
    // The options are judged before the file is read.
    options
        .check("", path)
        .map_err(|problem| of_option(problem).at(path.display()))?;
    let bytes = store::read(path)?;
    interpret(bytes, Some(path), options, purpose).map_err(|error| error.at(path.display()))
}

/// Like [`load`], of bytes that have no name: their beginning tells the format.
pub fn load_bytes(bytes: Vec<u8>, options: &ReadOptions, purpose: Purpose) -> Result<Reading> {
    interpret(bytes, None, options, purpose)
}

impl ReadOptions {
    /// Whether the options, whose object stands at `pointer`, can hold for the file at `path`, as far as its
    /// name tells.
    ///
    /// # Errors
    /// If one is out of its range, or not for files of the format that the options or the name tell.
    pub fn check(&self, pointer: &str, path: &Path) -> std::result::Result<(), Problem> {
        self.check_values(pointer)?;
        match self.format.or_else(|| Format::of(path)) {
            Some(format) => self.check_format(pointer, format),
            None => Ok(()),
        }
    }
}

/// The error of a problem with an option that no scenario has: it has no pointer.
fn of_option(problem: Problem) -> Error {
    let pointer = String::new();
    Problem { pointer, ..problem }.error()
}

/// The graph in the bytes of a file that is called `name`, if it has a name.
fn interpret(
    bytes: Vec<u8>,
    name: Option<&Path>,
    options: &ReadOptions,
    purpose: Purpose,
) -> Result<Reading> {
    let bytes = packing::unpacked(bytes)?;
    let by_name = name.and_then(Format::of);
    let format = options.format.or(by_name).or_else(|| of_text(&bytes));
    let Some(format) = format else {
        return Err(unread(&bytes));
    };
    let checked = options.check_values("");
    let checked = checked.and_then(|()| options.check_format("", format));
    checked.map_err(of_option)?;
    match read_as(format, &bytes, options) {
        Ok((reading, faults)) => usable(reading, faults, options, purpose),
        Err(error) => Err(misnamed(&bytes, format).unwrap_or_else(|| {
            error.or_help(|| {
                let what = format.what();
                format!("correct the file, or fetch it again; if it is not {what}, say what it is with --format")
            })
        })),
    }
}

/// What a file of this format tells.
fn read_as(format: Format, bytes: &[u8], options: &ReadOptions) -> Result<(Reading, Faults)> {
    let whole = |graph: Graph| (graph.into(), Faults::default());
    match format {
        Format::Gb => return graphbase::parse(bytes).map(whole),
        Format::Alt => return alt::parse(bytes).map(whole),
        Format::Graphml => return graphml::read(bytes, options),
        _ => {}
    }
    let text = &decoding::plain_text(bytes)?;
    if text.starts_with(kinds::MATRIX_MARKET) {
        // [`misnamed`] tells what to do.
        return Err(Error::new("the file is in MatrixMarket's format").at(1));
    }
    match format {
        Format::Matrix => return matrix::read(text, options),
        Format::King => return king::read(text, options),
        _ => {}
    }
    let listing = match format {
        Format::Gml => gml::list(text),
        Format::Json => json::list(text),
        Format::Brite => brite::list(text),
        Format::Inet => inet::list(text),
        Format::Cch => rocketfuel::map(text),
        Format::Rocketfuel => rocketfuel::links(text),
        Format::AsRel => as_rel::list(text),
        Format::Sndlib => sndlib::list(text),
        Format::Dot => dot::list(text),
        _ => edges::list(text),
    };
    listing::read(&listing?, options)
}

/// The format that the bytes themselves tell.
fn of_text(bytes: &[u8]) -> Option<Format> {
    match kinds::seems(bytes)?.kind {
        Kind::Graph(format) => Some(format),
        Kind::Xml | Kind::OtherFormat | Kind::NoGraph => None,
    }
}

/// Why bytes are not read whose format neither a name nor their beginning tells.
fn unread(bytes: &[u8]) -> Error {
    let names: Vec<&str> = Format::all().map(Format::name).collect();
    let names = names.join(", ");
    let known = format!("the formats that are read are {names}: choose one with --format");
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

/// What the bytes seem to be instead, if they are another thing than the file's name or an option tells.
fn misnamed(bytes: &[u8], format: Format) -> Option<Error> {
    let guess = kinds::seems(bytes)?;
    // What is XML of no certain kind may be a damaged file of the format: the reader tells more.
    let is_another = match guess.kind {
        // Of bad tables nobody can tell what they are: the reader tells more here as well.
        Kind::Graph(other) => other != format && !(other.is_table() && format.is_table()),
        Kind::Xml => false,
        Kind::OtherFormat | Kind::NoGraph => true,
    };
    is_another.then(|| {
        let what = format!("the file is {}, not {}", guess.what, format.what());
        let what = if guess.kind == Kind::NoGraph {
            format!("the file is {}", guess.what)
        } else {
            what
        };
        Error::new(what).help(guess.help)
    })
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

/// Writes `reading` to the file at `path` in the format that the file name's ending tells, packed if `.gz`
/// follows: the error for another ending lists those that there are.
///
/// What the format cannot hold of the graph is an error, and nothing is written. Data that the
/// graph has no place for are kept where the format has one.
pub fn save(path: &Path, reading: &Reading) -> Result<()> {
    let (ending, is_packed) = endings(path);
    let text = write_as(&ending, reading).map_err(|error| error.at(path.display()))?;
    if is_packed {
        store::replace(path, &packing::packed(text.as_bytes()))
    } else {
        store::replace(path, text.as_bytes())
    }
}

/// The endings of [`write_as`].
pub(crate) const ENDINGS: &str = ".graphml, .gml, .json, .csv, .tsv, .edges, .edgelist, .dot, .gv, .gb and .alt, and .csv, \
                                  .tsv and .matrix for matrices of latencies";

/// The text of `reading` in the format of files whose names end in `ending`, such as `graphml`. The error for another ending
/// lists all of them; lists of links and matrices of latencies share `csv` and `tsv`.
///
/// # Errors
/// If no such format is written, or it cannot hold the graph.
pub fn write_as(ending: &str, reading: &Reading) -> Result<String> {
    let Reading { graph, .. } = reading;
    if let Some(latencies) = &graph.latencies {
        let separator = match ending {
            "csv" => ',',
            "tsv" | "matrix" => '\t',
            _ => {
                let what = "a matrix of latencies has no links, and is written as a matrix alone";
                return Err(Error::new(what).help("end the file name in .tsv, .csv or .matrix"));
            }
        };
        return matrix::write(reading, latencies, separator);
    }
    match ending {
        "csv" => edges::write(reading, ','),
        "tsv" | "edges" | "edgelist" => edges::write(reading, '\t'),
        "gb" => graphbase::write(graph),
        "alt" => alt::write(graph),
        "graphml" => graphml::write_reading(reading),
        "gml" => gml::write(reading),
        "json" => json::write(reading),
        "dot" | "gv" => Ok(dot::write_reading(reading)),
        "matrix" => {
            let what = "the graph has links, and a matrix holds latencies of pairs";
            Err(Error::new(what).help("end the file name in .csv or .tsv to write a list of links"))
        }
        _ => {
            let what = "the file name's ending tells no graph format that can be written";
            Err(Error::new(what).help(format!("known endings are {ENDINGS}")))
        }
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
