//! What is observed of failures: when they are found out, how long the overlay is broken, and what its upkeep
//! costs.
//!
//! The overlay is *broken* while a living unit is an orphan, in no table of a living leader to which it belongs; while a
//! living broker's table lists a unit that does not belong to it, because it is dead, or has another leader or
//! none; or while a change is under way to the table of a leader. A root is no orphan, nor is the one broker below which all
//! others are where every root is dead. This module does *not* know how a failure is found out, nor how the overlay heals.

mod over_time;
mod state;

use super::presence::CountToEnd;
use super::record::RequestRecord;
use super::{BrokerUnits, MemberChange, Memberships, World};
use crate::measure::{Cell, Named, absent};
use crate::system::{NetworkOutages, Periods};
use crate::time::Span;
use crate::unit::UnitId;
use over_time::{by_phase, over_time};
use state::{Begun, ObservedOverlay};

/// Something that has happened. At one instant what comes from outside is first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fact {
    /// The unit has crashed.
    Crashed(UnitId),
    /// It has come back, or has been told to.
    Came(UnitId),
    /// It has been told to leave.
    Went(UnitId),
    /// It takes the other for gone.
    Suspects(UnitId, UnitId),
    /// The leader has let the member go, or struck it.
    Lost(UnitId, UnitId),
    /// The leader has heard from the member that this one is none.
    Moved(UnitId, UnitId),
    /// The leader has entered the member.
    Entered(UnitId, UnitId),
    /// The unit has been elected in the place of the leader, in this term; perhaps as a root.
    Elected(UnitId, UnitId, (u32, u32), bool),
    /// Somebody has asked for votes, and was not elected.
    Failed,
    /// The unit tells the leader that it, or its colony, can serve something else.
    Told(UnitId, UnitId),
    /// What the unit has told has come to the leader.
    Heard(UnitId, UnitId),
}

impl Fact {
    /// Its place among the facts of one instant. What a leader does with one member at one instant has one place, so that it
    /// stays in the order in which it was observed: packets that come late may enter a member and let it go at once.
    fn rank(self) -> Self {
        match self {
            Self::Entered(leader, member) | Self::Moved(leader, member) => {
                Self::Lost(leader, member)
            }
            fact => fact,
        }
    }
}

/// Whether a unit is in the table of a leader besides that of its own: that table does not count.
type IsBeside<'b> = &'b dyn Fn(UnitId, UnitId) -> bool;

/// What has been observed in one run.
#[derive(Debug, Default)]
pub(super) struct Healing {
    /// Where units are when requests begin, if they say so.
    begun: Option<Begun>,
    facts: Vec<(Span, Fact)>,
    /// Messages that are for elections.
    election: CountToEnd,
    /// Whether leaders are elected.
    elects: bool,
    /// Where links, routers or domains go down.
    outages: Option<NetworkOutages>,
    /// Whether each message arrives once: then it is seen whether a change is under way.
    is_lossless: bool,
    /// When units cease to look after each other, if they do.
    unwatched: Option<Span>,
}

impl Healing {
    /// Nothing has been observed yet, where leaders are elected or not, the network goes down or not, and each message
    /// arrives once or not.
    pub(super) fn new(elects: bool, outages: Option<NetworkOutages>, is_lossless: bool) -> Self {
        Self {
            elects,
            outages,
            is_lossless,
            ..Self::default()
        }
    }

    /// Requests begin, and units are where `membership` says, if they say so.
    pub(super) fn begin(&mut self, membership: Option<Memberships>) {
        self.begun = membership.map(Begun::of);
    }

    /// `fact` at `at`.
    pub(super) fn add(&mut self, at: Span, fact: Fact) {
        self.facts.push((at, fact));
    }

    /// The table of `leader` has changed.
    pub(super) fn change(
        &mut self,
        at: Span,
        (leader, member): (UnitId, UnitId),
        to: MemberChange,
    ) {
        let fact = match to {
            MemberChange::Registered => Fact::Entered(leader, member),
            MemberChange::Moved => Fact::Moved(leader, member),
            MemberChange::Left | MemberChange::Struck => Fact::Lost(leader, member),
        };
        self.add(at, fact);
    }

    /// Takes in what was observed in another part of the run.
    pub(super) fn merge(&mut self, other: Self) {
        if let Some((mine, other)) = self.begun.as_mut().zip(other.begun) {
            mine.merge(other);
        }
        self.facts.extend(other.facts);
        self.election.merge(other.election);
        if let Some(at) = other.unwatched {
            self.unwatch(at);
        }
    }

    /// A change is told, or has been heard: `fact`.
    pub(super) fn update(&mut self, at: Span, fact: Fact) {
        if self.is_lossless {
            self.add(at, fact);
        }
    }

    /// Units cease to look after each other.
    pub(super) fn unwatch(&mut self, at: Span) {
        let first = self.unwatched.get_or_insert(at);
        *first = at.min(*first);
    }

    /// What is broken when units cease to look after each other, which they did for long enough, and what has not become
    /// again what it was at first.
    pub(super) fn not_healed(&self, world: &World, is_beside: IsBeside<'_>) -> Vec<String> {
        let Some(end) = self.unwatched else {
            return Vec::new();
        };
        let mut state = self.observed_overlay(world, is_beside);
        for (at, fact) in self.until(end, is_beside) {
            // What is said at that instant is said to those who have ceased.
            if at < end {
                state.take(at, fact);
            }
        }
        if self.is_lossless {
            state.complaints()
        } else {
            state.strays()
        }
    }

    /// The overlay when requests begin.
    fn observed_overlay(&self, world: &World, is_beside: IsBeside<'_>) -> ObservedOverlay {
        ObservedOverlay::new(world, self.begun.as_ref(), is_beside)
    }

    /// Whether a unit has been taken for gone.
    pub(super) fn has_suspicions(&self) -> bool {
        let mut facts = self.facts.iter();
        facts.any(|(_, fact)| matches!(fact, Fact::Suspects(..)))
    }

    /// A message for an election is sent.
    pub(super) fn election_message(&mut self, at: Span) {
        self.election.add(at);
    }

    /// What has been counted so far is not after the end of the last request.
    pub(super) fn settle(&mut self) {
        self.election.settle();
    }

    /// Which unit has been elected to replace which, in which term.
    pub(super) fn elected(&self) -> impl Iterator<Item = (UnitId, UnitId, (u32, u32))> {
        self.facts.iter().filter_map(|(_, fact)| match *fact {
            Fact::Elected(elected, leader, term, _) => Some((elected, leader, term)),
            _ => None,
        })
    }

    /// The facts up to `end`, in order, without those of tables that do not count.
    fn until(&self, end: Span, is_beside: IsBeside<'_>) -> Vec<(Span, Fact)> {
        let counts = |fact: Fact| match fact {
            Fact::Lost(leader, member)
            | Fact::Moved(leader, member)
            | Fact::Entered(leader, member) => !is_beside(member, leader),
            _ => true,
        };
        let mut facts = self.facts.clone();
        facts.retain(|(at, fact)| *at <= end && counts(*fact));
        facts.sort_by_key(|(at, fact)| (*at, fact.rank()));
        facts
    }
}

/// The cells and rows of healing.
#[derive(Debug)]
pub(super) struct Healed {
    /// The cells of the columns.
    pub(super) cells: Vec<Named>,
    /// The rows of the table over time.
    pub(super) over_time: Vec<Vec<Cell>>,
}

/// What has come together.
#[derive(Debug, Default)]
struct HealingTotals {
    detections: Vec<Span>,
    suspicions: u64,
    wrong: u64,
    /// How many were elected, how many asked for votes without success, and the times from the failure to the
    /// election.
    won: u64,
    failed: u64,
    elections: Vec<Span>,
    /// The times in which the overlay was broken; the last one may not have ended.
    broken: Vec<(Span, Option<Span>)>,
    /// The share of orphans, times nanoseconds, in each interval.
    orphaned: Vec<f64>,
    /// When a unit crashed first.
    first: Option<Span>,
    /// The times in which anything of the network is down.
    down: Periods,
}

impl HealingTotals {
    /// From `at` on the overlay is broken, or it is not any more.
    fn note(&mut self, at: Span, is_broken: bool) {
        let is_open = self.broken.last().is_some_and(|(_, to)| to.is_none());
        if is_broken && !is_open {
            self.broken.push((at, None));
        } else if !is_broken && let Some((_, to @ None)) = self.broken.last_mut() {
            *to = Some(at);
        }
    }
}

impl Healed {
    /// Of a run in which nothing of it was observed.
    pub(super) fn nothing() -> Self {
        let cells = absent([
            "detect_ms_mean",
            "detect_ms_max",
            "suspicions",
            "suspicions_wrong",
            "repair_ms_mean",
            "repair_ms_max",
            "orphans_ratio",
            "acceptance_before",
            "acceptance_during",
            "acceptance_after",
            "elections_won",
            "elections_failed",
            "election_messages",
            "election_ms_mean",
        ]);
        Self {
            cells: cells.into(),
            over_time: Vec::new(),
        }
    }

    /// Adds the rate of maintenance messages: those up to `end` that are not for requests, if they are counted.
    pub(super) fn with_upkeep(mut self, world: &World, messages: Option<u64>, end: Span) -> Self {
        let units = world.population.len() as usize + world.gbus().len();
        let unit_s = units as f64 * end.as_ns() as f64 / 1e9;
        let upkeep = messages.filter(|_| unit_s > 0.0);
        let rate = upkeep.map(|messages| messages as f64 / unit_s);
        self.cells.push(("upkeep_per_unit_s", rate.into()));
        self
    }

    /// Since when the overlay has been broken at `end`, if it is.
    pub(super) fn broken_since(
        world: &World,
        (healing, is_beside): (&Healing, IsBeside<'_>),
        end: Span,
    ) -> Option<Span> {
        if world.broker_units == BrokerUnits::None {
            return None;
        }
        let sums = sums(world, (healing, is_beside), (end, end.max(Span::from_s(1))));
        let last = sums.broken.last();
        last.filter(|(_, to)| to.is_none()).map(|(from, _)| *from)
    }

    /// Of what was observed up to `end`, the end of the last of `requests`, in intervals of time.
    pub(super) fn of(
        world: &World,
        (healing, is_beside): (&Healing, IsBeside<'_>),
        requests: &[RequestRecord],
        (end, interval): (Span, Span),
    ) -> Self {
        if world.broker_units == BrokerUnits::None {
            // Nobody leads: nobody is without a leader, and no table lists anybody.
            return Self::nothing();
        }
        let sums = sums(world, (healing, is_beside), (end, interval));
        let repairs = sums.broken.iter();
        let repairs = repairs.filter_map(|(from, to)| Some((*to)? - *from));
        let repairs: Vec<Span> = repairs.collect();
        let [detect_mean, detect_max] = mean_and_max(&sums.detections);
        let [repair_mean, repair_max] = mean_and_max(&repairs);
        let whole = end.as_ns() as f64;
        let orphans: f64 = sums.orphaned.iter().sum();
        let orphans = (whole > 0.0).then_some(orphans / whole);
        let [before, during, after] = by_phase(&sums, requests);
        let [election_mean, _] = mean_and_max(&sums.elections);
        let election = |count| {
            if healing.elects {
                Cell::Count(count)
            } else {
                Cell::Absent
            }
        };
        Self {
            cells: vec![
                ("detect_ms_mean", detect_mean),
                ("detect_ms_max", detect_max),
                ("suspicions", Cell::Count(sums.suspicions)),
                ("suspicions_wrong", Cell::Count(sums.wrong)),
                ("repair_ms_mean", repair_mean),
                ("repair_ms_max", repair_max),
                ("orphans_ratio", orphans.into()),
                ("acceptance_before", before),
                ("acceptance_during", during),
                ("acceptance_after", after),
                ("elections_won", election(sums.won)),
                ("elections_failed", election(sums.failed)),
                ("election_messages", election(healing.election.until(end))),
                ("election_ms_mean", election_mean),
            ],
            over_time: over_time(&sums, requests, (end, interval)),
        }
    }
}

fn sums(
    world: &World,
    (healing, is_beside): (&Healing, IsBeside<'_>),
    (end, interval): (Span, Span),
) -> HealingTotals {
    let mut state = healing.observed_overlay(world, is_beside);
    let count = end.as_ns().div_ceil(interval.as_ns()) as usize;
    let mut sums = HealingTotals {
        orphaned: vec![0.0; count],
        down: healing
            .outages
            .as_ref()
            .map_or_else(Periods::new, |outages| outages.until(end)),
        ..HealingTotals::default()
    };
    let mut now = Span::ZERO;
    let mut facts = healing.until(end, is_beside).into_iter().peekable();
    // What happens at once comes first.
    if facts.peek().is_none_or(|(at, _)| *at > Span::ZERO) {
        sums.note(Span::ZERO, state.is_broken());
    }
    loop {
        let next = facts.peek().map_or(end, |(at, _)| *at);
        while now < next {
            let number = now.as_ns() / interval.as_ns();
            let until = Span::from_ns((number + 1) * interval.as_ns()).min(next);
            let share = state.share_of_orphans();
            sums.orphaned[number as usize] += (until - now).as_ns() as f64 * share;
            now = until;
        }
        let Some((at, fact)) = facts.next() else {
            break;
        };
        match fact {
            Fact::Crashed(_) => _ = sums.first.get_or_insert(at),
            Fact::Suspects(by, unit) => {
                sums.suspicions += 1;
                match state.crash_to_find(by, unit) {
                    Some(crash) if !state.could_find((by, unit), crash) => {}
                    Some(crash) => sums.detections.push(at - crash),
                    None => sums.wrong += 1,
                }
            }
            Fact::Elected(_, leader, ..) => {
                sums.won += 1;
                let crash = state
                    .crashes
                    .get(&leader)
                    .filter(|_| state.dead.contains(&leader));
                sums.elections.extend(crash.map(|crash| at - *crash));
            }
            Fact::Failed => sums.failed += 1,
            _ => {}
        }
        state.take(at, fact);
        // What follows at the same instant belongs to it.
        if facts.peek().is_some_and(|(next, _)| *next == at) {
            continue;
        }
        sums.note(at, state.is_broken());
    }
    sums
}

/// Mean and maximum in milliseconds.
fn mean_and_max(spans: &[Span]) -> [Cell; 2] {
    let sum: u128 = spans.iter().map(|span| u128::from(span.as_ns())).sum();
    let mean = (!spans.is_empty()).then(|| sum as f64 / spans.len() as f64 / 1e6);
    let max = spans.iter().max().map(|span| span.as_ms());
    [mean.into(), max.into()]
}
