//! Observations of units that come and go: when they do, when their leaders know, and which units are asked in
//! vain.
//!
//! It does *not* know why a unit goes, nor how a leader finds out.

use super::{GCU, MemberChange, RequestId, World};
use crate::time::Span;
use crate::unit::UnitId;

/// What has happened to a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// It has come.
    Up,
    /// It has been told to go.
    Down,
    /// It has crashed; if it is a leader, its table is lost.
    Crashed,
    /// This leader has entered it, perhaps again.
    Registered(UnitId),
    /// This leader has let it go.
    Left(UnitId),
    /// This leader has struck it.
    Struck(UnitId),
    /// It has taken this peer for gone. That is no news of its membership, unless it is its leader.
    Suspects(UnitId),
}

impl Event {
    /// What a file calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down | Self::Crashed => "down",
            Self::Registered(_) => "registered",
            Self::Left(_) => "left",
            Self::Struck(_) => "struck",
            Self::Suspects(_) => "suspects",
        }
    }

    /// The leader that says so.
    pub(super) fn leader(self) -> Option<UnitId> {
        match self {
            Self::Up | Self::Down | Self::Crashed | Self::Suspects(_) => None,
            Self::Registered(leader) | Self::Left(leader) | Self::Struck(leader) => Some(leader),
        }
    }

    /// The table of `leader` has changed.
    pub(super) fn of(change: MemberChange, leader: UnitId) -> Self {
        match change {
            MemberChange::Registered => Self::Registered(leader),
            MemberChange::Left | MemberChange::Moved => Self::Left(leader),
            MemberChange::Struck => Self::Struck(leader),
        }
    }
}

/// An event, with its time after the beginning of the request phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Observed {
    pub(super) at: Span,
    /// Whether a leader reports it, and not the environment: at one instant that comes later.
    is_reported: bool,
    pub(super) unit: UnitId,
    pub(super) event: Event,
}

/// What is observed of comings and goings in one run.
#[derive(Debug)]
pub(super) struct Presence {
    events: Vec<Observed>,
    /// The computers that are down, as bits.
    absent: Vec<u64>,
    /// Enquiries to computers; those that met an absent one; those to a present one that does not offer any
    /// more what it was asked for.
    pub(super) enquiries: CountToEnd,
    pub(super) enquiries_absent: CountToEnd,
    pub(super) enquiries_not_offered: CountToEnd,
    open: Open,
}

impl Presence {
    /// Nothing has happened yet in `world`.
    pub(super) fn new(world: &World) -> Self {
        let computers = world.population.len() as usize;
        let mut presence = Self {
            events: Vec::new(),
            absent: vec![0; computers.div_ceil(64)],
            enquiries: CountToEnd::default(),
            enquiries_absent: CountToEnd::default(),
            enquiries_not_offered: CountToEnd::default(),
            open: Open {
                newest: vec![None; computers],
                older: vec![None; world.requests.len() * world.parts.len().max(1)],
            },
        };
        for &unit in &world.absent {
            presence.set_absent(unit, true);
        }
        presence
    }

    /// `event` happens to `unit`.
    pub(super) fn add(&mut self, at: Span, unit: UnitId, event: Event) {
        match event {
            Event::Up => self.set_absent(unit, false),
            Event::Down | Event::Crashed => self.set_absent(unit, true),
            Event::Registered(_) | Event::Left(_) | Event::Struck(_) | Event::Suspects(_) => {}
        }
        self.events.push(Observed {
            at,
            is_reported: !matches!(event, Event::Up | Event::Down | Event::Crashed),
            unit,
            event,
        });
    }

    /// `unit` is asked whether it serves; `gone`: nobody was there to hear it.
    #[inline]
    pub(super) fn enquiry(&mut self, at: Span, unit: UnitId, gone: bool) {
        if unit.kind() == GCU {
            self.enquiries.add(at);
            if gone || self.is_absent(unit) {
                self.enquiries_absent.add(at);
            }
        }
    }

    /// `unit` does not offer any more what it is asked for. One that is about to go has been counted as absent.
    pub(super) fn not_offered(&mut self, at: Span, unit: UnitId) {
        if !self.is_absent(unit) {
            self.enquiries_not_offered.add(at);
        }
    }

    fn is_absent(&self, unit: UnitId) -> bool {
        let (word, bit) = (unit.index() as usize / 64, unit.index() % 64);
        self.absent[word] >> bit & 1 == 1
    }

    /// The computer `unit` issues `request`.
    #[inline]
    pub(super) fn issue(&mut self, unit: UnitId, request: RequestId) {
        self.open.add(unit.index() as usize, request);
    }

    /// The request of the computer `unit` has ended.
    #[inline]
    pub(super) fn end(&mut self, unit: UnitId, request: RequestId) {
        self.open.remove(unit.index() as usize, request);
        self.settle();
    }

    /// A request ends now: what has been counted so far is not after the end of the last one.
    #[inline]
    pub(super) fn settle(&mut self) {
        self.enquiries.settle();
        self.enquiries_absent.settle();
        self.enquiries_not_offered.settle();
    }

    /// Takes a request of `unit` that has not ended, if there is one; it ends now.
    pub(super) fn take_open(&mut self, unit: UnitId) -> Option<RequestId> {
        if unit.kind() != GCU {
            return None;
        }
        let request = self.open.newest.get(unit.index() as usize).copied()??;
        self.end(unit, request);
        Some(request)
    }

    /// Takes in what was observed in another part of the run.
    pub(super) fn merge(&mut self, other: Self) {
        self.events.extend(other.events);
        self.enquiries.merge(other.enquiries);
        self.enquiries_absent.merge(other.enquiries_absent);
        self.enquiries_not_offered
            .merge(other.enquiries_not_offered);
    }

    /// The comings and goings up to the instant `end`, in order: at one instant first the environment's, then
    /// by unit.
    pub(super) fn events(&self, end: Span) -> Vec<Observed> {
        let mut events = self.events.clone();
        let is_coming = |event| !matches!(event, Event::Suspects(_));
        events.retain(|observed| observed.at <= end && is_coming(observed.event));
        events.sort_unstable();
        events
    }

    fn set_absent(&mut self, unit: UnitId, absent: bool) {
        if unit.kind() == GCU {
            let (word, bit) = (unit.index() as usize / 64, unit.index() % 64);
            self.absent[word] = self.absent[word] & !(1 << bit) | u64::from(absent) << bit;
        }
    }
}

/// How often something happens until the last request ends. That instant is known only afterwards, and other
/// parts of the run may know it: so what may still be too late is kept with its time.
#[derive(Debug, Default)]
pub(super) struct CountToEnd {
    /// How often it has happened until a request ended, for the last time so far.
    settled: u64,
    /// When it has happened since.
    since: Vec<Span>,
}

impl CountToEnd {
    /// It happens at `at`.
    #[inline]
    pub(super) fn add(&mut self, at: Span) {
        self.since.push(at);
    }

    /// What has happened so far is in time.
    #[inline]
    pub(super) fn settle(&mut self) {
        self.settled += self.since.len() as u64;
        self.since.clear();
    }

    /// Takes in what was counted in another part of the run.
    pub(super) fn merge(&mut self, other: Self) {
        self.settled += other.settled;
        self.since.extend(other.since);
    }

    /// How often, if the last request ends at `end`.
    pub(super) fn until(&self, end: Span) -> u64 {
        let in_time = self.since.iter().filter(|at| **at <= end);
        self.settled + in_time.count() as u64
    }
}

/// The open requests of each computer, the newest first: lists inside two arrays, so that nothing is
/// allocated while they change.
#[derive(Debug)]
struct Open {
    newest: Vec<Option<RequestId>>,
    /// The one before it, by request.
    older: Vec<Option<RequestId>>,
}

impl Open {
    fn add(&mut self, computer: usize, request: RequestId) {
        self.older[request.0 as usize] = self.newest[computer].replace(request);
    }

    fn remove(&mut self, computer: usize, request: RequestId) {
        let older = self.older[request.0 as usize].take();
        let mut at = self.newest[computer];
        if at == Some(request) {
            self.newest[computer] = older;
            return;
        }
        while let Some(newer) = at {
            at = self.older[newer.0 as usize];
            if at == Some(request) {
                self.older[newer.0 as usize] = older;
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_after_the_last_request_is_not_counted() {
        let count = |times: &[u64], settled: usize| {
            let mut count = CountToEnd::default();
            for (at, number) in times.iter().zip(1..) {
                count.add(Span::from_s(*at));
                if number == settled {
                    count.settle();
                }
            }
            count
        };
        let mut all = count(&[1, 2, 2, 5, 9], 2);
        assert_eq!(all.until(Span::from_s(2)), 3);
        assert_eq!(all.until(Span::from_s(5)), 4);
        // In the other part a request ends later.
        all.merge(count(&[1, 6, 6, 7], 2));
        assert_eq!(all.until(Span::from_s(6)), 4 + 3);
    }
}
