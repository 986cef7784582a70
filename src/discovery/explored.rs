//! How all histories of a small world of a discovery system are visited.
//!
//! It does *not* know how they are, nor what a mechanism's units are like.

use super::config::{Population, UnitName};
use super::{
    BrokerUnits, Brokers, Command, Config, Discovery, GCU, Mechanism, Observation, Providers,
    RequestId, RequestOutcome, UnitStates, following, forbidden, invariants, occasions, promises,
};
use crate::error::{Error, Result};
use crate::system::{
    Explorable, Invariant, Model, Property, Said, Tasks, Underlay, UnitState, Violation, violations,
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

/// How it is done for the mechanism `M`, whose units' states are known by now.
pub(super) fn explorable<M: Mechanism>(_: UnitStates<M>) -> Explorable<Discovery<M>> {
    Explorable {
        may_fit: may_fit::<M>,
        idle: idle::<M>,
        fits: fits::<M>,
        can_crash: can_crash::<M>,
        revives: revives::<M>,
        tasks: tasks::<M>,
        occasions: occasions::all::<M>,
        can_be_told: occasions::can_be_told::<M>,
        leave: || Command::Leave,
        join: || Command::Join,
        state: state::<M>,
        put: put::<M>,
        recall,
        given_up: given_up::<M>,
        always: always::<M>,
        matters: forbidden::matters,
        forbidden: forbidden::violation::<M>,
        in_the_end: |system, said, disturbed, come| {
            promises::violations(system, &states::<M>(), (said, come), disturbed)
        },
        bereft: |system, lives, is_early| {
            let units = (&system.gcus[..], &system.gbus[..]);
            (states::<M>().bereft)(&system.mechanism, units, lives, is_early)
        },
        properties: properties::<M>,
        following: Some(following::following()),
        goals: || goals().map(|goal| (goal.name, goal.sentence)).to_vec(),
        reached: |system, said| violations(&goals(), &so_far(system, said)),
    }
}

/// How the states of the units are told apart.
fn states<M: Mechanism>() -> UnitStates<M> {
    M::unit_states().expect("it is asked of mechanisms that have some")
}

fn fits<M: Mechanism>(system: &Discovery<M>) -> Result<()> {
    let [brokers, computers] = [system.gbus.len(), system.gcus.len()];
    check_counts([brokers, computers, system.world.requests.len()])
}

/// The same by the parameters, as far as they say it: a large world is not built in vain.
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

/// That there are not too many brokers, computers or requests.
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

fn can_crash<M: Mechanism>(system: &Discovery<M>) -> Result<()> {
    if revives(system) {
        return Ok(());
    }
    let what = "the units of this scenario do not find out that others have crashed and come back";
    Err(Error::new(what)
        .at("/system/*/faults")
        .help("write `faults` or `detection`; when which unit fails does not matter here"))
}

fn revives<M: Mechanism>(system: &Discovery<M>) -> bool {
    system.lossy || (states::<M>().recovers)(&system.mechanism)
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

fn state<M: Mechanism>(system: &Discovery<M>, unit: UnitId, now: Time) -> Box<dyn UnitState> {
    let (states, index) = (states::<M>(), unit.index() as usize);
    if unit.kind() == GCU {
        (states.computer)(&system.mechanism, &system.gcus[index], now)
    } else {
        (states.broker)(&system.mechanism, &system.gbus[index], now)
    }
}

fn put<M: Mechanism>(system: &mut Discovery<M>, unit: UnitId, state: &dyn UnitState) {
    let (states, index) = (states::<M>(), unit.index() as usize);
    if unit.kind() == GCU {
        system.gcus[index] = (states.as_computer)(state);
    } else {
        system.gbus[index] = (states.as_broker)(state);
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

fn always<M: Mechanism>(system: &Discovery<M>, said: &[SaidOf<M>]) -> Vec<Violation> {
    violations(&invariants_always(), &so_far(system, said))
}

fn properties<M: Mechanism>() -> [Vec<Property>; 2] {
    let always = invariants_always();
    let always = always.map(|invariant| (invariant.name, invariant.sentence));
    let always = [&always[..], &forbidden::properties()].concat();
    let mut at_rest = invariants::properties();
    at_rest.extend(promises::properties());
    at_rest.extend((states::<M>().properties)());
    [always, at_rest]
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
