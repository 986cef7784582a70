//! How the members are drawn that say what crosses administrative domains.
//!
//! This module does *not* know the other members.

use serde_json::{Value, json};

use super::draw::{Draw, GraphFacts};

/// Links between colonies, at most as many as there are pairs of domains in any case: each domain has at least one
/// broker, and the tree joins some of them.
pub(super) fn colony_links(draw: &mut Draw) -> Value {
    let domains = draw.graph.domains.len() as u64;
    let free = domains.saturating_sub(1) * domains.saturating_sub(2) / 2;
    if free == 0 {
        return Value::Null;
    }
    let count = draw.whole(0, free.min(12));
    if draw.chance(0.5) {
        return json!({"count": count, "up": null, "down": null});
    }
    let (up_s, down_s) = (draw.positive(1.0, 60.0), draw.positive(1.0, 60.0));
    json!({"count": count, "up": draw.law(up_s), "down": draw.law(down_s)})
}

/// The longest round trip through a friend, in milliseconds. Others take 4 s at most, including access links of 320
/// ms each way. With a friend each way is taken twice, and the access links count three times.
pub(super) const ROUND_TRIP_BY_FRIENDS_MS: f64 = 9_000.0;

/// Whether tunnels may lead through friends.
pub(super) fn may_have_friends(world: &Value, system: &str) -> bool {
    let at = |member: &str| world.pointer(&format!("/system/{system}/{member}"));
    let rates = ["overlay/friend_rate", "overlay/rates_per_s/friend"];
    let mut rates = rates.iter().filter_map(|rate| at(rate)?.as_f64());
    at("tunnels/kind") == Some(&json!("friend")) || rates.any(|rate| rate > 0.0)
}

/// Tunnels of any number of computers.
pub(super) fn tunnels(draw: &mut Draw) -> Value {
    if draw.graph.domains.len() < 2 {
        return Value::Null;
    }
    let kind = draw.word(&["clone", "friend"]);
    let colonies = draw.mostly(0, Draw::share);
    json!({"share": draw.share(), "kind": kind, "home": draw.flag(), "colonies": colonies})
}

/// Where there are domains, as there are in each graph.
pub(super) fn firewall(draw: &mut Draw) -> Value {
    let has_several = draw.graph.domains.len() > 1;
    (has_several && draw.chance(0.5)).into()
}

/// Credentials of all kinds.
pub(super) fn trust(draw: &mut Draw) -> Value {
    if draw.graph.domains.len() < 2 {
        return Value::Null;
    }
    let share = |draw: &mut Draw| draw.mostly(0, Draw::share);
    json!({
        "forged": share(draw),
        "expired": share(draw),
        "revoked": share(draw),
        "check_ms": draw.one_of(&[0.0, 0.1, 20.0]),
        "revocation_s": draw.one_of(&[0.0, 0.05, 10.0]),
    })
}

/// In a small world that is one computer at most.
const FEW: f64 = 0.02;

/// The rules that give computers other leaders before the requests.
const MOVING: [&str; 3] = ["register_rate", "migrate_rate", "move_rate"];

/// The share of the computers that may have tunnels through friends: for whoever has one there is a computer without one
/// in another domain. Each of `domains` has a broker, with as many computers as all have. So outside of the domain of a
/// computer there are (domains - 1) times as many or more, and if no more have tunnels, that one included, one is free.
fn share_with_friends(domains: usize, brokers: u64) -> f64 {
    (domains.saturating_sub(1)) as f64 / brokers.max(1) as f64
}

/// The rules by which brokers may have tunnels before the requests.
const TUNNELLING: [&str; 2] = ["friend_rate", "clone_rate"];

/// The number of pairs of brokers in different domains that are left for links in any case, where rules make tunnels: no link joins
/// the ends of a tunnel. Of one broker in each of `domains`, at most all but two have a tunnel, since a tunnel leads up; and each
/// further broker adds more pairs than it takes.
fn free_beside_tunnels(domains: usize) -> u64 {
    let domains = domains as u64;
    domains.saturating_sub(2) * domains.saturating_sub(3) / 2
}

/// No more links are drawn than pairs are left by the tunnels that rules make.
fn fit_links(members: &mut Value, graph: &GraphFacts) {
    let rate = |rule: &&str| members["overlay"][*rule].as_f64();
    let makes_tunnels = TUNNELLING.iter().filter_map(rate).any(|rate| rate > 0.0);
    let count = members["colony_links"]["count"].as_u64();
    if let Some(count) = count.filter(|_| makes_tunnels) {
        let most = free_beside_tunnels(graph.domains.len());
        members["colony_links"]["count"] = count.min(most).into();
    }
}

/// What goes with links and tunnels: no more links than pairs, no colonies with two super-brokers where brokers get other ones, none with tunnels where the root
/// is asked first, and no friend where there may be no computer.
pub(super) fn reconcile(world: &mut Value, system: &str, graph: &GraphFacts) {
    let brokers = graph.brokers(world, system);
    let Some(members) = world.pointer_mut(&format!("/system/{system}")) else {
        return;
    };
    fit_links(members, graph);
    if members["tunnels"].is_null() {
        return;
    }
    let moves = !members["migration"].is_null() || members["election"] == true;
    let besides = moves && members["tunnels"]["home"] != false;
    if besides || members["search"] == "root-first" {
        members["tunnels"]["colonies"] = 0.into();
    }
    // By default each broker has one.
    if !members["gcus_per_broker"].is_null() && !members["gcus_per_broker"].is_u64() {
        members["tunnels"]["kind"] = "clone".into();
    }
    if members["tunnels"]["kind"] == "friend" {
        let most = share_with_friends(graph.domains.len(), brokers);
        let rate = |rule: &&str| members["overlay"][*rule].as_f64();
        // Where rules have moved computers nobody knows where they are.
        let moves = MOVING.iter().filter_map(rate).any(|rate| rate > 0.0);
        let most = if moves { FEW } else { most };
        let share = members["tunnels"]["share"].as_f64().unwrap_or_default();
        members["tunnels"]["share"] = share.min(most).into();
    }
}

#[cfg(test)]
mod tests {
    use super::super::world::scenario;
    use super::*;

    /// Of five brokers in five domains there are ten pairs; the tree takes four, and tunnels three.
    #[test]
    fn pairs_are_left_beside_tunnels() {
        assert_eq!([2, 3, 4, 5].map(free_beside_tunnels), [0, 0, 1, 3]);
        let domains = (0..5).map(|it| it.to_string()).collect();
        let routers = 5;
        let graph = GraphFacts { routers, domains };
        let fitted = |rule: &str, rate: f64| {
            let mut members = json!({"overlay": {rule: rate}, "colony_links": {"count": 6}});
            fit_links(&mut members, &graph);
            members["colony_links"]["count"].take()
        };
        assert_eq!(TUNNELLING.map(|rule| fitted(rule, 0.1)), [3, 3]);
        assert_eq!(
            [fitted("clone_rate", 0.0), fitted("link_rate", 0.1)],
            [6, 6]
        );
    }

    /// Of six routers in two domains, with two computers each, two may have tunnels: there are at least two in the other domain.
    #[test]
    fn friends_are_left() {
        let share = share_with_friends(2, 6);
        assert!((share * 12.0 - 2.0).abs() < 1e-9, "{share}");
        assert!(share_with_friends(1, 6) == 0.0 && share_with_friends(0, 0) == 0.0);
    }

    /// Swarm seed 802090, as it was drawn then: colonies with tunnels through friends 4,151 ms away, there and back.
    #[test]
    fn heartbeats_wait_for_what_friends_pass_on() {
        let of = |seed| scenario(seed, &[], None)["system"]["arigatoni"].take();
        let worlds = (0..300).map(of).filter(|it| it["detection"].is_object());
        let by_friends =
            |it: &Value| may_have_friends(&json!({"system": {"arigatoni": it}}), "arigatoni");
        let (with, without): (Vec<_>, Vec<_>) = worlds.partition(by_friends);
        let is_long = |it: &Value| {
            let timeout = it["detection"]["timeout_ms"].as_f64();
            timeout >= Some(ROUND_TRIP_BY_FRIENDS_MS)
        };
        assert!(!with.is_empty() && with.iter().all(is_long), "{with:?}");
        assert!(without.iter().any(|it| !is_long(it)));
    }

    /// The worlds are worth it: in some many computers have friends.
    #[test]
    fn many_computers_have_friends() {
        let has_many = |seed: &u64| {
            let world = scenario(*seed, &[], None);
            let tunnels = &world["system"]["arigatoni"]["tunnels"];
            tunnels["kind"] == "friend" && tunnels["share"].as_f64() > Some(0.1)
        };
        let count = (0..150).filter(has_many).count();
        assert!(count >= 5, "{count}");
    }
}
