//! A rival of Arigatoni, as a stranger would add it: one directory that knows every offer. It meets the
//! same computers, offers, requests, absences and willingness, and reports the same columns.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arigatoni::arigatoni::Arigatoni;
use arigatoni::discovery::config::{Class, Config, Disconnection, Population, Units};
use arigatoni::discovery::{
    BrokerUnits, Command, ContextOf, Descriptor, Discovery, InputOf, Mechanism, Observation,
    Observe, Providers, RequestId, RequestOutcome, World, gbu, gcu,
};
use arigatoni::fingerprint::{Encode, Encoder};
use arigatoni::measure::{Cell, Metric, Named};
use arigatoni::parameters::NoMembers;
use arigatoni::parameters::number::{BoundedCount, Count, DurationMs, Fraction, Name};
use arigatoni::random::RandomStreams;
use arigatoni::simulation::network::Fidelity;
use arigatoni::simulation::{self, Decomposition, Run, Setting};
use arigatoni::system::{Measures, Model, Observed, System, Totals};
use arigatoni::time::Time;
use arigatoni::unit::{Effect, Input, Never, Protocol, UnitId};
use serde::Serialize;

use crate::support::{config, export, metric, run, run_of, t100};

/// What computers and the directory say.
#[derive(Debug, Clone, Serialize)]
enum Message {
    /// To the directory: who offers this?
    Ask(RequestId, Descriptor),
    /// From it: these.
    List(RequestId, Vec<u32>),
    /// To the directory: strike me.
    Gone,
    /// To the directory: I am here again.
    Back,
    /// To a computer: will you serve?
    Serve(RequestId),
    /// From it: whether it will.
    Agree(RequestId, bool),
}

impl Encode for Message {
    fn encode(&self, to: &mut Encoder) {
        let (code, request) = match self {
            Self::Ask(request, _) => (1, request.0),
            Self::List(request, _) => (2, request.0),
            Self::Gone => (3, 0),
            Self::Back => (6, 0),
            Self::Serve(request) => (4, request.0),
            Self::Agree(request, _) => (5, request.0),
        };
        to.u8(code);
        to.u32(request);
    }
}

#[derive(Debug)]
struct Spoken;

impl Protocol for Spoken {
    type Message = Message;
    type Timer = Never;
    type Command = Command;
    type Observation = Observation;
}

/// The mechanism.
#[derive(Debug, Clone)]
struct Central(Arc<World>);

#[derive(Debug, Default)]
struct Computer {
    has_left: bool,
    open: BTreeMap<RequestId, Search>,
    /// Until when each of its slots is held.
    held: Vec<Time>,
}

#[derive(Debug)]
struct Search {
    missing: u32,
    /// Whom it has not asked yet, the first one last.
    candidates: Vec<u32>,
    outstanding: u32,
    agreed: Providers,
}

impl Search {
    /// Asks as many as are missing, and ends when nobody is.
    fn go_on(&mut self, request: RequestId, context: &mut ContextOf<'_, Central>) {
        while self.outstanding < self.missing
            && let Some(candidate) = self.candidates.pop()
        {
            self.outstanding += 1;
            context.send(gcu(candidate), Message::Serve(request));
        }
        if self.outstanding == 0 {
            let outcome = match self.missing {
                0 => RequestOutcome::Accepted,
                _ => RequestOutcome::Rejected,
            };
            let mut providers = std::mem::take(&mut self.agreed);
            if outcome == RequestOutcome::Rejected {
                providers.clear();
            }
            context.emit(Observation::Ended {
                request,
                outcome,
                providers,
            });
        }
    }
}

/// The directory: who has left.
#[derive(Debug, Default)]
struct Directory {
    gone: Vec<u32>,
}

/// Questions to the directory.
#[derive(Debug, Default)]
struct Questions(u64);

impl Measures<Spoken> for Questions {
    fn begin(&mut self, _: Time) {}
    fn input(&mut self, _: Time, _: UnitId, _: &Input<Spoken>) {}
    fn unhandled(&mut self, _: Time, _: UnitId, _: &Input<Spoken>) {}
    fn effect(&mut self, _: Time, _: UnitId, effect: &Effect<Spoken>) {
        let Effect::Send { message, .. } = effect else {
            return;
        };
        self.0 += u64::from(matches!(message, Message::Ask(..)));
    }
}

impl Observe<Spoken> for Questions {
    fn merge(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Central {
    /// A computer is asked whether it serves a request.
    fn serve(
        &self,
        computer: &mut Computer,
        (from, request): (UnitId, RequestId),
        context: &mut ContextOf<'_, Self>,
    ) {
        let (now, me) = (context.now(), context.me().index());
        computer.held.retain(|until| *until > now);
        let held = computer.held.len();
        let is_free = |slots| held < slots as usize;
        let has_room = self.0.slots_of(me).is_none_or(is_free);
        let agrees = has_room && self.0.agrees(me, request);
        if agrees {
            computer.held.push(now + self.0.service_time_of(me));
        }
        context.send(from, Message::Agree(request, agrees));
    }
}

impl Mechanism for Central {
    type Protocol = Spoken;
    type Config = NoMembers;
    type Computer = Computer;
    type Broker = Directory;
    type Observed = Questions;

    const NAME: &'static str = "central";
    const BROKERS: BrokerUnits = BrokerUnits::Root;
    const MESSAGES: &'static str = "questions, lists, enquiries, answers";
    const METRICS: &'static [Metric] = &[Metric::new("questions", "questions to the directory")];

    fn new(world: &Arc<World>, _: &NoMembers) -> Self {
        Self(Arc::clone(world))
    }

    fn computer(&self, _: u32) -> Computer {
        Computer::default()
    }

    fn broker(&self, _: u32) -> Directory {
        Directory::default()
    }

    fn computer_handles(
        &self,
        computer: &mut Computer,
        input: InputOf<Self>,
        context: &mut ContextOf<'_, Self>,
    ) {
        match input {
            Input::Command(Command::Leave) => {
                computer.has_left = true;
                context.send(gbu(0), Message::Gone);
            }
            Input::Command(Command::Join) => {
                computer.has_left = false;
                context.send(gbu(0), Message::Back);
            }
            Input::Command(Command::Issue { request, .. }) if computer.has_left => {
                context.emit(Observation::Ended {
                    request,
                    outcome: RequestOutcome::Local,
                    providers: Providers::new(),
                });
            }
            Input::Command(Command::Issue {
                request,
                demand,
                instances,
            }) => {
                let search = Search {
                    missing: instances,
                    candidates: Vec::new(),
                    outstanding: 0,
                    agreed: Providers::new(),
                };
                computer.open.insert(request, search);
                context.send(gbu(0), Message::Ask(request, demand));
            }
            Input::Message { from, message } => match message {
                Message::List(request, mut listed) => {
                    let search = computer.open.get_mut(&request).unwrap();
                    listed.retain(|&other| gcu(other) != context.me());
                    listed.sort_by_key(|&other| std::cmp::Reverse(self.0.rank(other, request)));
                    search.candidates = listed;
                    search.go_on(request, context);
                }
                Message::Serve(request) => self.serve(computer, (from, request), context),
                Message::Agree(request, agrees) => {
                    let search = computer.open.get_mut(&request).unwrap();
                    search.outstanding -= 1;
                    if agrees {
                        search.missing -= 1;
                        search.agreed.push(from);
                    }
                    search.go_on(request, context);
                }
                Message::Ask(..) | Message::Gone | Message::Back => {
                    unreachable!("for the directory")
                }
            },
            // The directory knows all offers, nobody looks after anybody, and parts are refused.
            Input::Command(_) | Input::Start | Input::Timer(_) => {}
        }
    }

    fn broker_handles(
        &self,
        directory: &mut Directory,
        input: InputOf<Self>,
        context: &mut ContextOf<'_, Self>,
    ) {
        let Input::Message { from, message } = input else {
            return;
        };
        match message {
            Message::Ask(request, demand) => {
                let offers = |id: &u32| {
                    let mut offers = self.0.population.offers(*id);
                    offers.any(|offer| offer == demand) && !directory.gone.contains(id)
                };
                let able = (0..self.0.population.len()).filter(offers).collect();
                context.send(from, Message::List(request, able));
            }
            Message::Gone => directory.gone.push(from.index()),
            Message::Back => directory.gone.retain(|&gone| gone != from.index()),
            _ => unreachable!("for computers"),
        }
    }

    fn request_of(message: &Message) -> Option<RequestId> {
        match message {
            Message::Ask(request, _)
            | Message::List(request, _)
            | Message::Serve(request)
            | Message::Agree(request, _) => Some(*request),
            Message::Gone | Message::Back => None,
        }
    }

    fn is_query(message: &Message) -> bool {
        matches!(message, Message::Ask(..))
    }

    fn report(&self, questions: &Questions, _: Totals) -> Vec<Named> {
        vec![("questions", Cell::Count(questions.0))]
    }
}

/// The two systems in one world.
fn both(rate: f64, instances: u32) -> (Run<Arigatoni>, Run<Discovery<Central>>, Config<NoMembers>) {
    let mut config = config();
    config.world.disconnection = Disconnection {
        rate: Fraction(rate),
        units: Units::Gcus,
        ..Disconnection::default()
    };
    config.world.gcus_per_broker = Population::Fixed(BoundedCount(2));
    config.world.services.density = Some(Fraction(0.02));
    config.world.requests.instances = Some(Count(instances));
    let rival = Config {
        world: config.world.clone(),
        own: NoMembers {},
    };
    let one = run(t100(), &config, 7, Fidelity::Path);
    let other = run_of(t100(), &rival, 7, Fidelity::Path);
    (one, other, rival)
}

/// Some columns of `requests.csv`.
fn requests<S: System>(run: &Run<S>, columns: &[usize]) -> Vec<Vec<String>> {
    let text = export(t100(), run, "requests");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        columns.iter().map(|&at| cells[at].to_owned()).collect()
    };
    text.lines().map(row).collect()
}

#[test]
fn rivals_meet_one_world_and_the_same_fate() {
    let mut accepted = 0.0;
    for (rate, instances) in [(0.0, 1), (0.3, 2), (0.7, 3), (1.0, 1)] {
        let (one, other, _) = both(rate, instances);
        let world = |text: String| -> serde_json::Value { serde_json::from_str(&text).unwrap() };
        let mine = world(export(t100(), &one, "world"));
        let theirs = world(export(t100(), &other, "world"));
        assert_eq!(mine["gcus"], theirs["gcus"]);
        assert_eq!(mine["links"], theirs["links"]);
        assert_eq!(theirs["gbus"].as_array().unwrap().len(), 1);
        // Time, GCU, service, instances and, as nobody is out of reach of either, the outcome.
        let columns = [0, 1, 2, 3, 4, 5];
        assert_eq!(requests(&one, &columns), requests(&other, &columns));
        assert_eq!(metric(&one, "accepted"), metric(&other, "accepted"));
        accepted += metric(&other, "accepted").unwrap();
    }
    assert!((100.0..1500.0).contains(&accepted), "{accepted} of 1600");
}

/// A class means the same to all mechanisms: whoever never agrees, or has served once for ever, is of no use
/// to either.
#[test]
fn rivals_meet_the_same_classes() {
    let class = |name: &str, share, acceptance, slots| Class {
        name: Name(name.into()),
        share: Fraction(share),
        slots: Some(slots),
        acceptance_probability: Some(Fraction(acceptance)),
        access_latency_ms: None,
        sessions: None,
        service_time_ms: Some(DurationMs(1e9)),
    };
    let (_, _, mut config) = both(0.0, 1);
    config.world.classes = vec![
        class("deaf", 0.5, 0.0, None),
        class("once", 0.5, 1.0, Some(Count(1))),
    ];
    let rival: Run<Discovery<Central>> = run_of(t100(), &config, 7, Fidelity::Path);
    let config = arigatoni::arigatoni::Config {
        world: config.world,
        ..arigatoni::arigatoni::Config::default()
    };
    let own = run(t100(), &config, 7, Fidelity::Path);
    let providers = |rows: Vec<Vec<String>>| -> Vec<String> {
        let providers = rows.into_iter().skip(1).map(|row| row[0].clone());
        providers.filter(|provider| !provider.is_empty()).collect()
    };
    let world: serde_json::Value = serde_json::from_str(&export(t100(), &own, "world")).unwrap();
    for providers in [
        providers(requests(&own, &[6])),
        providers(requests(&rival, &[6])),
    ] {
        assert!((50..150).contains(&providers.len()), "{}", providers.len());
        let distinct: BTreeSet<&String> = providers.iter().collect();
        assert_eq!(distinct.len(), providers.len(), "each once");
        for provider in providers {
            let provider: usize = provider.parse().unwrap();
            assert_eq!(world["gcus"][provider]["class"], "once");
        }
    }
}

#[test]
fn shared_columns_come_first_and_mean_the_same() {
    let (_, run, _) = both(0.3, 2);
    let names = |metrics: &[Metric]| metrics.iter().map(|metric| metric.name).collect::<Vec<_>>();
    let (shared, all) = (
        names(Arigatoni::METRICS),
        names(Discovery::<Central>::METRICS),
    );
    assert_eq!(all[..shared.len()], shared[..]);
    assert_eq!(all[shared.len()..], ["questions"]);
    let questions = metric(&run, "questions");
    assert_eq!(questions, metric(&run, "issued_connected"));
    assert_eq!(metric(&run, "load_max"), Some(1.0), "the directory has all");
    assert_eq!(metric(&run, "hops_mean"), None, "it has no such number");
    let report = run.system.report(&run.measures, run.totals);
    assert_eq!(report.cells.len(), all.len());
    let names = |figures: Vec<arigatoni::measure::FigureSpec>| -> Vec<String> {
        figures.into_iter().map(|figure| figure.name).collect()
    };
    assert_eq!(
        names(Discovery::<Central>::figures()),
        names(Arigatoni::figures())
    );
}

#[test]
fn every_mechanism_can_be_taken_apart() {
    let (_, whole, config) = both(0.3, 2);
    let streams = RandomStreams::new(7, 0);
    let system = Discovery::<Central>::build(t100(), &config, streams).unwrap();
    let decomposition = Decomposition::of(&system, t100(), 3).unwrap();
    let divisible = Discovery::<Central>::divisible().unwrap();
    let conditions = Fidelity::Path.into();
    let setting = Setting::of(t100(), streams, &conditions);
    let apart = simulation::run_divided(system, setting, &decomposition, &divisible).unwrap();
    assert_eq!(apart.totals, whole.totals);
    assert_eq!(
        apart.system.report(&apart.measures, apart.totals),
        whole.system.report(&whole.measures, whole.totals)
    );
    assert_eq!(
        export(t100(), &apart, "requests"),
        export(t100(), &whole, "requests")
    );
}
