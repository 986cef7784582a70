//! The underlay: routers and links read from files, and exact routes over them.

pub mod graph;
pub mod gtitm;

pub use graph::RouterId;
