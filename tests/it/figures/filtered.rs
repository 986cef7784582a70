//! Figures of part of a study, and of the studies of which nobody asked for all figures.

use std::fs;

use serde_json::json;

use super::UNFIT;
use crate::command::{arigatoni, code, memory_folder, said};
use crate::review::{Page, reads, without_times};
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
    let mut page = Page::new("A study of too many panels");
    page.entry("arigatoni sweep many.json", without_times(&told));
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
    let document = roxmltree::Document::parse(&services).unwrap();
    let caption = document.descendants().find(|it| it.has_tag_name("desc"));
    page.entry(
        "what is drawn of instances=2",
        caption.and_then(|it| it.text()).unwrap(),
    );
    for wrong in ["/system/*/requests/instances=9", "/seed=1", "search=one"] {
        let output = figures(wrong);
        assert_eq!(code(&output), Some(2), "{wrong}");
        page.entry(&format!("--filter {wrong}"), said(&output));
    }
    page.check_section(UNFIT);
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
    assert_eq!(code(&output), Some(2));
    reads(
        UNFIT,
        "A part of a study that was not swept",
        &[(
            "arigatoni figures one --filter /system/*/requests/instances=2",
            &said(&output),
        )],
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
        // Each run is saved, and told, by itself: how fast the machine is does not matter.
        let words = [
            "sweep",
            "told.json",
            "-o",
            "told",
            "--overwrite",
            "--chunk-runs=1",
        ];
        let output = arigatoni(folder, &words);
        assert_eq!(code(&output), Some(0), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let goal = "/system/*/overlay/delay_factor";
    let [unasked, own, none] = [(goal, &[][..]), (goal, &["own"]), ("/seed", &[])]
        .map(|(axis, own)| without_times(&told(axis, own)));
    reads(
        UNFIT,
        "Figures that a sweep tells of",
        &[
            ("a sweep over the delay goal", &unasked),
            // It is drawn against the axis that there is.
            ("the same with a figure of one's own", &own),
            // Nothing else came of it.
            ("a sweep over seeds", &none),
        ],
    );
}
