//! The life of a study: planned in a results folder or taken up there, made run by run, put together
//! into tables and figures, and checked against a baseline.
//!
//! The command line and other programs use the same few steps:
//!
//! ```no_run
//! use arigatoni::study::{Control, Execution, Prepared, Rows, Sweep};
//!
//! # fn all(prepared: &Prepared) -> arigatoni::error::Result<()> {
//! let control = Control::default();
//! let lock = prepared.folder.begin()?;
//! let mut sweep = Sweep::take_up(prepared, false, Rows::All, &mut ())?;
//! let mut execution = Execution { threads: None, control: &control, watch: &mut () };
//! let ended = sweep.make_all(&prepared.experiment, &mut execution)?;
//! sweep.finish(&ended.outline, None, &lock, &mut ())?;
//! # Ok(())
//! # }
//! ```
//!
//! A run is a pure function of its place in the sweep, so neither the number of threads nor the order of work shows
//! in the result. To observe the progress, give a [`Watch`]; to stop it, keep the [`Control`]. This room does *not*
//! know what is simulated, terminals, signals, batch systems or the words of a command line; it prints nothing and
//! ends no process.

mod baseline;
mod clock;
mod drawing;
pub mod filters;
mod finishing;
mod folder;
mod former;
mod identity;
mod inputs;
mod making;
mod merging;
mod overwriting;
mod planning;
mod prepared;
mod provenance;
mod readme;
mod rehearsal;
mod rerun;
mod rounds;
mod status;
mod sweep;
mod tally;
#[cfg(test)]
mod tests;
mod threads;
mod verdict;
mod watch;
mod writing;

pub use drawing::Style;
pub use folder::Folder;
pub(crate) use identity::other_program;
pub use merging::{Gaps, Merged, merge};
pub use prepared::Prepared;
pub use rehearsal::Rehearsal;
pub use rerun::{Baseline, Rerun, Terms};
pub use rounds::Ended;
pub use status::{Failed, Status};
pub use sweep::{Rows, Sweep};
pub use tally::Tally;
pub use threads::{Control, work};
pub use verdict::{Answer, Replications, Verdict};
pub use watch::{Execution, Round, Watch};

pub use crate::ledger::{Chunk, Job, Outline, Resolution, Shard, Stop};
pub use crate::store::Lock;
