//! The utility service: central trees against petgraph, the protocols against the central trees.

mod overlay;
mod references;
