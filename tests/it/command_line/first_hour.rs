//! What a newcomer tries: a scenario from a pipe, one that an editor helped to write, `retry`.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::{Place, arigatoni, succeed, text};

/// Runs a command in `folder` with `input` on standard input.
fn fed(folder: &Path, input: &str, arguments: &[&str]) -> Output {
    use std::io::Write as _;
    let mut child = Command::new(env!("CARGO_BIN_EXE_arigatoni"))
        .args(arguments)
        .current_dir(folder)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(input.as_bytes()).unwrap();
    drop(pipe);
    child.wait_with_output().unwrap()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_scenario_is_read_from_standard_input() {
    let place = Place::new();
    let file = place.sweep();
    let scenario = fs::read_to_string(&file).unwrap();
    let folder = place.folder.path();
    let run = fed(folder, &scenario, &["run", "-"]);
    assert_eq!(text(&run.stdout), succeed(&["run", &file]));
    let swept = fed(folder, &scenario, &["sweep", "-"]);
    assert_eq!(swept.status.code(), Some(0), "{}", text(&swept.stderr));
    assert!(place.path("results/small/runs.csv").exists());

    let broken = fed(folder, "{\n  \"version\": 1,,\n}", &["run", "-"]);
    assert_eq!(broken.status.code(), Some(2));
    let said = text(&broken.stderr);
    assert!(said.starts_with("error: standard input:2: "), "{said}");
    let shards = ["submit", "-", "--engine", "parallel", "--shards", "2"];
    let refused = fed(folder, &scenario, &shards);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).starts_with("error: standard input: "));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_scenario_may_name_its_schema_and_stays_the_same() {
    let place = Place::new();
    let file = place.sweep();
    let results = place.name("results");
    succeed(&["sweep", &file, "-o", &results]);
    let scenario = fs::read_to_string(&file).unwrap();
    let named = scenario.replacen('{', r#"{"$schema": "./scenario.schema.json", "#, 1);
    let named = place.write("named.json", &named);
    // Taken for another study, the folder would be refused.
    let again = arigatoni(&["sweep", &named, "-o", &results]);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn retry_needs_no_option() {
    let place = Place::new();
    let (file, results) = (place.sweep(), place.name("results"));
    succeed(&["sweep", &file, "-o", &results]);
    let runs = fs::read(place.path("results/runs.csv")).unwrap();
    succeed(&["retry", &file, "-o", &results]);
    assert_eq!(fs::read(place.path("results/runs.csv")).unwrap(), runs);
}
