//! The guide for the first hour: every command in it works, in its order.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::shipped;

/// The guide.
const GUIDE: &str = "docs/guide.md";

/// The commands in the blocks of this kind, line by line.
fn commands(page: &str, kind: &str) -> Vec<String> {
    let begin = format!("```{kind}\n");
    page.split(&begin)
        .skip(1)
        .filter_map(|after| after.split("```").next())
        .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// Whoever copies the workflow gets the program that made the baseline, once, and what a failed check has found.
#[test]
fn the_workflow_is_pinned_and_keeps_what_it_finds() {
    let page = fs::read_to_string(shipped(GUIDE)).unwrap();
    let lines = commands(&page, "yaml");
    let at = |text: &str| {
        let found = lines.iter().position(|line| line.contains(text));
        found.unwrap_or_else(|| panic!("{text}: {lines:?}"))
    };
    assert!(lines[at("cargo install")].contains("--locked") && lines[at("--rev")].contains("$REV"));
    let cache = at("actions/cache@");
    assert!(cache < at("cargo install") && at("env.REV") < at("cargo install"));
    assert!(lines[at("cargo install") - 1].contains("cache-hit != 'true'"));
    let check = at("arigatoni check");
    let upload = at("actions/upload-artifact@");
    assert!(check < upload && lines[upload - 1].contains("if: always()"));
    let written = ["--junit ", "--markdown "].map(|option| {
        let (_, rest) = lines[check].split_once(option).unwrap();
        rest.split(' ').next().unwrap()
    });
    for file in written {
        let is_kept = lines[upload..].iter().any(|line| line.trim() == file);
        assert!(is_kept, "{file}");
    }
}

/// A copy of a scenario that takes no time: the same points, with few requests.
fn small(folder: &Path, name: &str) {
    let text = fs::read_to_string(shipped(&format!("scenarios/{name}.json"))).unwrap();
    let mut scenario: Value = serde_json::from_str(&text).unwrap();
    scenario["system"]["arigatoni"]["requests"]["count"] = json!(20);
    scenario["replications"] = json!(2);
    fs::write(
        folder.join(format!("scenarios/{name}.json")),
        scenario.to_string(),
    )
    .unwrap();
}

#[cfg(unix)]
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn every_command_of_the_guide_works() {
    let page = fs::read_to_string(shipped(GUIDE)).unwrap();
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    fs::create_dir(path.join("scenarios")).unwrap();
    std::os::unix::fs::symlink(shipped("topologies"), path.join("topologies")).unwrap();
    small(path, "paper-quick");
    small(path, "paper");
    let program = Path::new(env!("CARGO_BIN_EXE_arigatoni"));
    let mut all = commands(&page, "sh");
    let steps = commands(&page, "yaml");
    let steps = steps.iter().filter_map(|line| line.split_once("- run: "));
    let steps: Vec<String> = steps
        .map(|(_, command)| command.to_owned())
        .filter(|command| command.starts_with("arigatoni "))
        .collect();
    assert!(all.len() > 15 && steps.len() == 1, "{all:?} {steps:?}");
    all.extend(steps);
    let old = std::env::var("PATH").unwrap_or_default();
    let own = program.parent().unwrap().display();
    for command in all {
        let output = Command::new("sh")
            .args(["-c", &command])
            .env("PATH", format!("{own}:{old}"))
            .current_dir(path)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {said}");
    }
    for made in [
        "results/paper-quick/report.html",
        "results/mine/report.html",
        "results/exhaustive/comparison.html",
        "check.xml",
    ] {
        assert!(path.join(made).exists(), "{made}");
    }
}
