//! The program as its users meet it: commands, results folders, exit codes, messages.

mod first_hour;
mod refusals;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::review::Page;
use crate::support::shipped;

fn arigatoni(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_arigatoni"))
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs a command that must succeed; what it prints on stdout.
fn succeed(arguments: &[&str]) -> String {
    let output = arigatoni(arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        text(&output.stderr)
    );
    text(&output.stdout)
}

/// Runs a command on bad input; its message. One message, no panic, exit code 2, nothing on stdout.
fn fail(arguments: &[&str]) -> String {
    let output = arigatoni(arguments);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
    assert!(
        message.starts_with("error: ") && message.matches("error: ").count() == 1,
        "{message}"
    );
    assert!(!message.contains("panicked"), "{message}");
    assert!(output.stdout.is_empty());
    message
}

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, content: &str) -> String {
        fs::write(self.path(name), content).unwrap();
        self.name(name)
    }

    /// A small sweep over the shipped graph: 3 δ × 2 replications.
    fn sweep(&self) -> String {
        let graph = shipped("topologies/t100-0.gb");
        self.write(
            "small.json",
            &format!(
                r#"{{"version": 1, "name": "small", "replications": 2,
                "topology": {{"file": {:?}}},
                "system": {{"arigatoni": {{"requests": {{"count": 200}}}}}},
                "sweep": {{"axes": {{"/system/*/disconnection/rate": [0, 0.3, 0.6]}}}}}}"#,
                graph.to_str().unwrap()
            ),
        )
    }
}

/// The names of everything below a folder.
fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .flat_map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.file_type().unwrap().is_dir() {
                listing(&entry.path())
                    .into_iter()
                    .map(|below| format!("{name}/{below}"))
                    .collect()
            } else {
                vec![name]
            }
        })
        .collect();
    names.sort();
    names
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_sweep_leaves_tables_figures_and_provenance() {
    let place = Place::new();
    let (scenario, results) = (place.sweep(), place.name("results"));
    assert_eq!(
        succeed(&["sweep", &scenario, "-o", &results]),
        format!("{results}\n")
    );
    let figures = [
        "acceptance",
        "deviation",
        "latency",
        "load",
        "messages",
        "services",
    ];
    let mut expected: Vec<String> = figures
        .iter()
        .flat_map(|name| [format!("figures/{name}.png"), format!("figures/{name}.svg")])
        .collect();
    let tables = [
        "README.md",
        "depths.csv",
        "manifest.json",
        "runs.csv",
        "summary.csv",
    ];
    expected.extend(tables.map(String::from));
    expected.push("inputs/809495bc7d0cb12b.gb.gz".into());
    expected.sort();
    assert_eq!(listing(Path::new(&results)), expected);
    let runs = fs::read_to_string(place.path("results/runs.csv")).unwrap();
    let header = runs.lines().next().unwrap();
    let mut page = Page::new("The columns of runs.csv, in their order; one axis, `delta`.");
    page.entry("arigatoni sweep", header.replace(',', "\n"));
    page.check("columns-of-runs");
    assert_eq!(runs.lines().count(), 7);
    let manifest = fs::read(place.path("results/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let axes = serde_json::json!({"delta": "/system/*/disconnection/rate"});
    assert_eq!(manifest["axes"], axes);
    assert!(runs.lines().nth(3).unwrap().starts_with("2,0,0.3,200,"));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn threads_and_repetition_do_not_show_and_figures_are_redrawn_from_results() {
    let place = Place::new();
    let scenario = place.sweep();
    let results = ["one", "two", "again"].map(|name| place.name(name));
    for (folder, threads) in results.iter().zip(["1", "2", "2"]) {
        succeed(&["sweep", &scenario, "-o", folder, "--threads", threads]);
    }
    let redrawn = place.name("redrawn");
    succeed(&["figures", &results[0], "-o", &redrawn]);
    let mut compared = 0;
    for name in listing(Path::new(&results[0])) {
        if name == "manifest.json" {
            continue;
        }
        let bytes = fs::read(Path::new(&results[0]).join(&name)).unwrap();
        for other in &results[1..] {
            assert!(
                bytes == fs::read(Path::new(other).join(&name)).unwrap(),
                "{name}"
            );
        }
        if name.starts_with("figures/") {
            assert!(
                bytes == fs::read(Path::new(&redrawn).join(&name)).unwrap(),
                "{name}"
            );
        }
        compared += 1;
    }
    assert_eq!(compared, 17);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn one_run_prints_its_numbers_and_exports_itself() {
    let place = Place::new();
    let scenario = place.sweep();
    let exports = ["world.json", "requests.csv", "brokers.csv"].map(|name| place.name(name));
    let [world, requests, brokers] = &exports;
    let list = succeed(&[
        "run",
        &scenario,
        "--set",
        "/system/*/disconnection/rate=0.3",
        "--replication",
        "1",
        "--world",
        world,
        "--requests",
        requests,
        "--brokers",
        brokers,
    ]);
    let json: serde_json::Value = serde_json::from_str(&succeed(&[
        "run",
        &scenario,
        "--set",
        "/system/*/disconnection/rate=0.3",
        "--replication",
        "1",
        "--json",
    ]))
    .unwrap();
    for line in list.lines() {
        let mut words = line.split_whitespace();
        let (name, value) = (words.next().unwrap(), words.next().unwrap());
        let same = match &json[name] {
            serde_json::Value::String(text) => text == value,
            number => value.parse::<f64>().ok() == number.as_f64(),
        };
        assert!(same, "{line}: {}", json[name]);
    }
    // The same run in a sweep: point 1, replication 1.
    let results = place.name("results");
    succeed(&["sweep", &scenario, "-o", &results]);
    let runs = fs::read_to_string(place.path("results/runs.csv")).unwrap();
    let row = runs.lines().nth(4).unwrap();
    assert!(
        row.ends_with(json["fingerprint"].as_str().unwrap()),
        "{row}"
    );

    let lines = |path: &str| fs::read_to_string(path).unwrap().lines().count();
    assert_eq!((lines(requests), lines(brokers)), (201, 101));
    let world: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(world).unwrap()).unwrap();
    assert_eq!(world["routers"], 100);
    assert_eq!(world["links"].as_array().unwrap().len(), 187);
    assert_eq!(world["gbus"].as_array().unwrap().len(), 100);
    assert_eq!(world["gcus"].as_array().unwrap().len(), 100);
}

#[test]
fn a_trace_tells_all_that_happened_to_a_request() {
    let place = Place::new();
    let (scenario, trace, requests) = (place.sweep(), place.name("trace"), place.name("requests"));
    let run = ["run", &scenario, "--trace", &trace, "--requests", &requests];
    let list = succeed(&run);
    let events = list
        .lines()
        .find_map(|line| line.strip_prefix("events "))
        .unwrap();
    let events: usize = events.split_whitespace().next().unwrap().parse().unwrap();
    let all = fs::read_to_string(&trace).unwrap();
    assert_eq!(
        all.lines().count(),
        events + 1,
        "a line each, and the header"
    );

    succeed(&[&run[..], &["--request", "7"]].concat());
    let one = fs::read_to_string(&trace).unwrap();
    let of_seven = |line: &&str| line.split(',').nth(1) == Some("7");
    let expected: Vec<&str> = all.lines().filter(of_seven).collect();
    assert_eq!(one.lines().skip(1).collect::<Vec<_>>(), expected);
    let row = fs::read_to_string(&requests).unwrap();
    let row = row.lines().nth(8).unwrap();
    let messages: usize = row.split(',').nth(8).unwrap().parse().unwrap();
    // The issue, every message on its behalf, and the end of the service.
    assert!(row.contains("accepted"), "{row}");
    assert_eq!(expected.len(), messages + 2, "{one}");
    assert!(
        expected[0].contains(",handled,command,issue,,") && one.contains(",handled,timer,served,,"),
        "{one}"
    );
    let mut table = csv::Reader::from_reader(one.as_bytes());
    let queries: Vec<_> = table
        .records()
        .map(Result::unwrap)
        .filter(|row| &row[5] == "query")
        .collect();
    for query in &queries {
        assert!(
            query[2].starts_with("gbu/") || query[2].starts_with("gcu/"),
            "{query:?}"
        );
        assert!(
            query[6].contains('/') && &query[4] == "message",
            "{query:?}"
        );
        let fields: serde_json::Value = serde_json::from_str(&query[7]).unwrap();
        assert_eq!(fields["request"], 7, "{query:?}");
        assert!(fields["time_left"].is_u64(), "{query:?}");
    }
    assert!(!queries.is_empty(), "{one}");
}

#[test]
fn a_seed_is_a_member_of_the_scenario_like_any_other() {
    let place = Place::new();
    let scenario = place.sweep();
    let by_option = succeed(&["run", &scenario, "--seed", "7"]);
    assert_eq!(by_option, succeed(&["run", &scenario, "--set", "/seed=7"]));
    assert_ne!(by_option, succeed(&["run", &scenario]));
}

#[test]
fn a_filter_makes_only_its_points_and_keeps_their_numbers() {
    let place = Place::new();
    let (scenario, results) = (place.sweep(), place.name("results"));
    let filter = "/system/*/disconnection/rate=0.3";
    succeed(&["sweep", &scenario, "-o", &results, "--filter", filter]);
    let runs = fs::read_to_string(place.path("results/runs.csv")).unwrap();
    let numbers: Vec<_> = runs.lines().skip(1).map(|line| &line[..4]).collect();
    assert_eq!(numbers, ["2,0,", "3,1,"]);
    let message = fail(&[
        "sweep",
        &scenario,
        "-o",
        &place.name("x"),
        "--filter",
        "/seed=4",
    ]);
    assert!(message.contains("--filter"), "{message}");
}

#[test]
fn more_instances_than_computers_are_simply_rejected() {
    let place = Place::new();
    let scenario = place.sweep();
    let json = succeed(&[
        "run",
        &scenario,
        "--set",
        "/system/*/requests/instances=101",
        "--json",
    ]);
    let numbers: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&numbers["accepted"], &numbers["issued"]),
        (&0.into(), &200.into())
    );
    assert!(numbers["latency_ms_mean"].is_null(), "absent, not 0");
}

#[test]
fn help_shows_an_example_of_every_verb() {
    for verb in [
        &["run"][..],
        &["sweep"],
        &["figures"],
        &["constraint"],
        &["schema"],
        &["completions"],
        &["topology"],
        &["topology", "info"],
        &["topology", "draw"],
    ] {
        let help = succeed(&[verb, &["--help"]].concat());
        assert!(help.contains("Example"), "{verb:?}: {help}");
        assert!(
            help.contains(&format!("arigatoni {}", verb.join(" "))),
            "{verb:?}: {help}"
        );
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(succeed(&["completions", shell]).contains("arigatoni"));
    }
}

#[test]
fn the_schema_is_one_json_document() {
    let schema: serde_json::Value = serde_json::from_str(&succeed(&["schema"])).unwrap();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
}

#[cfg(unix)]
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn ctrl_c_keeps_what_was_finished() {
    use std::process::Stdio;
    let place = Place::new();
    let (scenario, results) = (place.sweep(), place.name("results"));
    let child = Command::new(env!("CARGO_BIN_EXE_arigatoni"))
        .args([
            "sweep",
            &scenario,
            "-o",
            &results,
            "--set",
            "/replications=100000",
        ])
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The manifest is made right before the first run begins.
    while !place.path("results/manifest.json").exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    std::thread::sleep(std::time::Duration::from_millis(600));
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupt.success());
    let output = child.wait_with_output().unwrap();
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{message}");
    let merged = Command::new(env!("CARGO_BIN_EXE_arigatoni"))
        .args(["merge", "--partial", &results])
        .output()
        .unwrap();
    assert_eq!(merged.status.code(), Some(0), "{}", text(&merged.stderr));
    let runs = fs::read_to_string(place.path("results/runs.csv")).unwrap();
    let done = runs.lines().count() - 1;
    assert!((1..300_000).contains(&done), "{done}");
    assert!(
        message.contains(&format!("{done} of 300000 runs are done and kept")),
        "{message}"
    );
    let manifest: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(place.path("results/manifest.json")).unwrap())
            .unwrap();
    assert_eq!(manifest["runs_done"], done);
}
