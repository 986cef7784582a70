//! What must have become of a request by the time a world is at rest, by what was said in its history.
//!
//! It does *not* know how requests are answered, nor how histories are visited.

use super::{Discovery, Mechanism, Observation, RequestId, RequestOutcome, UnitStates, World, gcu};
use crate::system::{Disturbed, Invariant, Property, Violation, violations as broken};
use crate::unit::UnitId;

/// What was said in a history, and what is known of it.
struct Past<'s> {
    world: &'s World,
    said: &'s [(UnitId, Observation)],
    disturbed: Disturbed,
    /// Whether slots are let go that nobody uses, and units come back.
    recovers: bool,
    /// Whether units register while requests are issued: then one may come before those who would serve it.
    registers: bool,
    /// Whether a computer is sure to be asked for a request, and agrees to it.
    agrees: &'s dyn Fn(UnitId, RequestId) -> bool,
    /// Whether two computers may not serve each other.
    distrusts: &'s dyn Fn(UnitId, UnitId) -> bool,
}

fn invariants<'s>() -> [Invariant<Past<'s>>; 3] {
    [
        Invariant {
            name: "serves",
            sentence: "each provider of an accepted request has served it, unless a unit has crashed or a slot was \
            let go before its time",
            check: serves,
        },
        Invariant {
            name: "just",
            sentence: "a request for one service is not rejected if enough computers offer it, have room and agree, \
            no timer has fired early and nothing has gone wrong",
            check: just,
        },
        Invariant {
            name: "trusted",
            sentence: "nobody serves a computer of another domain if the credential of one of them is forged or has \
            expired",
            check: trusted,
        },
    ]
}

/// The names and sentences of all of them.
pub(super) fn properties() -> Vec<Property> {
    let all = invariants().into_iter();
    all.map(|it| (it.name, it.sentence)).collect()
}

/// What must hold of all that was `said`, and does not.
pub(super) fn violations<M: Mechanism>(
    system: &Discovery<M>,
    states: &UnitStates<M>,
    said: &[(UnitId, Observation)],
    disturbed: Disturbed,
) -> Vec<Violation> {
    let mechanism = &system.mechanism;
    let past = Past {
        world: &system.world,
        said,
        disturbed,
        recovers: system.lossy || (states.recovers)(mechanism),
        registers: mechanism.registers(),
        agrees: &|unit, request| (states.agrees)(mechanism, unit, request),
        distrusts: &|one, other| (states.distrusts)(mechanism, one, other),
    };
    broken(&invariants(), &past)
}

fn serves(past: &Past<'_>) -> Vec<String> {
    let expires = past.recovers && past.disturbed.timers;
    if past.disturbed.crashes || expires {
        return Vec::new();
    }
    let number = |request: RequestId| past.world.number_of(request);
    let has_served = |unit: UnitId, of: u32| {
        let mut all = past.said.iter();
        all.any(|(other, said)| {
            matches!(said, Observation::Served { request } if *other == unit && number(*request) == of)
        })
    };
    let mut cases = Vec::new();
    for (_, said) in past.said {
        let Observation::Ended {
            request,
            outcome: RequestOutcome::Accepted,
            providers,
        } = said
        else {
            continue;
        };
        let of = number(*request);
        let idle = providers.iter().filter(|unit| !has_served(**unit, of));
        cases.extend(idle.map(|unit| format!("gcu/{} has not served request {of}", unit.index())));
    }
    cases
}

fn trusted(past: &Past<'_>) -> Vec<String> {
    let mut cases = Vec::new();
    for (unit, said) in past.said {
        let Observation::Ended { providers, .. } = said else {
            continue;
        };
        let bad = providers.iter().filter(|it| (past.distrusts)(*unit, **it));
        cases.extend(bad.map(|it| format!("gcu/{} serves gcu/{}", it.index(), unit.index())));
    }
    cases
}

fn just(past: &Past<'_>) -> Vec<String> {
    let world = past.world;
    let is_one = world.parts.is_empty() && world.also.is_empty();
    let roots = world.gbus().iter().filter(|it| it.parent.is_none()).count();
    let is_whole = roots == 1 && !past.registers;
    if !past.disturbed.is_not() || !is_one || !is_whole || world.matching.constraints().is_some() {
        return Vec::new();
    }
    let rejected = past.said.iter().filter_map(|(unit, said)| match said {
        Observation::Ended {
            request,
            outcome: RequestOutcome::Rejected,
            ..
        } => Some((*unit, *request)),
        _ => None,
    });
    let unjust = rejected.filter(|(unit, request)| {
        let enough = world.config.requests.enough(0);
        enough <= could_serve(past, *unit, *request)
    });
    unjust
        .map(|(unit, request)| format!("request {} of gcu/{} is", request.0, unit.index()))
        .collect()
}

/// How many instances of `request`, which `requester` has issued, the others could serve at least.
fn could_serve(past: &Past<'_>, requester: UnitId, request: RequestId) -> u32 {
    let world = past.world;
    let each = world.config.instances_each();
    let demand = world.requests[request.0 as usize].service;
    let others = (0..world.population.len()).filter(|id| gcu(*id) != requester);
    let able = others.filter(|id| {
        let mut offers = world.offers_after(*id, 0);
        offers.any(|offer| offer == demand) && (past.agrees)(gcu(*id), request)
    });
    let room = able.map(|id| match world.slots_of(id) {
        None => each,
        // Other requests may hold some.
        Some(slots) if world.requests.len() == 1 => slots.min(each),
        Some(_) => 0,
    });
    room.sum()
}
