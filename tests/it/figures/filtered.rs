//! Figures of part of a study, and of the studies of which nobody asked for all figures.

use std::fs;

use serde_json::json;

use crate::command::{arigatoni, code, memory_folder};
use crate::support::shipped;

/// 2 δ × 4 × 4 other points, each of a few requests, swept in `folder`; what was told.
fn swept(folder: &std::path::Path) -> String {
    let scenario = json!({
        "version": 1,
        "name": "many",
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "system": {"arigatoni": {"requests": {"count": 20}}},
        "sweep": {"axes": {
            "/system/*/requests/instances": [1, 2, 3, 4],
            "/system/*/services/density": [0.1, 0.2, 0.3, 0.4],
            "/system/*/disconnection/rate": [0, 0.5],
        }},
    });
    fs::write(folder.join("many.json"), scenario.to_string()).unwrap();
    let output = arigatoni(folder, &["sweep", "many.json", "-o", "many"]);
    assert_eq!(code(&output), Some(0), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_study_of_too_many_panels_is_drawn_in_parts() {
    let place = memory_folder();
    let folder = place.path();
    let told = swept(folder);
    assert!(told.contains("16 panels, but at most 15 fit"), "{told}");
    assert!(told.contains("`figures DIR --filter AXIS=VALUE`"), "{told}");
    assert!(!folder.join("many/figures/services.svg").exists());

    let figures = |filter: &str| {
        let words = ["figures", "many", "-o", "part", "--filter", filter];
        arigatoni(folder, &words)
    };
    let output = figures("/system/*/requests/instances=2");
    assert_eq!((code(&output), &*output.stderr), (Some(0), &b""[..]));
    let services = fs::read_to_string(folder.join("part/figures/services.svg")).unwrap();
    // The name of the axis' column says the same.
    let output = figures("instances=2");
    assert_eq!((code(&output), &*output.stderr), (Some(0), &b""[..]));
    let again = fs::read_to_string(folder.join("part/figures/services.svg")).unwrap();
    assert_eq!(again, services);
    assert!(
        services.contains("k = 2. Across"),
        "the caption tells which part"
    );
    assert!(services.contains("Panels: ρ = 0.1; ρ = 0.2; ρ = 0.3; ρ = 0.4."));
    for (wrong, help) in [
        ("/system/*/requests/instances=9", "1, 2, 3, 4"),
        ("/seed=1", "axes"),
        ("search=one", "delta (/system/*/disconnection/rate)"),
    ] {
        let output = figures(wrong);
        let told = String::from_utf8(output.stderr.clone()).unwrap();
        assert!(code(&output) == Some(2) && told.contains(help), "{told}");
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_filter_finds_no_runs_that_a_filtered_sweep_has_not_made() {
    let place = memory_folder();
    let folder = place.path();
    swept(folder);
    let only = |number: &str| format!("/system/*/requests/instances={number}");
    let sweep = ["sweep", "many.json", "-o", "one", "--filter", &only("1")];
    assert_eq!(code(&arigatoni(folder, &sweep)), Some(0));
    let output = arigatoni(folder, &["figures", "one", "--filter", &only("2")]);
    let told = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(
        code(&output) == Some(2) && told.contains("part of the sweep"),
        "{told}"
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_sweep_tells_of_figures_only_that_somebody_expects() {
    let place = memory_folder();
    let folder = place.path();
    let scenario = shipped("scenarios/ci/overlay.json");
    let told = |axis: &str, more: &[&str]| {
        let mut document: serde_json::Value =
            serde_json::from_slice(&fs::read(&scenario).unwrap()).unwrap();
        let graph = document["topology"]["file"].as_str().unwrap().to_owned();
        document["topology"]["file"] = json!(scenario.parent().unwrap().join(graph));
        document["sweep"] = json!({"axes": {axis: [1, 2]}});
        document["replications"] = json!(1);
        document["name"] = json!("told");
        document["figures"] = match more {
            [] => json!([]),
            [name, ..] => json!([{"name": name, "metric": "delivery_ratio_failed"}]),
        };
        fs::write(folder.join("told.json"), document.to_string()).unwrap();
        let output = arigatoni(folder, &["sweep", "told.json", "-o", "told", "--overwrite"]);
        assert_eq!(code(&output), Some(0), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let goal = "/system/*/overlay/delay_factor";
    assert!(!told(goal, &[]).contains("drawn"), "{}", told(goal, &[]));
    // It is drawn against the axis that there is.
    assert!(!told(goal, &["own"]).contains("own is not drawn"));
    // Nothing else came of it.
    assert!(
        told("/seed", &[])
            .contains("figures delivery, parents, failing-cost, repair are not drawn")
    );
}
