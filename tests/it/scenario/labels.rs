//! What a sweep calls the values of its axes in figures.

use super::*;
use crate::review::Page;

const TO: &str = "/system/*/slots";

/// Slots and instances vary together, and the seed besides.
fn labelled(labels: &Value) -> Value {
    let axes =
        json!({TO: [null, 4, null], "/system/*/requests/instances": [1, 1, 2], "/seed": [1, 2]});
    let zip = json!([[TO, "/system/*/requests/instances"]]);
    let mut document = swept(&axes, &zip);
    document["sweep"]["labels"] = labels.clone();
    document
}

#[test]
fn labels_stand_for_the_values_of_all_axes_that_vary_together() {
    let document = labelled(&json!({TO: ["any number", "few", "any two"]}));
    let scenario = parse(&document).unwrap();
    let labels: Vec<_> = scenario.labels().collect();
    assert_eq!(labels.len(), 1);
    assert_eq!(labels[0].axes, [TO, "/system/*/requests/instances"]);
    assert_eq!(labels[0].values[1], (vec![json!(4), json!(1)], "few"));
    // No result depends on them, and they are read again.
    let without = parse(&labelled(&json!({}))).unwrap();
    assert_eq!(scenario.identity(), without.identity());
    let again = parse(scenario.effective()).unwrap();
    assert_eq!(again.labels().collect::<Vec<_>>(), labels);
    assert!(without.effective()["sweep"].get("labels").is_none());
    // Of an axis that is dropped nothing is left to be called so.
    let dropped = parse_with(&document, &["/system/*/requests/instances=1"]).unwrap();
    assert_eq!(dropped.labels().count(), 0);
}

#[test]
fn labels_that_cannot_be_are_refused() {
    let mut page = Page::new("Labels that cannot be");
    for labels in [
        json!({"/seed": ["one"]}),
        json!({"/seed": ["one", "one"]}),
        json!({"/name": ["one"]}),
        json!({TO: ["a", "b", "c"], "/system/*/requests/instances": ["a", "b", "c"]}),
    ] {
        page.entry(&labels.to_string(), parse(&labelled(&labels)).unwrap_err());
    }
    page.check_section("scenario-texts");
}
