//! Firewalls and credentials, against brute force: what crosses domains, and what does not.

use std::collections::BTreeSet;

use arigatoni::arigatoni::Config;
use arigatoni::discovery::config::Units;
use arigatoni::parameters::number::Count;
use arigatoni::simulation::network::Fidelity;
use serde_json::{Value, json};

use super::agreeing;
use super::oracle::{self, World};
use crate::support::{export, metric, run, t100};

fn with(own: &Value, rate: f64, instances: u32) -> Config {
    agreeing(own, 0.03, (rate, Units::All), instances)
}

/// The same requests are accepted by the same providers. What is said to one of another domain goes from broker to broker.
#[test]
fn behind_a_firewall_what_is_said_to_a_provider_goes_back_by_the_way_by_which_it_was_found() {
    let mut crossed = 0;
    for (search, instances) in [("selective", 1), ("exhaustive", 2), ("root-first", 1)] {
        let [open, closed] = [false, true].map(|firewall| {
            let own = json!({"firewall": firewall, "search": search});
            run(t100(), &with(&own, 0.2, instances), 5, Fidelity::Path)
        });
        for run in [&open, &closed] {
            assert_eq!(metric(run, "completed"), metric(run, "accepted"));
        }
        let world = World::parse(&export(t100(), &open, "world"));
        let homes = world.homes();
        let [open, closed] =
            [open, closed].map(|run| oracle::requests(&export(t100(), &run, "requests")));
        for (open, closed) in open.iter().zip(&closed) {
            assert_eq!(
                (&open.outcome, &open.providers),
                (&closed.outcome, &closed.providers)
            );
            assert_eq!(
                open.latency_ns, closed.latency_ns,
                "what is found is found as soon"
            );
            if search == "exhaustive" || open.providers.is_empty() {
                assert!(open.messages <= closed.messages);
                continue;
            }
            let ends = [open.gcu, open.providers[0]].map(|gcu| homes[gcu]);
            let [own, other] = ends.map(|gbu| world.domain(gbu));
            let more = (closed.messages - open.messages) as usize;
            let (_, edges) = world.way(open.gcu, open.providers[0]);
            // In a tree nothing else is released.
            assert!(more < edges.max(1), "{more} {edges}");
            assert_eq!(more > 0, own != other, "{own} {other}");
            crossed += usize::from(more > 0);
        }
    }
    assert!(crossed > 50, "{crossed}");
}

/// Whoever has no valid credential gets what its own domain has, as far as no other lies between, and serves its own domain.
#[test]
fn who_is_not_to_be_trusted_is_served_by_its_own_domain_only() {
    for (search, forged, expired) in [
        ("selective", 0.3, 0.0),
        ("exhaustive", 0.2, 0.3),
        // Nobody has looked into one's own domain if the super-broker refuses.
        ("root-first", 0.3, 0.4),
    ] {
        let own = json!({"search": search, "trust": {"forged": forged, "expired": expired, "check_ms": 2}});
        let run = run(t100(), &with(&own, 0.1, 1), 5, Fidelity::Path);
        assert_eq!(metric(&run, "deadline_hits"), Some(0.0));
        let text = export(t100(), &run, "world");
        let world = World::parse(&text);
        let value: Value = serde_json::from_str(&text).unwrap();
        let invalid = value["credentials"].as_array().unwrap().iter();
        let invalid: BTreeSet<usize> = invalid
            .map(|it| it["gcu"].as_u64().unwrap() as usize)
            .collect();
        assert_eq!(invalid.len() >= 60, forged + expired > 0.2, "of 200");
        let homes = world.homes();
        let mut differs = 0;
        for request in oracle::requests(&export(t100(), &run, "requests")) {
            let near = world.within_domain(homes[request.gcu]);
            let is_valid = !invalid.contains(&request.gcu);
            let able = world.able_in_tree(&request).into_iter();
            let own = world.domain(homes[request.gcu]);
            let can = |gcu: &usize| {
                let is_of_own = world.domain(homes[*gcu]) == own;
                near.contains(&homes[*gcu]) || is_valid && (is_of_own || !invalid.contains(gcu))
            };
            let trusted: Vec<usize> = able.clone().filter(can).collect();
            let expected = match () {
                () if !world.is_connected(request.gcu) => "local",
                () if trusted.is_empty() => "rejected",
                () => "accepted",
            };
            assert_eq!(request.outcome, expected, "gcu/{}", request.gcu);
            assert!(request.providers.iter().all(|it| trusted.contains(it)));
            differs += usize::from(expected == "rejected" && able.count() > 0);
        }
        assert!(differs > 10, "{differs}");
        let refused = ["refused_forged", "refused_expired", "refused_revoked"];
        let refused = refused.map(|name| metric(&run, name).unwrap());
        assert!(refused[0] > 0.0 && (refused[1] > 0.0) == (expired > 0.0) && refused[2] == 0.0);
        assert!(metric(&run, "checks_per_request") > Some(0.0));
    }
}

#[test]
fn checks_take_time_and_refuse_nobody_that_can_be_trusted() {
    let of = |trust: Value| {
        let run = run(
            t100(),
            &with(&json!({"trust": trust}), 0.1, 1),
            4,
            Fidelity::Path,
        );
        ["accepted", "latency_ms_mean", "checks_per_request"].map(|name| metric(&run, name))
    };
    let without = of(Value::Null);
    assert_eq!(without[2], None);
    let free = of(json!({}));
    assert_eq!(free[..2], without[..2]);
    let slow = of(json!({"check_ms": 50}));
    assert_eq!((slow[0], slow[2]), (free[0], free[2]));
    // Each check of an accepted request is waited for at most once.
    let longer = slow[1].unwrap() - free[1].unwrap();
    assert!(longer > 10.0, "{longer}");
}

/// The rarer the lists, the later a revocation takes effect. One fingerprint in both fidelities.
#[test]
fn revocations_take_effect_with_the_next_list() {
    let of = |every_s: f64, fidelity| {
        let own = json!({"trust": {"revoked": 0.5, "revocation_s": every_s}});
        let mut config = with(&own, 0.0, 1);
        config.world.requests.count = Some(Count(600));
        run(t100(), &config, 4, fidelity)
    };
    let [at_once, soon, late] = [0.0, 2.0, 50.0].map(|every_s| of(every_s, Fidelity::Path));
    let number = |run, name: &str| metric(run, name).unwrap();
    let [first, second, third] = [&at_once, &soon, &late].map(|run| number(run, "refused_revoked"));
    assert!(
        first >= second && second > third,
        "{first} {second} {third}"
    );
    let [first, second] = [&at_once, &soon].map(|run| number(run, "revocation_s_mean"));
    assert!(first > 0.0 && first < second, "{first} {second}");
    assert_eq!(soon.totals, of(2.0, Fidelity::Hop).totals);
}

/// Everything at once: nobody waits for ever, and all that was accepted is served.
#[test]
fn tunnels_behind_a_firewall_serve_what_was_found() {
    for (kind, home) in [("friend", true), ("clone", true), ("friend", false)] {
        let own = json!({
            "firewall": true,
            "tunnels": {"share": 0.3, "kind": kind, "home": home, "colonies": 0.3},
            "colony_links": {"count": 10},
        });
        let run = run(t100(), &with(&own, 0.3, 2), 6, Fidelity::Path);
        assert!(metric(&run, "tunnelled_ratio") > Some(0.0));
        assert_eq!(
            metric(&run, "completed"),
            metric(&run, "accepted"),
            "{kind} {home}"
        );
    }
}
