//! The graph that a topology verb works on.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;

use super::stderr::print_stderr;
use super::waiting::Waiting;
use crate::error::{Error, Result};
use crate::parameters::number::{LatencyMs, Real as _};
use crate::topology::{Format, LengthUnit, Purpose, ReadOptions, Reading, load, load_bytes};

/// The maximum number of bytes that are read from stdin, as from files.
const STDIN_BYTES_MAX: u64 = 1 << 30;

/// A graph in a file, and what to do if it cannot be used as it is.
#[derive(Debug, Clone, Args)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub(super) struct Source {
    /// The graph: a file in one of the formats of --format, possibly compressed (.graphml.gz); `-` reads
    /// standard input.
    #[arg(value_name = "GRAPH")]
    pub(super) file: PathBuf,
    /// The format of the file. Default: the one that its text tells, or else its extension.
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    format: Option<Format>,
    /// Keep only the largest component of a graph that is not connected.
    #[arg(long)]
    largest_component: bool,
    /// The latency of links that have none and whose ends have no coordinates, and of pairs that a matrix
    /// leaves out.
    #[arg(long, value_name = "MS", value_parser = milliseconds, allow_negative_numbers = true)]
    default_latency: Option<LatencyMs>,
    /// Add a node's id to its label if another node has the same label.
    #[arg(long)]
    rename_duplicates: bool,
    /// The datum of edges that holds the lengths of links; `places`: none, latencies are computed from
    /// the coordinates of nodes. Default: the first with a common name, such as latency, delay, length,
    /// distance, weight.
    #[arg(long, value_name = "NAME")]
    length_from: Option<String>,
    /// The unit of these lengths, if the name does not include it; light in fibre takes 0.005 ms per
    /// kilometre.
    #[arg(long, value_name = "UNIT", value_parser = units())]
    length_unit: Option<LengthUnit>,
    /// The data of nodes that hold their coordinates in degrees. Default: those with common names, such
    /// as Longitude, lon, lng and Latitude, lat.
    #[arg(long, value_name = "LONGITUDE,LATITUDE", value_parser = two_names)]
    place_from: Option<TwoNames>,
    /// The latencies are round trips: use half of each.
    #[arg(long)]
    rtt: bool,
    /// Fill the gaps of a latency matrix: by the opposite direction, or else by the least sum of two
    /// latencies over a third router.
    #[arg(long)]
    fill_gaps: bool,
}

/// The names of two columns.
#[derive(Debug, Clone)]
struct TwoNames([String; 2]);

/// Reads two names that a comma joins.
fn two_names(text: &str) -> Result<TwoNames> {
    match text.split(',').collect::<Vec<_>>()[..] {
        [longitude, latitude] if !longitude.is_empty() && !latitude.is_empty() => {
            Ok(TwoNames([longitude.into(), latitude.into()]))
        }
        _ => Err(Error::new(
            "give two names joined by a comma, such as lon,lat",
        )),
    }
}

/// Reads the name of a format.
fn formats() -> impl clap::builder::TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::all().map(Format::name)).map(|name| {
        let format = Format::all().find(|format| format.name() == name);
        format.expect("only names of formats get this far")
    })
}

/// Reads the sign of a unit.
fn units() -> impl clap::builder::TypedValueParser<Value = LengthUnit> {
    let signs = LengthUnit::ALL.map(LengthUnit::sign);
    PossibleValuesParser::new(signs).map(|sign| {
        let mut units = LengthUnit::ALL.into_iter();
        let unit = units.find(|unit| unit.sign() == sign);
        unit.expect("only signs of units get this far")
    })
}

/// Reads a latency.
fn milliseconds(text: &str) -> Result<LatencyMs> {
    let read = text.parse().ok().and_then(LatencyMs::within);
    read.ok_or_else(|| {
        Error::new(format!(
            "give a number of milliseconds from {} to {}, such as 0.5",
            LatencyMs::MIN,
            LatencyMs::MAX
        ))
    })
}

impl Source {
    /// The graph, ready to be used for `purpose`; what should be known of it is said on stderr.
    pub(super) fn read(&self, purpose: Purpose) -> Result<Reading> {
        let options = ReadOptions {
            largest_component: self.largest_component,
            default_latency_ms: self.default_latency,
            rename_duplicates: self.rename_duplicates,
            length_from: self.length_from.clone(),
            length_unit: self.length_unit,
            place_from: self.place_from.clone().map(|TwoNames(names)| names),
            format: self.format,
            rtt: self.rtt,
            fill_gaps: self.fill_gaps,
        };
        let waiting = Waiting::start(format!("reading {}", self.name()));
        let reading = if self.is_stdin() {
            stdin().and_then(|bytes| {
                load_bytes(bytes, &options, purpose).map_err(|error| error.at("stdin"))
            })?
        } else {
            load(&self.file, &options, purpose)?
        };
        waiting.finish();
        for note in &reading.account.notes {
            print_stderr(format!("note: {}: {note}", self.name()));
        }
        Ok(reading)
    }

    /// Whether the graph comes on standard input.
    pub(super) fn is_stdin(&self) -> bool {
        self.file == Path::new("-")
    }

    /// What to call the graph in a message.
    pub(super) fn name(&self) -> String {
        if self.is_stdin() {
            "stdin".into()
        } else {
            self.file.display().to_string()
        }
    }

    /// The file's name without its endings, for what is made of the graph.
    pub(super) fn stem(&self) -> PathBuf {
        if self.is_stdin() {
            return "graph".into();
        }
        let stem = Path::new(self.file.file_stem().unwrap_or_default());
        match self.file.extension() {
            Some(ending) if ending.eq_ignore_ascii_case("gz") => {
                stem.file_stem().unwrap_or_default().into()
            }
            _ => stem.into(),
        }
    }
}

/// All of standard input.
fn stdin() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut input = std::io::stdin().lock().take(STDIN_BYTES_MAX + 1);
    input
        .read_to_end(&mut bytes)
        .map_err(|error| Error::new(format!("stdin cannot be read: {error}")))?;
    if bytes.len() as u64 > STDIN_BYTES_MAX {
        return Err(Error::new(
            "stdin holds more than 1 GiB, which no graph does",
        ));
    }
    Ok(bytes)
}
