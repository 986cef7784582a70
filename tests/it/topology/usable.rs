//! Graphs that cannot be used as they are: every verb and every scenario says what is to be done,
//! and doing it works.

use std::path::Path;

use arigatoni::experiment::Experiment;
use arigatoni::parameters::number::LatencyMs;
use arigatoni::scenario::Scenario;
use arigatoni::topology::{ReadOptions, read_with};
use serde_json::{Value, json};

use super::command::{arigatoni, error, stdout};
use super::{labels, shipped_graph, zoo};
use crate::review::{Page, reads};

/// Two parts, two equal labels, a node without coordinates in the smaller part and one in the
/// larger, and a hyperedge.
const FAULTY: &str = r#"<?xml version="1.0"?>
<graphml>
<key id="x" for="node" attr.name="Longitude"/><key id="y" for="node" attr.name="Latitude"/>
<key id="l" for="node" attr.name="label"/><key id="h" for="node" attr.name="hyperedge"/>
<graph edgedefault="undirected">
<node id="a"><data key="l">Aix</data><data key="x">5.4</data><data key="y">43.5</data></node>
<node id="b"><data key="l">Aix</data><data key="x">6.1</data><data key="y">50.8</data></node>
<node id="c"><data key="l">Brest</data></node>
<node id="d"><data key="l">Caen</data><data key="h">1</data></node>
<node id="e"><data key="l">Dax</data></node>
<node id="f"><data key="l">Evian</data><data key="x">6.6</data><data key="y">46.4</data></node>
<edge source="a" target="b"/><edge source="b" target="c"/><edge source="c" target="d"/>
<edge source="e" target="f"/>
</graph>
</graphml>
"#;

/// [`FAULTY`] in a folder of its own.
fn faulty() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.graphml"), FAULTY).unwrap();
    folder
}

fn refusal(path: &Path, options: &ReadOptions) -> String {
    read_with(path, options).unwrap_err().to_string()
}

#[test]
fn one_message_tells_all_faults_and_what_it_says_works() {
    let folder = faulty();
    let path = folder.path().join("x.graphml");
    let without = |text: &str| text.replace(&format!("{}/", folder.path().display()), "");
    let mut options = ReadOptions::default();
    let message = refusal(&path, &options);
    options.rename_duplicates = true;
    options.default_latency_ms = Some(LatencyMs(5.0));
    let less = refusal(&path, &options);
    // What is cured is not told any more.
    reads(
        "graphml-faults",
        "All faults of a graph",
        &[
            ("x.graphml", &without(&message)),
            (
                "x.graphml --rename-duplicates --default-latency 5",
                &without(&less),
            ),
        ],
    );
    options.largest_component = true;
    assert_eq!(read_with(&path, &options).unwrap().routers.len(), 4);
}

#[test]
fn what_is_outside_the_largest_part_is_no_fault_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.graphml");
    let sound = FAULTY
        .replace(
            "<data key=\"h\">1</data>",
            "<data key=\"x\">0</data><data key=\"y\">49</data>",
        )
        .replace(
            "Brest</data>",
            "Brest</data><data key=\"x\">-4</data><data key=\"y\">48</data>",
        )
        .replace("\"b\"><data key=\"l\">Aix", "\"b\"><data key=\"l\">Aachen")
        .replace("Evian", "Aix");
    std::fs::write(&path, sound).unwrap();
    let message = refusal(&path, &ReadOptions::default());
    let here = format!("{}/", folder.path().display());
    reads(
        "graphml-faults",
        "Faults outside the largest part",
        &[("x.graphml", &message.replace(&here, ""))],
    );
    let options = ReadOptions {
        largest_component: true,
        ..ReadOptions::default()
    };
    assert_eq!(read_with(&path, &options).unwrap().routers.len(), 4);
}

#[test]
fn labels_that_read_like_renamed_ones_are_renamed_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.graphml");
    let nodes = [("a", "A"), ("b", "A"), ("c", "A (a)")]
        .map(|(id, label)| format!("<node id=\"{id}\"><data key=\"l\">{label}</data></node>"))
        .concat();
    let text = format!(
        "<graphml><key id=\"l\" for=\"node\" attr.name=\"label\"/><graph>{nodes}\
         <edge source=\"a\" target=\"b\"/><edge source=\"b\" target=\"c\"/></graph></graphml>"
    );
    std::fs::write(&path, text).unwrap();
    let options = ReadOptions {
        rename_duplicates: true,
        default_latency_ms: Some(LatencyMs(1.0)),
        ..ReadOptions::default()
    };
    let graph = read_with(&path, &options).unwrap();
    assert_eq!(labels(&graph), ["A (a) (a)", "A (b)", "A (a) (c)"]);
}

/// Runs every verb that reads a graph, with these options.
fn every_verb(graph: &Path, options: &[&str], folder: &Path) -> Vec<std::process::Output> {
    let graph = graph.to_str().unwrap();
    let file = |name: &str| folder.join(name).to_str().unwrap().to_string();
    let verbs: [&[&str]; 5] = [
        &["info", graph],
        &["draw", graph, "-o", &file("x.svg")],
        &["convert", graph, &file("y.graphml")],
        &["distances", graph],
        &["fit", graph],
    ];
    verbs
        .iter()
        .map(|verb| arigatoni(&[verb, options].concat(), "0,1\n"))
        .collect()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn every_verb_takes_the_options_that_its_message_offers() {
    let folder = faulty();
    let path = folder.path().join("x.graphml");
    let outputs = every_verb(&path, &[], folder.path());
    let (looking, measuring) = outputs.split_at(3);
    for output in measuring {
        let message = error(output);
        assert!(message.contains("--largest-component"), "{message}");
    }
    // What only looks at the graph, or writes it again, says the same and goes on.
    let mut page = Page::new("Faults that do not matter yet");
    let here = format!("{}/", folder.path().display());
    for (verb, output) in ["info", "draw", "convert"].iter().zip(looking) {
        stdout(output);
        let notes = String::from_utf8_lossy(&output.stderr);
        page.entry(verb, notes.replace(&here, ""));
    }
    page.check_section("graphml-faults");
    let options = [
        "--rename-duplicates",
        "--default-latency=5",
        "--largest-component",
    ];
    for output in every_verb(&path, &options, folder.path()) {
        stdout(&output);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn networks_of_the_zoo_work_or_say_what_to_do() {
    for (name, options) in [
        ("Abilene", &[][..]),
        ("AttMpls", &[]),
        ("Geant2012", &["--default-latency=5"]),
    ] {
        let path = zoo(name);
        let folder = tempfile::tempdir().unwrap();
        for output in every_verb(&path, options, folder.path()) {
            stdout(&output);
        }
        // Distances need all lengths; the other verbs do not.
        let outputs = every_verb(&path, &[], folder.path());
        for (number, output) in outputs.iter().enumerate() {
            if number == 3 && !options.is_empty() {
                assert!(error(output).contains("--default-latency MS"));
            } else {
                stdout(output);
            }
        }
    }
}

#[test]
fn options_are_refused_where_they_do_not_apply() {
    let folder = tempfile::tempdir().unwrap();
    let here = shipped_graph("").display().to_string();
    let mut page = Page::new("Options that do not apply");
    for option in ["--default-latency=5", "--rename-duplicates"] {
        let outputs = every_verb(&shipped_graph("t100-0.gb"), &[option], folder.path());
        let mut messages: Vec<String> = outputs.iter().map(error).collect();
        messages.dedup();
        page.entry(option, messages.join("\n").replace(&here, ""));
    }
    page.check_section("topology-texts");
    stdout(&arigatoni(
        &[
            "info",
            shipped_graph("t100-0.gb").to_str().unwrap(),
            "--largest-component",
        ],
        "",
    ));
}

fn scenario(topology: &Value) -> Scenario {
    let system = json!({"arigatoni": {"requests": {"count": 20}, "brokers": {"root": 0}}});
    let document = json!({"version": 1, "name": "x", "topology": topology, "system": system});
    Scenario::parse(&document.to_string(), "x.json", &[]).unwrap()
}

#[test]
fn scenarios_take_the_options_that_the_message_offers() {
    let folder = faulty();
    let prepare = |topology: Value| {
        let scenario = scenario(&topology);
        let all = scenario.select(&[]).unwrap();
        Experiment::prepare(scenario, &all, folder.path())
    };
    let message = prepare(json!({"file": "x.graphml"}))
        .unwrap_err()
        .to_string();
    assert!(message.contains("\"default_latency_ms\": MS"), "{message}");
    let whole = json!({"file": "x.graphml", "largest_component": true, "default_latency_ms": 5,
                       "rename_duplicates": true});
    let experiment = prepare(whole).unwrap();
    experiment.observe(0, 0).unwrap();
    // The members are part of what tells one underlay and one experiment from another.
    let other = json!({"file": "x.graphml", "largest_component": true, "default_latency_ms": 6,
                       "rename_duplicates": true});
    assert_ne!(
        experiment.scenario().identity(),
        scenario(&other).identity()
    );
    let other = prepare(other).unwrap();
    assert_ne!(experiment.topologies(), other.topologies());
}
