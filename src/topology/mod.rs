//! The underlay: routers and links read from files, and exact routes over them.
//!
//! In reading order: [`graph`] is the data; [`graphbase`] and [`alt`] are the formats of GT-ITM's
//! files, [`graphml`] that of real networks, [`dot`] that of Graphviz, and [`load`] and [`save`]
//! choose among them; [`gtitm`] generates its graphs; [`routes`] answers who is how far from whom;
//! [`statistics`] sums a graph up. This room does *not* know units, scenarios or simulations.

pub mod alt;
mod components;
mod decoding;
pub mod dot;
mod faults;
mod files;
pub mod fit;
pub mod graph;
pub mod graphbase;
pub mod graphml;
pub mod gtitm;
mod kinds;
mod options;
mod reading;
pub mod routes;
pub mod statistics;

pub use files::{Purpose, load, load_bytes, not_the_file, read, read_with, save};
pub use graph::{Domain, Graph, Link, LinkClass, Origin, Router, RouterId};
pub use options::{LengthUnit, PLACES, ReadOptions};
pub use reading::{Account, Column, Kept, Reading};
pub use routes::{Distances, Routes, Routing};
pub use statistics::Statistics;
