//! The tracker of one node: what it is told, and what it believes.
//!
//! This module does *not* know what the quantities mean, nor what else the node does.

use std::sync::Arc;

use super::message::{Estimate, Message, Timer};
use crate::opus::config::Tracking;
use crate::random::Draws;
use crate::time::{Span, Time};

/// What the node around a tracker does for it.
pub trait Port {
    /// The present instant.
    fn now(&self) -> Time;
    /// Randomness, by key.
    fn draws(&self) -> Draws;
    /// Sends `message` to the tracker of node `to`, which is another one.
    fn send(&mut self, to: u32, message: Message);
    /// Sets `timer` to be due `after` a span from now, replacing an earlier setting.
    fn arm(&mut self, timer: Timer, after: Span);
    /// Unsets `timer`.
    fn disarm(&mut self, timer: Timer);
}

/// The tracker of one node.
#[derive(Debug)]
pub struct Tracker {
    rules: Arc<Tracking>,
    me: u32,
    /// The node's own value of each quantity, once it is known.
    own: Vec<Estimate>,
}

impl Tracker {
    /// The tracker of node `me`.
    pub fn new(rules: Arc<Tracking>, me: u32) -> Self {
        let own = vec![Estimate::default(); usize::from(rules.quantities)];
        Self { rules, me, own }
    }

    /// The node comes to life, for the first time or again: whom and what the tracker knew of other
    /// nodes is forgotten, and it looks for them.
    pub fn start(&mut self, port: &mut impl Port) {
        for timer in Timer::ALL {
            port.disarm(timer);
        }
    }

    /// The node's own value of `quantity` is `value` from now on; it is not negative.
    ///
    /// # Panics
    /// If there is no such quantity.
    pub fn observe(&mut self, quantity: u16, value: f64, port: &mut impl Port) {
        debug_assert!(value >= 0.0, "relative bounds are for values above 0");
        self.own[usize::from(quantity)] = Estimate::of_one(value, port.now());
    }

    /// A message of the tracker of node `from` has arrived.
    pub fn message(&mut self, from: u32, message: Message, port: &mut impl Port) {
        let _ = (from, message, self.me, port);
    }

    /// A timer that it armed is due.
    pub fn timer(&mut self, timer: Timer, port: &mut impl Port) {
        let _ = (timer, &self.rules, port);
    }

    /// What this node believes of `quantity`: the sum over all nodes, how many are in it, and how
    /// old its oldest part is.
    ///
    /// # Panics
    /// If there is no such quantity.
    pub fn total(&self, quantity: u16) -> Estimate {
        self.own[usize::from(quantity)]
    }
}
