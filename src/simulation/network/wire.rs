//! Links of limited bandwidth: packets cross them one after another, and wait for each other.
//!
//! It does *not* know routes, nor what a packet carries.

use crate::event_queue::Key;
use crate::simulation::line::Lines;
use crate::system::Queueing;
use crate::time::{Span, Time};
use crate::topology::Routes;

use super::Conditions;

/// The headers of a packet, in bytes: IPv4 (20), UDP (8), GIP (12).
pub const HEADER_BYTES: u32 = 40;

/// The lines before all links, one for each direction.
#[derive(Debug)]
pub(super) struct Wire {
    bits_per_s: f64,
    lines: Lines,
}

impl Wire {
    /// Those of the links among `routes`; `None`: bandwidth is unlimited.
    pub(super) fn new(conditions: &Conditions, routes: &Routes) -> Option<Self> {
        let links = routes.simple_links().count();
        Some(Self {
            bits_per_s: conditions.bandwidth_mbps?.0 * 1e6,
            lines: Lines::new(2 * links, conditions.queue_packets.map(|queue| queue.0)),
        })
    }

    /// A packet that carries `bytes` is to cross the link with this number at `key.time`, forwards or backwards:
    /// for how long it waits and is sent; `None`: the link's queue is full.
    pub(super) fn enter(
        &mut self,
        key: Key,
        (link, backwards): (usize, bool),
        bytes: u32,
    ) -> Option<Span> {
        let line = 2 * link + usize::from(backwards);
        self.lines.leave_by(line, key.time);
        let takes = sending(bytes, self.bits_per_s);
        let done = self.lines.enter(line, key, takes)?;
        Some(done.time.saturating_since(key.time))
    }

    /// A stage begins at `now`; see [`Lines::begin`].
    pub(super) fn begin(&mut self, now: Time, busy_within: Option<(Time, Time)>) {
        self.lines.begin(now, busy_within);
    }

    /// What has been counted of each link, forwards and backwards.
    pub(super) fn each(&self) -> impl Iterator<Item = Queueing> {
        self.lines.each()
    }

    /// The sum of what has been counted over all links.
    pub(super) fn totals(&self) -> Queueing {
        self.lines.totals()
    }
}

/// How long it takes to send a packet that carries `bytes`, to the nearest nanosecond and at least one.
fn sending(bytes: u32, bits_per_s: f64) -> Span {
    let bits = 8.0 * f64::from(HEADER_BYTES.saturating_add(bytes));
    let ns = (bits / bits_per_s * 1e9).round();
    Span::from_ns((ns as u64).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_takes_its_bits_over_the_bandwidth() {
        assert_eq!(sending(10, 1e6).as_ns(), 400_000);
        assert_eq!(sending(10, 1e15).as_ns(), 1);
        assert_eq!(sending(u32::MAX, 1e9).as_ns(), 34_359_738_360);
    }
}
