//! Who knows whom at the start.
pub mod config;
