//! `arigatoni topology generate`: graphs out of GT-ITM's spec files.
//!
//! This verb does *not* know how graphs are drawn, nor the formats in which they are written.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::output::print;
use super::stderr::print_stderr;
use super::waiting::Waiting;
use crate::error::{Error, Result};
use crate::store;
use crate::topology::gtitm::{Placement, PlacementRandom, Spec, Variant};
use crate::topology::not_the_file;
use crate::topology::{Graph, alt, graphbase};

/// Generate the graphs of a GT-ITM spec file, byte for byte as the original tool does.
///
/// Writes NAME-0.gb, NAME-0.alt, NAME-1.gb, … where NAME is the spec file's name without its
/// ending. Nothing is written unless every graph can be generated.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  arigatoni topology generate topologies/t100-0.spec -o graphs")]
pub(super) struct Generate {
    /// The spec files (methods `ts` and `geo`), handled in order like one run of the original: the
    /// generator that places stub domains keeps its state from file to file.
    #[arg(value_name = "SPEC", required = true)]
    specs: Vec<PathBuf>,
    /// The folder for the graphs; it is created if it does not exist.
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    output: PathBuf,
    /// Whose random() places the stub domains.
    #[arg(long, value_enum, default_value_t = PlacementName::Glibc)]
    placement: PlacementName,
    /// Generate the graphs that the documentation of the original describes, without the defects of its
    /// program.
    #[arg(long)]
    documented: bool,
}

/// The C libraries whose `random()` is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PlacementName {
    /// That of the GNU C library, as on current Linux systems.
    Glibc,
    /// That of 4.3BSD and SunOS, with which the samples of the original were made.
    Bsd,
}

/// Graphs are kept between being checked and being written while all of them together have fewer
/// routers and links than this; else they are generated a second time.
const KEPT_MAX: usize = 2_000_000;

/// Generates and writes all graphs.
pub(super) fn run(arguments: &Generate) -> Result<()> {
    let specs = arguments
        .specs
        .iter()
        .map(|path| {
            let bytes = store::read(path)?;
            let spec = Spec::parse(&bytes);
            spec.map_err(|error| not_the_file(&bytes).unwrap_or(error).at(path.display()))
        })
        .collect::<Result<Vec<_>>>()?;
    let names = names(&arguments.specs)?;
    let mut kept = Some(Vec::new());
    let mut size = 0;
    arguments.each_graph(&specs, false, |file, number, graph| {
        size += graph.routers.len() + graph.links.len();
        if size > KEPT_MAX {
            kept = None;
        } else if let Some(kept) = &mut kept {
            kept.push((file, number, graph));
        }
        Ok(())
    })?;
    store::make_folder(&arguments.output)?;
    let write = |file: usize, number, graph| write(&arguments.output, &names[file], number, &graph);
    match kept {
        Some(kept) => kept
            .into_iter()
            .try_for_each(|(file, number, graph)| write(file, number, graph))?,
        None => arguments.each_graph(&specs, true, write)?,
    }
    for (path, spec) in arguments.specs.iter().zip(&specs) {
        for note in notes(spec) {
            print_stderr(format!("note: {}: {note}", path.display()));
        }
    }
    Ok(())
}

/// What a spec file asks for and does not get, or gets otherwise.
fn notes(spec: &Spec) -> Vec<String> {
    let mut notes = Vec::new();
    if spec.count == 0 {
        notes.push("the spec asks for 0 graphs, so none was written".into());
    }
    if let Some(line) = spec.left_out {
        notes.push(format!(
            "line {line} and the following ones are not read: a spec file has one record (as in \
            the original)"
        ));
    }
    if spec.seed > i64::from(i32::MAX) {
        notes.push(format!(
            "the seed {} counts as {}: the generator keeps 31 bits",
            spec.seed,
            spec.seed & i64::from(i32::MAX)
        ));
    }
    notes
}

impl Generate {
    /// Generates the graphs of all specs and hands each over with its spec's index and its number, while
    /// nothing else is told if `act_prints`.
    fn each_graph(
        &self,
        specs: &[Spec],
        act_prints: bool,
        mut act: impl FnMut(usize, u64, Graph) -> Result<()>,
    ) -> Result<()> {
        let variant = if self.documented {
            Variant::Documented
        } else {
            Variant::Exact
        };
        let mut random = PlacementRandom::new(match self.placement {
            PlacementName::Glibc => Placement::Glibc,
            PlacementName::Bsd => Placement::Bsd,
        });
        for (file, (path, spec)) in self.specs.iter().zip(specs).enumerate() {
            let mut graphs = spec.graphs(variant, &mut random);
            let (name, watch) = (path.display().to_string(), graphs.watch());
            let wait = || {
                let (name, watch) = (name.clone(), Arc::clone(&watch));
                Waiting::telling(move || format!("generating {name}: {}", watch.now()))
            };
            let mut waiting = Some(wait());
            for number in 0.. {
                let Some(graph) = graphs.next() else { break };
                if act_prints {
                    waiting = None;
                }
                act(
                    file,
                    number,
                    graph.map_err(|error| error.at(path.display()))?,
                )?;
                waiting = waiting.or_else(|| Some(wait()));
            }
        }
        Ok(())
    }
}

/// The specs' names without their endings; an error if two of them are the same.
fn names(specs: &[PathBuf]) -> Result<Vec<OsString>> {
    let mut seen = BTreeSet::new();
    specs
        .iter()
        .map(|path| {
            let name = path.file_stem().unwrap_or_default().to_os_string();
            if seen.insert(name.clone()) {
                return Ok(name);
            }
            Err(Error::new(format!(
                "another spec file is also called `{}`, so their graphs would be written to the \
                same files",
                name.display()
            ))
            .at(path.display())
            .help("rename one of them, or generate them one after another into two folders"))
        })
        .collect()
}

fn write(folder: &Path, name: &OsString, number: u64, graph: &Graph) -> Result<()> {
    let path = |ending: &str| {
        let mut file = name.clone();
        file.push(format!("-{number}.{ending}"));
        folder.join(file)
    };
    store::replace(&path("gb"), graphbase::write(graph)?.as_bytes())?;
    store::replace(&path("alt"), alt::write(graph)?.as_bytes())?;
    let line = format!(
        "{}: {} routers, {} links\n",
        path("gb").display(),
        graph.routers.len(),
        graph.links.len()
    );
    print(line.as_bytes())
}
