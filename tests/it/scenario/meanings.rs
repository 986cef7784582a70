//! Values of an axis that are written differently and mean the same.

use serde_json::json;

use super::{parse, swept};
use crate::review::Page;

/// An old name of a word, another spelling of a distribution, a default that is written out.
#[test]
fn values_that_mean_the_same_are_refused_although_they_are_written_differently() {
    let overlay = |method: &str| json!({"opus": {"overlay": {"method": method}}});
    let constant = json!({"arigatoni": {"slots": null}});
    let mut page = Page::new("Values of an axis that mean the same");
    for (axis, values) in [
        ("/system", [overlay("light"), overlay("last")]),
        ("/system", [json!({"arigatoni": {}}), constant]),
        (
            "/topology",
            [
                json!({"file": "a.gb"}),
                json!({"file": "a.gb", "largest_component": false}),
            ],
        ),
        (
            "/network/jitter_s",
            [
                json!({"uniform_s": [1, 2]}),
                json!({"uniform_s": [1.0, 2.0]}),
            ],
        ),
        (
            "/network/jitter_s",
            [json!(1), json!({"uniform_s": [1, 1]})],
        ),
        (
            "/network/jitter_s",
            [
                json!({"gamma": {"shape": 2, "mean_s": 1}}),
                json!({"gamma": {"shape": 2, "scale_s": 0.5}}),
            ],
        ),
        (
            "/system/*/sessions",
            [
                json!({"up": 60, "down": 60}),
                json!({"up": 60, "down": 60, "units": "all"}),
            ],
        ),
        ("/system/*/requests/at_least", [json!(null), json!(1)]),
        (
            "/topology",
            [
                json!({"transit_stub": {"seed": 0}}),
                json!({"transit_stub": {"seed": 417_890_326}}),
            ],
        ),
    ] {
        let scenario = swept(&json!({axis: values}), &json!([]));
        let message = parse(&scenario).unwrap_err().to_string();
        let place = format!("/sweep/axes/{}", axis.replace('/', "~1"));
        assert!(message.contains(&place), "{message}");
        page.entry(&format!("{axis} {}", json!(values)), message);
    }
    page.check_section("scenario-texts");
}

/// Where another axis decides whether two values mean the same, both are wanted.
#[test]
fn values_that_mean_the_same_at_some_points_only_are_accepted() {
    let axes = json!({
        "/system/*/requests/instances": [1, 2],
        "/system/*/requests/at_least": [null, 1],
    });
    let scenario = parse(&swept(&axes, &json!([]))).unwrap();
    assert_eq!(scenario.point_count(), 4);
}
