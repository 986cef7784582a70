//! The search: all states of a world, level by level.
//!
//! It does *not* know what happens in a step, nor how it is told.

use super::bench::Bench;
use super::example::{CounterExample, Found};
use super::properties::{Wanted, properties};
use super::rounds::Arrivals;
use super::state::{Row, State, hash};
use super::steps::{Act, Semantics};
use super::visited::Visited;
use super::{Acting, Bounds, Faults, LIVELOCK};
use crate::error::{Error, Result};
use crate::system::{About, Explorable, Violation};
use crate::words::counted;

/// What has been covered so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Covered {
    /// States that differ.
    pub states: u64,
    /// Steps from one of them to one of them.
    pub transitions: u64,
    /// Steps of the longest history that is the shortest one to its end.
    pub depth: u32,
    /// States of which all steps have been taken.
    pub finished: u64,
    /// States that are calm, each left alone until it was at rest.
    pub calm: u64,
    /// States of single units.
    pub unit_states: u64,
    /// The bytes held at most, as counted.
    pub bytes: u64,
}

/// Why a search has ended before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// More memory would be needed than may be held.
    Memory,
    /// Somebody has asked for it.
    Asked,
}

/// What came of a search.
#[derive(Debug)]
pub struct Explored {
    /// What it has covered.
    pub covered: Covered,
    /// Why not all, if it has not.
    pub stopped: Option<Stopped>,
    /// A shortest history after which something does not hold, or to the goal that was looked for.
    pub found: Option<CounterExample>,
    /// The property that was not checked, and why.
    pub unchecked: Option<(&'static str, &'static str)>,
}

/// The progress within a level is reported once for this many states.
const TOLD_EVERY: u64 = 1 << 8;

/// Visits all states of the world of `system`, in which units act like this. `ordered`: messages from one unit
/// to another arrive in the order in which they are sent. What is covered so far is told to `go_on` now and then, which says whether
/// to.
///
/// # Errors
/// If the world is too large, or a property does not exist.
pub fn explore<S: Explorable>(
    system: &mut S,
    acting: &Acting<S>,
    bounds: &Bounds,
    ordered: bool,
    go_on: &mut dyn FnMut(Covered) -> bool,
) -> Result<Explored> {
    system.fits()?;
    if bounds.faults.crashes > 0 {
        system.can_crash()?;
    }
    let mut faults = bounds.faults;
    for about in [About::Offers, About::Links, About::Credentials] {
        if *faults.about(about) > 0 {
            system.can_be_told(about)?;
        }
    }
    let wanted = Wanted::of(bounds, &properties::<S>())?;
    let ways = Semantics { in_order: ordered };
    let judge = if bounds.reach.is_some() {
        S::reached
    } else {
        S::always
    };
    let following = acting.following.as_ref();
    let follows = following.filter(|it| wanted.has(it.property.0));
    let unchecked = follows.and_then(|it| Some((it.property.0, (it.misfit)(system)?)));
    if let (Some((name, why)), Some(_)) = (unchecked, &bounds.properties) {
        let what = format!("`{name}` cannot be checked: {why}");
        return Err(Error::new(what).at("--properties").help("leave it out"));
    }
    let follows = follows.filter(|_| unchecked.is_none());
    let follower = follows.map(|it| (it.follower)());
    let mut search = Search {
        bench: Bench::new(system, (acting.handle, judge), acting.streams, follower),
        arrivals: wanted.has(LIVELOCK.0).then(Arrivals::default),
        ways,
        wanted,
        memory: bounds.memory,
        visited: Visited::new(),
        calm: Visited::new(),
        levels: [Row::default(), Row::default()],
        covered: Covered::default(),
        words: Vec::new(),
        state: State::default(),
    };
    let explored = search.run(bounds.faults, go_on);
    Ok(Explored {
        unchecked,
        ..explored
    })
}

/// Why a search stops.
enum End {
    Stopped(Stopped),
    Found(Found),
}

struct Search<'e, 'w, S: Explorable> {
    bench: Bench<'e, S>,
    ways: Semantics,
    wanted: Wanted<'w>,
    memory: u64,
    visited: Visited,
    /// The calm worlds that have been left alone.
    calm: Visited,
    /// If it is to be told whether messages go round.
    arrivals: Option<Arrivals>,
    /// The states at hand, and those that come next.
    levels: [Row; 2],
    covered: Covered,
    /// A packed state, and the state at hand; kept for their capacity.
    words: Vec<u32>,
    state: State,
}

impl<S: Explorable> Search<'_, '_, S> {
    fn run(&mut self, faults: Faults, go_on: &mut dyn FnMut(Covered) -> bool) -> Explored {
        let mut end = self.search(faults, go_on).err();
        if !matches!(end, Some(End::Found(_))) {
            end = self.going_round().map(End::Found).or(end);
        }
        self.count();
        let (stopped, found) = match end {
            None => (None, None),
            Some(End::Stopped(stopped)) => (Some(stopped), None),
            Some(End::Found(found)) => {
                let way = found.from.map(|from| self.visited.way(from));
                let mut way = way.unwrap_or_default();
                way.extend(found.around.iter().map(|state| self.visited.hash(*state)));
                let told = self.bench.tell(faults, &way, found, self.ways);
                (None, Some(told))
            }
        };
        Explored {
            covered: self.covered,
            stopped,
            found,
            unchecked: None,
        }
    }

    fn search(
        &mut self,
        faults: Faults,
        go_on: &mut dyn FnMut(Covered) -> bool,
    ) -> Result<(), End> {
        let first = self.bench.first(faults, self.ways);
        let first = first.map_err(|broken| End::Found(Found::at_once(broken)))?;
        self.enter(&first, None)?;
        loop {
            self.levels.swap(0, 1);
            self.levels[1].clear();
            if self.levels[0].at(0).is_none() {
                return Ok(());
            }
            self.level(go_on)?;
            if self.levels[1].at(0).is_some() {
                self.covered.depth += 1;
            }
        }
    }

    /// Takes all steps from the states at hand.
    fn level(&mut self, go_on: &mut dyn FnMut(Covered) -> bool) -> Result<(), End> {
        let units = self.bench.units.len();
        let (mut place, mut acts) = (0, Vec::new());
        let mut state = std::mem::take(&mut self.state);
        let mut next = State::default();
        while let Some((number, words, end)) = self.levels[0].at(place) {
            place = end;
            state.unpack(words, units);
            self.check_memory(0)?;
            if let Some(arrivals) = &mut self.arrivals {
                arrivals.begin();
            }
            if Bench::<S>::is_calm(&state) {
                self.leave_alone(&state, number)?;
            }
            self.bench.acts(&state, self.ways, &mut acts);
            for &act in &acts {
                next.clone_from(&state);
                let done = self.bench.act(&mut next, act, self.ways);
                let is_done = done.is_ok();
                let noticed = self.bench.noticed.drain(..);
                let broken: Vec<Violation> = done.err().into_iter().chain(noticed).collect();
                if let Some(broken) = self.wanted.first(broken) {
                    return Err(End::Found(Found::by(number, act, broken)));
                }
                if !is_done {
                    continue;
                }
                self.covered.transitions += 1;
                let to = self.enter(&next, Some(number))?;
                if let (Some(arrivals), Act::Deliver(_)) = (&mut self.arrivals, act) {
                    arrivals.add(to);
                }
            }
            self.covered.finished += 1;
            if self.covered.finished.is_multiple_of(TOLD_EVERY) {
                self.count();
                if !go_on(self.covered) {
                    return Err(End::Stopped(Stopped::Asked));
                }
            }
        }
        self.state = state;
        Ok(())
    }

    /// Enters a state, unless it has been visited before; its number.
    fn enter(&mut self, state: &State, from: Option<u32>) -> Result<u32, End> {
        self.words.clear();
        state.pack(&mut self.words);
        self.check_memory(self.words.len())?;
        let number = match self.visited.enter(hash(&self.words), from) {
            Ok(number) => number,
            Err(known) => return Ok(known),
        };
        self.covered.states += 1;
        let mut broken = self.bench.broken(state.said).iter();
        if let Some(broken) = broken.find(|broken| self.wanted.has(broken.name)) {
            return Err(End::Found(Found::in_state(number, broken.clone())));
        }
        self.levels[1].push(number, &self.words);
        Ok(number)
    }

    /// Checks that one more state of `words` words may be held.
    fn check_memory(&self, words: usize) -> Result<(), End> {
        let states = self.visited.len() + 1;
        let arrivals = self.arrivals.as_ref();
        let ahead = self.visited.bytes_ahead()
            + self.levels[1].bytes_ahead(words)
            + arrivals.map_or(0, |arrivals| arrivals.bytes_ahead(states));
        if self.bytes() + ahead > self.memory {
            return Err(End::Stopped(Stopped::Memory));
        }
        Ok(())
    }

    /// Messages that go round for ever.
    fn going_round(&mut self) -> Option<Found> {
        let (bytes, states) = (self.bytes(), self.visited.len());
        let arrivals = self.arrivals.as_ref()?;
        self.covered.bytes = bytes + Arrivals::search_bytes(states);
        let round = arrivals.round(states)?;
        let case = format!(
            "after {} more the world is as it was",
            counted(round.way.len() as u64, "arrival")
        );
        let broken = Violation {
            name: LIVELOCK.0,
            sentence: LIVELOCK.1,
            cases: vec![case],
        };
        Some(Found::around(round, broken))
    }

    /// Leaves a calm world alone, unless another one like it has been.
    fn leave_alone(&mut self, state: &State, number: u32) -> Result<(), End> {
        self.words.clear();
        self.words.extend(&state.cells);
        self.words.extend([state.said, state.followed, state.come]);
        let is_new = self.calm.enter(hash(&self.words), None).is_ok();
        self.covered.calm += u64::from(is_new);
        // What must hold depends on how its history was disturbed as well.
        let disturbed = self.bench.disturbed(state);
        let disturbed = [disturbed.timers, disturbed.crashes, disturbed.others];
        self.words.extend(disturbed.map(u32::from));
        if self.calm.enter(hash(&self.words), None).is_err() {
            return Ok(());
        }
        let violations = self.bench.left_alone(state, |_, _| {});
        self.wanted
            .first(violations)
            .map_or(Ok(()), |broken: Violation| {
                Err(End::Found(Found::at_rest(number, broken)))
            })
    }

    /// The bytes that are held.
    fn bytes(&self) -> u64 {
        let levels = self.levels.iter().map(Row::bytes).sum::<u64>();
        let arrivals = self.arrivals.as_ref().map_or(0, Arrivals::bytes);
        arrivals + self.visited.bytes() + self.calm.bytes() + levels + self.bench.bytes()
    }

    /// Counts what is not counted as it comes.
    fn count(&mut self) {
        self.covered.bytes = self.covered.bytes.max(self.bytes());
        self.covered.unit_states = self.bench.cells() as u64;
    }
}
