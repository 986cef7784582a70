//! Axes, zip groups, `*`, points, filters.

use super::*;

const RATE: &str = "/system/*/disconnection/rate";

/// The values of the axes at every point, as text.
fn points(document: &Value) -> Vec<Vec<String>> {
    let scenario = parse(document).unwrap();
    (0..scenario.point_count())
        .map(|index| scenario.point(index).unwrap())
        .map(|point| point.axis_values.iter().map(scenario::value_text).collect())
        .collect()
}

fn message(axes: &Value, zip: &Value) -> String {
    parse(&swept(axes, zip)).unwrap_err().to_string()
}

#[test]
fn without_axes_there_is_one_point_the_base() {
    let scenario = parse(&complete()).unwrap();
    assert_eq!((scenario.point_count(), scenario.run_count()), (1, 1));
    let point = scenario.point(0).unwrap();
    assert_eq!(point.axis_values, Vec::<Value>::new());
    assert_eq!(&point.run, scenario.base());
}

#[test]
fn a_range_is_exact_and_reaches_its_end() {
    let axes = json!({RATE: {"from": 0, "to": 1, "step": 0.05}});
    let scenario = parse(&swept(&axes, &json!([]))).unwrap();
    assert_eq!(scenario.point_count(), 21);
    let third = scenario.point(3).unwrap();
    assert_eq!(third.axis_values, [json!(0.15)]);
    assert_eq!(third.axis_values[0].to_string(), "0.15");
    let rate = arigatoni_of(&third.run).world.disconnection.rate.0;
    assert_eq!(rate.to_bits(), 0.15_f64.to_bits());
    let last = scenario.point(20).unwrap();
    assert_eq!(last.axis_values[0].to_string(), "1");
}

#[test]
fn axes_multiply_in_the_order_of_the_file_the_first_slowest() {
    let axes = json!({RATE: [0, 0.5], "/system/arigatoni/search": ["selective", "exhaustive"]});
    let expected = [
        ["0", "selective"],
        ["0", "exhaustive"],
        ["0.5", "selective"],
        ["0.5", "exhaustive"],
    ];
    assert_eq!(points(&swept(&axes, &json!([]))), expected);
}

#[test]
fn zipped_axes_vary_together_at_the_place_of_the_first() {
    let axes = json!({
        "/system/*/requests/instances": [1, 2],
        RATE: [0, 0.5],
        "/system/*/slots": [null, 4],
    });
    let zip = json!([["/system/*/slots", "/system/arigatoni/requests/instances"]]);
    let expected = [
        ["1", "0", "null"],
        ["1", "0.5", "null"],
        ["2", "0", "4"],
        ["2", "0.5", "4"],
    ];
    assert_eq!(points(&swept(&axes, &zip)), expected);
}

#[test]
fn an_axis_may_list_whole_systems_and_others_reach_into_them() {
    // The inner axis is written first, and must act last all the same.
    let axes = json!({
        RATE: [0.25, 0.5],
        "/system": [
            {"arigatoni": {"search": "exhaustive", "requests": {"count": 10}}},
            {"arigatoni": {"slots": 2}},
        ],
    });
    let mut document = swept(&axes, &json!([]));
    document["system"]["arigatoni"]["acceptance_probability"] = json!(0.5);
    let scenario = parse(&document).unwrap();
    let point = scenario.point(2).unwrap();
    let config = arigatoni_of(&point.run);
    assert_eq!(
        config.own.search,
        arigatoni::arigatoni::config::Search::Exhaustive
    );
    assert_eq!(config.world.requests.count, Some(Count(10)));
    let reals = [
        config.world.disconnection.rate.0,
        config.world.acceptance_probability.0,
    ]
    .map(f64::to_bits);
    assert_eq!(
        reals,
        [0.5_f64, 0.75].map(f64::to_bits),
        "what a listed system leaves out takes its default"
    );
    assert_eq!(
        arigatoni_of(&scenario.point(3).unwrap().run)
            .world
            .slots
            .map(|slots| slots.0),
        Some(2)
    );
}

#[test]
fn a_bad_value_of_an_axis_is_blamed_on_the_axis() {
    let mut page = Page::new("Bad values of an axis");
    for axes in [
        json!({RATE: [0, 1.2]}),
        json!({RATE: {"from": 0, "to": 2, "step": 1}}),
        json!({"/network/fidelity": ["path", "hope"]}),
        json!({"/topology": [{"fil": "x"}]}),
        json!({"/system": [{"orbus": {}}]}),
        json!({"/system": [{"arigatoni": {"slots": 0}}], RATE: [0]}),
        json!({"/system/*/access_latency_ms": [[2, 1]]}),
    ] {
        let message = message(&axes, &json!([]));
        let (axis, _) = axes.as_object().unwrap().iter().next().unwrap();
        let place = format!(": axis {axis}, value ");
        assert!(message.contains(&place), "no {place:?} in: {message}");
        page.entry(&axes.to_string(), message);
    }
    page.check("sweep-values");
}

#[test]
fn values_that_do_not_fit_together_are_blamed_on_the_point() {
    let axes = json!({
        "/system/*/requests/count": [1, 1_000_000],
        "/system/*/requests/rate_per_s": [1, 0.001],
    });
    let message = message(&axes, &json!([]));
    let place = "at the point /system/*/requests/count=1000000 /system/*/requests/rate_per_s=0.001";
    assert!(message.contains(place), "{message}");
}

#[test]
fn bad_sweeps_say_what_is_wrong() {
    let mut page = Page::new("Axes that cannot be swept");
    for axes in [
        json!({"rate": [1]}),
        json!({"/system/*/disconnection/rat": [1]}),
        json!({"/name": ["a"]}),
        json!({"/replications": [1, 2]}),
        json!({"/sweep/zip": [[]]}),
        json!({RATE: []}),
        json!({RATE: 3}),
        json!({RATE: [0.1, 0.5, 0.1]}),
        json!({RATE: [1, 1.0]}),
        json!({RATE: {"from": 0, "to": 1}}),
        json!({RATE: {"from": 0, "to": 1, "step": "a"}}),
        json!({RATE: {"from": 0, "to": 1, "step": 0}}),
        json!({RATE: {"from": 0, "to": 1, "step": 0.3}}),
        json!({RATE: {"from": 0, "to": 1, "step": 1e-9}}),
        json!({RATE: [0], "/system/arigatoni/disconnection/rate": [1]}),
    ] {
        let message = message(&axes, &json!([]));
        assert!(message.contains(": /sweep/axes"), "{message}");
        page.entry(&axes.to_string(), message);
    }
    page.check("sweep-axes");
}

#[test]
fn bad_zip_groups_say_what_is_wrong() {
    let mut page = Page::new("Axes that cannot be zipped");
    for (seeds, zip) in [
        (json!([1]), json!([[RATE, "/seed"]])),
        (json!([1, 2]), json!([[RATE, "/sed"]])),
        (json!([1, 2]), json!([[RATE, RATE]])),
        (json!([1, 2]), json!([[RATE]])),
        (json!([1, 1]), json!([[RATE, "/seed"]])),
    ] {
        let axes = json!({RATE: [0, 0], "/seed": seeds});
        let message = message(&axes, &zip);
        assert!(message.contains(": /sweep/"), "{message}");
        page.entry(&format!("{axes}, {zip}"), message);
    }
    page.check("sweep-zip");
}

#[test]
fn one_axis_of_a_zip_group_may_repeat_a_value() {
    let axes = json!({RATE: [0, 0], "/seed": [1, 2]});
    let document = swept(&axes, &json!([[RATE, "/seed"]]));
    assert_eq!(points(&document), [["0", "1"], ["0", "2"]]);
}

#[test]
fn the_base_is_checked_even_where_an_axis_varies_it() {
    let mut document = swept(&json!({RATE: [0, 1]}), &json!([]));
    document["system"]["arigatoni"]["disconnection"]["rate"] = json!(7);
    let message = parse(&document).unwrap_err().to_string();
    assert!(message.contains("found 7"), "{message}");
}

#[test]
fn setting_a_member_drops_its_axis_and_leaves_its_zip_group() {
    let axes = json!({RATE: [0, 1], "/seed": [1, 2], "/system/*/slots": [1, 2]});
    let zip = json!([[RATE, "/seed"]]);
    let document = swept(&axes, &zip);
    assert_eq!(parse(&document).unwrap().point_count(), 4);
    let overrides = ["/system/arigatoni/disconnection/rate=0.5"];
    let scenario = parse_with(&document, &overrides).unwrap();
    let left: Vec<&str> = scenario.axes().collect();
    assert_eq!(left, ["/seed", "/system/*/slots"]);
    assert_eq!(scenario.point_count(), 4);
    assert_eq!(scenario.effective()["sweep"]["zip"], json!([]));
    for index in 0..4 {
        let point = scenario.point(index).unwrap();
        let rate = arigatoni_of(&point.run).world.disconnection.rate.0;
        assert!((rate - 0.5).abs() < f64::EPSILON);
    }
}

#[test]
fn what_was_zipped_with_a_dropped_axis_keeps_each_combination_once() {
    let axes = json!({"/seed": [1, 1, 2, 2], "/system/*/slots": [1, 1, 1, 2], RATE: [0, 1, 0, 1]});
    for zip in [
        json!([["/seed", "/system/*/slots", RATE]]),
        json!([[
            "/seed",
            "/system/arigatoni/slots",
            "/system/arigatoni/disconnection/rate"
        ]]),
    ] {
        let document = swept(&axes, &zip);
        let scenario = parse_with(&document, &["/system/*/disconnection/rate=0.5"]).unwrap();
        let seen: Vec<_> = (0..scenario.point_count())
            .map(|index| scenario.point(index).unwrap().run)
            .map(|run| {
                (
                    run.seed,
                    arigatoni_of(&run).world.slots.map(|slots| slots.0),
                )
            })
            .collect();
        assert_eq!(seen, [(1, Some(1)), (2, Some(1)), (2, Some(2))]);
        let both = ["/system/*/disconnection/rate=0.5", "/system/*/slots=3"];
        assert_eq!(parse_with(&document, &both).unwrap().point_count(), 2);
    }
}

#[test]
fn setting_a_member_inside_an_axis_sets_it_in_every_value() {
    let axes = json!({"/system": [{"arigatoni": {"slots": 1}}, {"arigatoni": {"slots": 2}}]});
    let document = swept(&axes, &json!([]));
    let scenario = parse_with(&document, &["/system/*/requests/count=5"]).unwrap();
    for index in 0..2 {
        let point = scenario.point(index).unwrap();
        assert_eq!(
            arigatoni_of(&point.run).world.requests.count,
            Some(Count(5))
        );
    }
    let base = parse_with(&complete(), &["/system/*/requests/count=5"]).unwrap();
    assert_eq!(&*scenario.base().system, &*base.base().system);
}

#[test]
fn setting_the_sweep_replaces_it() {
    let document = swept(&json!({RATE: [0, 1]}), &json!([]));
    let overrides = ["/sweep={\"axes\": {\"/seed\": [1, 2, 3]}}"];
    assert_eq!(parse_with(&document, &overrides).unwrap().point_count(), 3);
    let error = parse_with(&document, &["/sweep={\"axes\": {\"/seed\": []}}"]).unwrap_err();
    assert!(error.to_string().starts_with("--set /sweep="), "{error}");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn huge_sweeps_are_counted_and_addressed_without_being_made() {
    let axes = json!({
        "/seed": {"from": 1, "to": 1_000_000, "step": 1},
        "/system/*/requests/count": {"from": 1, "to": 1_000_000, "step": 1},
        RATE: {"from": 0, "to": 1, "step": 0.05},
    });
    let mut document = swept(&axes, &json!([]));
    document["replications"] = json!(1000);
    let scenario = parse(&document).unwrap();
    assert_eq!(scenario.point_count(), 21_000_000_000_000);
    assert_eq!(scenario.run_count(), 21_000_000_000_000_000);
    let point = scenario.point(21_000_000 * 4 + 21 * 9 + 1).unwrap();
    assert_eq!(point.axis_values, [json!(5), json!(10), json!(0.05)]);
    assert_eq!(point.run.seed, 5);
    let selection = scenario.select(&["/seed=3".parse().unwrap()]).unwrap();
    assert_eq!(selection.len(), 21_000_000);
    assert_eq!(selection.point(1), 42_000_001);

    document["sweep"]["axes"]["/system/*/slots"] = json!({"from": 1, "to": 1_000_000, "step": 1});
    document["replications"] = json!(1);
    let message = parse(&document).unwrap_err().to_string();
    crate::review::reads(
        "scenario-texts",
        "A sweep of too many points",
        &[("a million values of four members", &message)],
    );
}

#[test]
fn filters_pick_points_in_canonical_order() {
    let axes = json!({
        RATE: {"from": 0, "to": 1, "step": 0.25},
        "/system/*/search": ["selective", "exhaustive"],
        "/seed": [1, 2],
        "/system/*/slots": [null, 1],
    });
    let zip = json!([["/seed", "/system/*/slots"]]);
    let scenario = parse(&swept(&axes, &zip)).unwrap();
    let picked = |filters: &[&str]| {
        let filters: Vec<Assignment> = filters.iter().map(|text| text.parse().unwrap()).collect();
        let selection = scenario.select(&filters)?;
        assert_eq!(selection.len(), selection.iter().count() as u64);
        assert!(!selection.is_empty());
        Ok::<Vec<u64>, arigatoni::error::Error>(selection.iter().collect())
    };
    assert_eq!(picked(&[]).unwrap(), (0..20).collect::<Vec<u64>>());
    let half = "/system/arigatoni/disconnection/rate=0.50";
    assert_eq!(picked(&[half]).unwrap(), [8, 9, 10, 11]);
    assert_eq!(picked(&[half, "/seed=2"]).unwrap(), [9, 11]);
    assert_eq!(
        picked(&[half, "/system/*/search=exhaustive"]).unwrap(),
        [10, 11]
    );
    let two_rates = [
        "/system/*/disconnection/rate=1",
        half,
        "/system/*/slots=null",
    ];
    assert_eq!(picked(&two_rates).unwrap(), [8, 10, 16, 18]);
    let mut page = Page::new("Filters that match no point");
    for filters in [
        &["/seed=3"][..],
        &["/replications=3"],
        &["/seed=1", "/system/*/slots=1"],
    ] {
        let message = picked(filters).unwrap_err().to_string();
        page.entry(&filters.join(" "), &message);
        // Which option it came from is known to who called.
        assert!(!message.contains("--filter"), "{message}");
    }
    page.check("scenario-filters");
}

#[test]
fn points_of_one_sweep_are_all_different() {
    let axes = json!({RATE: {"from": 0, "to": 1, "step": 0.01}, "/seed": [1, 2, 3]});
    let all = points(&swept(&axes, &json!([])));
    let distinct: BTreeSet<_> = all.iter().collect();
    assert_eq!((all.len(), distinct.len()), (303, 303));
}
