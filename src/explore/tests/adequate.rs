//! Adequacy: the protocol keeps the rules of the calculus, and faults planted in either of them are found.

use expect_test::expect;
use serde_json::json;

use super::planted::faults::{
    acknowledged_before_the_change, leave_granted_while_a_query_is_open, member_not_entered,
};
use super::*;
use crate::calculus::{Community, Failure, Label, Rule};
use crate::discovery::Communities;
use crate::system::Following;

/// Only adequacy is looked at.
fn adequate(faults: Faults) -> Bounds {
    Bounds {
        properties: Some(vec!["adequate".into()]),
        ..bounds(faults)
    }
}

const LEAVE: Faults = Faults {
    losses: 0,
    duplicates: 0,
    crashes: 0,
    restarts: 0,
    leaves: 1,
    joins: 0,
    changes: 0,
    links: 0,
    revocations: 0,
    timers: 1,
};

#[test]
fn faults_of_the_protocol_are_found() {
    let handles: [(Handle<Arigatoni>, u8); 3] = [
        (acknowledged_before_the_change, 0),
        (leave_granted_while_a_query_is_open, 0),
        (member_not_entered, 1),
    ];
    for (number, (handle, joins)) in handles.into_iter().enumerate() {
        let bounds = adequate(Faults { joins, ..LEAVE });
        let whole = explored(built("pair", &json!({})), Arigatoni::handle, &bounds);
        assert_eq!(whole.found, None, "{number}");
        let explored = explored(built("pair", &json!({})), handle, &bounds);
        let found = explored.found.map(|found| found.broken.name);
        assert_eq!(found, Some("adequate"), "{number}");
    }
}

/// What comes of following the protocol by rules of which one is wrong.
fn followed(follower: fn() -> Box<dyn crate::system::Follower<Arigatoni>>) -> Option<String> {
    let mut system = built("pair", &json!({}));
    let acting = Acting {
        following: acting().following.map(|following| Following {
            follower,
            ..following
        }),
        ..acting()
    };
    let bounds = adequate(Faults { joins: 1, ..LEAVE });
    let explored = explore(&mut system, &acting, &bounds, true, &mut |_| true);
    explored
        .unwrap()
        .found
        .map(|found| found.broken.to_string())
}

/// The label of another rule with the same names.
fn exchanged(community: &mut Community, label: &Label, rules: [Rule; 2]) -> Result<(), Failure> {
    let [one, other] = rules;
    let names: Vec<_> = label.names().iter().collect();
    if label.rule() == one {
        return community.change(&Label::new(other, &names));
    }
    community.change(label)
}

#[test]
fn faults_of_the_rules_are_found() {
    assert_eq!(
        followed(|| Box::new(Communities::new(Community::change))),
        None
    );
    // Two labels are exchanged.
    let found = followed(|| {
        Box::new(Communities::new(|community, label| {
            exchanged(community, label, [Rule::Leave, Rule::Join])
        }))
    });
    expect![[r#"
        adequate: the overlay is what the rules of the colony calculus give for what has happened
          but `join g0 B0` cannot be applied: its premise `free` does not hold: `g0` belongs to `B0`, in B0[ g0 | B1[ g1 ] ]"#]].assert_eq(&found.unwrap());
    let found = followed(|| {
        Box::new(Communities::new(|community, label| {
            exchanged(community, label, [Rule::Register, Rule::Unregister])
        }))
    });
    expect![[r#"
        adequate: the overlay is what the rules of the colony calculus give for what has happened
          but `unregister B1 B0` cannot be applied: its premise `member` does not hold: `B1` belongs to no colony, not to `B0`, in B0[ g0 ] | B1[ g1 ]"#]].assert_eq(&found.unwrap());
    // An effect is left out.
    let found = followed(|| {
        Box::new(Communities::new(|community, label| {
            let is_leave = label.rule() == Rule::Leave;
            community.apply(label).map(|next| {
                if !is_leave {
                    *community = next;
                }
            })
        }))
    });
    expect![[r#"
        adequate: the overlay is what the rules of the colony calculus give for what has happened
          but `g0` belongs to nobody, and by the rules to `B0`: B0[ g0 | B1[ g1 ] ]
          but `g0` believes to belong to nobody, and by the rules to `B0`: B0[ g0 | B1[ g1 ] ]
          but `g0` was told to do what `leave g0 B0` says, can, and has not: B0[ g0 | B1[ g1 ] ]"#]]
    .assert_eq(&found.unwrap());
    // A premise too many: nobody leaves who has ever asked.
    let found = followed(|| {
        Box::new(Communities::new(|community, label| {
            let is_end = label.rule() == Rule::End;
            if is_end {
                Ok(())
            } else {
                community.change(label)
            }
        }))
    });
    expect![[r#"
        adequate: the overlay is what the rules of the colony calculus give for what has happened
          but `leave g0 B0` cannot be applied: its premise `idle` does not hold: `g0` has pending services, in B0[ g0* | B1[ g1 ] ]"#]].assert_eq(&found.unwrap());
}

/// Failures, elections and migration: all labels of the protocol occur.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_protocol_keeps_the_rules_where_brokers_fail() {
    let heals = json!({
        "detection": {"heartbeat_ms": 2000, "timeout_ms": 2000, "misses": 1},
        "return_ms": 3000,
    });
    let mut elects = heals.clone();
    elects["election"] = true.into();
    let mut moves = heals.clone();
    moves["migration"] = json!({"to": "grandparent"});
    let crash = Faults {
        crashes: 1,
        timers: 0,
        leaves: 0,
        ..LEAVE
    };
    for (network, other, faults) in [
        (
            "pair",
            heals,
            Faults {
                restarts: 1,
                ..crash
            },
        ),
        ("star", elects, crash),
        ("line", moves, crash),
    ] {
        // `.ci/explore` visits all of their histories.
        let bounds = Bounds {
            memory: 20_000_000,
            ..adequate(faults)
        };
        let explored = explored(built(network, &other), Arigatoni::handle, &bounds);
        assert_eq!(explored.found, None, "{other}");
    }
}

/// A unit may have two leaders: tunnels through a friend and with a clone, besides an own colony and without one.
#[test]
fn the_protocol_keeps_the_rules_where_there_are_tunnels() {
    for tunnels in [
        json!({"share": 0.34, "kind": "clone"}),
        json!({"share": 0.34, "kind": "friend"}),
        json!({"share": 0.34, "kind": "friend", "home": false}),
    ] {
        let bounds = Bounds {
            memory: 8_000_000,
            ..adequate(Faults { joins: 1, ..LEAVE })
        };
        let other = json!({"tunnels": tunnels});
        let explored = explored(built("domains", &other), Arigatoni::handle, &bounds);
        assert_eq!(explored.found, None, "{other}");
        assert!(explored.covered.states > 1000, "{other}");
    }
}
