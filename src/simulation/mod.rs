//! The driver: agenda, network and units, generic over the [`System`].
//!
//! It turns effects into events, keeps the total order, and lets the system's measures watch.
//! It does *not* know what is simulated, nor how many runs there are.

pub mod network;

use crate::agenda::{Agenda, Handle, Key};
use crate::fingerprint::{Encode, Encoder};
use crate::random::Draws;
use crate::system::{Measures, Stage, System, Totals, Underlay};
use crate::time::{Span, Time};
use crate::topology::RouterId;
use crate::unit::{Class, Context, Effect, Input, Protocol, Timer, UnitId};

use network::{Fidelity, Network, Packet};

/// A finished run: the system as it ended, what was observed, what was counted.
#[derive(Debug)]
pub struct Run<S: System> {
    /// The system in its final state.
    pub system: S,
    /// What the system's own observer saw.
    pub measures: S::Measures,
    /// What the driver counted.
    pub totals: Totals,
}

/// Runs `system` to its end. A pure function of its arguments.
pub fn run<S: System>(system: S, underlay: &Underlay, draws: Draws, fidelity: Fidelity) -> Run<S> {
    run_watched(system, underlay, draws, fidelity, |_, _, _| {})
}

/// Like [`run`], and shows `watch` each input of the measured stage that a unit handles, in order.
pub fn run_watched<S: System>(
    system: S,
    underlay: &Underlay,
    draws: Draws,
    fidelity: Fidelity,
    watch: impl FnMut(Time, UnitId, &Input<S::Protocol>),
) -> Run<S> {
    let mut driver = Driver::new(system, underlay, draws, fidelity, watch);
    for stage in driver.system.stages() {
        driver.play(stage);
    }
    let mut run = driver.finish();
    run.system.conclude(underlay, &run.measures);
    run
}

/// What can be pending.
enum Event<P: Protocol> {
    Timer {
        unit: UnitId,
        timer: P::Timer,
    },
    Deliver {
        to: UnitId,
        from: UnitId,
        message: P::Message,
    },
    Hop {
        at: RouterId,
        packet: Packet<P::Message>,
    },
}

/// What the driver keeps for each unit.
struct Record {
    /// How many effects of this unit have become events.
    sent: u32,
    silenced: bool,
    /// The chained hash of its inputs.
    chain: u64,
    /// The timers it has armed, by [`Timer::slot`].
    timers: Vec<Handle>,
}

struct Driver<'u, S: System, W> {
    system: S,
    draws: Draws,
    network: Network<'u, <S::Protocol as Protocol>::Message>,
    fidelity: Fidelity,
    agenda: Agenda<Event<S::Protocol>>,
    records: [Vec<Record>; UnitId::KINDS],
    now: Time,
    measured: bool,
    measures: S::Measures,
    events: u64,
    /// The effects of the input at hand; empty between inputs, kept for its capacity.
    effects: Vec<Effect<S::Protocol>>,
    watch: W,
}

impl<'u, S, W> Driver<'u, S, W>
where
    S: System,
    W: FnMut(Time, UnitId, &Input<S::Protocol>),
{
    fn new(system: S, underlay: &'u Underlay, draws: Draws, fidelity: Fidelity, watch: W) -> Self {
        let mut records: [Vec<Record>; UnitId::KINDS] = Default::default();
        let mut network = Network::new(&underlay.routes);
        for (unit, site) in system.sites() {
            let kind = &mut records[unit.kind() as usize];
            assert_eq!(
                unit.index() as usize,
                kind.len(),
                "units of a kind count from 0 upwards"
            );
            kind.push(Record {
                sent: 0,
                silenced: false,
                chain: 0,
                timers: Vec::new(),
            });
            network.attach(unit, site);
        }
        Self {
            measures: system.measures(),
            system,
            draws,
            network,
            fidelity,
            agenda: Agenda::default(),
            records,
            now: Time::ZERO,
            measured: false,
            events: 0,
            effects: Vec::new(),
            watch,
        }
    }

    fn finish(self) -> Run<S> {
        let fingerprint = self
            .records
            .iter()
            .flatten()
            .fold(0, |sum: u64, record| sum.wrapping_add(record.chain));
        let totals = Totals {
            events: self.events,
            packets_forwarded: self.network.crossed(),
            fingerprint,
        };
        Run {
            system: self.system,
            measures: self.measures,
            totals,
        }
    }

    /// Plays one stage until nothing is pending.
    fn play(&mut self, stage: Stage<S::Protocol>) {
        if stage.clock_restarts {
            debug_assert!(
                self.agenda.is_empty(),
                "nothing may be pending when the clock is set"
            );
            self.now = Time::ZERO;
        }
        for unit in stage.silenced {
            self.record(unit).silenced = true;
        }
        self.measured = stage.measured;
        self.network.count(stage.measured);
        if stage.measured {
            self.measures.begin(self.now);
        }
        let begin = self.now;
        let mut inputs = stage
            .inputs
            .into_iter()
            .map(|(after, unit, input)| {
                // Count 0: it precedes all that the unit itself sends, which counts from 1.
                (
                    Key::new(begin + after, Class::Ordinary as u8, unit.as_bits(), 0),
                    unit,
                    input,
                )
            })
            .peekable();
        loop {
            let pending = self.agenda.peek();
            match inputs.next_if(|(key, ..)| pending.is_none_or(|next| *key <= next)) {
                Some((key, unit, input)) => {
                    self.now = key.time;
                    self.hand(unit, input);
                }
                None if !self.step() => break,
                None => {}
            }
        }
    }

    /// Handles the next pending event; `false` if there is none.
    fn step(&mut self) -> bool {
        let Some((key, event)) = self.agenda.pop() else {
            return false;
        };
        self.now = key.time;
        match event {
            Event::Timer { unit, timer } => self.hand(unit, Input::Timer(timer)),
            Event::Deliver { to, from, message } => self.hand(to, Input::Message { from, message }),
            Event::Hop { at, packet } => self.hop(key, at, packet),
        }
        true
    }

    /// Lets `unit` handle `input` and carries out what it says.
    fn hand(&mut self, unit: UnitId, input: Input<S::Protocol>) {
        let now = self.now;
        let record = &mut self.records[unit.kind() as usize][unit.index() as usize];
        if record.silenced {
            if self.measured {
                self.measures.unhandled(now, unit, &input);
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
            (self.watch)(now, unit, &input);
        }
        let mut effects = std::mem::take(&mut self.effects);
        self.system.handle(
            unit,
            input,
            &mut Context::new(now, unit, self.draws, &mut effects),
        );
        for effect in effects.drain(..) {
            if self.measured {
                self.measures.effect(now, unit, &effect);
            }
            self.carry_out(unit, effect);
        }
        self.effects = effects;
    }

    fn carry_out(&mut self, unit: UnitId, effect: Effect<S::Protocol>) {
        match effect {
            Effect::Send { to, message } => self.send(unit, to, message),
            Effect::Arm { timer, after } => {
                let key = self.key(unit, after, timer.class());
                let handle = self.agenda.schedule(key, Event::Timer { unit, timer });
                let earlier = std::mem::replace(self.timer(unit, timer), handle);
                self.agenda.cancel(earlier);
            }
            Effect::Disarm { timer } => {
                let handle = std::mem::replace(self.timer(unit, timer), Handle::NONE);
                self.agenda.cancel(handle);
            }
            // The measures have seen it.
            Effect::Note(_) => {}
        }
    }

    fn send(&mut self, from: UnitId, to: UnitId, message: <S::Protocol as Protocol>::Message) {
        match self.fidelity {
            Fidelity::Path => {
                let after = self.network.path(from, to);
                let key = self.key(from, after, Class::Ordinary);
                self.agenda
                    .schedule(key, Event::Deliver { to, from, message });
            }
            Fidelity::Hop => {
                let (at, after, packet) = self.network.enter(from, to, message);
                let key = self.key(from, after, Class::Ordinary);
                self.agenda.schedule(key, Event::Hop { at, packet });
            }
        }
    }

    /// Moves a packet on by one hop; it keeps the key under which it was sent.
    fn hop(&mut self, key: Key, at: RouterId, packet: Packet<<S::Protocol as Protocol>::Message>) {
        let (to, after, packet) = self.network.forward(at, self.now, self.draws, packet);
        let event = if to.kind() == UnitId::ROUTER {
            Event::Hop {
                at: RouterId(to.index()),
                packet,
            }
        } else {
            Event::Deliver {
                to,
                from: packet.from,
                message: packet.message,
            }
        };
        self.agenda.schedule(key.at(self.now + after), event);
    }

    /// The key of the next event that `unit` sends.
    fn key(&mut self, unit: UnitId, after: Span, class: Class) -> Key {
        let time = self.now + after;
        let record = self.record(unit);
        record.sent += 1;
        Key::new(time, class as u8, unit.as_bits(), record.sent)
    }

    fn timer(&mut self, unit: UnitId, timer: <S::Protocol as Protocol>::Timer) -> &mut Handle {
        let slot = timer.slot() as usize;
        let timers = &mut self.record(unit).timers;
        if timers.len() <= slot {
            timers.resize(slot + 1, Handle::NONE);
        }
        &mut timers[slot]
    }

    fn record(&mut self, unit: UnitId) -> &mut Record {
        &mut self.records[unit.kind() as usize][unit.index() as usize]
    }
}
