//! What must hold of the requests and elections of a run that has come to rest, whatever the mechanism.
//!
//! It does *not* know how requests are answered, nor what must hold of units.

use std::collections::BTreeMap;

use super::healing::Healing;
use super::record::{QueryRecord, RequestRecord};
use super::{Mechanism, Record, RequestOutcome, World, gcu};
use crate::system::{Invariant, Property, Violation, violations as broken};
use crate::unit::UnitId;

/// The requests of a run, and what became of each.
struct Requests<'r> {
    world: &'r World,
    records: &'r [RequestRecord],
    /// What became of each query of a request, if it is several.
    queries: &'r dyn Fn(usize) -> &'r [QueryRecord],
    healing: Option<&'r Healing>,
}

/// What must hold.
fn invariants<'r>() -> [Invariant<Requests<'r>>; 4] {
    [
        Invariant {
            name: "ends",
            sentence: "every request ends, once",
            check: ends,
        },
        Invariant {
            name: "in-time",
            sentence: "no request ends after its deadline",
            check: in_time,
        },
        Invariant {
            name: "providers",
            sentence: "each part of an accepted request has as many providers as it asks for, or enough, none of \
            them more often than one may be and none the requester; another request has none",
            check: providers,
        },
        Invariant {
            name: "one-leader",
            sentence: "at most one leader is elected in a term",
            check: one_leader,
        },
    ]
}

/// What must hold of the requests in `record` and does not.
pub(super) fn violations<M: Mechanism>(world: &World, record: &Record<M>) -> Vec<Violation> {
    let records = record.requests();
    let view = Requests {
        world,
        records,
        queries: &|id| record.queries(id),
        healing: record.healing(),
    };
    broken(&invariants(), &view)
}

fn one_leader(requests: &Requests<'_>) -> Vec<String> {
    elected_twice(requests.healing.into_iter().flat_map(Healing::elected))
}

/// Invariants that are broken in an overlay that has been left alone long enough to heal. That needs a run from its
/// beginning, since what happened earlier would not be known.
pub(super) fn not_healed<M: Mechanism>(
    (world, mechanism): (&World, &M),
    record: &Record<M>,
) -> Option<Violation> {
    let features = mechanism.features();
    let is_asked = features.heals && features.is_seen_to_heal;
    let healing = record.healing().filter(|_| is_asked)?;
    let crossings = mechanism.crossings();
    let cases = healing.not_healed(world, &|unit, leader| crossings.is_beside(unit, leader));
    (!cases.is_empty()).then_some(Violation {
        name: "healed-in-time",
        sentence: "some time after the last failure each living unit is in the table of its leader and in no other \
        (where packets get lost: in exactly one table), and there is one tree",
        cases,
    })
}

/// Of what must hold under some conditions only, the names of what a run has put to the test, in which packets can get lost or
/// not. Whether an overlay heals a run asks in which a unit was taken for gone.
pub(super) fn asked<M: Mechanism>(
    (mechanism, lossy): (&M, bool),
    record: &Record<M>,
) -> Vec<&'static str> {
    let Some(healing) = record.healing() else {
        return Vec::new();
    };
    let elects = healing.elected().next().is_some();
    let features = mechanism.features();
    let heals = features.heals && healing.has_suspicions();
    let is_seen = heals && features.is_seen_to_heal;
    let all = [
        (elects, "one-leader"),
        (heals, "healed"),
        (is_seen, "healed-in-time"),
        (is_seen && lossy, "healed-in-time, packets lost"),
    ];
    let asked = all.into_iter().filter(|(is_asked, _)| *is_asked);
    asked.map(|(_, name)| name).collect()
}

/// The terms in which more than one is elected, of those who have been elected in the place of a leader.
pub(super) fn elected_twice(
    elected: impl Iterator<Item = (UnitId, UnitId, (u32, u32))>,
) -> Vec<String> {
    let mut leaders = BTreeMap::new();
    let twice = elected.filter_map(|(elected, leader, term)| {
        let other = *leaders.entry((leader, term)).or_insert(elected);
        let (number, round) = term;
        (other != elected).then(|| {
            let [leader, other, elected] = [leader, other, elected].map(UnitId::index);
            format!(
                "in the place of gbu/{leader}, by list {number} in round {round}, gbu/{other} and gbu/{elected} are"
            )
        })
    });
    twice.collect()
}

/// The names and sentences of all of them.
pub(super) fn properties() -> Vec<Property> {
    let all = invariants().into_iter();
    all.map(|invariant| (invariant.name, invariant.sentence))
        .collect()
}

/// What `check` says of each request, if anything.
fn each(
    requests: &Requests<'_>,
    check: impl Fn(usize, &RequestRecord) -> Option<String>,
) -> Vec<String> {
    let all = requests.records.iter().enumerate();
    all.filter_map(|(id, record)| check(id, record)).collect()
}

fn ends(requests: &Requests<'_>) -> Vec<String> {
    each(requests, |id, record| {
        if record.ended().is_none() {
            Some(format!("request {id} has not ended"))
        } else if record.ended_again {
            Some(format!("request {id} has ended more than once"))
        } else {
            None
        }
    })
}

fn in_time(requests: &Requests<'_>) -> Vec<String> {
    let deadline = requests.world.config.deadline();
    each(requests, |id, record| {
        let (_, after) = record.ended()?;
        let late = after > deadline;
        late.then(|| format!("request {id} ended {} ns after its issue", after.as_ns()))
    })
}

fn providers(requests: &Requests<'_>) -> Vec<String> {
    let world = requests.world;
    each(requests, |id, record| {
        let (outcome, _) = record.ended()?;
        let found = &record.providers;
        if outcome != RequestOutcome::Accepted {
            let count = found.len();
            return (count > 0).then(|| format!("request {id} is not accepted and has {count}"));
        }
        if found.contains(&gcu(world.requests[id].computer)) {
            return Some(format!("request {id} is served by its own requester"));
        }
        let queries = (requests.queries)(id);
        if queries.is_empty() {
            return wrong_part(world, (id, 0), found);
        }
        let mut rest = &found[..];
        let wrong = queries.iter().enumerate().find_map(|(part, query)| {
            let (own, others) = rest.split_at(rest.len().min(query.found as usize));
            rest = others;
            wrong_part(world, (id, part), own)
        });
        wrong.or_else(|| {
            let count = rest.len();
            (count > 0).then(|| format!("request {id} has {count} that serve no part"))
        })
    })
}

/// What is wrong with the providers `found` for a part of a request, if anything.
fn wrong_part(world: &World, (id, part): (usize, usize), found: &[UnitId]) -> Option<String> {
    let requests = &world.config.requests;
    let [enough, wanted] = [requests.enough(part), requests.wanted(part)];
    let most = world.config.instances_each() as usize;
    let times = |at: usize| found.iter().filter(|unit| **unit == found[at]).count();
    let count = found.len();
    if !(enough as usize..=wanted as usize).contains(&count) {
        Some(format!(
            "part {part} of request {id} has {count}, not {enough} to {wanted}"
        ))
    } else if (0..count).any(|at| times(at) > most) {
        Some(format!(
            "part {part} of request {id} has a provider more than {most} times"
        ))
    } else {
        None
    }
}
