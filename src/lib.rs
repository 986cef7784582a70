//! A discrete-event simulator of the Arigatoni overlay network.

pub mod agenda;
pub mod arigatoni;
pub mod cli;
pub mod error;
pub mod figures;
pub mod fingerprint;
pub mod measure;
pub mod overlay;
pub mod random;
pub mod results;
pub mod statistics;
pub mod store;
pub mod time;
pub mod topology;
pub mod unit;
