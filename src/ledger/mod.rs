//! What of a sweep is done, and what is left: kept so that nothing that was finished is lost.
//!
//! A finished run becomes a [`Record`], which names itself by its axis values and replication, so
//! that it stays valid when the sweep is extended. While a process works it appends records to a
//! *journal*; when all runs of a *chunk* are there it *seals* the chunk, a file that is whole or
//! not there. Both are made of lines with a checksum each, so what is torn is seen and made again.
//! A [`Plan`] cuts a sweep into chunks, which depends neither on the machine nor on the shards.
//! Records count, not exit codes, and two processes that make the same run write the same bytes.
//!
//! This room does *not* know what is simulated, nor clocks, terminals or the shape of a results
//! folder.

mod difference;
mod finished;
mod part;
mod parts;
mod plan;
mod record;
mod stopping;
mod tables;
#[cfg(test)]
mod tests;

pub(crate) use difference::{difference_list, differences};
pub(crate) use finished::Ledger;
pub(crate) use parts::{Journal, Parts};
pub(crate) use plan::Plan;
pub use plan::{Chunk, Job, Outline, Shard};
pub(crate) use record::Record;
pub use stopping::{Resolution, Stop};
pub(crate) use tables::{Tables, count_rows};
