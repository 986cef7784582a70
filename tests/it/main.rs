//! The integration tests: one binary, one module a room.
mod canvas;
mod figures;
mod results;
mod statistics;
