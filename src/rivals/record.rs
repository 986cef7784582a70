//! What is observed of a run of a rival for the columns that all rivals have after the shared ones.
//!
//! It does *not* know how providers are found.

use std::collections::BTreeMap;

use super::message::{Message, RivalProtocol, Said};
use crate::discovery::{GCU, Observation, Observe, RequestId, RequestOutcome};
use crate::measure::{Cell, Metric, Named};
use crate::prefetch::prefetch;
use crate::system::Measures;
use crate::time::Time;
use crate::unit::{Effect, Input, UnitId};

/// The columns, in the order of [`Record::cells`].
pub(super) const METRICS: &[Metric] = &[
    Metric::new(
        "reached_per_request",
        "GCUs that a request was brought to or that were asked whether they serve it ÷ issued by \
         connected GCUs",
    ),
    Metric::new(
        "gcu_load_mean",
        "mean over GCUs of messages for requests received ÷ issued by connected GCUs",
    ),
    Metric::new("gcu_load_max", "greatest of the same"),
    Metric::new(
        "upkeep_messages",
        "messages that are sent for no request while requests are made",
    ),
    Metric::new(
        "queries_per_request",
        "queries that are sent on their way through the overlay ÷ issued by connected GCUs",
    ),
];

/// The record of one run's request phase.
#[derive(Debug, Default)]
pub struct Record {
    /// Requests of connected computers.
    connected: u64,
    reached: u64,
    upkeep: u64,
    queries: u64,
    /// Messages for requests that each computer has received, up to the last one that has any.
    received: Vec<u64>,
    /// The edges that a request had crossed when its requester was first told of a provider.
    hops: BTreeMap<RequestId, u32>,
}

impl Record {
    /// The edges; none, if the requester itself could tell.
    pub(super) fn hops(&self, request: RequestId) -> u32 {
        self.hops.get(&request).copied().unwrap_or(0)
    }

    /// Messages for requests that the busiest computer has received.
    pub(super) fn most_received(&self) -> u64 {
        self.received.iter().copied().max().unwrap_or(0)
    }

    /// The cells of a run with `computers` computers.
    pub(super) fn cells(&self, computers: u32) -> Vec<Named> {
        let total: u64 = self.received.iter().sum();
        let most = self.most_received();
        vec![
            (
                "reached_per_request",
                Cell::ratio(self.reached, self.connected),
            ),
            (
                "gcu_load_mean",
                Cell::ratio(total, self.connected * u64::from(computers)),
            ),
            ("gcu_load_max", Cell::ratio(most, self.connected)),
            ("upkeep_messages", Cell::Count(self.upkeep)),
            (
                "queries_per_request",
                Cell::ratio(self.queries, self.connected),
            ),
        ]
    }
}

impl<S: Said> Measures<RivalProtocol<S>> for Record {
    #[inline]
    fn fetch(&self, unit: UnitId) {
        if let Some(received) = self.received.get(unit.index() as usize) {
            prefetch(received);
        }
    }

    #[inline]
    fn input(&mut self, _: Time, unit: UnitId, input: &Input<RivalProtocol<S>>) {
        let Input::Message { message, .. } = input else {
            return;
        };
        let Some(request) = message.request() else {
            return;
        };
        if unit.kind() != GCU {
            return;
        }
        let id = unit.index() as usize;
        if id >= self.received.len() {
            self.received.resize(id + 1, 0);
        }
        self.received[id] += 1;
        if let Some(hops) = message.hops() {
            self.hops.entry(request).or_insert(hops);
        }
    }

    #[inline]
    fn effect(&mut self, _: Time, _: UnitId, effect: &Effect<RivalProtocol<S>>) {
        match effect {
            Effect::Send { message, .. } => {
                self.upkeep += u64::from(Message::request(message).is_none());
                self.queries += u64::from(message.is_search());
            }
            Effect::Observation(Observation::Reached { .. }) => self.reached += 1,
            Effect::Observation(Observation::Ended { outcome, .. }) => {
                self.connected += u64::from(*outcome != RequestOutcome::Local);
            }
            // What this record does not count.
            Effect::Observation(_) | Effect::Arm { .. } | Effect::Disarm { .. } => {}
        }
    }
}

impl<S: Said> Observe<RivalProtocol<S>> for Record {
    fn merge(&mut self, other: Self) {
        self.connected += other.connected;
        self.reached += other.reached;
        self.upkeep += other.upkeep;
        self.queries += other.queries;
        let known = self.received.len().max(other.received.len());
        self.received.resize(known, 0);
        for (mine, theirs) in self.received.iter_mut().zip(other.received) {
            *mine += theirs;
        }
        // A request's answers all come to the part that its requester is in.
        self.hops.extend(other.hops);
    }
}
