//! What must have become of a request by the time a world is at rest, by what was said in its history.
//!
//! It does *not* know how requests are answered, nor how histories are visited.

use super::config::UnitName;
use super::{
    Discovery, ExplorableMechanism, Observation, RequestId, RequestOutcome, World, gcu, occasions,
};
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
    /// The pairs of brokers that can be linked, and whether they are to be.
    pairs: Vec<([UnitId; 2], bool)>,
    /// Whether one broker is linked to the other.
    is_linked: &'s dyn Fn(UnitId, UnitId) -> bool,
    /// How many more instances than it gives a computer may take, if leaders log out members that take more.
    limit: Option<u32>,
    /// Whether any broker has logged a computer out.
    is_logged_out: &'s dyn Fn(UnitId) -> bool,
}

fn invariants<'s>() -> [Invariant<Past<'s>>; 5] {
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
        Invariant {
            name: "linked",
            sentence: "two brokers know at both ends whether they are linked, where no unit has crashed",
            check: linked,
        },
        Invariant {
            name: "overdrawn",
            sentence: "who has taken so many instances more than it can have given that leaders do not bear it is logged \
            out, and nobody is who has taken fewer, where no timer has fired early and nothing has gone wrong",
            check: overdrawn,
        },
    ]
}

/// The names and sentences of all of them.
pub(super) fn properties() -> Vec<Property> {
    let all = invariants().into_iter();
    all.map(|it| (it.name, it.sentence)).collect()
}

/// What must hold of all that was `said`, and does not.
pub(super) fn violations<M: ExplorableMechanism>(
    system: &Discovery<M>,
    (said, come): (&[(UnitId, Observation)], u32),
    disturbed: Disturbed,
) -> Vec<Violation> {
    let mechanism = &system.mechanism;
    let broker = |unit: UnitId| &system.gbus[unit.index() as usize];
    let past = Past {
        world: &system.world,
        said,
        disturbed,
        recovers: system.lossy || mechanism.recovers(),
        registers: mechanism.registers(),
        agrees: &|unit, request| mechanism.agrees(unit, request),
        distrusts: &|one, other| mechanism.distrusts(one, other),
        pairs: occasions::linked(system, come),
        is_linked: &|one, other| M::is_linked(broker(one), other),
        limit: mechanism.limit(),
        is_logged_out: &|unit| {
            let mut brokers = system.gbus.iter();
            brokers.any(|it| M::has_logged_out(it, unit))
        },
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
        cases.extend(idle.map(|unit| format!("{} has not served request {of}", UnitName(*unit))));
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
        cases.extend(bad.map(|it| format!("{} serves {}", UnitName(*it), UnitName(*unit))));
    }
    cases
}

fn linked(past: &Past<'_>) -> Vec<String> {
    // A broker that is dead when a link is cut or made is told about it as it comes back, if it does.
    if past.disturbed.crashes {
        return Vec::new();
    }
    let mut cases = Vec::new();
    for &([one, other], is_linked) in &past.pairs {
        for (it, peer) in [(one, other), (other, one)] {
            if (past.is_linked)(it, peer) != is_linked {
                let not = if is_linked { "not " } else { "" };
                let (it, peer) = (UnitName(it), UnitName(peer));
                cases.push(format!("{it} is {not}linked to {peer} by its own word"));
            }
        }
    }
    cases
}

fn overdrawn(past: &Past<'_>) -> Vec<String> {
    let Some(limit) = past.limit.filter(|_| past.disturbed.is_not()) else {
        return Vec::new();
    };
    let each = past.world.config.instances_each();
    let mut cases = Vec::new();
    for computer in (0..past.world.population.len()).map(gcu) {
        // What it has given to a request that was rejected counts as well.
        let (mut taken, mut given) = (0, 0);
        for (unit, said) in past.said {
            if let Observation::Ended {
                outcome, providers, ..
            } = said
            {
                match (*unit == computer, outcome) {
                    (true, RequestOutcome::Accepted) => taken += providers.len() as u32,
                    (true, _) => {}
                    (false, _) => given += each,
                }
            }
        }
        let is_out = (past.is_logged_out)(computer);
        let must_be = taken > limit + given;
        let may_be = taken > limit;
        if is_out && !may_be || !is_out && must_be {
            let is = if is_out {
                "is logged out"
            } else {
                "is not logged out"
            };
            let name = UnitName(computer);
            cases.push(format!("{name}, which has taken {taken}, {is}"));
        }
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
        .map(|(unit, request)| format!("request {} of {} is", request.0, UnitName(unit)))
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
