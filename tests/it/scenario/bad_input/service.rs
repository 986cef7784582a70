//! What is wrong in a scenario of the utility service.

use super::*;

/// The same for the other system: member and value, what the message says.
const BAD_SERVICE: &str = r#"
/study "alocation" => expected one of the words
/nodes/count 1 => expected a whole number from 2 to 20000, found 1
/nodes/access_latency_ms [5, 1] => the least latency, 5, is above the greatest, 1
/disconnection/rate 1.1 => expected a number from 0 to 1, found 1.1
/overlay/method "steiner" => expected one of the words distributed, mst, spt, last
/overlay/delay_factor 0.99 => expected a number from 1 to 1000000000, found 0.99
/overlay/degree_limit 1 => from 2 to 4294967295, or null, found 1
/overlay/redundancy 4 => expected a whole number from 1 to 3, found 4
/overlay/joins_per_s 0.0000001 => more than the 100000000 s that can be simulated
/overlay/round_ms 0 => expected a number from 0.000001 to 1000000000, found 0
/overlay/fanout 3 => there is no member "fanout"
/tracking/method "gossip" => expected one of the words hierarchy, central, all-to-all
/tracking/epsilon 2 => expected a number from 0 to 1, found 2
/tracking/cluster 3 => expected a whole number from 4 to 16, found 3
/tracking/hold_ms 0.0000004 => expected a number from 0.000001 to 1000000000, found 0.0000004
/tracking/refresh 3 => there is no member "refresh"
/tracking/truth/quantities 0 => expected a whole number from 1 to 256, found 0
/tracking/truth/process "brown" => expected one of the words constant, walk, jump, diurnal
/tracking/truth/walk_step -0.1 => expected a number from 0 to 1, found -0.1
/tracking/truth/recovery_ms "never" => , or null, found the string "never"
/moving/rate 1.01 => expected a number from 0 to 1, found 1.01
/moving/rate -0.5 => expected a number from 0 to 1, found -0.5
/moving/rate null => expected a number from 0 to 1, found null
/moving/share 0.5 => there is no member "share"
"#;

#[test]
fn bad_values_of_the_service_are_named_like_all_others() {
    for row in BAD_SERVICE.lines().skip(1) {
        let (assignment, expected) = row.split_once(" => ").unwrap();
        let (member, value) = assignment.split_once(' ').unwrap();
        let mut document = complete();
        document["system"] = json!({"opus": {
            "nodes": {}, "disconnection": {}, "moving": {}, "overlay": {}, "tracking": {"truth": {}},
        }});
        let (object, name) = member.rsplit_once('/').unwrap();
        let object = document.pointer_mut(&format!("/system/opus{object}"));
        object.unwrap()[name] = serde_json::from_str(value).unwrap();
        assert_has(&message(&document), &["x.json:", "/system/opus/", expected]);
    }
    let mut document = complete();
    let overlay = json!({"method": "last", "redundancy": 2});
    document["system"] = json!({"opus": {"overlay": overlay}});
    assert_has(
        &message(&document),
        &["/system/opus/overlay", "this method builds one tree"],
    );
    for (member, expected) in [
        ("sample_ms", "so nothing is measured in 60000 ms"),
        ("failure_ms", "nodes fail after 90000 ms, but only 60000 ms"),
    ] {
        document["system"] = json!({"opus": {
            "study": "tracking",
            "disconnection": {"rate": 0.1},
            "tracking": {"truth": {member: 90_000}},
        }});
        let pointer = format!("/system/opus/tracking/truth/{member}");
        assert_has(&message(&document), &[&pointer, expected]);
    }
}

#[test]
fn what_would_be_too_much_for_the_service_is_refused() {
    for (study, member, value, expected) in [
        (
            "overlay",
            "overlay/packets",
            json!(1_000_000),
            "1.0e9 copies",
        ),
        (
            "tracking",
            "tracking/truth/change_ms",
            json!(1e-3),
            "changes in 120 s",
        ),
        (
            "tracking",
            "tracking/heartbeat_ms",
            json!(1e-3),
            "messages in 120 s",
        ),
        (
            "tracking",
            "tracking/improve_ms",
            json!(1e-3),
            "messages in 120 s",
        ),
        (
            "tracking",
            "tracking/refresh_ms",
            json!(1e-5),
            "messages in 120 s",
        ),
    ] {
        let mut document = complete();
        document["system"] = json!({"opus": {
            "study": study,
            "nodes": {"count": 1000},
            "overlay": {},
            "tracking": {"truth": {}},
        }});
        let pointer = format!("/system/opus/{member}");
        let (object, name) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(object).unwrap()[name] = value;
        assert_has(&message(&document), &[&pointer, expected]);
    }
}
