//! The underlay: routers and links read from files, and exact routes over them.
//!
//! In reading order: [`Graph`] is the data; [`graphbase`] and [`alt`] are the formats of GT-ITM's
//! files, [`graphml`] that of real networks, [`dot`] that of Graphviz, and [`load`] and [`save`]
//! choose among them; [`gtitm`] generates its graphs; [`Routes`] answers who is how far from whom;
//! [`Statistics`] sums a graph up. This room does *not* know units, scenarios or simulations.

pub mod alt;
mod components;
mod decoding;
pub mod dot;
mod faults;
mod files;
pub mod fit;
mod graph;
pub mod graphbase;
pub mod graphml;
pub mod gtitm;
mod kinds;
mod options;
mod reading;
mod routes;
mod statistics;

pub(crate) use files::not_the_file;
pub use files::{Purpose, load, load_bytes, read, read_with, save};
pub use graph::{Domain, Graph, LINKS_MAX, Link, LinkClass, Origin, ROUTERS_MAX, Router, RouterId};
pub use options::{LengthUnit, PLACES, ReadOptions};
pub use reading::{Account, Column, Kept, Reading};
pub use routes::{Between, Distances, Remaining, Routes, Routing};
pub use statistics::{Asked, Distance, Domains, LinkCounts, Range, Statistics};
