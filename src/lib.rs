//! A discrete-event simulator of overlay networks: Arigatoni, and whatever implements
//! [`system::System`].
//!
//! ```text
//! scenario.json → scenario → experiment → study: run, run, run … ┐
//! topology → system ─────────────────────────────────────────────┴→ simulation { agenda, network, units }
//!     → measures → outcome → ledger → results → statistics → figures
//! ```
//!
//! In reading order:
//!
//! - the base: [`time`], [`random`], [`numbers`], [`agenda`], [`fingerprint`], [`prefetch`], [`error`],
//!   [`measure`], [`store`], [`words`];
//! - the contracts: [`mod@unit`] (a simulated actor), [`system`] (what can be run, swept and plotted);
//! - the world: [`topology`] (routers and routes), [`discovery`] (brokers, population and workload of all
//!   discovery systems, and what is measured of them);
//! - what is simulated: [`arigatoni`] or [`opus`];
//! - the driver of one run, in one piece or in parts: [`simulation`];
//! - many runs: [`scenario`] (what the user asks for), [`experiment`], [`ledger`] (what has been
//!   done, kept on disk), [`results`], [`statistics`], [`figures`], [`study`] (the life of a sweep);
//! - the command line: [`cli`].
//!
//! One run by hand:
//!
//! ```
//! use arigatoni::experiment::Experiment;
//! use arigatoni::scenario::Scenario;
//!
//! # fn main() -> arigatoni::error::Result<()> {
//! let text = r#"{"version": 1, "name": "doc", "topology": {"file": "topologies/t100-0.gb"},
//!                "system": {"arigatoni": {"requests": {"count": 100}}}}"#;
//! let scenario = Scenario::parse(text, "doc", &[])?;
//! let all = scenario.select(&[])?;
//! let experiment = Experiment::prepare(scenario, &all, std::path::Path::new("."))?;
//! let run = experiment.observe(0, 0)?;
//! assert_eq!(run.metrics[0], arigatoni::measure::Cell::Count(100));
//! # Ok(())
//! # }
//! ```

#![allow(rustdoc::private_intra_doc_links)]

pub(crate) mod agenda;
pub mod arigatoni;
pub mod cli;
pub mod discovery;
pub mod error;
pub mod experiment;
pub mod figures;
pub mod fingerprint;
pub(crate) mod ledger;
pub mod measure;
pub(crate) mod numbers;
pub mod opus;
pub(crate) mod packing;
pub mod prefetch;
pub(crate) mod program;
pub mod random;
pub mod results;
pub mod scenario;
pub mod simulation;
pub mod statistics;
pub(crate) mod store;
pub mod study;
pub mod system;
pub mod time;
pub mod topology;
pub mod unit;
pub(crate) mod words;

/// The agenda by itself, for `benches/suite`, which measures it against its rivals. It is no part of the
/// interface: only the driver of a run has one.
#[doc(hidden)]
pub mod bench {
    pub use crate::agenda::{Agenda, Cancellable, Key, Ticket};
}
