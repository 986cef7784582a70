//! Units that take time over each message: what reaches them waits in a line.
//!
//! It does *not* know what a message says, nor what the unit does with it.

use super::line::{LEAST, Lines};
use super::network::number_of;
use crate::event_queue::Key;
use crate::random::law::Law;
use crate::random::{RandomStreams, StreamId};
use crate::system::{Queueing, Serving};
use crate::time::{Span, Time};
use crate::unit::UnitId;

/// How long a message takes; by sender and count.
const SERVICE: StreamId = StreamId(135);

/// A message takes a day at most.
const SERVICE_MAX: Span = Span::from_s(86_400);

/// The lines of all units that take time.
#[derive(Debug)]
pub(super) struct Stations {
    kind: u8,
    law: Law,
    lines: Lines,
}

impl Stations {
    /// Those of a system with these `units`.
    pub(super) fn new(serving: Serving, units: impl Iterator<Item = UnitId>) -> Self {
        let Serving { kind, law, queue } = serving;
        let of_kind = units.filter(|unit| unit.kind() == kind);
        Self {
            kind,
            law,
            lines: Lines::new(of_kind.count(), queue),
        }
    }

    /// Whether `unit` is one of those that take time.
    #[inline]
    pub(super) fn has(&self, unit: UnitId) -> bool {
        unit.kind() == self.kind
    }

    /// A message that was sent as this packet (sender and count) comes to `unit` at `key.time`: under which key it
    /// is handled; `None`: the unit's queue is full.
    pub(super) fn enter(
        &mut self,
        unit: UnitId,
        key: Key,
        packet: (UnitId, u32),
        streams: RandomStreams,
    ) -> Option<Key> {
        let packet = number_of(packet);
        let drawn = self.law.span(&mut streams.stream(SERVICE, packet));
        let takes = drawn.clamp(LEAST, SERVICE_MAX);
        self.lines.enter(unit.index() as usize, key, takes)
    }

    /// Releases the message that `unit` handles under `key`; `false`: the unit has forgotten it.
    pub(super) fn leave(&mut self, unit: UnitId, key: Key) -> bool {
        self.lines.leave(unit.index() as usize, key)
    }

    /// `unit` forgets what waits.
    pub(super) fn forget(&mut self, unit: UnitId, now: Time) {
        if self.has(unit) {
            self.lines.clear(unit.index() as usize, now);
        }
    }

    /// A stage begins at `now`, when nothing waits; see [`Lines::begin`].
    pub(super) fn begin(&mut self, now: Time, busy_within: Option<(Time, Time)>) {
        self.lines.begin(now, busy_within);
    }

    /// What has been counted of each unit that takes time.
    pub(super) fn each(&self) -> impl Iterator<Item = (UnitId, Queueing)> {
        let units = (0..).map(|index| UnitId::new(self.kind, index));
        units.zip(self.lines.each())
    }

    /// The sum of what has been counted over all units that take time.
    pub(super) fn totals(&self) -> Queueing {
        self.lines.totals()
    }
}
