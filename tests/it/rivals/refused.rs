//! What rivals refuse, and where they say that it is wrong.

use arigatoni::discovery::config::{DisconnectionMode, Population, Units};
use arigatoni::parameters::Plain;
use arigatoni::parameters::law::LawSpec;
use arigatoni::parameters::number::{BoundedCount, Degree, Fraction, NonNegative, SmallCount};
use arigatoni::rivals::{Central, Chord, Finder, Flooding, RandomWalk, Synapse, System};
use arigatoni::rivals::{chord, synapse};
use arigatoni::system::Model;
use serde_json::json;
use tempfile::TempDir;

use super::parameters;
use crate::command::{arigatoni, code, done, put, said};
use crate::messages::check_refused;
use crate::review::reads;
use crate::support::{shipped, t100};

/// What a rival says about parameters that `change` makes wrong.
fn refusal<F: Finder>(
    change: impl Fn(&mut arigatoni::discovery::Config<F::Config>),
) -> Option<String> {
    let mut config = parameters::<F>(0.1, 1, DisconnectionMode::Unregister);
    change(&mut config);
    let checked = System::<F>::check(t100(), &config);
    checked.err().map(|error| error.to_string())
}

fn is_at(refusal: Option<&String>, pointer: &str) {
    let said = refusal.expect("it is refused");
    assert!(said.contains(&format!("/system/*/{pointer}")), "{said}");
}

#[test]
fn a_graph_that_cannot_be_is_refused() {
    let flooding = |degree, each| {
        refusal::<Flooding>(|config| {
            config.own.degree = BoundedCount(degree);
            config.world.gcus_per_broker = Population::Fixed(BoundedCount(each));
        })
    };
    assert_eq!(flooding(3, 2), None);
    assert_eq!(flooding(199, 2), None);
    is_at(flooding(200, 2).as_ref(), "degree");
    assert_eq!(
        flooding(7, 1),
        None,
        "the graph has an even number of routers"
    );
    // Thirteen domains have an odd number of computers, and so have none an odd degree.
    let odd = refusal::<Flooding>(|config| {
        config.own.degree = BoundedCount(3);
        config.world.brokers.placement = arigatoni::discovery::config::Placement::Domains;
        config.world.gcus_per_broker = Population::Fixed(BoundedCount(1));
    });
    is_at(odd.as_ref(), "degree");
    reads(
        "systems-refused",
        "Graphs of overlays that cannot be",
        &[("13 units of degree 3", &odd.unwrap())],
    );
    let walk = refusal::<RandomWalk>(|config| config.own.degree = BoundedCount(1000));
    is_at(walk.as_ref(), "degree");
}

#[test]
fn more_replicas_than_computers_are_refused() {
    let chord = |replicas, rate| {
        refusal::<Chord>(|config| {
            config.own.replicas = SmallCount(replicas);
            config.world.disconnection.rate = Fraction(rate);
            config.world.brokers.placement = arigatoni::discovery::config::Placement::Domains;
            config.world.gcus_per_broker = Population::Fixed(BoundedCount(1));
        })
    };
    assert_eq!(chord(4, 0.1), None);
    is_at(chord(64, 0.1).as_ref(), "replicas");
}

#[test]
fn replicas_that_nobody_would_keep_are_refused() {
    let own = |maintenance| chord::config::Own {
        successors: SmallCount(2),
        replicas: SmallCount(3),
        maintenance,
        ..chord::config::Own::default()
    };
    assert!(Plain::check(&own(None), "/system/chord").is_ok());
    let maintained = own(Some(chord::config::Maintenance::default()));
    let refused = Plain::check(&maintained, "/system/chord").unwrap_err();
    assert_eq!(refused.pointer, "/system/chord/replicas");
}

#[test]
fn more_rings_than_computers_and_too_few_for_synapses_are_refused() {
    let rings = refusal::<Synapse>(|config| {
        config.own.rings = SmallCount(64);
        config.world.brokers.placement = arigatoni::discovery::config::Placement::Domains;
        config.world.gcus_per_broker = Population::Fixed(BoundedCount(1));
    });
    is_at(rings.as_ref(), "rings");
    let own = synapse::config::Own {
        rings: SmallCount(2),
        synapse_degree: Degree(2.5),
        ..synapse::config::Own::default()
    };
    let refused = Plain::check(&own, "/system/synapse").unwrap_err();
    assert_eq!(refused.pointer, "/system/synapse/synapse_degree");
}

#[test]
fn brokers_that_do_not_exist_cannot_be_disconnected() {
    fn units<F: Finder>(units: Units, rate: f64) -> Option<String> {
        refusal::<F>(|config| {
            config.world.disconnection.units = units;
            config.world.disconnection.rate = Fraction(rate);
        })
    }
    is_at(
        units::<Flooding>(Units::Gbus, 0.0).as_ref(),
        "disconnection/units",
    );
    is_at(
        units::<Chord>(Units::All, 0.1).as_ref(),
        "disconnection/units",
    );
    is_at(
        units::<RandomWalk>(Units::All, 1.0).as_ref(),
        "disconnection/units",
    );
    assert_eq!(units::<Flooding>(Units::All, 0.0), None, "the default");
    assert_eq!(
        units::<Central>(Units::All, 0.5),
        None,
        "the directory counts"
    );
}

#[test]
fn offers_do_not_change_where_nobody_can_be_told() {
    fn changing<F: Finder>() -> Option<String> {
        refusal::<F>(|config| {
            config.world.services.change = Some(LawSpec::Constant(NonNegative(20.0)));
        })
    }
    is_at(changing::<Synapse>().as_ref(), "services/change");
    let others = [
        changing::<Central>(),
        changing::<Flooding>(),
        changing::<RandomWalk>(),
        changing::<Chord>(),
    ];
    assert_eq!(others, [None, None, None, None]);
}

#[test]
fn scenarios_name_rivals_and_their_members() {
    let folder = TempDir::new().unwrap();
    let mut scenario = json!({
        "version": 1, "name": "rivals", "topology": {"file": shipped("topologies/t100-0.gb")},
    });
    for (system, members) in [
        ("central", json!({})),
        ("flooding", json!({"degree": 4, "ttl": null})),
        ("synapse", json!({"rings": 3, "synapses": 0.5, "ttl": null})),
        (
            "random-walk",
            json!({"walkers": 2, "ttl": 9, "check_every": 3}),
        ),
        (
            "chord",
            json!({"successors": 2, "replicas": 1, "lookup": "iterative"}),
        ),
    ] {
        let mut members = members;
        members["requests"] = json!({"count": 20});
        scenario["system"] = json!({system: members});
        put(folder.path(), "rival.json", &scenario);
        done(folder.path(), &["run", "rival.json", "--threads", "2"]);
        scenario["system"][system]["ttl"] = 0.into();
        put(folder.path(), "rival.json", &scenario);
        let refused = arigatoni(folder.path(), &["run", "rival.json"]);
        assert_eq!(code(&refused), Some(2), "{system}");
        let said = said(&refused);
        assert!(said.contains(&format!("/system/{system}/ttl")), "{said}");
    }
}

/// What is said about them, on graphs of 100 routers in 13 domains with two computers at each broker.
#[test]
fn what_rivals_refuse_is_told_with_its_place() {
    let folder = TempDir::new().unwrap();
    for system in ["central", "flooding", "random-walk", "chord", "synapse"] {
        let scenario = json!({
            "version": 1, "name": system, "topology": {"file": shipped("topologies/t100-0.gb")},
            "system": {system: {"gcus_per_broker": 2, "requests": {"count": 20}}},
        });
        put(folder.path(), system, &scenario);
    }
    let domains = "/system/*/brokers/placement=domains";
    let one = "/system/*/gcus_per_broker=1";
    let maintained = "/system/chord/maintenance={}";
    let unequal = r#"/system/*/services={"constraints": {"attributes": {"Time": "s"}, "offers": [{"constraint": "[Time<200s]"}], "requests": [{"constraint": "[Time>10s]"}]}}"#;
    let commands = [
        &["flooding", "/system/flooding/degree=3", domains, one][..],
        &["flooding", "/system/flooding/degree=200"],
        &["flooding", "/system/flooding/degree=0"],
        &["flooding", "/system/flooding/ttl=0"],
        &["flooding", "/system/flooding/disconnection/rate=0.1"],
        &["random-walk", "/system/random-walk/degree=3", domains, one],
        &["random-walk", "/system/random-walk/ttl=0"],
        &["random-walk", "/system/random-walk/walkers=0"],
        &["random-walk", "/system/random-walk/check_every=0"],
        &["chord", "/system/chord/replicas=64", domains, one],
        &["chord", "/system/chord/replicas=0"],
        &["chord", "/system/chord/successors=2", maintained],
        &["chord", "/system/chord/maintenance={\"stabilise_s\": 0}"],
        &["chord", "/system/chord/lookup=both"],
        &[
            "chord",
            "/system/chord/faults={\"gbus\": {\"up\": 10, \"down\": 10}}",
        ],
        &["chord", unequal],
        &["synapse", unequal],
        &["synapse", "/system/synapse/rings=64", domains, one],
        &["synapse", "/system/synapse/ttl=0"],
        &[
            "synapse",
            "/system/synapse/rings=3",
            "/system/synapse/synapse_degree=4",
        ],
        &["synapse", "/system/synapse/synapse_degree=1"],
        &["synapse", "/system/synapse/services/change=60"],
    ];
    let commands: Vec<Vec<&str>> = commands
        .iter()
        .map(|words| {
            let set = words[1..].iter().flat_map(|it| ["--set", *it]);
            ["run", words[0]].into_iter().chain(set).collect()
        })
        .collect();
    let commands: Vec<&[&str]> = commands.iter().map(Vec::as_slice).collect();
    check_refused(folder.path(), "What rivals refuse", "rivals", &commands);
}
