//! `arigatoni topology`: look at underlays, convert them, measure them.

use std::fmt::Write as _;
use std::io::{BufRead, BufWriter, ErrorKind, Write};
use std::path::PathBuf;

use clap::Subcommand;

use super::output::print;
use super::topology_source::Source;
use super::{targets, topology_fit, topology_generate};
use crate::error::{Error, Result};
use crate::figures::canvas::PRINT_SCALE;
use crate::figures::topology::draw;
use crate::store;
use crate::topology::statistics::{Distance, Domains, Spread};
use crate::topology::{Distances, Graph, RouterId, Statistics, save};

/// What can be done with an underlay.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print what sums up a graph: counts, degrees, domains, diameters, clustering.
    ///
    /// Distances are over all pairs of routers, in the graph's own units.
    #[command(after_help = "Example:\n  arigatoni topology info topologies/ts600-0.gb")]
    Info {
        #[command(flatten)]
        source: Source,
        /// Print one JSON object instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Draw a graph as SVG or PNG.
    ///
    /// Transit routers are dark squares on a ring, domain by domain; each stub domain is a disc of
    /// light circles outside, beside its transit router. Graphs without domains are drawn at the
    /// routers' own positions.
    #[command(
        after_help = "Example:\n  arigatoni topology draw topologies/t100-0.gb -o t100-0.svg"
    )]
    Draw {
        #[command(flatten)]
        source: Source,
        /// The picture; its ending, .svg or .png, chooses the format. Default: the graph's name,
        /// ending in .svg, in the current folder.
        #[arg(short, long, value_name = "PICTURE")]
        output: Option<PathBuf>,
    },
    /// Write a graph in another format.
    ///
    /// The files' endings choose the formats. GT-ITM's formats are written byte for byte as the
    /// original tool would write them.
    #[command(
        after_help = "Examples:\n  arigatoni topology convert topologies/t100-0.gb t100-0.graphml\n  \
                      arigatoni topology convert Geant2012.graphml geant.dot --default-latency 5"
    )]
    Convert {
        #[command(flatten)]
        source: Source,
        /// The file to write: .gb, .alt, .graphml or .dot.
        #[arg(value_name = "OUT")]
        output: PathBuf,
    },
    /// Answer how far routers are from each other, exactly.
    ///
    /// Reads lines `s,t` (router numbers from 0) from standard input and prints them as CSV with
    /// the fewest links (hops), the least length (len), the least sum of policy weights (policy),
    /// and the least length among the routes of least policy weight (policy_len), all in the
    /// graph's own units.
    #[command(
        after_help = "Example:\n  echo 0,99 | arigatoni topology distances topologies/t100-0.gb"
    )]
    Distances {
        #[command(flatten)]
        source: Source,
    },
    #[allow(missing_docs, reason = "the help text is that of the arguments")]
    Generate(topology_generate::Generate),
    #[allow(missing_docs, reason = "the help text is that of the arguments")]
    Fit(topology_fit::FitArguments),
}

/// Does what the command says.
pub(super) fn run(command: Command) -> Result<()> {
    match command {
        Command::Info { source, json } => info(&source, json),
        Command::Draw { source, output } => picture(&source, output),
        Command::Convert { source, output } => {
            targets::check([&output], [source.file.clone()])?;
            save(&output, &source.read()?)
        }
        Command::Distances { source } => {
            let graph = source.read()?;
            let index = Distances::new(&graph).map_err(|error| error.at(source.file.display()))?;
            let stdin = std::io::stdin().lock();
            let stdout = BufWriter::new(std::io::stdout().lock());
            distances(&graph, &index, stdin, stdout)
        }
        Command::Generate(arguments) => topology_generate::run(&arguments),
        Command::Fit(arguments) => topology_fit::run(&arguments),
    }
}

/// Whether the output still takes text, if writing it failed for no other reason.
fn unless_closed(written: std::io::Result<()>) -> Result<bool> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Error::new(format!("stdout cannot be written: {error}"))),
    }
}

fn info(source: &Source, json: bool) -> Result<()> {
    let graph = source.read()?;
    let statistics = Statistics::of(&graph).map_err(|error| error.at(source.file.display()))?;
    if json {
        let object = serde_json::to_string_pretty(&statistics)
            .map_err(|error| Error::new(format!("the numbers cannot be written: {error}")))?;
        return print(format!("{object}\n").as_bytes());
    }
    print(table(&graph, &statistics).as_bytes())
}

fn table(graph: &Graph, s: &Statistics) -> String {
    let mut rows = vec![
        ("graph".into(), graph.id.clone()),
        ("routers".into(), s.routers.to_string()),
        (
            "links".into(),
            format!("{} ({} loops, {} parallels)", s.links, s.loops, s.parallels),
        ),
        ("degree".into(), spread(s.degree)),
        (
            "routers with one neighbour".into(),
            format!("{} %", short(100.0 * s.leaf_share)),
        ),
        ("link length".into(), spread(s.link_length)),
    ];
    if let Some(domains) = &s.domains {
        rows.extend(domain_rows(domains));
    }
    rows.push(("hops".into(), distance(s.hops)));
    rows.push(("length".into(), distance(s.length)));
    rows.push(("policy weight".into(), distance(s.policy)));
    rows.push(("length by policy".into(), distance(s.policy_length)));
    rows.push(("clustering".into(), short(s.clustering)));
    rows.push(("transitivity".into(), short(s.transitivity)));
    let width = rows
        .iter()
        .map(|(name, _): &(String, String)| name.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for (name, value) in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:width$}  {value}");
    }
    text
}

fn domain_rows(domains: &Domains) -> Vec<(String, String)> {
    let row = |name: &str, value: String| (name.to_string(), value);
    let size = |size: Option<Spread>| match size {
        Some(size) => format!(", {} to {} each", size.min, size.max),
        None => String::new(),
    };
    let links = domains.links;
    let mut rows = vec![
        row(
            "transit domains",
            format!(
                "{} of {} routers{}",
                domains.transit_domains,
                domains.transit_routers,
                size(domains.transit_size)
            ),
        ),
        row(
            "stub domains",
            format!(
                "{} of {} routers{}",
                domains.stub_domains,
                domains.stub_routers,
                size(domains.stub_size)
            ),
        ),
        row(
            "links inside transit domains",
            links.intra_transit.to_string(),
        ),
        row(
            "links between transit domains",
            links.inter_transit.to_string(),
        ),
        row("links from transit to stub", links.transit_stub.to_string()),
        row("links inside stub domains", links.intra_stub.to_string()),
        row("links between stub domains", links.stub_stub.to_string()),
    ];
    if links.no_domain > 0 {
        rows.push(row("links without a domain", links.no_domain.to_string()));
    }
    rows
}

fn spread(spread: Option<Spread>) -> String {
    spread.map_or_else(
        || "none".into(),
        |s| {
            format!(
                "{} to {}, mean {}",
                short(s.min),
                short(s.max),
                short(s.mean)
            )
        },
    )
}

fn distance(distance: Option<Distance>) -> String {
    distance.map_or_else(
        || "none".into(),
        |d| format!("diameter {}, mean {}", short(d.diameter), short(d.mean)),
    )
}

/// The number with at most four decimals.
fn short(number: f64) -> String {
    let text = format!("{number:.4}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}

fn picture(source: &Source, output: Option<PathBuf>) -> Result<()> {
    let name = source.file.file_stem().unwrap_or_default();
    let output = output.unwrap_or_else(|| {
        let mut file = name.to_os_string();
        file.push(".svg");
        file.into()
    });
    let ending = output
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default();
    if !["svg", "png"].contains(&ending) {
        return Err(
            Error::new("the picture's file name does not tell its format")
                .at(output.display())
                .help("end it in .svg or .png"),
        );
    }
    targets::check([&output], [source.file.clone()])?;
    let graph = source.read()?;
    let canvas = draw(&graph, &name.to_string_lossy());
    if ending == "svg" {
        store::replace(&output, canvas.svg().as_bytes())?;
    } else {
        store::replace(&output, &canvas.png(PRINT_SCALE))?;
    }
    print(format!("{}\n", output.display()).as_bytes())
}

/// Answers each line of `input` on `output`.
fn distances(
    graph: &Graph,
    distances: &Distances,
    input: impl BufRead,
    mut output: impl Write,
) -> Result<()> {
    if !unless_closed(writeln!(output, "s,t,hops,len,policy,policy_len"))? {
        return Ok(());
    }
    for (number, line) in (1..).zip(input.lines()) {
        let answer = line
            .map_err(|error| Error::new(format!("the line cannot be read: {error}")))
            .and_then(|line| pair(&line, graph.routers.len()));
        let (s, t) = match answer {
            Ok(pair) => pair,
            Err(error) => {
                unless_closed(output.flush())?;
                return Err(error.at(number).at("stdin"));
            }
        };
        let d = distances.between(s, t);
        let policy = d.policy.map_or_else(String::new, |sum| sum.to_string());
        let policy_length = d.policy_length.unwrap_or_default();
        let written = writeln!(
            output,
            "{},{},{},{},{policy},{policy_length}",
            s.0, t.0, d.hops, d.length
        );
        if !unless_closed(written)? {
            return Ok(());
        }
    }
    unless_closed(output.flush()).map(drop)
}

/// The two routers of a line `s,t`.
fn pair(line: &str, routers: usize) -> Result<(RouterId, RouterId)> {
    let router = |text: &str| {
        let number: u32 = text.trim().parse().ok()?;
        ((number as usize) < routers).then_some(RouterId(number))
    };
    let pair = line
        .split_once(',')
        .and_then(|(s, t)| Some((router(s)?, router(t)?)));
    pair.ok_or_else(|| {
        let shown: String = line.chars().take(60).collect();
        Error::new(format!("`{shown}` is not a pair of router numbers")).help(format!(
            "write two numbers from 0 to {}, joined by a comma: 0,{}",
            routers - 1,
            routers - 1
        ))
    })
}
