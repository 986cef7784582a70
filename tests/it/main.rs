//! The integration tests: one binary, one module a room.
mod figures;
mod results;
mod statistics;
mod topology;
