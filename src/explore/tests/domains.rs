//! Worlds of several administrative domains, and of computers that take more than they give: what holds in them, and faults in
//! the code that are found.

use serde_json::{Value, json};

use super::planted::crossing::{
    asks_twice, charges_another, closed_tunnel_not_told, deaf_to_revocations, link_cut_at_one_end,
    link_not_cut,
};
use super::planted::faults::{
    heartbeat_not_acknowledged, log_out_not_told, not_passed_onward, release_forgotten,
    update_not_sent,
};
use super::planted::{heartbeats, replayed};
use super::*;

/// A world, what a history of it may have, a fault, and what that breaks.
struct World {
    network: &'static str,
    other: Value,
    faults: Faults,
    fault: Handle<Arigatoni>,
    broken: &'static str,
}

fn on(
    network: &'static str,
    other: Value,
    faults: Faults,
    fault: Handle<Arigatoni>,
    broken: &'static str,
) -> World {
    World {
        network,
        other,
        faults,
        fault,
        broken,
    }
}

fn worlds() -> Vec<World> {
    let none = Faults::default();
    let domains = |other, faults, fault, broken| on("domains", other, faults, fault, broken);
    let linked = json!({"colony_links": {"count": 1}});
    let changing = json!({
        "services": {"count": 2, "density": 0.5, "change": 60},
    });
    let riding = json!({
        "free_riders": {"share": 0, "limit": 0},
        "requests": {"count": 3},
    });
    let trusting = json!({
        "trust": {"forged": 0.34},
        "search": "exhaustive",
        "requests": {"count": 2},
    });
    let tunnelled = json!({"tunnels": {"share": 0.34, "kind": "friend", "home": false}});
    vec![
        domains(
            linked,
            Faults { links: 1, ..none },
            link_cut_at_one_end as Handle<Arigatoni>,
            "links",
        ),
        domains(json!({"firewall": true}), none, not_passed_onward, "slots"),
        domains(trusting, none, release_forgotten, "slots"),
        domains(
            tunnelled,
            Faults { leaves: 1, ..none },
            closed_tunnel_not_told,
            "members-listed",
        ),
        on(
            "pair",
            changing,
            Faults { changes: 2, ..none },
            update_not_sent,
            "tables",
        ),
        on("pair", riding, none, log_out_not_told, "members-listed"),
    ]
}

/// Worlds with a fault that only one property reveals.
fn worlds_of_one() -> Vec<World> {
    let none = Faults::default();
    let revoking = json!({"trust": {"revoked": 0.34}, "search": "exhaustive"});
    let riding = |limit: u32, each: u32| json!({"free_riders": {"share": 0, "limit": limit}, "gcus_per_broker": each});
    vec![
        on(
            "domains",
            json!({"colony_links": {"count": 1}}),
            Faults { links: 1, ..none },
            link_not_cut as Handle<Arigatoni>,
            "linked",
        ),
        on(
            "domains",
            revoking,
            Faults {
                revocations: 1,
                ..none
            },
            deaf_to_revocations,
            "revoked",
        ),
        on("pair", riding(0, 2), none, charges_another, "overdrawn"),
        on("pair", riding(1, 1), none, asks_twice, "overdrawn"),
        on(
            "pair",
            heartbeats(),
            none,
            heartbeat_not_acknowledged,
            "unsuspected",
        ),
    ]
}

/// Each is found by that property alone, and the replay shows it again.
#[test]
fn what_one_property_sees_is_found() {
    let mut wrong = Vec::new();
    for (number, world) in worlds_of_one().into_iter().enumerate() {
        let all = bounds(world.faults);
        let whole = explored(built(world.network, &world.other), Arigatoni::handle, &all);
        if whole.found.is_some() || whole.stopped.is_some() {
            wrong.push(format!("{number}: {whole:#?}"));
        }
        let bounds = Bounds {
            properties: Some(vec![world.broken.into()]),
            ..all
        };
        let explored = explored(built(world.network, &world.other), world.fault, &bounds);
        let Some(found) = explored.found else {
            wrong.push(format!("{number}: {:?}", explored.covered));
            continue;
        };
        let replayed = replayed((world.network, &world.other), world.fault, &found);
        if !replayed.contains(&world.broken) {
            wrong.push(format!("{number}: the replay breaks {replayed:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_crosses_domains_holds_and_faults_in_it_are_found() {
    let mut wrong = Vec::new();
    for (number, world) in worlds().into_iter().enumerate() {
        let bounds = bounds(world.faults);
        let whole = explored(
            built(world.network, &world.other),
            Arigatoni::handle,
            &bounds,
        );
        if whole.found.is_some() || whole.stopped.is_some() {
            wrong.push(format!("{number}: {whole:#?}"));
        }
        let explored = explored(built(world.network, &world.other), world.fault, &bounds);
        let found = explored.found.map(|found| found.broken.name);
        if found != Some(world.broken) {
            wrong.push(format!("{number}: {found:?} {:?}", explored.covered));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
