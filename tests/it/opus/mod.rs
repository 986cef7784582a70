//! The utility service: central trees against petgraph, the protocols against the central trees,
//! trackers against their bounds.

mod overlay;
mod references;
mod trackers;
