//! Worlds without faults in the code in which everything holds, each of a kind that was once explored wrongly.

use super::planted::faults::root_is_silent;
use super::*;

/// All histories of a world with these members.
fn holds(network: &str, other: &Value, faults: Faults) {
    let explored = explored(built(network, other), Arigatoni::handle, &bounds(faults));
    assert_eq!(explored.found, None, "{other}");
    assert_eq!(explored.stopped, None, "{other}");
}

/// Siblings in the same state do not do the same: each reports its own name.
#[test]
fn siblings_are_not_taken_for_each_other() {
    let faults = Faults {
        leaves: 2,
        ..Faults::default()
    };
    holds("pair", &json!({"gcus_per_broker": 2}), faults);
}

/// What was found for each part of a request counts once the world is left alone.
#[test]
fn requests_for_several_services_at_once_are_explored() {
    let all = json!([{"service": 0, "instances": 1}, {"service": 1, "instances": 1}]);
    let other = json!({
        "services": {"count": 2, "density": 1},
        "requests": {"count": 1, "all": all},
    });
    holds("pair", &other, Faults::default());
}

#[test]
fn services_that_are_constraints_are_explored() {
    let constraints = json!({
        "attributes": {"Type": ["CPU", "MEM"], "Time": "s"},
        "offers": [{"constraint": "[Time>=0s] & [Time<20s] & [Type=CPU]", "density": 0.7}],
        "requests": [{"constraint": "[Time=5s] & [Type=CPU]"}],
    });
    let other = json!({"services": {"constraints": constraints}, "requests": {"count": 2}});
    holds("pair", &other, Faults::default());
}

/// A large world is refused by its parameters: nothing of it is built.
#[test]
fn a_large_world_is_refused_before_it_is_built() {
    let config =
        json!({"brokers": {"root": 0}, "gcus_per_broker": 1_000_000, "requests": {"count": 1}});
    let config = Config::read(&config, "").unwrap();
    let refused = Arigatoni::may_fit(&underlay("pair"), &config).unwrap_err();
    let said = refused.to_string();
    assert!(
        said.contains("2000000 computers") || said.contains("2,000,000 computers"),
        "{said}"
    );
}

/// Of the four members of the root three must vote for the same: two would elect two leaders in one term.
#[test]
fn of_four_members_whose_leader_is_silent_one_is_elected() {
    let goal = (Some("leader-elected"), None);
    let found = four_members(3, goal);
    assert_eq!(found, None, "two find out, and one stands");
    // Three members are told who they are and find out, one stands, and two are asked and vote.
    assert_eq!(four_members(4, goal), Some(11));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn of_four_members_whose_leader_is_silent_no_two_are_elected() {
    let property = (None, Some("one-leader-a-term"));
    assert_eq!(four_members(6, property), None);
}

/// The length of the history in which the goal is reached or the property is broken: the root has four members, and is silent.
fn four_members(timers: u8, (reach, property): (Option<&str>, Option<&str>)) -> Option<usize> {
    let config = json!({
        "brokers": {"root": 0},
        "gcus_per_broker": {"poisson": 0.7},
        "return_ms": 7000,
        "detection": {"heartbeat_ms": 2000, "timeout_ms": 2000, "misses": 1},
        "election": true,
        "services": {"count": 1, "density": 1},
        "requests": {"count": 1},
    });
    let config = Config::read(&config, "").unwrap();
    // With this seed the root leads both computers there are.
    let streams = RandomStreams::new(20, 0);
    let mut system = Arigatoni::build(&underlay("star"), &config, streams).unwrap();
    assert_eq!(system.gbus()[0].table().members().len(), 4);
    let bounds = Bounds {
        reach: reach.map(str::to_owned),
        properties: property.map(|it| vec![it.to_owned()]),
        ..bounds(Faults {
            timers,
            ..Faults::default()
        })
    };
    let acting = Acting {
        handle: root_is_silent,
        ..Acting::of(streams)
    };
    let explored = explore(&mut system, &acting, &bounds, true, &mut |_| true).unwrap();
    assert_eq!(explored.stopped, None);
    explored.found.map(|found| found.length)
}
