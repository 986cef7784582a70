//! Brokers, links and searches that cannot be: one message each.

use crate::command::{arigatoni, code, said};
use crate::review::{Page, of_any_build, reads};
use crate::support::shipped;

#[test]
fn loads_that_cannot_be_are_refused() {
    let mut page =
        Page::new("Brokers that take time, links of limited bandwidth and searches that cannot be");
    let hop = "/network/fidelity=hop";
    let flooding = r#"/system={"flooding": {"degree": 2}}"#;
    for sets in [
        &["/network/bandwidth_mbps=1"][..],
        &["/network/queue_packets=1"],
        &[hop, "/network/bandwidth_mbps=0"],
        &[hop, "/network/bandwidth_mbps=-1"],
        &[hop, "/network/queue_packets=-1"],
        &[hop, "/network/queue_packets=1.5"],
        &[hop, "/network/bandwidth_mbps=1", flooding],
        &["/system/*/brokers/queue=-1"],
        &["/system/*/brokers/queue=2.5"],
        &["/system/*/brokers/service_s=-0.1"],
        &[r#"/system/*/brokers/service_s={"pareto": {"shape": 1, "scale_s": 0.01}}"#],
        &["/system/*/search=root-last"],
        &[r#"/system={"flooding": {"degree": 2, "brokers": {"service_s": 1}}}"#],
        &[r#"/system={"flooding": {"degree": 2, "brokers": {"queue": 1}}}"#],
    ] {
        let mut arguments = vec!["run", "scenarios/ci/selective.json"];
        arguments.extend(sets.iter().flat_map(|set| ["--set", set]));
        let output = arigatoni(&shipped(""), &arguments);
        assert_eq!(code(&output), Some(2), "{sets:?}");
        page.entry(&sets.join(" "), said(&output));
    }
    page.check("load");
}

/// A table without lines is noted, and no file is called `-`.
#[test]
fn exports_that_come_to_nothing_are_noted() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = shipped("scenarios/ci/selective.json");
    let run = |file: &str| {
        let words = ["run", scenario.to_str().unwrap(), "--links", file];
        arigatoni(folder.path(), &words)
    };
    let output = run("links.csv");
    assert_eq!(code(&output), Some(0));
    let noted = of_any_build(&said(&output));
    let refused = run("-");
    assert_eq!(code(&refused), Some(2));
    reads(
        "command-texts",
        "Exports that come to nothing",
        &[
            ("--links links.csv", &noted),
            ("--links -", &said(&refused)),
        ],
    );
    assert!(!folder.path().join("-").exists());
}
