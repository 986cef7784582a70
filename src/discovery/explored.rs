//! How all histories of a small world of a discovery system are visited.
//!
//! It does *not* know how they are, nor what a mechanism's units are like.

use std::rc::Rc;

use super::config::{Population, UnitName};
use super::{
    BrokerUnits, Brokers, Command, Config, Discovery, ExplorableMechanism, GCU, Mechanism,
    Observation, Providers, RequestId, RequestOutcome, following, forbidden, invariants, occasions,
    promises,
};
use crate::error::{Error, Result};
use crate::system::{
    About, Course, Disturbed, Explorable, Following, Invariant, Model, Occasion, Property, Said,
    Tasks, Underlay, Violation, violations,
};
use crate::time::{Span, Time};
use crate::unit::{Input, UnitId};
use crate::words::counted;

/// What fits.
const BROKERS_MAX: usize = 3;
const COMPUTERS_MAX: usize = 4;
const REQUESTS_MAX: usize = 3;

type SaidOf<M> = Said<Discovery<M>>;
type TasksOf<M> = Tasks<<M as Mechanism>::Protocol>;

/// The state of one unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UnitState<C, B> {
    /// That of a computer.
    Computer(Rc<C>),
    /// That of a broker.
    Broker(Rc<B>),
}

impl<M: ExplorableMechanism> Explorable for Discovery<M> {
    type UnitState = UnitState<M::Computer, M::Broker>;

    fn may_fit(underlay: &Underlay, config: &Self::Config) -> Result<()> {
        may_fit::<M>(underlay, config)
    }

    fn idle(config: &Self::Config) -> Vec<String> {
        idle::<M>(config)
    }

    fn fits(&self) -> Result<()> {
        let [brokers, computers] = [self.gbus.len(), self.gcus.len()];
        check_counts([brokers, computers, self.world.requests.len()])
    }

    fn can_crash(&self) -> Result<()> {
        if self.revives() {
            return Ok(());
        }
        let what =
            "the units of this scenario do not find out that others have crashed and come back";
        Err(Error::new(what)
            .at("/system/*/faults")
            .help("write `faults` or `detection`; when which unit fails does not matter here"))
    }

    fn revives(&self) -> bool {
        self.lossy || self.mechanism.recovers()
    }

    fn tasks(&self) -> TasksOf<M> {
        tasks(self)
    }

    fn occasions(&self) -> Vec<Occasion<M::Protocol>> {
        occasions::all(self)
    }

    fn can_be_told(&self, about: About) -> Result<()> {
        occasions::can_be_told(self, about)
    }

    fn leave() -> Command {
        Command::Leave
    }

    fn join() -> Command {
        Command::Join
    }

    fn state(&self, unit: UnitId, now: Time) -> Self::UnitState {
        let (mechanism, index) = (&self.mechanism, unit.index() as usize);
        if unit.kind() == GCU {
            UnitState::Computer(Rc::new(mechanism.computer_state(&self.gcus[index], now)))
        } else {
            UnitState::Broker(Rc::new(mechanism.broker_state(&self.gbus[index], now)))
        }
    }

    fn put(&mut self, unit: UnitId, state: &Self::UnitState) {
        let index = unit.index() as usize;
        match state {
            UnitState::Computer(state) => self.gcus[index].clone_from(state),
            UnitState::Broker(state) => self.gbus[index].clone_from(state),
        }
    }

    fn bytes(state: &Self::UnitState) -> usize {
        match state {
            UnitState::Computer(_) => size_of::<M::Computer>(),
            UnitState::Broker(_) => size_of::<M::Broker>(),
        }
    }

    fn recall(said: &Observation) -> Option<Observation> {
        match said {
            Observation::Ended { .. }
            | Observation::Found { .. }
            | Observation::Served { .. }
            | Observation::Elected { .. } => Some(said.clone()),
            _ => None,
        }
    }

    fn given_up(tasks: &TasksOf<M>, given: &[usize], said: &[SaidOf<M>]) -> Vec<SaidOf<M>> {
        given_up::<M>(tasks, given, said)
    }

    fn always(&self, said: &[SaidOf<M>]) -> Vec<Violation> {
        violations(&invariants_always(), &so_far(self, said))
    }

    fn matters(said: &Observation) -> bool {
        forbidden::matters(said)
    }

    fn forbidden(&self, unit: UnitId, said: &Observation, course: Course) -> Option<Violation> {
        forbidden::violation(self, (unit, said), course)
    }

    fn in_the_end(&self, said: &[SaidOf<M>], disturbed: Disturbed, come: u32) -> Vec<Violation> {
        promises::violations(self, (said, come), disturbed)
    }

    fn degraded(&self, lives: &dyn Fn(UnitId) -> bool, is_early: bool) -> Vec<Violation> {
        let units = (&self.gcus[..], &self.gbus[..]);
        self.mechanism.degraded(units, lives, is_early)
    }

    fn properties() -> [Vec<Property>; 2] {
        let always = invariants_always();
        let always = always.map(|invariant| (invariant.name, invariant.sentence));
        let always = [&always[..], &forbidden::properties()].concat();
        let mut at_rest = invariants::properties();
        at_rest.extend(promises::properties());
        at_rest.extend(M::properties());
        [always, at_rest]
    }

    fn following() -> Option<Following<Self>> {
        Some(following::following())
    }

    fn goals() -> Vec<Property> {
        goals().map(|goal| (goal.name, goal.sentence)).to_vec()
    }

    fn reached(&self, said: &[SaidOf<M>]) -> Vec<Violation> {
        violations(&goals(), &so_far(self, said))
    }
}

/// Whether a world fits, as far as its parameters say it: a large world is not built in vain.
fn may_fit<M: Mechanism>(underlay: &Underlay, config: &Config<M::Config>) -> Result<()> {
    let world = &config.world;
    let (Population::Fixed(each), None, Some(requests)) = (
        &world.gcus_per_broker,
        &world.requests.for_s,
        &world.requests.count,
    ) else {
        return Ok(());
    };
    let brokers = Brokers::place(underlay, &world.brokers)?.list().len();
    check_counts([brokers, brokers * each.0 as usize, requests.0 as usize])
}

/// Brokers handle each message by itself, whenever its turn comes: nothing waits, and no queue is ever full.
fn idle<M: Mechanism>(config: &Config<M::Config>) -> Vec<String> {
    let brokers = &config.world.brokers;
    let note = if brokers.drop_messages() {
        "no message waits here, so no `queue` of `brokers` is ever full; but units number, acknowledge and repeat messages \
         where it could be, which makes many more states: `/system/*/brokers/queue=null` does without"
    } else if brokers.service().is_some() {
        "messages arrive in any order here, and brokers take no time over them: `service_s` of `brokers` changes nothing"
    } else {
        return Vec::new();
    };
    vec![note.into()]
}

/// Checks that there are not too many brokers, computers or requests.
fn check_counts([brokers, computers, requests]: [usize; 3]) -> Result<()> {
    let counts = [
        (brokers, BROKERS_MAX, "/system/*/brokers"),
        (computers, COMPUTERS_MAX, "/system/*/gcus_per_broker"),
        (requests, REQUESTS_MAX, "/system/*/requests/count"),
    ];
    let Some((.., member)) = counts.iter().find(|(count, most, _)| count > most) else {
        return Ok(());
    };
    let what = format!(
        "the world is too large to be explored: it has {}, {} and {}",
        counted(brokers as u64, "broker"),
        counted(computers as u64, "computer"),
        counted(requests as u64, "request")
    );
    let help = format!(
        "at most {BROKERS_MAX} brokers, {COMPUTERS_MAX} computers and {REQUESTS_MAX} requests fit"
    );
    Err(Error::new(what).at(member).help(help))
}

fn tasks<M: Mechanism>(system: &Discovery<M>) -> TasksOf<M> {
    let world = &system.world;
    let watches = system.mechanism.watches();
    let all = |command: Command| {
        let units = world.units().filter(|_| watches.is_some());
        units
            .map(|unit| (unit, Input::Command(command)))
            .collect::<Vec<_>>()
    };
    let registers = M::BROKERS != BrokerUnits::None && system.mechanism.registers();
    let starts = world.units().filter(|_| registers);
    let mut any_time: Vec<_> = starts.map(|unit| (unit, Input::Start)).collect();
    any_time.extend(system.issued());
    Tasks {
        first: all(Command::Watch),
        any_time,
        last: all(Command::Unwatch),
        last_after: watches.unwrap_or(Span::ZERO),
        restarted: if watches.is_some() {
            || vec![Input::Command(Command::Watch)]
        } else {
            Vec::new
        },
    }
}

/// The requests that their computer does not wait for any more.
fn given_up<M: Mechanism>(
    tasks: &TasksOf<M>,
    given: &[usize],
    said: &[SaidOf<M>],
) -> Vec<SaidOf<M>> {
    let ended = |of: RequestId| {
        let mut all = said.iter();
        all.any(|(_, said)| matches!(said, Observation::Ended { request, .. } if *request == of))
    };
    let given = given.iter().map(|&task| &tasks.any_time[task]);
    let open = given.filter_map(|(unit, input)| match input {
        Input::Command(Command::Issue { request, .. } | Command::IssueAll { request })
            if !ended(*request) =>
        {
            let (request, outcome) = (*request, RequestOutcome::Rejected);
            let providers = Providers::new();
            Some((
                *unit,
                Observation::Ended {
                    request,
                    outcome,
                    providers,
                },
            ))
        }
        _ => None,
    });
    open.collect()
}

/// What can be looked for.
fn goals<'s>() -> [Invariant<SoFar<'s>>; 6] {
    fn ended(so_far: &SoFar<'_>, how: RequestOutcome) -> Vec<String> {
        so_far.cases(|said| matches!(said, Observation::Ended { outcome, .. } if *outcome == how))
    }
    [
        Invariant {
            name: "accepted",
            sentence: "a request is accepted",
            check: |so_far| ended(so_far, RequestOutcome::Accepted),
        },
        Invariant {
            name: "rejected",
            sentence: "a request is rejected",
            check: |so_far| ended(so_far, RequestOutcome::Rejected),
        },
        Invariant {
            name: "local",
            sentence: "a request is left to its own computer, which is in no colony",
            check: |so_far| ended(so_far, RequestOutcome::Local),
        },
        Invariant {
            name: "all-ended",
            sentence: "all requests have ended",
            check: |so_far| {
                let ended = so_far.cases(|said| matches!(said, Observation::Ended { .. }));
                let all = ended.len() >= so_far.requests;
                Some(ended).filter(|_| all).unwrap_or_default()
            },
        },
        Invariant {
            name: "served",
            sentence: "a computer has served a request to the end",
            check: |so_far| so_far.cases(|said| matches!(said, Observation::Served { .. })),
        },
        Invariant {
            name: "leader-elected",
            sentence: "the members of a colony have elected a leader",
            check: |so_far| so_far.cases(|said| matches!(said, Observation::Elected { .. })),
        },
    ]
}

/// What has been said so far.
struct SoFar<'s> {
    said: &'s [(UnitId, Observation)],
    /// How many instances one computer gives to one request at most.
    instances_each: usize,
    /// How many requests there are.
    requests: usize,
}

/// What must hold of it.
fn invariants_always<'s>() -> [Invariant<SoFar<'s>>; 3] {
    [
        Invariant {
            name: "ends-once",
            sentence: "no request ends more than once",
            check: |so_far| so_far.repeated(1, |said| matches!(said, Observation::Ended { .. })),
        },
        Invariant {
            name: "served-once",
            sentence: "nobody serves a request more often than it may",
            check: |so_far| {
                let most = so_far.instances_each;
                so_far.repeated(most, |said| matches!(said, Observation::Served { .. }))
            },
        },
        Invariant {
            name: "one-leader-a-term",
            sentence: "at no time have two leaders been elected in one term",
            check: |so_far| {
                let elected = so_far.said.iter().filter_map(|(unit, said)| match said {
                    Observation::Elected { leader, term, .. } => Some((*unit, *leader, *term)),
                    _ => None,
                });
                invariants::elected_twice(elected)
            },
        },
    ]
}

impl SoFar<'_> {
    /// Who has said that for which `is` holds, and of which request.
    fn cases(&self, is: impl Fn(&Observation) -> bool) -> Vec<String> {
        let said = self.said.iter().filter(|(_, said)| is(said));
        said.map(|(unit, said)| {
            let says = format!("{} says so", UnitName(*unit));
            match said {
                Observation::Ended { request, .. } | Observation::Served { request } => {
                    format!("{says} of request {}", request.0)
                }
                _ => says,
            }
        })
        .collect()
    }

    /// What a unit has said of one request more than `most` times, of that for which `counts` holds.
    fn repeated(&self, most: usize, counts: fn(&Observation) -> bool) -> Vec<String> {
        let mut times = std::collections::BTreeMap::new();
        for (unit, said) in self.said.iter().filter(|(_, said)| counts(said)) {
            let request = match said {
                Observation::Ended { request, .. } | Observation::Served { request } => *request,
                _ => continue,
            };
            *times.entry((request, *unit)).or_insert(0) += 1;
        }
        let often = times.into_iter().filter(|(_, times)| *times > most);
        often
            .map(|((request, unit), times)| {
                let (request, unit) = (request.0, unit.index());
                format!("request {request} has, at gcu/{unit}, {times} times")
            })
            .collect()
    }
}

fn so_far<'s, M: Mechanism>(system: &Discovery<M>, said: &'s [SaidOf<M>]) -> SoFar<'s> {
    SoFar {
        said,
        instances_each: system.world.config.instances_each() as usize,
        requests: system.world.requests.len(),
    }
}

impl<M: Mechanism> Discovery<M> {
    /// The requests, each an input of its computer, by number.
    fn issued(&self) -> Vec<(UnitId, Input<<Self as Model>::Protocol>)> {
        let mut all: Vec<_> = self
            .issues()
            .map(|(_, unit, input)| (unit, input))
            .collect();
        all.sort_by_key(|(_, input)| Self::subject(input));
        all
    }
}
