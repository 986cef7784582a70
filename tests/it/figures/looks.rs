//! How figures look: axes, curves and captions that a reader can trust.

use arigatoni::figures::{Drawing, draw};
use arigatoni::measure::{Cell, Content, Credit, Detail, FigureSpec, Metric, RunOutcome};
use arigatoni::parameters::number::LatencyMs;
use arigatoni::results::SweepResults;
use arigatoni::topology::{ReadOptions, graphml};
use serde_json::{Value, json};

use super::{CAPTIONS, DETAIL, METRICS, UNFIT, X, curves, picture, spec, study, words};
use crate::review::reads;

/// Draws what can be drawn.
fn drawn(spec: &FigureSpec, study: &SweepResults) -> String {
    match draw(spec, study, "tests").unwrap() {
        Drawing::Picture(picture) => picture.svg,
        other => panic!("not drawn: {other:?}"),
    }
}

/// The `stroke` and `stroke-width` of every stroked path.
fn strokes(svg: &str) -> Vec<(String, String)> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let of = |node: roxmltree::Node<'_, '_>| {
        let attribute = |name| node.attribute(name).map(str::to_owned);
        Some((attribute("stroke")?, attribute("stroke-width")?))
    };
    document.descendants().filter_map(of).collect()
}

/// Twelve things with a row each in the detail table, under two search modes.
fn twelve(rows: u64) -> SweepResults {
    let metrics = METRICS.map(|name| Metric::new(name, ""));
    let mut study = SweepResults::new(vec!["/search".into()], &metrics, &[DETAIL]);
    for run in 0..2 {
        let row = |level| {
            vec![
                Cell::Count(level),
                Cell::Real(0.1 + (level * (run + 1)) as f64),
            ]
        };
        study.add(
            (run, 0),
            &[json!(["one", "all"][run as usize])],
            Ok(RunOutcome {
                metrics: vec![Cell::Real(0.5); METRICS.len()],
                fingerprint: run,
                details: vec![(0..rows).map(row).collect()],
            }),
        );
    }
    study
}

#[test]
fn names_are_places_and_no_instants() {
    let places = Content::Categorical {
        detail: "levels".into(),
        place: "level".into(),
        value: "load".into(),
    };
    let lines = |content: &Content, rows| {
        let spec = FigureSpec {
            y_range: None,
            ..spec(content.clone())
        };
        let svg = drawn(&spec, &twelve(rows));
        let curves = |(_, width): &&(String, String)| width == "1.6";
        let marks = svg.matches("stroke=\"#ffffff\"").count();
        (strokes(&svg).iter().filter(curves).count(), marks)
    };
    // A mark for each of two curves at each place, and two in the legend.
    assert_eq!(lines(&places, 12), (0, 26));
    assert_eq!(lines(&places, 1), (0, 4));
    let instants = Content::TimeSeries {
        detail: "levels".into(),
        x: "level".into(),
        intervals: false,
        value: "load".into(),
        by: None,
        beside: Vec::new(),
    };
    assert_eq!(lines(&instants, 12), (4, 26), "two curves and the legend");
}

/// So many curves of 40 points each, one for each value of an axis.
fn crowd(curves: u64) -> SweepResults {
    const TIMES: Detail = Detail {
        name: "levels",
        about: "",
        columns: &[Metric::new("time_s", ""), Metric::new("load", "")],
    };
    let metrics = METRICS.map(|name| Metric::new(name, ""));
    let mut study = SweepResults::new(vec!["/level".into()], &metrics, &[TIMES]);
    for level in 0..curves {
        let row = |time| vec![Cell::Count(time), Cell::Count(time + level)];
        study.add(
            (level, 0),
            &[json!(level)],
            Ok(RunOutcome {
                metrics: vec![Cell::Real(0.5); METRICS.len()],
                fingerprint: 0,
                details: vec![(0..40).map(row).collect()],
            }),
        );
    }
    study
}

#[test]
fn markers_are_left_out_where_they_would_be_all_that_is_seen() {
    let content = Content::TimeSeries {
        detail: "levels".into(),
        x: "time_s".into(),
        intervals: false,
        value: "load".into(),
        by: None,
        beside: Vec::new(),
    };
    let spec = FigureSpec {
        y_range: None,
        ..spec(content)
    };
    let marks = |curves| {
        let svg = drawn(&spec, &crowd(curves));
        svg.matches("stroke=\"#ffffff\"").count()
    };
    assert_eq!(marks(20), 0);
    assert!(marks(8) > 50);
}

#[test]
fn coinciding_curves_have_one_band_and_are_enumerated() {
    let axes = [
        (X, vec![json!(0), json!(1)]),
        ("/system/tiny/density", (0..4).map(|i| json!(i)).collect()),
    ];
    let bands = |step: f64| {
        let study = study(&axes, 3, |values, replication| {
            let density = values[1].as_f64().unwrap();
            (
                0.5 + 0.01 * replication as f64 + step * density,
                Cell::Absent,
            )
        });
        let picture = picture(curves("ratio"), &study);
        let translucent = picture.svg.matches("fill-opacity").count();
        (translucent, words(&picture))
    };
    let ((apart, _), (together, words)) = (bands(0.1), bands(0.0));
    assert_eq!((apart, together), (4 + 4, 1 + 4), "the legend has four");
    reads(CAPTIONS, "Four curves that coincide", &[("curves", &words)]);
}

#[test]
fn runs_without_a_value_are_counted() {
    let words = |absent: u64| {
        let axes = [(X, vec![json!(0), json!(1)])];
        let study = study(&axes, 4, |values, replication| {
            let late = values[0] == json!(1) && replication < absent;
            let cost = if late {
                Cell::Absent
            } else {
                Cell::Real(replication as f64)
            };
            (0.5, cost)
        });
        words(&picture(curves("cost"), &study))
    };
    reads(
        CAPTIONS,
        "Eight runs, of which some have no value",
        &[
            ("none has none", &words(0)),
            ("one has none", &words(1)),
            ("three have none", &words(3)),
        ],
    );
}

#[test]
fn an_axis_that_stands_in_is_called_and_shown_as_where_it_belongs() {
    let axes = [(X, vec![json!(0), json!(0.3)])];
    let study = study(&axes, 1, |_, _| (0.5, Cell::Absent));
    let across = |x: &str, label: Option<&str>| {
        let spec = FigureSpec {
            x: x.into(),
            x_label: label.map(str::to_owned),
            ..spec(curves("ratio"))
        };
        let Drawing::Picture(picture) = draw(&spec, &study, "tests").unwrap() else {
            panic!("not drawn");
        };
        let words = words(&picture);
        words
            .split("Across: ")
            .nth(1)
            .unwrap()
            .split(". ")
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(across("/elsewhere", None), "rate (%)");
    assert_eq!(across("/elsewhere", Some("what is elsewhere")), "rate (%)");
    assert_eq!(across(X, Some("share")), "share");
}

#[test]
fn a_figure_is_credited_only_where_its_study_is_repeated() {
    let credit = Credit {
        text: "figure after the Ancients".into(),
        x: [0.0, 1.0],
        others: vec!["/system/*/density".into()],
    };
    let spec = FigureSpec {
        credit: Some(credit),
        ..spec(curves("ratio"))
    };
    let title = |rates: &[f64], other: &str| {
        let rates = rates.iter().map(|rate| json!(rate)).collect();
        let axes = [(X, rates), (other, vec![json!(1), json!(2)])];
        let svg = drawn(&spec, &study(&axes, 1, |_, _| (0.5, Cell::Absent)));
        let document = roxmltree::Document::parse(&svg).unwrap();
        let found = document
            .descendants()
            .find(|node| node.has_tag_name("title"));
        found.and_then(|node| node.text()).unwrap().to_owned()
    };
    let density = "/system/tiny/density";
    let own = "A figure of the tests";
    assert_eq!(
        title(&[0.0, 0.5, 1.0], density),
        format!("{own} (figure after the Ancients)")
    );
    assert_eq!(title(&[0.0, 0.5], density), own);
    assert_eq!(title(&[0.0, 0.5, 1.0], "/system/tiny/slots"), own);
}

#[test]
fn evenly_spread_decades_are_on_a_logarithmic_axis() {
    let widths = |numbers: &[f64]| {
        let axes = [("/nodes", numbers.iter().map(|n| json!(n)).collect())];
        let study = study(&axes, 1, |_, _| (0.5, Cell::Absent));
        let svg = drawn(&spec(curves("ratio")), &study);
        // The circles that mark the points, from left to right.
        let document = roxmltree::Document::parse(&svg).unwrap();
        let marks = document
            .descendants()
            .filter(|node| node.attribute("stroke") == Some("#ffffff"));
        let x = |node: roxmltree::Node<'_, '_>| -> f64 {
            let path = node.attribute("d").unwrap().trim_start_matches(['M', 'm']);
            let number: String = path
                .trim_start()
                .chars()
                .take_while(|c| c.is_ascii_digit() || *c == '.')
                .collect();
            number.parse().unwrap()
        };
        let places: Vec<f64> = marks.map(x).collect();
        let widths: Vec<f64> = places.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let [first, .., last] = widths[..] else {
            panic!("{widths:?}")
        };
        last / first
    };
    assert!((widths(&[10.0, 100.0, 1000.0, 10_000.0]) - 1.0).abs() < 0.02);
    assert!((widths(&[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]) - 1.0).abs() < 0.02);
    assert!(
        (widths(&[0.0, 100.0, 1000.0]) - 9.0).abs() < 0.2,
        "0 has no logarithm"
    );
    assert!(
        (widths(&[1.0, 2.0, 4.0]) - 2.0).abs() < 0.1,
        "too few decades"
    );
    assert!(widths(&[1.0, 2.0, 200.0]) > 100.0, "not evenly spread");
}

#[test]
fn only_an_own_figure_is_missed_for_want_of_its_axis() {
    let study = study(
        &[("/other", vec![json!(1), json!(2)])],
        1,
        |_: &[Value], _| (0.5, Cell::Absent),
    );
    let drawing = |asked| {
        let spec = FigureSpec {
            x_required: true,
            asked,
            ..spec(curves("ratio"))
        };
        draw(&spec, &study, "tests").unwrap()
    };
    let Drawing::Unfit(why) = drawing(true) else {
        panic!("drawn, or not missed");
    };
    reads(UNFIT, "An own figure without its axis", &[("curves", &why)]);
    assert!(matches!(drawing(false), Drawing::Unasked(_)));
}

#[test]
fn an_underlays_legend_counts_what_is_drawn_and_names_what_is_not() {
    let nodes = [0, 1, 2, 3].map(|id| format!("<node id=\"{id}\"/>"));
    let links = [(0, 1), (1, 2), (2, 3), (3, 0), (1, 0), (2, 2)];
    let links = links.map(|(a, b)| format!("<edge source=\"{a}\" target=\"{b}\"/>"));
    let text = format!(
        "<graphml><graph edgedefault=\"undirected\">{}{}</graph></graphml>",
        nodes.concat(),
        links.concat()
    );
    let options = ReadOptions {
        default_latency_ms: Some(LatencyMs(1.0)),
        ..ReadOptions::default()
    };
    let graph = graphml::parse(text.as_bytes(), &options).unwrap();
    let svg = arigatoni::figures::draw_topology(&graph.into(), "ring").svg();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let found = document
        .descendants()
        .find(|node| node.has_tag_name("desc"));
    let words = found.and_then(|node| node.text()).unwrap();
    reads(
        CAPTIONS,
        "An underlay with a loop and a parallel link",
        &[("ring", words)],
    );
}
