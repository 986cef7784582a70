//! GraphBase files (`.gb`), as GT-ITM writes them with the Stanford GraphBase's `save_graph`.
//!
//! The layout: a first line with the types of the utility fields and the numbers of vertex and
//! arc records; the graph's record; the vertices' and the arcs' records, each with their title; a
//! checksum. A link is a pair of arcs, one in the list of each end. GT-ITM's method `ts` uses the
//! fields of `TRANSIT_STUB_TYPES`, its methods `geo` and `hier` those of `FLAT_TYPES`.
//!
//! This module does *not* know files, nor what the numbers mean to a simulation.

mod assemble;
mod checksum;
mod reader;
mod writer;

pub use reader::parse;
pub use writer::write;
pub(super) use writer::{integer_length, integer_position, numbers_of, shown_id};

/// Utility fields of `ts` graphs: vertex x, y; arc a; graph uu, xx, yy, zz; all integers.
const TRANSIT_STUB_TYPES: &str = "ZZZIIZIZIZZIII";

/// Utility fields of `geo` and `hier` graphs: vertex x, y; arc a; graph uu; all integers.
const FLAT_TYPES: &str = "ZZZIIZIZIZZZZZ";

/// What `id` shows of a longer identification: the GraphBase has room for this many characters.
pub(super) const ID_CHARACTERS_MAX: usize = 154;

/// Integers beyond ± 2⁵³ are refused: a `f64` no longer holds them all.
pub(super) const INTEGER_MAX: i64 = 1 << 53;
