//! The underlay room: readers and writers of formats, routes, statistics and pictures.
#![allow(
    clippy::disallowed_methods,
    reason = "tests read shipped and third-party files directly"
)]

mod columns;
mod command;
mod fit;
mod formats;
mod graphml;
mod gtitm;
mod hostile;
mod malformed;
mod remaining;
mod routes;
mod statistics;
mod usable;

use std::path::{Path, PathBuf};

/// A graph that the project ships.
fn shipped(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/topologies")).join(name)
}

/// A file of the third-party data beside the project, or `None` (said on stdout) if it is absent.
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")).join(name);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
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
