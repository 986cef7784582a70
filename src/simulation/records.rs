//! What the driver keeps for each unit: sixteen bytes, and its armed timers while there are any.
//!
//! It does *not* know what a timer reminds of.

use crate::event_queue::Handle;
use crate::prefetch::prefetch;
use crate::unit::{ByKind, UnitId};

/// The record of one unit, in one cache line.
#[derive(Debug)]
#[repr(align(16))]
pub(super) struct Record {
    /// The chained hash of its inputs.
    pub(super) chain: u64,
    /// How many of its effects have become events; with [`DEAD`] on top.
    sent: u32,
    /// Where its timers are kept; [`Timers::NONE`] while it has armed none.
    timers: u32,
}

/// Marks a unit that handles nothing. Sends are counted below it.
const DEAD: u32 = 1 << 31;

impl Record {
    #[inline]
    pub(super) fn is_dead(&self) -> bool {
        self.sent & DEAD != 0
    }

    /// Marks the unit as dead; whether it lived.
    pub(super) fn die(&mut self) -> bool {
        let lived = !self.is_dead();
        self.sent |= DEAD;
        lived
    }

    /// Marks the unit as living.
    pub(super) fn revive(&mut self) {
        self.sent &= !DEAD;
    }

    /// Counts one more event that the unit sends; the first is number 1. Only the living send.
    #[inline]
    pub(super) fn count_send(&mut self) -> u32 {
        self.sent += 1;
        self.sent
    }

    /// The number that [`Self::count_send`] gives next.
    pub(super) fn next_send(&self) -> u32 {
        self.sent + 1
    }
}

/// The armed timers of one unit.
#[derive(Debug, Default)]
struct Timers {
    armed: u32,
    /// By [`crate::unit::Timer::slot`].
    handles: Vec<Handle>,
}

impl Timers {
    const NONE: u32 = u32::MAX;
}

/// The records of all units.
#[derive(Debug, Default)]
pub(super) struct Records {
    kinds: ByKind<Vec<Record>>,
    /// The timers of the units that have armed any, and spare room for others.
    timers: Vec<Timers>,
    spare: Vec<u32>,
}

impl Records {
    /// Adds the next unit of its kind.
    ///
    /// # Panics
    /// If `unit` is not that one.
    pub(super) fn add(&mut self, unit: UnitId) {
        let kind = self.kinds.of_mut(unit);
        assert_eq!(
            unit.index() as usize,
            kind.len(),
            "units of a kind count from 0 upwards"
        );
        assert!(
            unit.index() < UnitId::units_max(unit.kind()),
            "a kind has too many units"
        );
        kind.push(Record {
            chain: 0,
            sent: 0,
            timers: Timers::NONE,
        });
    }

    /// How many units there are.
    pub(super) fn len(&self) -> usize {
        self.kinds.iter().map(|(_, kind)| kind.len()).sum()
    }

    /// The record of `unit`.
    #[inline]
    pub(super) fn of(&mut self, unit: UnitId) -> &mut Record {
        &mut self.kinds.of_mut(unit)[unit.index() as usize]
    }

    /// Fetches `unit`'s record, so that it is at hand when it is needed.
    #[inline]
    pub(super) fn fetch(&self, unit: UnitId) {
        prefetch(&self.kinds.of(unit)[unit.index() as usize]);
    }

    /// Whether any unit has armed a timer.
    pub(super) fn have_armed(&self) -> bool {
        self.timers.iter().any(|timers| timers.armed > 0)
    }

    /// The sum of all chains.
    pub(super) fn fingerprint(&self) -> u64 {
        let records = self.kinds.iter().flat_map(|(_, kind)| kind);
        records.fold(0, |sum, record| sum.wrapping_add(record.chain))
    }

    /// Notes that `unit` has armed the timer in `slot`; its earlier setting, if there is one.
    pub(super) fn arm(&mut self, unit: UnitId, slot: u32, handle: Handle) -> Option<Handle> {
        let record = &mut self.kinds.of_mut(unit)[unit.index() as usize];
        if record.timers == Timers::NONE {
            record.timers = self.spare.pop().unwrap_or_else(|| {
                self.timers.push(Timers::default());
                (self.timers.len() - 1) as u32
            });
        }
        let timers = &mut self.timers[record.timers as usize];
        let slot = slot as usize;
        if timers.handles.len() <= slot {
            timers.handles.resize(slot + 1, Handle::NONE);
        }
        let earlier = std::mem::replace(&mut timers.handles[slot], handle);
        if earlier == Handle::NONE {
            timers.armed += 1;
            return None;
        }
        Some(earlier)
    }

    /// Notes that one of the timers that `unit` has armed is so no longer; its setting.
    pub(super) fn disarm(&mut self, unit: UnitId) -> Option<Handle> {
        let place = self.of(unit).timers;
        let timers = self.timers.get(place as usize)?;
        let slot = timers
            .handles
            .iter()
            .position(|handle| *handle != Handle::NONE)?;
        self.fired(unit, slot as u32)
    }

    /// Notes that the timer in `slot` of `unit` is armed no longer; its setting, if it was.
    pub(super) fn fired(&mut self, unit: UnitId, slot: u32) -> Option<Handle> {
        let record = &mut self.kinds.of_mut(unit)[unit.index() as usize];
        let timers = self.timers.get_mut(record.timers as usize)?;
        let handle = timers.handles.get_mut(slot as usize)?;
        let armed = std::mem::replace(handle, Handle::NONE);
        if armed == Handle::NONE {
            return None;
        }
        timers.armed -= 1;
        if timers.armed == 0 {
            self.spare.push(record.timers);
            record.timers = Timers::NONE;
        }
        Some(armed)
    }
}
