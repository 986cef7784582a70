//! How long it takes to master the first flash crowd: the requests that are issued while it rises and
//! stays, by time bins of its own, so that the answer does not depend on `bin_s`.
//!
//! This module does *not* know how nodes are divided, nor what the best division is worth.

use std::sync::Arc;

use super::config::Demand;
use super::record::BinCounts;
use super::world::World;
use crate::time::{Span, Time};

/// A crowd is mastered when no more than this share of the optimum's utility is missing.
const MISSING: f64 = 0.1;
/// The length of a bin,
const BIN: Span = Span::from_s(10);
/// or longer, so that there are no more bins than this.
const BINS_MAX: u64 = 100;

/// When a flash crowd comes and goes.
#[derive(Debug, Clone, Copy)]
struct Flash {
    starts: Time,
    /// It has risen.
    top: Time,
    /// It begins to fall.
    falls: Time,
    /// The latency that is promised to it.
    promised: Span,
}

/// The record of the first flash crowd.
#[derive(Debug)]
pub(super) struct Crowd {
    flash: Flash,
    bin: Span,
    applications: usize,
    /// By bin, then application.
    tallies: Vec<BinCounts>,
}

impl Crowd {
    /// An empty record, if there is a crowd before the end of the run.
    pub(super) fn new(world: &Arc<World>) -> Option<Self> {
        let flash = first(world)?;
        let until = flash.falls.min(world.end);
        let lasts = until.saturating_since(flash.starts);
        if lasts == Span::ZERO {
            return None;
        }
        let fine = BIN.max(Span::from_ns(lasts.as_ns().div_ceil(BINS_MAX)));
        let bin = fine.min(lasts);
        // What is left after the last whole bin is too short to be judged.
        let bins = (lasts.as_ns() / bin.as_ns()) as usize;
        let applications = world.applications.len();
        Some(Self {
            flash,
            bin,
            applications,
            tallies: vec![BinCounts::default(); bins * applications],
        })
    }

    fn bins(&self) -> usize {
        self.tallies.len() / self.applications
    }

    /// The tally to which a request for an application belongs, if it counts.
    #[inline]
    pub(super) fn tally_at(&mut self, issued: Time, application: usize) -> Option<&mut BinCounts> {
        if issued < self.flash.starts {
            return None;
        }
        let bin = (issued - self.flash.starts).as_ns() / self.bin.as_ns();
        let cell = (bin as usize).checked_mul(self.applications)? + application;
        self.tallies.get_mut(cell)
    }

    /// From when to when a bin lasts.
    fn bin(&self, bin: usize) -> [Time; 2] {
        [bin, bin + 1].map(|bin| self.flash.starts + Span::from_ns(bin as u64 * self.bin.as_ns()))
    }

    /// The seconds from the start of the crowd to the end of the dip that it makes; 0 if it makes
    /// none, absent if the dip lasts until the crowd begins to go, where `optimum` is the best
    /// utility from one instant to another.
    ///
    /// Only a dip that begins while the crowd rises, or before the first requests at its top can
    /// be late, is the crowd's.
    pub(super) fn react_s(
        &self,
        world: &World,
        mut optimum: impl FnMut([Time; 2]) -> f64,
    ) -> Option<f64> {
        let is_mastered = |bin: usize| {
            let best = optimum(self.bin(bin));
            best - self.utility(world, bin) <= MISSING * best.abs()
        };
        let latest = (self.flash.top - self.flash.starts) + self.flash.promised;
        let rising = latest.as_ns().div_ceil(self.bin.as_ns()).max(1) as usize;
        let back = back(rising, self.bins(), is_mastered)?;
        Some(World::seconds(self.bin(back)[0] - self.flash.starts))
    }

    fn utility(&self, world: &World, bin: usize) -> f64 {
        let tallies = &self.tallies[bin * self.applications..][..self.applications];
        let all = world.applications.iter().zip(tallies);
        all.map(|(application, tally)| {
            let rate = |count: u32| f64::from(count) / World::seconds(self.bin);
            let sla = &application.sla;
            sla.utility(rate(tally.issued), rate(tally.in_time))
        })
        .sum()
    }
}

/// The bin with which the last dip ends that begins in one of the first bins, which are `rising`;
/// the first bin without such a dip, none if it does not end.
fn back(rising: usize, bins: usize, mut is_mastered: impl FnMut(usize) -> bool) -> Option<usize> {
    let low = (0..rising.min(bins)).rfind(|bin| !is_mastered(*bin));
    low.map_or(Some(0), |low| (low + 1..bins).find(|bin| is_mastered(*bin)))
}

/// The first flash crowd, of those that are one.
fn first(world: &World) -> Option<Flash> {
    let at = |seconds: f64| Time::from_ns((seconds * 1e9) as u64);
    let each = world.config.all_applications();
    let demands = each.flat_map(|(one, shift_s)| {
        let parts = one.demand.iter();
        parts.map(move |demand| (one.sla.latency(), shift_s, demand))
    });
    let flashes = demands.filter_map(|(promised, shift_s, demand)| match demand {
        Demand::Flash(flash) if flash.peak_per_s.0 > flash.base_per_s.0 => {
            let start = flash.start_s.0 + shift_s;
            let top = start + flash.rise_s.0;
            Some(Flash {
                starts: at(start),
                top: at(top),
                falls: at(top + flash.hold_s.0),
                promised,
            })
        }
        _ => None,
    });
    flashes.min_by_key(|flash| flash.starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_dip_that_begins_while_the_crowd_rises_is_the_crowds() {
        // A bin each; `.` is mastered. The first three are of the rise.
        let of = |bins: &str| back(3, bins.len(), |bin| bins.as_bytes()[bin] == b'.');
        assert_eq!(of("........"), Some(0));
        assert_eq!(of("......xx"), Some(0), "something else");
        assert_eq!(of("x......."), Some(1));
        assert_eq!(of(".xx....."), Some(3));
        assert_eq!(of("x.xxx..."), Some(5), "the last dip of the rise");
        assert_eq!(of("..xx.x.."), Some(4), "the second one is another's");
        assert_eq!(of("..xxxxxx"), None, "never");
        assert_eq!(of("x"), None);
    }
}
