//! Tracking: what each node knows of quantities summed over all nodes, by hierarchy, by a central
//! server, or because all tell all.
//!
//! A [`Tracker`] is a component inside a node, sans-IO: it is told the node's own values and what
//! arrives, and says through a [`Port`] what is to be done; [`message`] is what trackers say.
//! `gather` is what a tracker has heard, `outlet` what it has told and `telling` when it tells;
//! `place` is where it stands in the hierarchy, `search` how it finds its place, `improve` how it looks
//! for a nearer head, `cluster` what heads and members do for each other, `succession` what happens when
//! a head is lost.
//!
//! The study runs trackers alone: `truth` makes the values, `node` embeds a tracker, `study` is the
//! system, `record` and `report` measure. This room does *not* know what the quantities mean, nor
//! the driver.

mod cluster;
mod figures;
mod gather;
mod improve;
pub mod message;
mod node;
mod outlet;
mod place;
mod record;
mod report;
mod search;
mod study;
mod succession;
mod telling;
mod tracker;
mod truth;

pub use message::{Estimate, Message, Timer};
pub use node::{Node, Note, Reminder, Tracked};
pub use record::TrackingRecord;
pub use study::{TrackingStudy, fits};
pub use tracker::{Port, Tracker};
