//! Tracking: what each node knows of quantities summed over all nodes, by hierarchy, by a central
//! server, or because all tell all.
//!
//! A [`Tracker`] is a component inside a node, sans-IO: it gets the node's own values and what arrives, and emits
//! its effects through a [`Port`]. In reading order:
//! - [`message`]: the messages of trackers
//! - `aggregation`: what a tracker has heard; `delta_filter`: what it has told; `update_scheduling`: when it tells
//! - `hierarchy`: its place among the clusters; `search`: how it finds that place; `improve`: how it looks for a
//!   nearer head
//! - `cluster`: what heads and members do for each other; `failover`: what happens when a head is lost
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
