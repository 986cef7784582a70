//! Former names of columns and members: accepted, or refused with the present name.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use crate::command::{arigatoni, code, done, put, said, wrote};
use crate::review::{Page, without_times};
use crate::support::shipped;

#[test]
fn a_former_name_is_accepted_or_the_present_one_is_told() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let scenario = |method: &str, figures: &[&str]| {
        let figure = |metric: &&str| json!({"name": "own", "metric": metric});
        json!({
            "version": 1, "name": "former", "replications": 2,
            "topology": {"file": shipped("topologies/t100-0.gb")},
            "figures": figures.iter().map(figure).collect::<Vec<_>>(),
            "system": {"opus": {"study": "overlay", "nodes": {"count": 10}, "overlay": {"method": method}}},
        })
    };
    let [former, present] = ["light", "last"].map(|method| {
        put(path, "s.json", &scenario(method, &[]));
        wrote(&arigatoni(path, &["run", "s.json", "--json"]))
    });
    assert!(former.contains("link_stress_max"), "{former}");
    assert_eq!(former, present);

    put(path, "s.json", &scenario("last", &["copies_max"]));
    let output = arigatoni(path, &["sweep", "s.json"]);
    assert_eq!(code(&output), Some(2), "{}", said(&output));
    let mut page = Page::new("Former names of a metric");
    page.entry("a figure", said(&output));

    put(path, "s.json", &scenario("last", &[]));
    done(path, &["check", "s.json", "--baseline", "kept", "--update"]);
    let words = ["check", "s.json", "--baseline", "kept"];
    let output = arigatoni(path, &[&words[..], &["--metric", "copies_max"]].concat());
    assert_eq!(code(&output), Some(2), "{}", said(&output));
    page.entry("check --metric", said(&output));

    // A baseline of an earlier version.
    let table = fs::read_to_string(path.join("kept/runs.csv")).unwrap();
    let old = table.replace("link_stress_max", "copies_max");
    fs::write(path.join("kept/runs.csv"), old).unwrap();
    let output = arigatoni(path, &words);
    assert_eq!(code(&output), Some(2), "{}", said(&output));
    page.entry(
        "a baseline of an earlier version",
        without_times(&said(&output)),
    );
    page.check_section("command-texts");
}
