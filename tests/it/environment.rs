//! What befalls units, how long stages last, and what becomes of packets, on a system of beacons: each
//! beats for ever and tells the next one.

use arigatoni::error::Result;
use arigatoni::fingerprint::{Encode, Encoder};
use arigatoni::measure::Metric;
use arigatoni::parameters::number::Fraction;
use arigatoni::random::RandomStreams;
use arigatoni::random::law::Law;
use arigatoni::simulation::network::{Conditions, Fidelity};
use arigatoni::simulation::{self, Decomposition, Run, Setting, Ties};
use arigatoni::system::{
    Act, Divisible, Measures, Model, Observed, Procedure, Report, Site, Stage, System, Totals,
    Underlay,
};
use arigatoni::time::{Span, Time};
use arigatoni::topology::RouterId;
use arigatoni::unit::{Context, Effect, Input, Never, Protocol, Timer, UnitId};
use serde::Serialize;

use crate::support::t100;

const BEACONS: u32 = 20;
const BEAT: Span = Span::from_ns(10_000_000);

#[derive(Debug, Clone, Serialize)]
struct Flash;

#[derive(Debug, Clone, Copy, Serialize)]
struct Beat;

#[derive(Debug)]
struct Lighthouses;

impl Protocol for Lighthouses {
    type Message = Flash;
    type Timer = Beat;
    type Command = Flash;
    type Observation = Never;
}

impl Timer for Beat {
    fn slot(self) -> u32 {
        0
    }
}

impl Encode for Flash {
    fn encode(&self, to: &mut Encoder) {
        to.u8(1);
    }
}

impl Encode for Beat {
    fn encode(&self, to: &mut Encoder) {
        to.u8(1);
    }
}

/// What was observed, each with its instant, in order.
#[derive(Debug, Default, PartialEq)]
struct Log {
    begun: Vec<Time>,
    beats: Vec<(Time, u32)>,
    flashes: Vec<(Time, u32)>,
    starts: Vec<(Time, u32)>,
    commands: Vec<(Time, u32)>,
    unhandled: Vec<(Time, u32)>,
    lost: Vec<(Time, u32)>,
    crashed: Vec<(Time, u32)>,
    cut: Vec<Time>,
}

impl Measures<Lighthouses> for Log {
    fn begin(&mut self, now: Time) {
        self.begun.push(now);
    }
    fn input(&mut self, now: Time, unit: UnitId, input: &Input<Lighthouses>) {
        let list = match input {
            Input::Start => &mut self.starts,
            Input::Command(_) => &mut self.commands,
            Input::Message { .. } => &mut self.flashes,
            Input::Timer(_) => &mut self.beats,
        };
        list.push((now, unit.index()));
    }
    fn unhandled(&mut self, now: Time, unit: UnitId, _: &Input<Lighthouses>) {
        self.unhandled.push((now, unit.index()));
    }
    fn lost(&mut self, now: Time, from: UnitId, _: UnitId, _: &Flash) {
        self.lost.push((now, from.index()));
    }
    fn crashed(&mut self, now: Time, unit: UnitId) {
        self.crashed.push((now, unit.index()));
    }
    fn cut(&mut self, now: Time) {
        self.cut.push(now);
    }
    fn effect(&mut self, _: Time, _: UnitId, _: &Effect<Lighthouses>) {}
}

/// When, whom, what.
type Acts = Vec<(u64, u32, fn() -> Act<Lighthouses>)>;
/// What befalls beacons in a stage, and how long it lasts, in milliseconds.
type Played = (Acts, u64);

#[derive(Debug)]
struct Coast {
    /// How often each has beaten since it came to life.
    beaten: Vec<u32>,
    stages: Vec<Played>,
}

fn beacon(index: u32) -> UnitId {
    UnitId::new(0, index)
}

fn ms(ms: u64) -> Span {
    Span::from_ns(ms * 1_000_000)
}

fn at(ms: u64) -> Time {
    Time::from_ns(ms * 1_000_000)
}

impl Model for Coast {
    type Protocol = Lighthouses;
    type Config = ();

    const KINDS: &'static [&'static str] = &["beacon"];

    fn build(_: &Underlay, (): &(), _: RandomStreams) -> Result<Self> {
        Ok(Self {
            beaten: vec![0; BEACONS as usize],
            stages: Vec::new(),
        })
    }

    fn sites(&self) -> impl Iterator<Item = (UnitId, Site)> {
        let site = |index: u32| Site {
            router: RouterId(index * 3 % 100),
            access: None,
        };
        (0..BEACONS).map(move |index| (beacon(index), site(index)))
    }

    fn stages(&self) -> Vec<Stage<Lighthouses>> {
        let stage = |(acts, lasts): &Played| {
            let starts = (0..BEACONS).map(|index| (Span::ZERO, beacon(index), Input::Start));
            let acts = acts.iter();
            let acts = acts.map(|(after, index, act)| (ms(*after), beacon(*index), act()));
            Stage {
                environment: acts.collect::<Vec<_>>().into(),
                until: Some(ms(*lasts)),
                ..Stage::of(starts.collect::<Vec<_>>())
            }
        };
        self.stages.iter().map(stage).collect()
    }

    fn handle(
        &mut self,
        unit: UnitId,
        input: Input<Lighthouses>,
        context: &mut Context<'_, Lighthouses>,
    ) {
        match input {
            Input::Start => context.arm(Beat, BEAT),
            Input::Timer(Beat) => {
                self.beaten[unit.index() as usize] += 1;
                context.arm(Beat, BEAT);
                context.send(beacon((unit.index() + 1) % BEACONS), Flash);
            }
            Input::Command(_) | Input::Message { .. } => {}
        }
    }

    fn forget(&mut self, unit: UnitId) {
        self.beaten[unit.index() as usize] = 0;
    }
}

impl Observed for Coast {
    type Measures = Log;

    const METRICS: &'static [Metric] = &[];

    fn measures(&self) -> Log {
        Log::default()
    }

    fn report(&self, _: &Log, _: Totals) -> Report {
        Report {
            cells: Vec::new(),
            details: Vec::new(),
        }
    }
}

impl System for Coast {
    const PROCEDURE: Procedure = Procedure {
        from: "nobody has heard anything",
        until: "nothing is pending",
        transient: "none is removed",
    };
    const NAME: &'static str = "test";

    fn divisible() -> Option<Divisible<Self>> {
        Some(Divisible {
            placeholder: |system| Self {
                beaten: vec![0; BEACONS as usize],
                stages: system.stages.clone(),
            },
            swap: |one, other, unit| {
                let index = unit.index() as usize;
                std::mem::swap(&mut one.beaten[index], &mut other.beaten[index]);
            },
            merge: |_| Log::default(),
        })
    }
}

fn coast(stages: Vec<Played>) -> Coast {
    Coast {
        stages,
        ..Coast::build(t100(), &(), RandomStreams::new(1, 0)).unwrap()
    }
}

fn play(stages: Vec<Played>, conditions: impl Into<Conditions>) -> Run<Coast> {
    let (streams, conditions) = (RandomStreams::new(1, 0), conditions.into());
    simulation::run(coast(stages), Setting::of(t100(), streams, &conditions))
}

fn crash() -> Act<Lighthouses> {
    Act::Crash
}

fn restart() -> Act<Lighthouses> {
    Act::Restart
}

fn command() -> Act<Lighthouses> {
    Act::Command(Flash)
}

fn of(list: &[(Time, u32)], index: u32) -> Vec<u64> {
    let own = list.iter().filter(|(_, own)| *own == index);
    own.map(|(time, _)| time.as_ns() / 1_000_000).collect()
}

#[test]
fn a_stage_ends_at_its_last_instant_and_drops_what_is_pending() {
    let run = play(vec![(vec![], 30), (vec![], 25)], Fidelity::Path);
    let log = &run.measures;
    assert_eq!(log.begun, [at(0), at(30)]);
    assert_eq!(log.cut, [at(30), at(55)]);
    // The beat at the last instant is the last one; the timers of the first stage are no more.
    assert_eq!(of(&log.beats, 4), [10, 20, 30, 40, 50]);
    assert!(!log.flashes.is_empty() && log.flashes.iter().all(|(time, _)| *time <= at(55)));
    assert_eq!(run.system.beaten, [5; BEACONS as usize]);
}

#[test]
fn the_dead_handle_nothing_and_count_nowhere_and_who_comes_back_is_fresh() {
    let acts: Acts = vec![
        // At the very instant of its beat, which it does not live to see.
        (20, 4, crash),
        (25, 4, crash),
        (26, 4, command),
        (26, 5, command),
        (55, 4, restart),
        (70, 7, restart),
    ];
    let run = play(vec![(acts, 100)], Fidelity::Path);
    let log = &run.measures;
    assert_eq!(of(&log.beats, 4), [10, 65, 75, 85, 95]);
    assert_eq!(of(&log.starts, 4), [0, 55]);
    assert_eq!(of(&log.starts, 7), [0, 70]);
    assert_eq!(of(&log.beats, 7), [10, 20, 30, 40, 50, 60, 80, 90, 100]);
    let crashed = [(at(20), 4), (at(70), 7)];
    assert_eq!(log.crashed, crashed, "the dead do not die again");
    assert_eq!(log.commands, [(at(26), 5)]);
    let (mut dead, handled) = (of(&log.unhandled, 4), of(&log.flashes, 4));
    assert!(dead.contains(&26) && dead.iter().all(|time| (20..55).contains(time)));
    assert!(!handled.is_empty() && handled.iter().all(|time| !(20..55).contains(time)));
    dead.retain(|time| *time != 26);
    let sent = of(&log.beats, 3).len();
    assert!((sent - 3..=sent).contains(&(dead.len() + handled.len())));
    assert_eq!((run.system.beaten[4], run.system.beaten[7]), (4, 3));
    let lists = [&log.beats, &log.flashes, &log.starts, &log.commands];
    let events: usize = lists.iter().map(|list| list.len()).sum();
    assert_eq!(run.totals.events, events as u64);
}

#[test]
fn who_has_moved_is_reached_elsewhere() {
    fn moves() -> Act<Lighthouses> {
        Act::Move(Site {
            router: RouterId(12),
            access: Some(ms(9)),
        })
    }
    let trip = |acts| {
        let run = play(vec![(acts, 60)], Fidelity::Path);
        run.measures
            .flashes
            .iter()
            .find(|(_, to)| *to == 4)
            .unwrap()
            .0
    };
    assert_eq!(
        trip(vec![(0, 4, moves as fn() -> Act<Lighthouses>)]),
        trip(vec![]) + ms(9)
    );
}

fn rough(fidelity: Fidelity) -> Conditions {
    Conditions {
        loss: Fraction(0.3),
        duplicate: Fraction(0.2),
        jitter_s: Law::Exponential { mean_s: 0.02 }.into(),
        ..Conditions::from(fidelity)
    }
}

#[test]
fn packets_are_lost_copied_and_late_as_often_as_is_said() {
    let run = play(vec![(vec![], 10_000)], rough(Fidelity::Path));
    let log = &run.measures;
    let sent = log.beats.len() as f64;
    let lost = log.lost.len() as f64 / sent;
    assert!((lost - 0.3).abs() < 0.01, "{lost}");
    let arrived = log.flashes.len() as f64 / sent;
    assert!((arrived - 0.7 * 1.2).abs() < 0.01, "{arrived}");
    let mean_ms = |run: &Run<Coast>| {
        let times = run.measures.flashes.iter().filter(|(_, to)| *to == 4);
        let since = times.map(|(time, _)| (time.as_ns() % BEAT.as_ns()) as f64 / 1e6);
        since.collect::<Vec<_>>()
    };
    let ideal = play(vec![(vec![], 10_000)], Fidelity::Path);
    assert!(ideal.measures.lost.is_empty());
    let spread = |times: &[f64]| times.iter().any(|time| (time - times[0]).abs() > 1e-9);
    assert!(!spread(&mean_ms(&ideal)) && spread(&mean_ms(&run)));
}

#[test]
fn neither_the_fidelity_nor_threads_change_what_becomes_of_packets_and_units() {
    let acts: Acts = vec![
        (20, 4, crash),
        (20, 11, crash),
        (55, 4, restart),
        (130, 11, restart),
    ];
    let stages = || vec![(acts.clone(), 200), (vec![(3, 5, crash as _)], 150)];
    for ties in [Ties::Canonical, Ties::Shuffled] {
        let all = [Fidelity::Path, Fidelity::Hop].map(|fidelity| {
            let conditions = Conditions {
                ties,
                ..rough(fidelity)
            };
            let whole = play(stages(), &conditions);
            let system = coast(stages());
            let decomposition = Decomposition::of(&system, t100(), 3).unwrap();
            let setting = Setting::of(t100(), RandomStreams::new(1, 0), &conditions);
            let divisible = Coast::divisible().unwrap();
            let apart =
                simulation::run_divided(system, setting, &decomposition, &divisible).unwrap();
            assert_eq!(whole.totals, apart.totals);
            assert_eq!(whole.system.beaten, apart.system.beaten);
            (whole.totals, whole.measures)
        });
        assert!(all[0] == all[1]);
    }
}
