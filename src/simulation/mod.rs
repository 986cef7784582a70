//! The driver: event queue, network and units, generic over the [`System`].
//!
//! It turns effects into events, keeps the total order, and lets the system's measures watch. One
//! driver plays a whole run, or each of several plays a part of it (`decomposition`, `windows`), to the
//! same end. It does *not* know what is simulated, nor how many runs there are.

mod boundary;
mod decomposition;
mod ended;
mod event;
mod line;
mod load;
pub mod network;
mod order;
mod outside;
mod records;
mod resting;
mod sending;
mod setting;
mod stations;
pub mod stepping;
mod windows;

use crate::event_queue::{EventQueue, Key};
use crate::fingerprint::{Encode, Encoder};
use crate::random::RandomStreams;
use crate::system::{Act, Expected, Measures, Stage, System, Totals};
use crate::time::Time;
use crate::unit::{Context, Effect, Input, Protocol, Timer, UnitId};

use boundary::Boundary;
use event::Event;
use network::{Fidelity, Network, Verdicts};
use order::Order;
use outside::{External, Outside};
use records::Records;
use resting::{Patience, RestDue};
use stations::Stations;

pub use decomposition::Decomposition;
pub use ended::Run;
pub use order::Ties;
pub use resting::{Rest, run_to_rest};
pub use setting::Setting;
pub use windows::{run_divided, run_divided_to_rest};

/// With fewer units than this, their state stays in a core's own cache anyway.
const AHEAD_UNITS_MIN: usize = 1 << 12;

/// Runs `system` to its end. A pure function of its arguments.
///
/// # Panics
/// If the conditions have not been [checked](crate::parameters::Plain::check).
pub fn run<S: System>(system: S, setting: Setting<'_>) -> Run<S> {
    play_all(system, setting, &mut (), ())
}

/// Like [`run`], with a second observer besides the system's own measures.
pub fn run_watched<S: System>(
    system: S,
    setting: Setting<'_>,
    watch: &mut dyn Measures<S::Protocol>,
) -> Run<S> {
    // The same driver as that of `run_to_rest`: it is compiled once for both.
    play_all(system, setting, watch, Patience::ENDLESS)
}

fn play_all<S, W, B>(system: S, setting: Setting<'_>, watch: &mut W, border: B) -> Run<S>
where
    S: System,
    W: Measures<S::Protocol> + ?Sized,
    B: Boundary<S::Protocol>,
{
    let mut driver = Driver::new(system, setting, &setting.expected(), watch, border);
    for stage in driver.system.stages() {
        driver.play(stage);
        if driver.rest == RestDue::Missed {
            break;
        }
    }
    let mut run = driver.finish();
    run.system.conclude(setting.underlay, &run.measures);
    run
}

struct Driver<'u, 'w, S: System, W: ?Sized, B> {
    system: S,
    streams: RandomStreams,
    network: Network<'u, <S::Protocol as Protocol>::Message>,
    fidelity: Fidelity,
    verdicts: Verdicts,
    /// The units that take time over messages, if any do.
    stations: Option<Box<Stations>>,
    /// Whether every packet arrives, once and in time.
    ideal: bool,
    order: Order,
    event_queue: EventQueue<Event<S::Protocol>>,
    records: Records,
    /// Whether the units' state is fetched ahead.
    ahead: bool,
    now: Time,
    measured: bool,
    rest: RestDue,
    measures: S::Measures,
    events: u64,
    /// The effects of the input at hand; empty between inputs, kept for its capacity.
    effects: Vec<Effect<S::Protocol>>,
    watch: &'w mut W,
    border: B,
}

impl<'u, 'w, S, W, B> Driver<'u, 'w, S, W, B>
where
    S: System,
    W: Measures<S::Protocol> + ?Sized,
    B: Boundary<S::Protocol>,
{
    fn new(
        mut system: S,
        setting: Setting<'u>,
        expected: &Expected,
        watch: &'w mut W,
        border: B,
    ) -> Self {
        let Setting {
            underlay,
            streams,
            conditions,
        } = setting;
        let mut records = Records::default();
        let network = Network::new(&underlay.routes);
        let mut network = network.under(conditions, underlay, streams);
        for (unit, site) in system.sites() {
            records.add(unit);
            network.attach(unit, site);
        }
        system.expect(expected);
        Self {
            measures: system.measures(),
            stations: load::stations(&system),
            system,
            streams,
            network,
            ideal: conditions.are_ideal(),
            fidelity: conditions.fidelity,
            verdicts: Verdicts::of(conditions),
            order: Order::of(conditions.ties, streams),
            event_queue: EventQueue::default(),
            ahead: records.len() >= AHEAD_UNITS_MIN,
            records,
            now: Time::ZERO,
            measured: false,
            rest: RestDue::Never,
            events: 0,
            effects: Vec::new(),
            watch,
            border,
        }
    }

    fn finish(mut self) -> Run<S> {
        for (unit, queueing) in self.stations.iter().flat_map(|stations| stations.each()) {
            self.measures.queued(unit, queueing);
        }
        for (link, queueing) in self.network.queued() {
            self.measures.queued_for_link(link, queueing);
        }
        let totals = Totals {
            events: self.events,
            packets_forwarded: self.network.crossed(),
            fingerprint: self.records.fingerprint(),
            units: self.stations.as_ref().map(|stations| stations.totals()),
            links: self.network.queueing(),
        };
        Run {
            system: self.system,
            measures: self.measures,
            totals,
            is_overdue: self.rest == RestDue::Missed,
        }
    }

    /// Plays one stage to its end.
    fn play(&mut self, stage: Stage<S::Protocol>) {
        let (mut outside, last) = self.begin(stage, |_| true);
        self.play_through(&mut outside, last);
        if !self.event_queue.is_empty() || outside.next().is_some() {
            self.cut(last);
        }
    }

    /// Begins a stage: what comes from outside to the units of which `is_here` says so, and the
    /// stage's last instant.
    fn begin<F: Fn(UnitId) -> bool>(
        &mut self,
        stage: Stage<S::Protocol>,
        is_here: F,
    ) -> (Outside<S::Protocol, F>, Time) {
        if stage.clock_restarts {
            debug_assert!(
                self.event_queue.is_empty(),
                "nothing may be pending when the clock is set"
            );
            self.now = Time::ZERO;
            self.network.begin_failures(None);
        }
        self.measured = stage.measured;
        self.rest = if stage.must_rest {
            RestDue::AtLast
        } else {
            RestDue::Never
        };
        if stage.measured && !self.network.fails() {
            self.network.begin_failures(Some(self.now));
        }
        let calm = stage.calm_after.map(|after| self.now + after);
        self.network.calm_down(calm);
        self.network.count(stage.measured);
        self.begin_load(stage.measured);
        if stage.measured {
            self.system.begins(&mut self.measures);
            self.measures.begin(self.now);
            self.watch.begin(self.now);
        }
        let last = stage.until.map_or(Time::MAX, |until| self.now + until);
        (Outside::of(stage, self.now, self.order, is_here), last)
    }

    /// Handles what comes from outside and what is pending up to the instant `last`.
    fn play_through<F>(&mut self, outside: &mut Outside<S::Protocol, F>, last: Time)
    where
        F: Fn(UnitId) -> bool,
    {
        let end = Key::MAX.at(last);
        let mut limit = outside.limit().min(end);
        loop {
            let (key, unit, input) = if let Some(due) = self.next_before(limit) {
                due
            } else {
                let Some((key, unit, given)) = outside.take_by(last) else {
                    return;
                };
                limit = outside.limit().min(end);
                let input = match given {
                    External::Input(input) => Some(input),
                    External::Act(act) => self.befall(key.time, unit, act),
                };
                let Some(input) = input else { continue };
                (key, unit, input)
            };
            self.now = key.time;
            self.hand(unit, input);
            if self.border.is_reached() {
                return;
            }
        }
    }

    /// Applies `act` to `unit`. Returns the input that the unit gets because of it.
    fn befall(
        &mut self,
        now: Time,
        unit: UnitId,
        act: Act<S::Protocol>,
    ) -> Option<Input<S::Protocol>> {
        self.now = now;
        match act {
            Act::Crash => {
                self.crash(unit);
                None
            }
            Act::Restart => {
                self.crash(unit);
                self.records.of(unit).revive();
                Some(Input::Start)
            }
            Act::Move(site) => {
                self.network.relocate(unit, site);
                None
            }
            Act::Command(command) => Some(Input::Command(command)),
        }
    }

    fn crash(&mut self, unit: UnitId) {
        if !self.records.of(unit).die() {
            return;
        }
        while let Some(handle) = self.records.disarm(unit) {
            self.event_queue.cancel(handle);
        }
        if let Some(stations) = &mut self.stations {
            stations.forget(unit, self.now);
        }
        self.system.forget(unit);
        if self.measured {
            self.measures.crashed(self.now, unit);
            self.watch.crashed(self.now, unit);
        }
    }

    /// Ends a stage at its last instant: what is pending is dropped.
    fn cut(&mut self, last: Time) {
        while let Some((key, event)) = self.event_queue.pop() {
            match event {
                Event::Timer { timer, .. } => {
                    let unit = self.order.unit(key.sender());
                    self.records.fired(unit, timer.slot());
                }
                Event::Deliver { .. } | Event::Handle { .. } => {}
                Event::Hop { at, to, .. } => self.network.give_up((at, key.time), to, last),
            }
        }
        self.now = last;
        if self.rest == RestDue::AtLast {
            self.rest = RestDue::Missed;
        }
        if self.measured {
            self.measures.cut(last);
            self.watch.cut(last);
        }
    }

    /// The next input that comes before `limit` from what is pending: when, and for whom it is.
    #[inline]
    fn next_before(&mut self, limit: Key) -> Option<(Key, UnitId, Input<S::Protocol>)> {
        loop {
            let Some((key, event)) = self.event_queue.take_before(limit) else {
                if self.line_up() {
                    continue;
                }
                return None;
            };
            let sender = self.order.unit(key.sender());
            match event {
                Event::Timer { timer, .. } => {
                    self.records.fired(sender, timer.slot());
                    return Some((key, sender, Input::Timer(timer)));
                }
                Event::Deliver { to, message } => {
                    let from = sender;
                    // Where nobody takes time a message is not moved: that is a hundredth of a run.
                    if self.stations.is_none() {
                        return Some((key, to, Input::Message { from, message }));
                    } else if let Some(message) = self.or_wait(key, to, message) {
                        return Some((key, to, Input::Message { from, message }));
                    }
                }
                Event::Handle { to, message } => {
                    let from = sender;
                    if self.is_remembered(key, to) {
                        return Some((key, to, Input::Message { from, message }));
                    }
                }
                Event::Hop { at, to, message } => {
                    self.now = key.time;
                    self.hop(key, at, to, message);
                }
            }
        }
    }

    /// Lets the event queue sort the events that come next, unless some still lie sorted, and fetches
    /// the state of the units that those after them are for: by the time of their turn it is there.
    /// `true` if it did.
    #[inline(never)]
    fn line_up(&mut self) -> bool {
        let anew = self.event_queue.line_up();
        if anew && self.ahead {
            for (key, event) in self.event_queue.upcoming() {
                let unit = match event {
                    Event::Timer { .. } => self.order.unit(key.sender()),
                    Event::Deliver { to, message } | Event::Handle { to, message } => {
                        S::fetch_message(message);
                        *to
                    }
                    Event::Hop { .. } => continue,
                };
                self.records.fetch(unit);
                self.system.fetch(unit);
                self.measures.fetch(unit);
            }
        }
        anew
    }

    /// Lets `unit` handle `input`, and carries out its effects.
    #[inline]
    fn hand(&mut self, unit: UnitId, input: Input<S::Protocol>) {
        let now = self.now;
        let record = self.records.of(unit);
        if record.is_dead() {
            if self.measured {
                self.measures.unhandled(now, unit, &input);
                self.watch.unhandled(now, unit, &input);
            }
            return;
        }
        if self.measured {
            let mut encoder = Encoder::new(record.chain);
            encoder.u64(now.as_ns());
            input.encode(&mut encoder);
            record.chain = encoder.finish();
            self.events += 1;
            self.measures.input(now, unit, &input);
            self.watch.input(now, unit, &input);
        }
        let context = &mut Context::new(now, unit, self.streams, &mut self.effects);
        self.system.handle(unit, input, context);
        // The first one said is to be the last one of the list, where it is taken from.
        self.effects.reverse();
        while let Some(effect) = self.effects.pop() {
            if self.measured {
                self.measures.effect(now, unit, &effect);
                self.watch.effect(now, unit, &effect);
            }
            self.carry_out(unit, effect);
        }
    }

    #[inline]
    fn carry_out(&mut self, unit: UnitId, effect: Effect<S::Protocol>) {
        match effect {
            Effect::Send { to, message, after } => self.send(unit, to, message, after),
            Effect::Arm { timer, after } => {
                let key = self.key(unit, after, timer.class());
                let event = |cancel_id| Event::Timer { timer, cancel_id };
                let handle = self.event_queue.schedule_cancellable(key, event);
                if let Some(earlier) = self.records.arm(unit, timer.slot(), handle) {
                    self.event_queue.cancel(earlier);
                }
            }
            Effect::Disarm { timer } => {
                if let Some(handle) = self.records.fired(unit, timer.slot()) {
                    self.event_queue.cancel(handle);
                }
            }
            // The measures have seen it.
            Effect::Observation(_) => {}
        }
    }
}
