//! What a sweep found, as tables with their provenance, encoded to bytes and decoded from them.
//!
//! A [`SweepResults`] is everything that statistics and figures need; `runs.csv` and the detail tables
//! hold the whole of it, so every figure can be drawn again from a results folder. This room does
//! *not* touch files (the store does), does not know what was simulated, and computes nothing.

mod axis;
mod blocks;
pub mod csv;
mod manifest;
pub mod parquet;
mod renamed;
mod sweep_results;
#[cfg(test)]
mod tests;

pub(crate) use blocks::{Blocks, Hasher, rows, run_of_line};

pub use crate::program::Program;
pub(crate) use axis::{axis_cell, axis_columns, axis_pointers, axis_value, compact};
pub use manifest::{Build, Machine, Manifest, Method};
pub(crate) use renamed::{former_name, present_name, unknown_metric};
pub use sweep_results::{Columns, Point, SweepResults};
