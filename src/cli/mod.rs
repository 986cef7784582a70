//! The verbs of the command line, one file each.

pub mod topology;
pub mod topology_fit;
pub mod topology_generate;
