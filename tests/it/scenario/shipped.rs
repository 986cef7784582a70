//! The scenarios that come with the program.

use super::*;
use arigatoni::parameters::number::Count;

/// Every shipped scenario: its path below `scenarios/`, and its text.
#[allow(clippy::disallowed_methods, reason = "tests read files themselves")]
pub(super) fn all() -> Vec<(String, String)> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let mut found = Vec::new();
    for folder in ["", "ci/"] {
        for entry in std::fs::read_dir(format!("{root}/{folder}")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let path = format!("{folder}{name}");
            if path
                .rsplit_once('.')
                .is_some_and(|(_, ending)| ending == "json")
            {
                let text = std::fs::read_to_string(format!("{root}/{path}")).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(found.len() > 10, "the scenarios are out of sight");
    found.sort();
    found
}

fn parsed(name: &str) -> Scenario {
    let path = format!("{name}.json");
    let (_, text) = all().into_iter().find(|(found, _)| *found == path).unwrap();
    Scenario::parse(&text, &path, &[]).unwrap()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn every_shipped_scenario_is_valid_and_named_like_its_file() {
    let all = all();
    assert!(all.len() >= 14, "{}", all.len());
    for (path, text) in all {
        let scenario = Scenario::parse(&text, &path, &[]).unwrap();
        assert!(
            path.ends_with(&format!("{}.json", scenario.name())),
            "{path}"
        );
        if let scenario::TopologySource::File { path: file, .. } = &scenario.base().topology {
            let depth = path.matches('/').count();
            let root = "../".repeat(depth + 1);
            assert!(
                file.starts_with(format!("{root}topologies")),
                "{path}: {file:?}"
            );
        }
        let twice = parse(scenario.effective()).unwrap();
        assert_eq!(twice.effective(), scenario.effective(), "{path}");
        if path.starts_with("ci/") {
            assert_eq!(scenario.run_count(), 1, "{path}");
            if scenario.base().system.name() == "arigatoni" {
                let requests = arigatoni_of(scenario.base()).world.requests;
                let count = requests.count.map_or(0, |count| count.0);
                assert!((200..=500).contains(&count), "{path}: {count} requests");
            }
        }
    }
}

#[test]
fn the_paper_is_swept_as_planned() {
    let paper = parsed("paper");
    assert_eq!(paper.point_count(), 105);
    assert_eq!(paper.run_count(), 2100);
    let quick = parsed("paper-quick");
    assert_eq!(quick.point_count(), 42);
    assert_eq!(quick.run_count(), 210);
    let config = |scenario: &Scenario| arigatoni_of(scenario.base());
    let mut quick = config(&quick);
    assert_eq!(quick.world.requests.count, Some(Count(2000)));
    quick.world.requests.count = Some(Count(50_000));
    assert_eq!(
        quick,
        config(&paper),
        "they differ by the number of requests"
    );
}

#[test]
fn the_hop_run_differs_from_the_selective_one_by_fidelity_alone() {
    let (hop, selective) = (parsed("ci/hop"), parsed("ci/selective"));
    assert_eq!(&*hop.base().system, &*selective.base().system);
    assert_ne!(hop.base().network, selective.base().network);
}
