//! Worlds of several administrative domains, and of computers that take more than they give: what holds in them, and faults in
//! the code that are found.

use serde_json::{Value, json};

use super::planted::faults::{
    closed_tunnel_not_told, link_cut_at_one_end, log_out_not_told, not_passed_onward,
    release_forgotten, update_not_sent,
};
use super::*;

/// A world, what a history of it may have, a fault, and what that breaks.
struct World {
    network: &'static str,
    other: Value,
    faults: Faults,
    fault: Handle<Arigatoni>,
    broken: &'static str,
}

fn worlds() -> Vec<World> {
    let none = Faults::default();
    let on = |network, other, faults, fault, broken| World {
        network,
        other,
        faults,
        fault,
        broken,
    };
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
