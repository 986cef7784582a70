//! A discrete-event simulator of the Arigatoni overlay network.

pub mod arigatoni;
pub mod cli;
pub mod error;
pub mod measure;
pub mod overlay;
pub mod random;
pub mod store;
pub mod time;
pub mod topology;
