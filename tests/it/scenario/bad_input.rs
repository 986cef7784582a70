//! Whatever is wrong in a scenario is said in one clear message, and nothing panics.

mod hostile;
mod service;

use super::*;

/// What is wrong with `document`.
fn message(document: &Value) -> String {
    let error = parse(document).expect_err(&format!("{document:#}"));
    error.to_string()
}

fn assert_has(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "no {part:?} in: {message}");
    }
}

/// Every member with a bad value, and what the message says besides the place.
const BAD_VALUES: &str = r#"
/version "1" => expected the number 1, found the string "1"
/version 2 => the file has version 2, but this program reads version 1
/version null => expected the number 1, found null
/name 3 => expected a name of at most 100 letters
/name "../x" => found the string "../x"
/name "" => expected a name
/name "." => begins with a letter or digit
/seed -1 => expected a whole number from 0 to 18446744073709551615, found -1
/seed 18446744073709551616 => expected a whole number from 0 to
/seed 1.5 => found 1.5
/seed "1" => found the string "1"
/replications 0 => expected a whole number from 1 to 16777215, found 0
/replications 16777216 => found 16777216
/replications true => found true
/topology "a.gb" => expected an object, found the string "a.gb"
/topology {} => the topology is missing: give a `file`, or a `transit_stub` to generate
/topology {"file": "a", "fil": 1} => there is no member "fil"
/topology {"file": "a", "fil": 1} => did you mean `file`?
/topology {"file": "a", "transit_stub": {}} => two topologies: remove one of them
/topology {"transit_stub": {}, "largest_component": true} => belong to `file`
/topology {"transit_stub": {}, "default_latency_ms": 5} => belong to `file`
/topology {"transit_stub": null} => /topology/transit_stub: expected an object, found null
/topology {"transit_stub": []} => /topology/transit_stub: expected an object, found a list of 0
/topology {"transit_stub": {"seeds": 1}} => /topology/transit_stub/seeds: there is no member "seeds"
/topology {"file": null} => /topology/file: expected a string, found null
/topology {"file": "a.gb", "default_latency_ms": 5} => is for .graphml files: .gb files tell every length
/topology {"file": "a.alt", "rename_duplicates": true} => renaming is for .graphml files: .alt files may have labels that are alike
/topology/largest_component 1 => expected true or false, found 1
/topology/largest_component null => expected true or false, found null
/topology/default_latency_ms -1 => expected a number from 0 to 1000000000, or null, found -1
/topology/default_latency_ms "5" => , or null, found the string "5"
/topology {"file": "a.gb", "length_from": "dist"} => choosing lengths is for .graphml files
/topology {"file": "a.graphml", "length_from": "places", "length_unit": "km"} => have no unit to be told
/topology/length_unit "mile" => expected one of the words ns, us, ms, s, m, km, mi, found "mile"
/topology/place_from ["x"] => /topology/place_from
/topology/rename_duplicates "yes" => expected true or false, found the string "yes"
/topology/file 3 => expected a string, found 3
/topology/file "" => expected the path of a file, found the string ""
/network null => expected an object, found null
/network ["path", "latency", 1] => expected an object, found a list of 3
/network/fidelity "pth" => expected one of the words path, hop, found "pth"
/network/fidelity "pth" => did you mean `path`?
/network/loss 1.5 => expected a number from 0 to 1, found 1.5
/network/duplicate -1 => expected a number from 0 to 1, found -1
/network/ties "random" => expected one of the words canonical, shuffled
/network/jitter_s null => expected a number of seconds, or an object that names a law
/network/jitter_s {"pareto": {"shape": 1, "mean_s": 2}} => with a shape of 1 the mean is infinite
/network/jitter_s {"weibull": {"shape": 1}} => neither `scale_s` nor `mean_s` is given
/network/jitter_s {"lognormal": {"sigma": 1, "mu": 0, "mean_s": 2}} => both `mu` and `mean_s` are given
/network/jitter_s {"uniform_s": [2, 1]} => the least time, 2, is above the greatest, 1
/network/link_failures 3 => expected an object, or null
/network/link_failures {"up": 5} => missing
/network/link_failures {"up": 0, "down": 0} => both `up` and `down` last 0 s
/network/link_failures {"up": {"pareto": {"shape": 1, "scale_s": 2}}, "down": 1} => the mean of this distribution is infinite
/network/router_failures {"up": 5, "down": {"lomax": {"shape": 0.5, "scale_s": 1}}} => the mean of this distribution is infinite
/network/router_failures {"up": 5, "down": 1, "reroute_s": -1} => expected a number from 0
/network/partitions null => expected a list
/network/partitions [{"at_s": 1, "for_s": 2}] => missing
/network/fidelity {"path": null} => expected a string, found an object with 1 member
/network/routing "x" => expected one of the words latency, policy
/network/routing 1 => expected a string, found 1
/network/latency_ms_per_unit 0 => expected a number above 0 and at most
/network/latency_ms_per_unit -1 => found -1
/network/latency_ms_per_unit "fast" => found the string "fast"
/system "arigatoni" => expected an object with exactly one member
/system {} => expected an object with exactly one member
/system/arigatoni [] => expected an object, found a list of 0
/system/arigatoni/start "direkt" => did you mean `direct`?
/system/arigatoni/brokers 3 => expected an object, found 3
/system/arigatoni/brokers/placement "every_router" => did you mean `every-router`?
/system/arigatoni/brokers/root -1 => expected a whole number from 0 to 4294967294, or null
/system/arigatoni/brokers/root "T:0.1" => or null, found the string "T:0.1"
/system/arigatoni/gcus_per_broker 0 => expected a whole number from 1 to 1000000, or {"poisson": mean}, found 0
/system/arigatoni/gcus_per_broker 1.5 => found 1.5
/system/arigatoni/gcus_per_broker "many" => found the string "many"
/system/arigatoni/gcus_per_broker {} => the member `poisson` is missing
/system/arigatoni/gcus_per_broker {"poisson": 0} => expected a number above 0 and at most 1000000, found 0
/system/arigatoni/gcus_per_broker [2.5] => found a list of 1
/system/arigatoni/access_latency_ms 3 => expected a list of two numbers, like [1, 5], found 3
/system/arigatoni/access_latency_ms [1] => expected a list of two numbers, like [1, 5], found a list of 1
/system/arigatoni/access_latency_ms [1, 2, 3] => expected a list of two numbers, like [1, 5], found a list of 3
/system/arigatoni/access_latency_ms [5, 1] => the least latency, 5, is above the greatest, 1
/system/arigatoni/access_latency_ms/0 -1 => expected a number from 0 to 1000000000, found -1
/system/arigatoni/services/count 0 => expected a whole number from 1 to 1000000, found 0
/system/arigatoni/services/density "NaN" => expected a number from 0 to 1, found the string "NaN"
/system/arigatoni/services/density 1.0000001 => expected a number from 0 to 1
/system/arigatoni/acceptance_probability -1 => expected a number from 0 to 1, found -1
/system/arigatoni/acceptance_probability 1e300 => found 1e+300
/system/arigatoni/slots 0 => expected a whole number from 1 to 4294967295, or null, found 0
/system/arigatoni/slots false => or null, found false
/system/arigatoni/search "greedy" => expected one of the words selective, exhaustive
/system/arigatoni/disconnection 0.5 => expected an object, found 0.5
/system/arigatoni/disconnection/rate 1.2 => expected a number from 0 to 1, found 1.2
/system/arigatoni/disconnection/rate "a" => expected a number from 0 to 1, found the string "a"
/system/arigatoni/disconnection/units "gcu" => did you mean `gcus`?
/system/arigatoni/disconnection/mode "krash" => did you mean `crash`?
/system/arigatoni/disconnection/timeout_ms -0.5 => expected a number from 0 to 1000000000000
/system/arigatoni/requests/count 0 => expected a whole number from 1 to 4294967295, found 0
/system/arigatoni/requests/count 4294967296 => found 4294967296
/system/arigatoni/requests/rate_per_s 0 => expected a number above 0
/system/arigatoni/requests/instances 0 => expected a whole number from 1
/system/arigatoni/requests/deadline_ms 1e13 => expected a number from 0 to 1000000000000
/system/arigatoni/requests/service_time_ms null => expected a number from 0
/sweep [{}, []] => expected an object, found a list of 2
/sweep/axes [] => expected an object of axes, keyed by JSON Pointer, found a list of 0
/sweep/zip {} => expected a list, found an object with 0 members
/sweep/zip [3] => expected a list, found 3
/figures {} => expected a list
/figures [["a", "b"]] => expected an object, found a list of 2
/figures [{"name": "a"}] => the member `metric` is missing
/figures [{"name": "a/b", "metric": "m"}] => /figures/0/name: expected a name
/figures [{"name": "a", "metric": 3}] => /figures/0/metric: expected a string, found 3
/figures [{"name": "a", "metric": "m", "x": "/sed"}] => did you mean `/seed`?
/figures [{"name": "a", "metric": "m"}, {"name": "a", "metric": "m"}] => another figure is called a
"#;

/// The rows of [`BAD_VALUES`]: pointer, value, what the message says.
fn bad_values() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    BAD_VALUES.lines().skip(1).map(|row| {
        let (assignment, expected) = row.split_once(" => ").unwrap();
        let (pointer, value) = assignment.split_once(' ').unwrap();
        (pointer, value, expected)
    })
}

#[test]
fn bad_values_are_named_with_file_line_and_pointer() {
    for (pointer, value, expected) in bad_values() {
        let mut document = complete();
        *document.pointer_mut(pointer).expect(pointer) = serde_json::from_str(value).unwrap();
        assert_has(&message(&document), &["x.json:", pointer, expected]);
    }
}

#[test]
fn bad_values_of_overrides_are_named_with_the_argument() {
    for (pointer, value, expected) in bad_values() {
        let argument = format!("{pointer}={value}");
        let error = parse_with(&complete(), &[&argument]).expect_err(&argument);
        let message = error.to_string();
        assert_has(&message, &[&format!("--set {pointer}="), expected]);
        assert!(!message.contains("x.json"), "{message}");
    }
}

#[test]
fn every_object_refuses_an_unknown_member() {
    let mut document = complete();
    document["system"]["arigatoni"]["gcus_per_broker"] = json!({"poisson": 2});
    document["sweep"]["axes"]["/seed"] = json!({"from": 1, "to": 2, "step": 1});
    document["figures"] = json!([{"name": "f", "metric": "m"}]);
    let mut objects = 0;
    for pointer in every_pointer(&document) {
        let mut edited = document.clone();
        let Some(object) = edited.pointer_mut(&pointer).and_then(Value::as_object_mut) else {
            continue;
        };
        object.insert("qqq".into(), json!(1));
        objects += 1;
        let message = message(&edited);
        assert_has(&message, &["x.json:"]);
        if pointer == "/system" {
            assert_has(&message, &["exactly one member"]);
        } else if pointer == "/sweep/axes" {
            assert_has(&message, &["expected a list of values or a range"]);
        } else if pointer == "/check/metrics" {
            assert_has(
                &message,
                &["/check/metrics/qqq: expected an object, found 1"],
            );
        } else {
            let place = format!("{pointer}/qqq: there is no member \"qqq\"");
            assert_has(&message, &[&place, "known here: "]);
        }
    }
    assert_eq!(objects, 16, "the walk reaches every object");
}

fn every_pointer(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let children: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value))
            .collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(index, value)| (index.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        found.extend(
            every_pointer(child)
                .iter()
                .map(|rest| format!("/{name}{rest}")),
        );
    }
    found
}

#[test]
fn a_misspelt_member_is_told_the_nearest_one() {
    for (from, to) in [
        ("seed", "sed"),
        ("replications", "replicatons"),
        ("acceptance_probability", "acceptance-probability"),
        ("gcus_per_broker", "gcu_per_broker"),
        ("disconnection", "disconection"),
        ("rate_per_s", "rate_per_sec"),
        ("arigatoni", "arigato"),
        ("file", "fil"),
    ] {
        let text = format!("{:#}", complete());
        let edited = text.replacen(&format!("\"{from}\""), &format!("\"{to}\""), 1);
        let message = Scenario::parse(&edited, "x.json", &[])
            .unwrap_err()
            .to_string();
        let line = 1 + text[..text.find(&format!("\"{from}\"")).unwrap()]
            .matches('\n')
            .count();
        let place = format!("x.json:{line}: /");
        assert_has(&message, &[&place, &format!("did you mean `{from}`?")]);
    }
}

#[test]
fn what_must_be_given_must_be_given() {
    for name in ["version", "name", "topology"] {
        let mut document = complete();
        document.as_object_mut().unwrap().remove(name);
        let expected = format!("the member `{name}` is missing");
        assert_has(&message(&document), &["x.json", &expected]);
    }
}

#[test]
fn text_that_is_not_json_is_told_its_line() {
    for (text, expected) in [
        ("", "x.json:1: it is empty"),
        (
            "{\n\"version\": 1,\n",
            "x.json:3: not JSON: EOF while parsing",
        ),
        (
            "{\"version\": 1,\n \"seed\": NaN}",
            "x.json:2: not JSON: expected value (column",
        ),
        ("{\"seed\": Infinity}", "not JSON: expected value"),
        (
            "{\"seed\":\n1e999}",
            "x.json:2: not JSON: number out of range",
        ),
        ("{} x", "x.json:1: not JSON: trailing characters"),
        ("{}\n{}", "x.json:2: not JSON: trailing characters"),
        (
            "{\"seed\": 1,\n\"seed\": 2}",
            "x.json:2: the member \"seed\" stands twice",
        ),
        (
            "{\"a\": {\"b\": 1, \"b\": 1}}",
            "the member \"b\" stands twice",
        ),
        ("{\"seed\": 1,}", "not JSON: trailing comma"),
        ("// a\n{}", "not JSON: expected value"),
        ("[]", "expected an object, found a list of 0"),
        ("null", "expected an object, found null"),
    ] {
        let error = Scenario::parse(text, "x.json", &[]).expect_err(text);
        assert_has(&error.to_string(), &[expected]);
    }
    let deep = "[".repeat(100_000);
    let error = Scenario::parse(&deep, "x.json", &[]).unwrap_err();
    assert_has(&error.to_string(), &["recursion limit exceeded"]);
}

#[test]
fn a_file_of_another_version_is_told_so_whatever_else_it_has() {
    let message = message(&json!({"version": 3, "graph": "new"}));
    assert_has(&message, &["version 3", "reads version 1"]);
}

#[test]
fn more_time_than_can_be_simulated_is_refused() {
    let mut document = complete();
    document["system"]["arigatoni"]["requests"]["rate_per_s"] = json!(1e-5);
    let parts =
        ["/system/arigatoni/requests: 50000 requests at 0.00001 a second take 5000000000 s"];
    assert_has(&message(&document), &parts);
    document["system"]["arigatoni"]["requests"]["rate_per_s"] = json!(5e-4);
    parse(&document).expect("10^8 s are allowed");
}

#[test]
fn an_override_of_nothing_is_told_the_nearest_member() {
    for (argument, meant) in [
        (
            "/system/*/disconnection/rat=1",
            "/system/arigatoni/disconnection/rate",
        ),
        (
            "/disconnection/rate=1",
            "/system/arigatoni/disconnection/rate",
        ),
        ("/seeds=1", "/seed"),
        ("/system/opus/slots=1", "/system/arigatoni/slots"),
        ("/sed/x=1", "/seed"),
    ] {
        let error = parse_with(&complete(), &[argument]).expect_err(argument);
        let message = error.to_string();
        assert_has(&message, &["--set ", "there is no such member"]);
        assert_has(&message, &[&format!("did you mean `{meant}`?")]);
    }
    for argument in ["/=1", "/seed/=1", "/system/*/*/x=1", "/access/7=2"] {
        parse_with(&complete(), &[argument]).expect_err(argument);
    }
}

/// The nearest number is taken, not one beside it: a scenario that is written out comes back as it
/// was.
#[test]
fn decimals_are_read_exactly() {
    let density = 0.998_534_154_255_909_6;
    let document = json!({
        "version": 1,
        "name": "x",
        "topology": {"file": "a.gb"},
        "system": {"arigatoni": {"services": {"density": density}}},
    });
    let scenario = parse(&document).expect("it is valid");
    let read = scenario
        .effective()
        .pointer("/system/arigatoni/services/density");
    assert_eq!(read, Some(&json!(density)));
}
