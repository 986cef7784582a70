//! The underlay: routers and links read from files, and exact routes over them.
//!
//! In reading order: [`graph`] is the data; [`graphbase`] and [`alt`] are the formats of GT-ITM's
//! files, [`graphml`] that of real networks, [`dot`] that of Graphviz, and [`read`] and [`save`]
//! choose among them; [`gtitm`] generates its graphs; [`routes`] answers who is how far from whom;
//! [`statistics`] sums a graph up. This room does *not* know units, scenarios or simulations.

pub mod alt;
pub mod dot;
mod faults;
mod files;
pub mod fit;
pub mod graph;
pub mod graphbase;
pub mod graphml;
pub mod gtitm;
mod parts;
pub mod routes;
pub mod statistics;

pub use files::{ReadOptions, read, read_with, save};
pub use graph::{Domain, Graph, Link, LinkClass, Origin, Router, RouterId};
pub use routes::{Distances, Routes, Routing};
pub use statistics::Statistics;
