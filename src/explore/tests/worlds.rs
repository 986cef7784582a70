//! Worlds without faults in the code in which everything holds, each of a kind that was once explored wrongly.

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
    let refused = (how().may_fit)(&underlay("pair"), &config).unwrap_err();
    let said = refused.to_string();
    assert!(
        said.contains("2000000 computers") || said.contains("2,000,000 computers"),
        "{said}"
    );
}
