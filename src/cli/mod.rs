//! The verbs of the command line, one file each.

pub mod topology_fit;
pub mod topology_generate;
