//! Tracking: what each node knows of quantities summed over all nodes, by hierarchy, by a central
//! server, or because all tell all.
//!
//! A [`Tracker`] is a component inside a node, sans-IO: it is told the node's own values and what
//! arrives, and says through a [`Port`] what is to be done; [`message`] is what trackers say.
//! `aggregation` is what a tracker has heard, `delta_filter` what it has told and `update_scheduling` when it tells;
//! `place` is where it stands in the hierarchy, `search` how it finds its place, `improve` how it looks
//! for a nearer head, `cluster` what heads and members do for each other, `failover` what happens when
//! a head is lost.
//!
//! The study runs trackers alone: `truth` makes the values, `node` embeds a tracker, `study` is the
//! system, `record` and `report` measure, `export` writes a run down. This room does *not* know what the quantities mean, nor
//! the driver.

mod aggregation;
mod cluster;
pub mod config;
mod delta_filter;
mod export;
mod failover;
mod figures;
mod hierarchy;
mod improve;
pub mod message;
mod node;
mod record;
mod report;
mod search;
mod steady;
mod study;
mod tracker;
mod truth;
mod update_scheduling;

pub use message::{Estimate, Message, Timer};
pub use node::{Node, Observation, Reminder, Tracked};
pub use record::TrackingRecord;
pub use study::{TrackingStudy, fits};
pub use tracker::{Port, Scope, Tracker};
