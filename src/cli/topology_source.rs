//! The graph that a topology verb works on.

use std::path::PathBuf;

use clap::Args;

use crate::error::{Error, Result};
use crate::topology::{Graph, ReadOptions, read_with};

/// A graph in a file, and what to do if it cannot be used as it is.
#[derive(Debug, Clone, Args)]
pub(super) struct Source {
    /// The graph: a .gb, .alt or .graphml file.
    #[arg(value_name = "GRAPH")]
    pub(super) file: PathBuf,
    /// Of a graph that is not connected, keep the largest part.
    #[arg(long)]
    largest_component: bool,
    /// The latency of links whose ends have no coordinates (GraphML).
    #[arg(long, value_name = "MS", value_parser = milliseconds, allow_negative_numbers = true)]
    default_latency: Option<f64>,
    /// Add a node's id to its label if another node has the same label (GraphML).
    #[arg(long)]
    rename_duplicates: bool,
}

/// Reads a latency; its limits are those of the graph's format.
fn milliseconds(text: &str) -> Result<f64> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| Error::new("give a number of milliseconds, such as 0.5"))
}

impl Source {
    /// The graph, ready to be used.
    pub(super) fn read(&self) -> Result<Graph> {
        let options = ReadOptions {
            largest_component: self.largest_component,
            default_latency_ms: self.default_latency,
            rename_duplicates: self.rename_duplicates,
        };
        read_with(&self.file, &options)
    }
}
