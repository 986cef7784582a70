//! Values of an axis that are written differently and mean the same.

use serde_json::json;

use super::{parse, swept};

/// An old name of a word, another spelling of a distribution, a default that is written out.
#[test]
fn values_that_mean_the_same_are_refused_although_they_are_written_differently() {
    let overlay = |method: &str| json!({"opus": {"overlay": {"method": method}}});
    let constant = json!({"arigatoni": {"slots": null}});
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
    ] {
        let scenario = swept(&json!({axis: values}), &json!([]));
        let message = parse(&scenario).unwrap_err().to_string();
        let place = format!("/sweep/axes/{}", axis.replace('/', "~1"));
        assert!(
            message.contains(&place) && message.contains("mean the same"),
            "{message}"
        );
    }
}
