//! A discrete-event simulator of the Arigatoni overlay network.

pub mod agenda;
pub mod arigatoni;
pub mod cli;
pub mod error;
pub mod experiment;
pub mod figures;
pub mod fingerprint;
pub mod measure;
pub mod opus;
pub mod overlay;
pub mod random;
pub mod results;
pub mod scenario;
pub mod simulation;
pub mod statistics;
pub mod store;
pub mod study;
pub mod system;
pub mod time;
pub mod topology;
pub mod unit;
