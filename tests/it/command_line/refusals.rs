//! What the program refuses, and how it says so.

use super::*;
use crate::command::{code, said};
use crate::review::{Page, reads, without_times};

#[test]
fn figures_that_cannot_be_drawn_for_one_reason_share_a_line() {
    let place = Place::new();
    let (scenario, results) = (place.sweep(), place.name("results"));
    let rate = "/system/*/disconnection/rate=0.3";
    let output = arigatoni(&["sweep", &scenario, "-o", &results, "--set", rate]);
    let told = without_times(&text(&output.stderr));
    reads(
        "figures-not-drawn",
        "An axis of one value",
        &[(rate, &told.replace(&results, "RESULTS"))],
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn results_of_another_scenario_are_replaced_only_when_asked() {
    let place = Place::new();
    let (scenario, results) = (place.sweep(), place.name("results"));
    succeed(&["sweep", &scenario, "-o", &results]);
    let before = fs::read(place.path("results/runs.csv")).unwrap();
    let other = ["sweep", &scenario, "-o", &results, "--seed", "9"];
    let mut page = Page::new("A results folder of another scenario");
    page.entry(
        "arigatoni sweep small.json --seed 9",
        anywhere(&place, &fail(&other)),
    );
    page.check("command-other-scenario");
    assert_eq!(fs::read(place.path("results/runs.csv")).unwrap(), before);
    succeed(&[&other[..], &["--overwrite"]].concat());
    assert_ne!(fs::read(place.path("results/runs.csv")).unwrap(), before);
}

#[test]
fn what_cannot_be_a_results_folder_is_left_alone() {
    let place = Place::new();
    let scenario = place.sweep();
    let file = place.write("file", "precious");
    fs::create_dir(place.path("full")).unwrap();
    place.write("full/notes.txt", "precious");
    let mut page = Page::new("What cannot be a results folder");
    // Nothing can be made in a file system of the kernel's, not even by root.
    for out in [&file, &place.name("full"), "/proc/arigatoni"] {
        let message = fail(&["sweep", &scenario, "-o", out]);
        page.entry(
            &anywhere(&place, &format!("-o {out}")),
            anywhere(&place, &message),
        );
    }
    assert_eq!(listing(&place.path("full")), ["notes.txt"]);
    page.check("command-folders");
}

/// Reads a message as it is on any machine: the folders of this one have names.
fn anywhere(place: &Place, message: &str) -> String {
    let message = message.replace(place.folder.path().to_str().unwrap(), "FOLDER");
    message.replace(&format!("{}/", shipped("").display()), "REPOSITORY/")
}

/// What a sweep with this assignment is refused with. Nothing is left behind.
fn refused(place: &Place, assignment: &str) -> String {
    let (scenario, out) = (place.sweep(), place.name("r"));
    let message = fail(&["sweep", &scenario, "-o", &out, "--set", assignment]);
    assert!(!place.path("r").exists(), "nothing is left behind");
    anywhere(place, &message)
}

#[test]
fn bad_values_are_answered_with_what_where_and_what_to_do() {
    let place = Place::new();
    let mut page = Page::new("arigatoni sweep small.json --set …");
    for assignment in [
        "/system/*/disconnection/rate=1.2",
        "/system/*/acceptance_probability=-1",
        "/system/*/services/density=NaN",
        "/replications=0",
        "/system/*/services/densty=1",
        "/system/*/brokers/root=100",
        "/system/*/gcus_per_broker=1000000000",
        "/replications=500000",
        "/figures=[{\"name\": \"f\", \"metric\": \"acceptance_rato\"}]",
        "/figures=[{\"name\": \"load\", \"metric\": \"load_max\"}]",
        "/topology={\"transit_stub\": {\"stub\": {\"alpha\": 0}}}",
        "/topology={\"transit_stub\": {\"transit_routers\": 1, \"extra_transit_stub_links\": 1}}",
        "/system/*/access_latency_ms=5",
    ] {
        page.entry(assignment, refused(&place, assignment));
    }
    page.check("command-values");
}

#[test]
fn bad_graphs_are_answered_with_what_where_and_what_to_do() {
    let place = Place::new();
    let graph = fs::read_to_string(shipped("topologies/t100-0.gb")).unwrap();
    let wrong = graph.replace("Checksum 675284128", "Checksum 675284129");
    let flat = "GRAPH (#nodes #edges id uu vv ww xx yy zz):\n2 2 geo(0,{2,9,3,1.000,0.000,0.000}) 9 \n\n\
         VERTICES (index name u v w x y z):\n0 0 1 1 \n1 1 2 2 \n\nEDGES (from-node to-node length a b):\n0 1 4 0 \n";
    let apart = flat
        .replace("2 2 geo", "3 2 geo")
        .replace("1 1 2 2 \n", "1 1 2 2 \n2 2 3 3 \n");
    let mut page = Page::new("arigatoni sweep small.json --set /topology/file=…");
    page.entry("nowhere.gb", refused(&place, "/topology/file=nowhere.gb"));
    for (name, text) in [
        ("truncated.gb", &graph[..2000]),
        ("wrong.gb", &wrong),
        ("flat.alt", flat),
        ("apart.alt", &apart),
    ] {
        let path = place.write(name, text);
        let message = refused(&place, &format!("/topology/file={path}"));
        page.entry(name, message);
    }
    page.check("command-graphs");
}

#[test]
fn bad_arguments_are_answered_with_what_where_and_what_to_do() {
    let place = Place::new();
    place.sweep();
    place.write("broken.json", "{\"version\": 1,\n oops");
    place.write("empty.json", " \n");
    let mut page = Page::new("arigatoni …");
    for arguments in [
        "run FOLDER/none.json",
        "run FOLDER/broken.json",
        "run FOLDER/empty.json",
        "run FOLDER/small.json --replication 99999999",
        "run FOLDER/small.json --trace FOLDER/r --request 200",
        "figures FOLDER/r",
        "figures FOLDER/",
        "sweep FOLDER/small.json --threads 0",
    ] {
        let real = arguments.replace("FOLDER/", &place.name(""));
        let message = fail(&real.split(' ').collect::<Vec<_>>());
        page.entry(arguments, anywhere(&place, &message));
    }
    assert!(!place.path("r").exists(), "nothing is left behind");
    page.check("command-arguments");
}

/// A run ignores the sweep, also where a change makes a point of it wrong: one of three axes that are zipped is set, and at the
/// first point there are no heartbeats, by which leaders are elected.
#[test]
fn a_run_is_not_refused_because_of_a_point_of_the_sweep() {
    let scenario = shipped("scenarios/partition.json");
    let scenario = scenario.to_str().unwrap();
    let elects = ["--set", "/system/*/election=true"];
    let few = ["--set", "/system/*/requests/for_s=1"];
    let changes = [&elects[..], &few].concat();
    let output = arigatoni(&[&["run", scenario], &changes[..]].concat());
    assert_eq!(code(&output), Some(0));
    let mut page = Page::new("run scenarios/partition.json --set /system/*/election=true");
    page.entry("stderr", said(&output).replace(scenario, "SCENARIO"));
    page.check_section("notes");
    let place = Place::new();
    let results = place.name("results");
    fail(&[&["sweep", scenario, "-o", &results], &changes[..]].concat());
    // The base values themselves are wrong.
    let none = ["--set", "/system/*/detection=null"];
    fail(&[&["run", scenario], &changes[..], &none].concat());
    // The sweep is wrong already without the changes.
    let text = fs::read_to_string(scenario).unwrap();
    let text = text.replacen("\"/system/*/migration\"", "\"/system/*/typo\"", 1);
    let graph = shipped("topologies/t100-0.gb").display().to_string();
    let wrong = place.name("wrong.json");
    fs::write(&wrong, text.replace("../topologies/t100-0.gb", &graph)).unwrap();
    fail(&[&["run", &wrong], &few[..]].concat());
}
