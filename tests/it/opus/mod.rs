//! The utility service: central trees against petgraph, the protocols against the central trees,
//! the division of nodes against its model, trackers against their bounds.

mod allocation;
mod allocation_input;
mod availability;
mod availability_input;
mod causality;
mod changing;
mod crossing;
mod exports;
mod goals;
mod isolation;
mod moving;
mod overlay;
mod pages;
mod places;
mod reach;
mod service;
mod timeouts;
mod trackers;
mod tracking;
