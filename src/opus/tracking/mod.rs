//! Tracking: what each node knows of quantities summed over all nodes, by hierarchy, by a central
//! server, or because all tell all.
//!
//! A [`Tracker`] is a component inside a node, sans-IO: it is told the node's own values and what
//! arrives, and says through a [`Port`] what is to be done. [`message`] is what trackers say. It
//! does *not* know what the quantities mean, nor what else the node does.

pub mod message;
mod tracker;

pub use message::{Estimate, Message, Timer};
pub use tracker::{Port, Tracker};
