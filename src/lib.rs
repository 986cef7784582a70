//! A discrete-event simulator of overlay networks: Arigatoni, and whatever implements
//! [`system::System`].
//!
//! ```text
//! scenario.json → scenario → experiment → study: run, run, run … ┐
//! topology → system ─────────────────────────────────────────────┴→ simulation { event queue, network, units }
//!     → measures → outcome → ledger → results → statistics → figures
//! ```
//!
//! In reading order:
//!
//! - the base: [`time`], [`random`], [`numbers`], [`event_queue`], [`fingerprint`], [`prefetch`], [`error`],
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

pub mod arigatoni;
pub mod cli;
pub mod discovery;
pub mod error;
pub mod event_queue;
pub mod experiment;
pub mod figures;
pub mod fingerprint;
pub mod ledger;
pub mod measure;
pub mod numbers;
pub mod opus;
pub mod packing;
pub mod prefetch;
pub mod program;
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
pub mod words;
