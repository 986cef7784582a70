//! The Arigatoni system.
pub mod config;
