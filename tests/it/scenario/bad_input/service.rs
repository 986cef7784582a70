//! What is wrong in a scenario of the utility service.

use super::*;

/// The same for the other system: member and value.
const BAD_SERVICE: &str = r#"
/study "alocation"
/nodes/count 1
/nodes/access_latency_ms [5, 1]
/disconnection/rate 1.1
/overlay/method "steiner"
/overlay/delay_factor 0.99
/overlay/degree_limit 1
/overlay/redundancy 4
/overlay/joins_per_s 0.0000001
/overlay/round_ms 0
/overlay/fanout 3
/tracking/method "gossip"
/tracking/epsilon 2
/tracking/cluster 3
/tracking/hold_ms 0.0000004
/tracking/refresh 3
/tracking/truth/quantities 0
/tracking/truth/process "brown"
/tracking/truth/walk_step -0.1
/tracking/truth/recovery_ms "never"
/moving/rate 1.01
/moving/rate -0.5
/moving/rate null
/moving/share 0.5
"#;

/// The complete document with this system.
fn with_service(members: &Value) -> Value {
    let mut document = complete();
    document["system"] = json!({ "opus": members });
    document
}

#[test]
fn bad_values_of_the_service_are_named_like_all_others() {
    let mut page = Page::new("Bad values in a scenario of the utility service");
    for (member, value) in rows(BAD_SERVICE) {
        let mut document = with_service(&json!({
            "nodes": {}, "disconnection": {}, "moving": {}, "overlay": {}, "tracking": {"truth": {}},
        }));
        let (object, name) = member.rsplit_once('/').unwrap();
        let members = document.pointer_mut(&format!("/system/opus{object}"));
        members.unwrap()[name] = serde_json::from_str(value).unwrap();
        let error = wrong(&document);
        assert!(place(&error).contains("/system/opus/"), "{error}");
        page.entry(&format!("/system/opus{member} {value}"), error);
    }
    page.check("service-values");
}

#[test]
fn what_contradicts_itself_in_the_service_is_refused() {
    let mut page = Page::new("Studies of the utility service that contradict themselves");
    let document = with_service(&json!({"overlay": {"method": "last", "redundancy": 2}}));
    let error = wrong(&document);
    assert_about(&error, &document, "/system/opus/overlay");
    page.entry("two trees of a method that builds one", error);
    for member in ["sample_ms", "failure_ms"] {
        let document = with_service(&json!({
            "study": "tracking",
            "disconnection": {"rate": 0.1},
            "tracking": {"truth": {member: 90_000}},
        }));
        let error = wrong(&document);
        let pointer = format!("/system/opus/tracking/truth/{member}");
        assert_about(&error, &document, &pointer);
        page.entry(&format!("{pointer} 90000"), error);
    }
    page.check("service-contradictions");
}

#[test]
fn what_would_be_too_much_for_the_service_is_refused() {
    let mut page = Page::new("Studies of the utility service that would take too long");
    for (study, member, value) in [
        ("overlay", "overlay/packets", json!(1_000_000)),
        ("tracking", "tracking/truth/change_ms", json!(1e-3)),
        ("tracking", "tracking/heartbeat_ms", json!(1e-3)),
        ("tracking", "tracking/improve_ms", json!(1e-3)),
        ("tracking", "tracking/refresh_ms", json!(1e-5)),
    ] {
        let mut document = with_service(&json!({
            "study": study,
            "nodes": {"count": 1000},
            "overlay": {},
            "tracking": {"truth": {}},
        }));
        let pointer = format!("/system/opus/{member}");
        let (object, name) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(object).unwrap()[name] = value.clone();
        let error = wrong(&document);
        assert_about(&error, &document, &pointer);
        page.entry(&format!("{pointer} {value}"), error);
    }
    page.check("service-limits");
}
