//! The integration tests: one binary, one module a room.
#![allow(
    clippy::disallowed_methods,
    reason = "tests read and write files of their own"
)]

mod agenda;
mod arigatoni;
mod canvas;
mod command_line;
mod figures;
mod fingerprints;
mod opus;
mod random;
mod results;
mod scenario;
mod statistics;
mod support;
mod tidy;
mod tiny;
mod topology;
