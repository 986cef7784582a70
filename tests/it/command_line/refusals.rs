//! What the program refuses, and how it says so.

use super::*;

#[test]
fn figures_that_cannot_be_drawn_for_one_reason_share_a_line() {
    let place = Place::new();
    let (scenario, results) = (place.sweep(), place.name("results"));
    let rate = "/system/*/disconnection/rate=0.3";
    let output = arigatoni(&["sweep", &scenario, "-o", &results, "--set", rate]);
    let told = text(&output.stderr);
    let lines: Vec<&str> = told.lines().filter(|line| line.contains("drawn")).collect();
    let [line] = lines[..] else {
        panic!("{told}");
    };
    let (names, why) = line.split_once(" are not drawn: ").unwrap();
    assert!(names.starts_with("figures acceptance, "), "{names}");
    assert!(why.contains("axis"), "{why}");
}

#[test]
fn results_of_another_scenario_are_replaced_only_when_asked() {
    let place = Place::new();
    let (scenario, results) = (place.sweep(), place.name("results"));
    succeed(&["sweep", &scenario, "-o", &results]);
    let before = fs::read(place.path("results/runs.csv")).unwrap();
    let other = ["sweep", &scenario, "-o", &results, "--seed", "9"];
    let message = fail(&other);
    assert!(
        message.contains("another scenario") && message.contains("--overwrite"),
        "{message}"
    );
    assert_eq!(fs::read(place.path("results/runs.csv")).unwrap(), before);
    succeed(&[&other[..], &["--overwrite"]].concat());
    assert_ne!(fs::read(place.path("results/runs.csv")).unwrap(), before);
}

#[test]
fn what_cannot_be_a_results_folder_is_left_alone() {
    let place = Place::new();
    let scenario = place.sweep();
    let file = place.write("file", "precious");
    let message = fail(&["sweep", &scenario, "-o", &file]);
    assert!(message.contains("there is a file where"), "{message}");
    fs::create_dir(place.path("full")).unwrap();
    place.write("full/notes.txt", "precious");
    let message = fail(&["sweep", &scenario, "-o", &place.name("full")]);
    assert!(message.contains("not empty"), "{message}");
    assert_eq!(listing(&place.path("full")), ["notes.txt"]);
    // Nothing can be made in a file system of the kernel's, not even by root.
    let message = fail(&["sweep", &scenario, "-o", "/proc/arigatoni"]);
    assert!(message.contains("cannot be made"), "{message}");
}

/// A message, and what must be in it.
type Told = (String, Vec<&'static str>);

fn assert_told(cases: Vec<Told>) {
    for (message, parts) in cases {
        for part in parts {
            assert!(message.contains(part), "{part}: {message}");
        }
    }
}

/// What a sweep with this assignment is refused with. Nothing is left behind.
fn refused(place: &Place, assignment: &str) -> String {
    let (scenario, out) = (place.sweep(), place.name("r"));
    let message = fail(&["sweep", &scenario, "-o", &out, "--set", assignment]);
    assert!(!place.path("r").exists(), "nothing is left behind");
    message
}

#[test]
fn bad_values_are_answered_with_what_where_and_what_to_do() {
    let place = Place::new();
    let set = |assignment: &str| refused(&place, assignment);
    assert_told(vec![
        (
            set("/system/*/disconnection/rate=1.2"),
            vec!["/disconnection/rate", "from 0 to 1", "1.2"],
        ),
        (
            set("/system/*/acceptance_probability=-1"),
            vec!["acceptance_probability", "-1"],
        ),
        (
            set("/system/*/services/density=NaN"),
            vec!["density", "number"],
        ),
        (set("/replications=0"), vec!["/replications", "0"]),
        (
            set("/system/*/services/densty=1"),
            vec!["densty", "did you mean"],
        ),
        (set("/system/*/brokers/root=100"), vec!["100", "0 to 99"]),
        (
            set("/system/*/gcus_per_broker=1000000000"),
            vec!["gcus_per_broker"],
        ),
        (set("/replications=500000"), vec!["1500000 runs", "--yes"]),
        (
            set("/figures=[{\"name\": \"f\", \"metric\": \"acceptance_rato\"}]"),
            vec!["acceptance_rato", "did you mean `acceptance_ratio`?"],
        ),
        (
            set("/figures=[{\"name\": \"load\", \"metric\": \"load_max\"}]"),
            vec!["load", "choose another name"],
        ),
        (
            set("/topology={\"transit_stub\": {\"stub\": {\"alpha\": 0}}}"),
            vec!["/topology/transit_stub/stub/alpha", "0"],
        ),
        (
            set(
                "/topology={\"transit_stub\": {\"transit_routers\": 1, \"extra_transit_stub_links\": 1}}",
            ),
            vec!["/topology/transit_stub", "one transit"],
        ),
        (
            set("/system/*/access_latency_ms=5"),
            vec!["expected a list of two numbers, like [1, 5], found 5"],
        ),
    ]);
}

#[test]
fn bad_graphs_are_answered_with_what_where_and_what_to_do() {
    let place = Place::new();
    let set = |assignment: &str| refused(&place, assignment);
    let graph = fs::read_to_string(shipped("topologies/t100-0.gb")).unwrap();
    let truncated = place.write("truncated.gb", &graph[..2000]);
    let wrong = place.write(
        "wrong.gb",
        &graph.replace("Checksum 675284128", "Checksum 675284129"),
    );
    let flat = place.write(
        "flat.alt",
        "GRAPH (#nodes #edges id uu vv ww xx yy zz):\n2 2 geo(0,{2,9,3,1.000,0.000,0.000}) 9 \n\n\
         VERTICES (index name u v w x y z):\n0 0 1 1 \n1 1 2 2 \n\nEDGES (from-node to-node length a b):\n0 1 4 0 \n",
    );
    let apart = fs::read_to_string(&flat)
        .unwrap()
        .replace("2 2 geo", "3 2 geo")
        .replace("1 1 2 2 \n", "1 1 2 2 \n2 2 3 3 \n");
    let apart = place.write("apart.alt", &apart);
    assert_told(vec![
        (
            set("/topology/file=nowhere.gb"),
            vec!["nowhere.gb", "no such file"],
        ),
        (
            set(&format!("/topology/file={truncated}")),
            vec!["truncated.gb"],
        ),
        (
            set(&format!("/topology/file={wrong}")),
            vec!["wrong.gb", "checksum"],
        ),
        (
            set(&format!("/topology/file={flat}")),
            vec!["no transit routers", "/system/*/brokers/root"],
        ),
        (
            set(&format!("/topology/file={apart}")),
            vec!["apart.alt", "falls into 2 parts"],
        ),
    ]);
}

#[test]
fn bad_arguments_are_answered_with_what_where_and_what_to_do() {
    let place = Place::new();
    let scenario = place.sweep();
    assert_told(vec![
        (
            fail(&["run", &place.name("none.json")]),
            vec!["none.json", "no such file"],
        ),
        (
            fail(&[
                "run",
                &place.write("broken.json", "{\"version\": 1,\n oops"),
            ]),
            vec!["broken.json:2"],
        ),
        (
            fail(&["run", &scenario, "--replication", "99999999"]),
            vec!["--replication", "99999999"],
        ),
        (
            fail(&["figures", &place.name("r")]),
            vec!["there is no such folder", "results/paper-quick"],
        ),
        (
            fail(&["figures", &place.name("")]),
            vec!["no results are here", "no manifest.json", "arigatoni sweep"],
        ),
        (
            fail(&["run", &place.write("empty.json", " \n")]),
            vec!["empty.json:1: it is empty", "arigatoni schema"],
        ),
        (
            fail(&["sweep", &scenario, "--threads", "0"]),
            vec!["--threads", "from 1 on, or leave the option out"],
        ),
        (
            fail(&[
                "run",
                &scenario,
                "--trace",
                &place.name("r"),
                "--request",
                "200",
            ]),
            vec!["--request: the run has no request 200", "numbered 0 to 199"],
        ),
    ]);
    assert!(!place.path("r").exists(), "nothing is left behind");
}
