//! Whatever a file or an argument has in it, nothing panics, and no message is as bad as its cause.

use super::*;

#[test]
fn hostile_names_do_not_make_hostile_messages() {
    let name = "\u{1b}[2J\n".repeat(50_000);
    let mut document = complete();
    document[&name] = json!(1);
    document["network"][&name] = json!(1);
    let long = "a".repeat(1_000_000);
    let mut values = complete();
    values["network"]["fidelity"] = json!(long);
    for message in [wrong(&document), wrong(&values)].map(|error| error.to_string()) {
        assert!(message.len() < 2000, "{} bytes", message.len());
        let control = message.chars().filter(|c| c.is_control()).count();
        assert!(
            control <= 1,
            "only the line break before the help: {message:?}"
        );
    }
}

fn arbitrary_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-2.0..3.0_f64).prop_map(Value::from),
        "[a-z/~*0-9_-]{0,12}".prop_map(Value::from),
        Just(json!("/system/*/disconnection/rate")),
        Just(json!({"from": 0, "to": 1, "step": 0.25})),
        Just(json!({"poisson": 3})),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z/~*_]{0,8}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A document with many kinds of members, to be spoilt.
fn rich() -> Value {
    let mut document = swept(
        &json!({
            "/system/*/disconnection/rate": {"from": 0, "to": 1, "step": 0.5},
            "/system": [{"arigatoni": {}}, {"arigatoni": {"slots": 2}}],
            "/system/*/requests/count": [1, 2],
            "/seed": [3, 4],
        }),
        &json!([["/seed", "/system/*/requests/count"]]),
    );
    document["figures"] = json!([{"name": "f", "metric": "m"}]);
    document
}

/// Reads the text and, if it is a scenario, everything that is in it.
fn use_up(text: &str, overrides: &[Assignment]) {
    if let Ok(scenario) = Scenario::parse(text, "x.json", overrides) {
        scenario.identity();
        let last = scenario.point_count() - 1;
        scenario.point(last.min(1000)).expect("points are checked");
        let again = parse(scenario.effective()).expect("the effective scenario is one");
        assert_eq!(again.effective(), scenario.effective());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn arbitrary_text_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        use_up(&String::from_utf8_lossy(&bytes), &[]);
    }

    #[test]
    #[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
    fn a_file_with_a_spoilt_member_never_panics(at in any::<prop::sample::Index>(), new in arbitrary_json()) {
        let mut document = rich();
        let pointers = every_pointer(&document);
        *document.pointer_mut(&pointers[at.index(pointers.len())]).unwrap() = new;
        use_up(&format!("{document:#}"), &[]);
    }

    #[test]
    #[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
    fn a_file_with_spoilt_text_never_panics(
        at in any::<prop::sample::Index>(), cut in 0_usize..4, new in "[0-9a-z\"{}\\[\\]:,.\\-\\\\ ]{0,3}",
    ) {
        let text = rich().to_string();
        let at = at.index(text.len());
        let end = (at + cut).min(text.len());
        use_up(&format!("{}{new}{}", &text[..at], &text[end..]), &[]);
    }

    #[test]
    #[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
    fn arbitrary_overrides_never_panic(
        at in any::<prop::sample::Index>(), star in any::<bool>(), value in arbitrary_json(), tail in "[/a-z*~0-9]{0,5}",
    ) {
        let document = rich();
        let pointers = every_pointer(&document);
        let mut pointer = format!("{}{tail}", pointers[at.index(pointers.len())]);
        if star {
            pointer = pointer.replace("/arigatoni", "/*");
        }
        use_up(&document.to_string(), &[Assignment { pointer, value }]);
    }
}
