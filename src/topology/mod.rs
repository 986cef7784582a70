//! The underlay: routers and links read from files, and exact routes over them.
//!
//! In reading order: [`Graph`] is the data; [`graphbase`] and [`alt`] are the formats of GT-ITM's
//! files, [`graphml`] that of real networks, [`dot`] that of Graphviz, and [`load`] and [`save`]
//! choose among them; [`gtitm`] generates its graphs; [`Routes`] answers who is how far from whom;
//! [`Statistics`] sums a graph up. This room does *not* know units, scenarios or simulations.

pub mod alt;
mod as_rel;
mod brite;
mod components;
mod decoding;
pub mod dot;
mod edges;
mod faults;
mod files;
pub mod fit;
mod format;
mod gml;
mod graph;
pub mod graphbase;
pub mod graphml;
pub mod gtitm;
mod inet;
mod json;
mod kinds;
mod king;
mod latencies;
mod lines;
mod listing;
mod losses;
mod matrix;
mod options;
mod pairs;
mod reading;
mod rocketfuel;
mod routes;
mod sndlib;
mod statistics;
mod written;
mod xml;

pub(crate) use files::{ENDINGS, not_the_file};
pub use files::{Purpose, load, load_bytes, read, read_with, save, write_as};
pub use format::Format;
pub use graph::{Domain, Graph, LINKS_MAX, Link, LinkClass, Origin, ROUTERS_MAX, Router, RouterId};
pub use latencies::{Latencies, MEASURED_ROUTERS_MAX};
pub use losses::left_out;
pub use options::{LengthUnit, PLACES, ReadOptions};
pub use pairs::Pairs;
pub use reading::{Account, Column, Kept, Reading};
pub use routes::{Between, Distances, Remaining, Routes, Routing};
pub use statistics::{Asked, Distance, Domains, LinkCounts, Range, Statistics};
pub use written::{WrittenNetwork, numbered_domains};
