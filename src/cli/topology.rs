//! `arigatoni topology`: look at underlays, convert them, measure them.

use std::path::PathBuf;

use clap::Subcommand;

use super::output::print;
use super::stderr::print_stderr;
use super::topology_distances::By;
use super::topology_info::How;
use super::topology_source::Source;
use super::waiting::Waiting;
use super::{targets, topology_distances, topology_fit, topology_generate, topology_info};
use crate::error::{Error, Result};
use crate::figures::{PRINT_SCALE, draw_topology};
use crate::store;
use crate::topology::{ENDINGS, Purpose, left_out, save};

/// What can be done with an underlay.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print a summary of a graph: counts, degrees, domains, diameters, clustering.
    ///
    /// Distances are over all pairs of routers, in the graph's own units. If nodes and edges have data with
    /// names, it lists these and how each was used.
    #[command(
        after_help = "Examples:\n  arigatoni topology info topologies/ts600-0.gb\n  \
                      zcat Cogentco.graphml.gz | arigatoni topology info - --no-distances"
    )]
    Info {
        #[command(flatten)]
        source: Source,
        #[command(flatten)]
        how: How,
    },
    /// Draw a graph as SVG or PNG.
    ///
    /// Transit routers are dark squares on a ring, domain by domain; each stub domain is a disc of
    /// light circles outside, beside its transit router. Routers of graphs without domains are drawn at
    /// their own coordinates, in degrees or on a plane (`x` and `y`), or on a ring if they have none.
    #[command(
        after_help = "Example:\n  arigatoni topology draw topologies/t100-0.gb -o t100-0.svg"
    )]
    Draw {
        #[command(flatten)]
        source: Source,
        /// The picture; its extension, .svg or .png, selects the format. Default: the graph's name with
        /// .svg, in the current folder.
        #[arg(short, long, value_name = "PICTURE")]
        output: Option<PathBuf>,
    },
    /// Write a graph in another format.
    ///
    /// The file extensions select the formats. GT-ITM's formats are written byte for byte as the
    /// original tool writes them. GraphML, GML, JSON and lists of links keep the ids of the input file and
    /// the data that the program does not use, where they have a place for them.
    #[command(
        after_help = "Examples:\n  arigatoni topology convert topologies/t100-0.gb t100-0.graphml\n  \
                      arigatoni topology convert Geant2012.graphml.gz geant.dot"
    )]
    Convert {
        #[command(flatten)]
        source: Source,
        #[arg(value_name = "OUT", help = format!("The file to write: {ENDINGS}; compressed if .gz follows"))]
        output: PathBuf,
    },
    /// Compute exact distances between routers.
    ///
    /// Reads lines `s,t` from standard input and prints them as CSV with the fewest links (hops), the
    /// least length (len), the least sum of policy weights (policy), and the least length among the
    /// routes of least policy weight (policy_len), all in the graph's own units. A router is given by
    /// its number from 0, its label, or its id in the file (`info --routers` lists them); `#7` always
    /// means the number 7.
    #[command(
        after_help = "Example:\n  echo 0,99 | arigatoni topology distances topologies/t100-0.gb\n  \
                      echo Nice,Pisa | arigatoni topology distances coast.graphml --by label"
    )]
    Distances {
        #[command(flatten)]
        source: Source,
        /// How routers are named. Default: in any of these ways.
        #[arg(long, value_enum)]
        by: Option<By>,
    },
    #[allow(missing_docs, reason = "the help text is that of the arguments")]
    Generate(topology_generate::Generate),
    #[allow(missing_docs, reason = "the help text is that of the arguments")]
    Fit(topology_fit::FitArguments),
}

/// Does what the command says.
pub(super) fn run(command: Command) -> Result<()> {
    match command {
        Command::Info { source, how } => topology_info::run(&source, &how),
        Command::Draw { source, output } => picture(&source, output),
        Command::Convert { source, output } => {
            targets::check([&output], [source.file.clone()])?;
            let reading = source.read(Purpose::Look)?;
            save(&output, &reading)?;
            if let Some(what) = left_out(&output, &reading) {
                print_stderr(format!("note: {}: {what}", output.display()));
            }
            Ok(())
        }
        Command::Distances { source, by } => topology_distances::run(&source, by),
        Command::Generate(arguments) => topology_generate::run(&arguments),
        Command::Fit(arguments) => topology_fit::run(&arguments),
    }
}

fn picture(source: &Source, output: Option<PathBuf>) -> Result<()> {
    let name = source.stem();
    let output = output.unwrap_or_else(|| {
        let mut file = name.clone().into_os_string();
        file.push(".svg");
        file.into()
    });
    let ending = output.extension().and_then(|ending| ending.to_str());
    let ending = ending.unwrap_or_default().to_ascii_lowercase();
    if !["svg", "png"].contains(&ending.as_str()) {
        return Err(
            Error::new("the file name of the picture does not say its format")
                .at(output.display())
                .help("end it in .svg or .png"),
        );
    }
    targets::check([&output], [source.file.clone()])?;
    let reading = source.read(Purpose::Look)?;
    if reading.graph.latencies.is_some() {
        let what = "a matrix of latencies has neither links nor places that could be drawn";
        return Err(Error::new(what)
            .at(source.name())
            .help("`topology info` sums it up"));
    }
    let waiting = Waiting::start(format!("drawing {}", source.name()));
    let canvas = draw_topology(&reading, &name.to_string_lossy());
    if ending == "svg" {
        store::replace(&output, canvas.svg().as_bytes())?;
    } else {
        store::replace(&output, &canvas.png(PRINT_SCALE))?;
    }
    waiting.finish();
    print(format!("{}\n", output.display()).as_bytes())
}
