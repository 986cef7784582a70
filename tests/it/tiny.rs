//! A second, tiny system: computers call a mirror and wait for the echo. It is run, swept, put into
//! tables and plotted through the same [`System`] trait as Arigatoni, which shows that nothing
//! else knows what is simulated.

use std::collections::BTreeMap;
use std::sync::Mutex;

use arigatoni::error::{Error, Result};
use arigatoni::figures::{self, Drawing};
use arigatoni::fingerprint::{Encode, Encoder};
use arigatoni::measure::{Cell, Content, Detail, FigureSpec, Metric, RunOutcome};
use arigatoni::random::{RandomStreams, StreamId};
use arigatoni::results::Columns;
use arigatoni::simulation::{self, Setting, network::Fidelity};
use arigatoni::statistics;
use arigatoni::study::{self, Control};
use arigatoni::system::{
    Act, Measures, Model, Observed, Procedure, Report, Site, Stage, System, Totals, Underlay,
};
use arigatoni::time::{Span, Time};
use arigatoni::topology::RouterId;
use arigatoni::unit::{Class, Context, Effect, Input, Protocol, Timer, Unit, UnitId};
use serde::Serialize;

use crate::support::t100;

const CALLER: u8 = 0;
const MIRROR: u8 = 1;
const SILENT: StreamId = StreamId(240);

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Message {
    Call,
    Echo,
}

/// Gives up waiting: exactly at the deadline an echo still counts.
#[derive(Debug, Clone, Copy, Serialize)]
struct GiveUp;

#[derive(Debug, Serialize)]
struct CallNow;

#[derive(Debug)]
enum Observation {
    Heard(Span),
    Nothing,
}

#[derive(Debug)]
struct Echo;

impl Protocol for Echo {
    type Message = Message;
    type Timer = GiveUp;
    type Command = CallNow;
    type Observation = Observation;
}

impl Timer for GiveUp {
    fn slot(self) -> u32 {
        0
    }
    fn class(self) -> Class {
        Class::Deadline
    }
}

impl Encode for Message {
    fn encode(&self, to: &mut Encoder) {
        to.u8(match self {
            Self::Call => 1,
            Self::Echo => 2,
        });
    }
}

impl Encode for GiveUp {
    fn encode(&self, to: &mut Encoder) {
        to.u8(1);
    }
}

impl Encode for CallNow {
    fn encode(&self, to: &mut Encoder) {
        to.u8(1);
    }
}

#[derive(Debug)]
struct Caller {
    called: Option<Time>,
    patience: Span,
}

impl Unit<Echo> for Caller {
    fn handle(&mut self, input: Input<Echo>, context: &mut Context<'_, Echo>) {
        match input {
            Input::Start => {}
            Input::Command(CallNow) => {
                self.called = Some(context.now());
                context.send(UnitId::new(MIRROR, 0), Message::Call);
                context.arm(GiveUp, self.patience);
            }
            Input::Message { .. } => {
                if let Some(called) = self.called.take() {
                    context.disarm(GiveUp);
                    context.emit(Observation::Heard(context.now() - called));
                }
            }
            Input::Timer(GiveUp) => {
                self.called = None;
                context.emit(Observation::Nothing);
            }
        }
    }
}

#[derive(Debug)]
struct Mirror;

impl Unit<Echo> for Mirror {
    fn handle(&mut self, input: Input<Echo>, context: &mut Context<'_, Echo>) {
        if let Input::Message {
            from,
            message: Message::Call,
        } = input
        {
            context.send(from, Message::Echo);
        }
    }
}

#[derive(Debug, Clone)]
struct Config {
    /// The share of callers that is silenced.
    rate: f64,
    patience: Span,
    /// Where units sit when all callers call once more; `None`: they do not.
    moves: Option<Vec<(UnitId, Site)>>,
}

#[derive(Debug)]
struct Tiny {
    config: Config,
    callers: Vec<Caller>,
    silent: Vec<UnitId>,
    mirror: Mirror,
}

#[derive(Debug, Default)]
struct Heard {
    echoes: Vec<Span>,
    nothing: u64,
}

impl Measures<Echo> for Heard {
    fn begin(&mut self, _: Time) {}
    fn input(&mut self, _: Time, _: UnitId, _: &Input<Echo>) {}
    fn unhandled(&mut self, _: Time, _: UnitId, _: &Input<Echo>) {}
    fn effect(&mut self, _: Time, _: UnitId, effect: &Effect<Echo>) {
        match effect {
            Effect::Observation(Observation::Heard(span)) => self.echoes.push(*span),
            Effect::Observation(Observation::Nothing) => self.nothing += 1,
            _ => {}
        }
    }
}

impl Model for Tiny {
    type Protocol = Echo;
    type Config = Config;

    const KINDS: &'static [&'static str] = &["caller", "mirror"];

    fn check(_: &Underlay, config: &Config) -> Result<()> {
        if config.rate > 1.0 {
            Err(Error::new("too many"))
        } else {
            Ok(())
        }
    }

    fn build(underlay: &Underlay, config: &Config, streams: RandomStreams) -> Result<Self> {
        Self::check(underlay, config)?;
        let count = underlay.routes.router_count();
        let caller = |_| Caller {
            called: None,
            patience: config.patience,
        };
        let silent = |&caller: &u32| streams.unit(SILENT, caller.into(), 0) < config.rate;
        Ok(Self {
            config: config.clone(),
            callers: (0..count).map(caller).collect(),
            silent: (0..count)
                .filter(silent)
                .map(|caller| UnitId::new(CALLER, caller))
                .collect(),
            mirror: Mirror,
        })
    }

    fn sites(&self) -> impl Iterator<Item = (UnitId, Site)> {
        let callers = (0..self.callers.len() as u32).map(|id| {
            (
                UnitId::new(CALLER, id),
                Site {
                    router: RouterId(id),
                    access: Some(Span::from_ns(7)),
                },
            )
        });
        callers.chain([(
            UnitId::new(MIRROR, 0),
            Site {
                router: RouterId(0),
                access: None,
            },
        )])
    }

    fn stages(&self) -> Vec<Stage<Echo>> {
        let call = |id| (Span::ZERO, UnitId::new(CALLER, id), Input::Command(CallNow));
        let silent = self.silent.iter();
        let crashes = silent.map(|&unit| (Span::ZERO, unit, Act::Crash));
        let crashes: Vec<_> = crashes.collect();
        let calls = |acts: Vec<_>| Stage {
            environment: acts.into(),
            ..Stage::of((0..self.callers.len() as u32).map(call).collect::<Vec<_>>())
        };
        let moves = self.config.moves.iter().map(|moves| {
            let moves = moves.iter();
            let moves = moves.map(|&(unit, site)| (Span::ZERO, unit, Act::Move(site)));
            moves.collect()
        });
        [crashes].into_iter().chain(moves).map(calls).collect()
    }

    fn handle(&mut self, unit: UnitId, input: Input<Echo>, context: &mut Context<'_, Echo>) {
        match unit.kind() {
            CALLER => self.callers[unit.index() as usize].handle(input, context),
            _ => self.mirror.handle(input, context),
        }
    }

    fn forget(&mut self, _: UnitId) {}
}

impl Observed for Tiny {
    type Measures = Heard;

    const METRICS: &'static [Metric] = &[
        Metric::new("heard_ratio", "echoes ÷ callers"),
        Metric::new("round_trip_ms_mean", "mean time to the echo"),
        Metric::new("unheard", "calls without an echo"),
        Metric::new("packets", "links crossed"),
    ];
    const DETAILS: &'static [Detail] = &[Detail {
        name: "trips",
        about: "",
        columns: &[Metric::new("caller", "who"), Metric::new("ms", "time")],
    }];

    fn measures(&self) -> Heard {
        Heard::default()
    }

    fn report(&self, heard: &Heard, totals: Totals) -> Report {
        let total: Span = heard.echoes.iter().copied().sum();
        let trips = heard.echoes.iter().zip(0..);
        Report {
            cells: vec![
                Cell::ratio(heard.echoes.len() as u64, self.callers.len() as u64),
                Cell::ratio(total.as_ns(), 1_000_000 * heard.echoes.len() as u64),
                Cell::Count(heard.nothing),
                Cell::Count(totals.packets_forwarded),
            ],
            details: vec![
                trips
                    .map(|(trip, id)| vec![Cell::Count(id), Cell::Real(trip.as_ms())])
                    .collect(),
            ],
        }
    }
}

impl System for Tiny {
    const PROCEDURE: Procedure = Procedure {
        from: "nobody has called",
        until: "nothing is pending",
        transient: "none is removed",
    };
    const NAME: &'static str = "test";

    fn figures() -> Vec<FigureSpec> {
        let words = ["heard", "Echoes heard", "echoes ÷ callers"];
        let content = Content::Curves {
            metric: "heard_ratio".into(),
        };
        vec![FigureSpec {
            x_label: Some("silenced callers".into()),
            y_range: Some([0.0, 1.0]),
            ..FigureSpec::new(words, "/system/*/rate", content)
        }]
    }
}

fn config(rate: f64) -> Config {
    Config {
        rate,
        patience: Span::from_s(60),
        moves: None,
    }
}

fn run_one(config: &Config, fidelity: Fidelity) -> RunOutcome {
    replication(config, RandomStreams::new(1, 0), fidelity)
}

fn replication(config: &Config, streams: RandomStreams, fidelity: Fidelity) -> RunOutcome {
    let system = Tiny::build(t100(), config, streams).unwrap();
    simulation::run(system, Setting::of(t100(), streams, &fidelity.into())).outcome()
}

#[test]
fn every_echo_takes_the_round_trip() {
    for fidelity in [Fidelity::Path, Fidelity::Hop] {
        let run = run_one(&config(0.0), fidelity);
        let routes = &t100().routes;
        let trip = |id| 2 * (routes.latency(RouterId(id), RouterId(0)).as_ns() + 7);
        let mean = (0..100).map(trip).sum::<u64>() as f64 / 1e8;
        assert_eq!(run.metrics[1], Cell::Real(mean));
        let links = |id| 2 * (u64::from(routes.links(RouterId(id), RouterId(0))) + 1);
        assert_eq!(run.metrics[3], Cell::Count((0..100).map(links).sum()));
    }
}

/// The times to the echo of all callers that hear one, as the detail table has them, sorted.
fn trips(run: &RunOutcome) -> Vec<u64> {
    let ns = |row: &Vec<Cell>| (row[1].number().unwrap() * 1e6).round() as u64;
    let mut trips: Vec<u64> = run.details[0].iter().map(ns).collect();
    trips.sort_unstable();
    trips
}

#[test]
fn who_moves_between_stages_is_called_and_answers_where_it_is_now() {
    let site = |router, access: Option<u64>| Site {
        router: RouterId(router),
        access: access.map(Span::from_ns),
    };
    // The mirror moves behind an access link, callers to it, away from it and off their links.
    let moves = vec![
        (UnitId::new(MIRROR, 0), site(42, Some(11))),
        (UnitId::new(CALLER, 3), site(42, Some(0))),
        (UnitId::new(CALLER, 7), site(99, None)),
        (UnitId::new(CALLER, 42), site(0, Some(1_000_001))),
    ];
    let place = |unit: UnitId, before: Site| {
        let moved = moves.iter().find(|(other, _)| *other == unit);
        moved.map_or(before, |&(_, site)| site)
    };
    let routes = &t100().routes;
    let trip = |caller: u32, moved: bool| {
        let mut ends = [site(caller, Some(7)), site(0, None)];
        if moved {
            ends[0] = place(UnitId::new(CALLER, caller), ends[0]);
            ends[1] = place(UnitId::new(MIRROR, 0), ends[1]);
        }
        let [from, to] = ends;
        let access = [from.access, to.access].into_iter().flatten();
        let route = routes.latency(from.router, to.router);
        let links = routes.links(from.router, to.router) as usize + access.clone().count();
        (2 * (route + access.sum()).as_ns(), 2 * links as u64)
    };
    let both = || (0..100).flat_map(|caller| [trip(caller, false), trip(caller, true)]);
    let mut expected: Vec<u64> = both().map(|(ns, _)| ns).collect();
    expected.sort_unstable();
    let config = Config {
        moves: Some(moves.clone()),
        ..config(0.0)
    };
    let [path, hop] = [Fidelity::Path, Fidelity::Hop].map(|fidelity| run_one(&config, fidelity));
    assert_eq!(path, hop, "both fidelities agree to the nanosecond");
    assert_eq!(trips(&path), expected);
    let crossed = both().map(|(_, links)| links).sum();
    assert_eq!(path.metrics[3], Cell::Count(crossed));
}

#[test]
fn an_answer_at_the_very_deadline_counts() {
    let routes = &t100().routes;
    let farthest = (0..100)
        .map(|id| routes.latency(RouterId(id), RouterId(0)).as_ns())
        .max();
    let patience = Span::from_ns(2 * (farthest.unwrap() + 7));
    let unheard = |patience| {
        let config = Config {
            patience,
            ..config(0.0)
        };
        run_one(&config, Fidelity::Path).metrics[2].clone()
    };
    assert_eq!(unheard(patience), Cell::Count(0));
    assert_ne!(unheard(patience - Span::from_ns(1)), Cell::Count(0));
}

#[test]
fn it_is_swept_summed_up_and_plotted_like_any_other() {
    let rates = [0.0, 0.25, 0.5, 1.0];
    let sweep = |threads| {
        let columns = Columns {
            axes: vec!["/system/tiny/rate".into()],
            metrics: Tiny::METRICS.to_vec(),
            details: Tiny::DETAILS.to_vec(),
        };
        let rate = |run: u64| rates[run as usize / 3];
        let make = |run: &u64| {
            let streams = RandomStreams::new(5, (run % 3) as u32);
            Ok(replication(&config(rate(*run)), streams, Fidelity::Path))
        };
        let made = Mutex::new(BTreeMap::new());
        let keep = |run: &u64, outcome| {
            made.lock().unwrap().insert(*run, outcome);
            Ok(())
        };
        let jobs: Vec<u64> = (0..12).collect();
        study::work(&jobs, Some(threads), &Control::default(), make, keep).unwrap();
        let mut study = columns.study();
        for (run, outcome) in made.into_inner().unwrap() {
            study.add((run, run % 3), &[rate(run).into()], outcome);
        }
        study
    };
    let study = sweep(2);
    assert_eq!(study, sweep(1), "the number of threads does not show");
    let summary = statistics::summary(&study);
    let heard = |rate: f64| {
        let cells = summary.rows.iter().find(|row| {
            row[0].number() == Some(rate) && row[1] == Cell::Text("heard_ratio".into())
        });
        cells.unwrap()[3].number().unwrap()
    };
    assert_eq!((heard(0.0), heard(1.0)), (1.0, 0.0));
    assert!((0.35..0.65).contains(&heard(0.5)), "{}", heard(0.5));
    let drawing = figures::draw(&Tiny::figures()[0], &study, "tiny").unwrap();
    assert!(matches!(drawing, Drawing::Picture(picture) if picture.svg.starts_with("<svg")));
}
