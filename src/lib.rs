//! A discrete-event simulator of overlay networks: Arigatoni, Opus, and whatever implements
//! [`system::System`].
//!
//! ```text
//! scenario.json → scenario → experiment → study: run, run, run … ┐
//! topology → system ─────────────────────────────────────────────┴→ simulation { event queue, network, units }
//!     → measures → outcome → ledger → results → statistics → figures → report
//! ```
//!
//! The program of the same name is [`cli::main`] and nothing else, so all that it does can be done from
//! another program. What such a program is likely to want:
//!
//! - **One run by hand**: [`scenario`] is what a user asks for, [`experiment`] brings it to life.
//! - **A sweep**, resumed and checked like those of the command line: [`study`].
//! - **Random worlds**, and what must hold of each: [`swarm`].
//! - **What came out**: [`results`] reads the tables, [`statistics`] sums them up and compares them,
//!   [`figures`] draws them, [`report`] puts all of it on one page; [`measure`] says what cells, metrics and figures are.
//! - **A system of one's own**: [`mod@unit`] is the contract of a simulated actor, [`system`] that of
//!   what can be run, [`parameters`] what a scenario may say of it, and [`systems`] lets scenarios name it:
//!   `examples/echo.rs` is one, whole. [`simulation`] is the driver of one run; [`time`], [`random`] (keyed draws),
//!   [`fingerprint`] (what messages say, for the digest of a run) and [`mod@prefetch`] are what these speak of;
//!   [`availability`] reads traces of when the nodes of real systems were up.
//!   [`discovery`] is the same for a mechanism that answers requests, with brokers, a population and a
//!   workload that all such systems have in common.
//! - **Constraints**, by which services can be offered and asked for: [`constraint`].
//! - **Networks**: [`topology`] reads, writes and generates graphs, and answers who is how far from whom.
//! - **The systems that come along**: [`arigatoni`], its [`rivals`] and [`opus`]. Their units are sans-IO: whoever gives
//!   one its inputs and carries out its effects can run it anywhere.
//!
//! Whatever goes wrong is an [`error::Error`]: what, where, and what to do about it. The other rooms
//! (`decimal`, `event_queue`, `ledger`, `numbers`, `packing`, `program`, `slab`, `store`, `words`) are the library's own;
//! `ARCHITECTURE.md` tells what each is for.
//!
//! # One run by hand
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
//!
//! # A sweep, and its results
//!
//! ```
//! use arigatoni::experiment::Experiment;
//! use arigatoni::scenario::Scenario;
//! use arigatoni::statistics::summary;
//! use arigatoni::study::{Control, Execution, Folder, Prepared, Rows, Sweep};
//!
//! # fn main() -> arigatoni::error::Result<()> {
//! # let place = tempfile::tempdir().unwrap();
//! # let path = place.path().join("doc");
//! let text = r#"{"version": 1, "name": "doc", "topology": {"file": "topologies/t100-0.gb"},
//!                "replications": 3, "system": {"arigatoni": {"requests": {"count": 100}}},
//!                "sweep": {"axes": {"/system/*/disconnection/rate": [0, 0.5]}}}"#;
//! let scenario = Scenario::parse(text, "doc", &[])?;
//! let selection = scenario.select(&[])?;
//! let prepared = Prepared {
//!     experiment: Experiment::prepare(scenario, &selection, std::path::Path::new("."))?,
//!     selection,
//!     filters: Vec::new(),
//!     folder: Folder::new(path.clone()),
//!     chunk_runs: None,
//! };
//! let lock = prepared.folder.begin()?;
//! let mut sweep = Sweep::take_up(&prepared, false, Rows::All, &mut ())?;
//! let control = Control::default();
//! let mut execution = Execution { threads: None, control: &control, watch: &mut () };
//! let ended = sweep.make_all(&prepared.experiment, &mut execution)?;
//! sweep.finish(&ended.outline, None, &lock, &mut ())?;
//!
//! // The folder is what `arigatoni sweep` would have made; whoever has one reads it like this.
//! let folder = Folder::new(path);
//! let (manifest, scenario) = folder.told()?;
//! let study = folder.study(&[], &manifest, "read", &mut ())?;
//! assert_eq!(study.runs.rows.len(), 2 * 3);
//! let table = summary(&study);
//! assert_eq!(table.columns[0], "delta");
//! # assert_eq!(scenario.name(), "doc");
//! # Ok(())
//! # }
//! ```
//!
pub mod arigatoni;
pub mod availability;
pub mod calculus;
pub mod cli;
pub mod constraint;
mod decimal;
pub mod discovery;
pub mod error;
mod event_queue;
pub mod experiment;
pub mod explore;
pub mod figures;
pub mod fingerprint;
mod ledger;
pub mod measure;
mod numbers;
pub mod opus;
mod packing;
pub mod parameters;
pub mod prefetch;
mod program;
pub mod random;
pub mod report;
pub mod results;
pub mod rivals;
pub mod scenario;
pub mod simulation;
mod slab;
pub mod statistics;
mod store;
pub mod study;
pub mod swarm;
pub mod system;
pub mod systems;
pub mod time;
pub mod topology;
pub mod unit;
mod words;

/// The event queue by itself, for `benches/suite`, which measures it against its rivals. It is no part of the
/// interface: only the driver of a run has one.
#[doc(hidden)]
pub mod bench {
    pub use crate::event_queue::{CancelId, Cancellable, EventQueue, Key};
}
