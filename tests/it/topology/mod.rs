//! The underlay room: readers and writers of formats, routes, statistics and pictures.
#![allow(
    clippy::disallowed_methods,
    reason = "tests read shipped and third-party files directly"
)]

mod collections;
mod columns;
mod command;
mod fit;
mod formats;
mod graphml;
mod gtitm;
mod hostile;
mod malformed;
mod measured;
mod readers;
mod refused;
mod remaining;
mod routes;
mod statistics;
mod usable;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use arigatoni::topology::Graph;

/// A graph that the project ships.
fn shipped_graph(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/topologies")).join(name)
}

/// The labels of all routers.
fn labels(graph: &Graph) -> Vec<&str> {
    graph.routers.iter().map(|router| &*router.label).collect()
}

/// The graphs of the original GT-ITM of which it is known what others compute.
const KNOWN: [&str; 5] = ["t100-0", "t100-1", "ts108x-0", "ts600-0", "ts1000-0"];

/// What the original GT-ITM made, and what others compute of it: `tests/data/gt-itm/README.md`.
fn original(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/gt-itm")).join(name)
}

/// A file of one of the original's graphs. Some are shipped, and the others are beside the tests.
fn known(name: &str, ending: &str) -> PathBuf {
    let file = format!("{name}.{ending}");
    if ["t100-0", "ts108x-0", "ts600-0", "ts1000-0"].contains(&name) {
        return shipped_graph(&file);
    }
    original(&file)
}

/// The rows of a table of the original, by the names of their columns.
fn table(csv: &[u8]) -> Vec<BTreeMap<String, f64>> {
    let mut reader = csv::Reader::from_reader(csv);
    let rows: Vec<_> = reader.deserialize().map(Result::unwrap).collect();
    assert!(!rows.is_empty(), "the table is empty");
    rows
}

/// The numbers of the original's graphs of a kind, for the seeds from 1 to 200.
fn seeds(kind: &str) -> Vec<BTreeMap<String, f64>> {
    let packed = bytes(&original(&format!("seeds/{kind}.csv.gz")));
    let mut csv = Vec::new();
    let mut unpacking = flate2::read::GzDecoder::new(&packed[..]);
    unpacking.read_to_end(&mut csv).unwrap();
    let rows = table(&csv);
    assert_eq!(rows.len(), 200);
    for (row, seed) in rows.iter().zip(1..) {
        assert_eq!(row["seed"] as u32, seed);
    }
    rows
}

/// A network of the Internet Topology Zoo; beside it lies what networkx makes of it.
fn zoo(name: &str) -> PathBuf {
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/topology-zoo"
    ));
    folder.join(name).with_extension("graphml")
}

fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn text(path: &Path) -> String {
    String::from_utf8(bytes(path)).expect("the file is text")
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&bytes(path)).expect("the file is JSON")
}
