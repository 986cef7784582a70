//! GraphML files (`.graphml`), above all those of the Internet Topology Zoo.
//!
//! Attributes have keys (`d29`) whose numbers differ from file to file; the `<key>` elements tell
//! their names. Names tell what they mean ([`choice`]), unless options say it. A Topology Zoo
//! network has no latencies: they follow from the coordinates. Files that this program writes
//! carry more (lengths, policy weights, GT-ITM's numbers), so that a graph comes back as it was,
//! and the data that it has no use for.
//!
//! This module does *not* know files, nor what a length means to a simulation.

mod arcs;
mod choice;
mod columns;
mod coordinates;
mod entities;
mod geography;
mod keeping;
mod labels;
mod links;
mod reader;
mod tree;
mod usual;
mod writer;
mod wrong;

pub(super) use geography::MS_PER_KM;
pub use geography::latency_ms;
pub use reader::parse;
pub(super) use reader::read;
pub use writer::write;
pub(super) use writer::write_reading;

/// Names of attributes, as `attr.name` of their `<key>` tells them; case does not matter.
mod names {
    /// A router's name.
    pub(super) const LABEL: &str = "label";
    /// A router's name, in files that call nothing a label.
    pub(super) const NAME: &str = "name";
    /// Degrees east of Greenwich.
    pub(super) const LONGITUDE: &str = "Longitude";
    /// Degrees north of the equator.
    pub(super) const LATITUDE: &str = "Latitude";
    /// The place on GT-ITM's grid.
    pub(super) const X: &str = "x";
    /// The place on GT-ITM's grid.
    pub(super) const Y: &str = "y";
    /// 1 if the node stands for a link of more than two ends (Topology Zoo).
    pub(super) const HYPEREDGE: &str = "hyperedge";
    /// A link's length.
    pub(super) const LENGTH: &str = "length";
    /// The unit of `length`, in files that this program wrote.
    pub(super) const LENGTH_UNIT: &str = "length_unit";
    /// A link's policy weight.
    pub(super) const POLICY_WEIGHT: &str = "policy_weight";
    /// The identification that the generating tool wrote.
    pub(super) const ID: &str = "graph_id";
    /// The Topology Zoo's name of a network.
    pub(super) const NETWORK: &str = "Network";
    /// `ts` or `geo`.
    pub(super) const METHOD: &str = "gtitm_method";
    /// The side of GT-ITM's grid.
    pub(super) const SCALE: &str = "scale";
    /// Largest hop diameter of a transit domain.
    pub(super) const TRANSIT_DIAMETER: &str = "transit_diameter";
    /// Largest hop diameter of a stub domain.
    pub(super) const STUB_DIAMETER: &str = "stub_diameter";
    /// Hop diameter of the graph of transit domains.
    pub(super) const TOP_DIAMETER: &str = "top_diameter";
    /// Self-loops at unknown routers.
    pub(super) const LOOPS_UNLISTED: &str = "loops_unlisted";
}
