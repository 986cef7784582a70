//! Pictures: what was measured, drawn for people.
//!
//! [`canvas`] is a sheet to draw on that is written as SVG and as PNG from one display list; it
//! needs no font on the machine. This room does *not* know what was simulated, nor does it
//! simulate: every figure is drawn from results alone.

mod backend;
pub mod canvas;
mod font;
mod png;
mod svg;
pub mod topology;
