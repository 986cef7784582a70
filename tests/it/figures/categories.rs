//! Axes of words: categories with places of their own, and figures of many things.

use super::*;
use crate::review::Page;

/// Two words, three replications each.
fn words_only() -> SweepResults {
    let words = vec![json!("to the nearest broker"), json!("nowhere")];
    study(&[("/to", words)], 3, |values, replication| {
        let number = if values[0] == json!("nowhere") {
            0.3
        } else {
            0.6
        };
        (
            number + 0.01 * replication as f64,
            Cell::Real(1.0 + replication as f64),
        )
    })
}

fn drawn(spec: &FigureSpec, study: &SweepResults) -> Sheet {
    match sheet(spec, study, About::named("tests"), Layout::default()).unwrap() {
        Drawing::Picture(sheet) => sheet,
        other => panic!("not drawn: {other:?}"),
    }
}

#[test]
fn words_have_places_and_no_line_joins_them() {
    let study = words_only();
    let mut page = Page::new("An axis of words");
    let kinds = ["curves", "boxes", "several metrics", "groups"];
    for (kind, content) in kinds.into_iter().zip(contents()) {
        let picture = picture(content.clone(), &study);
        page.entry(kind, words(&picture));
        assert!(lines(&picture).is_empty(), "{content:?}");
    }
    page.check_section(CAPTIONS);
    let sheet = drawn(&spec(curves("ratio")), &study);
    assert_eq!(sheet.categories, ["to the nearest broker", "nowhere"]);
    let places: Vec<f64> = sheet.points.iter().map(|point| point.x).collect();
    assert_eq!(places, [0.0, 1.0], "in the order of the scenario");
    let text = sheet.canvas.svg_with_text();
    assert!(text.contains(">nowhere<"), "the names stand below the axis");
}

#[test]
fn numbers_are_plotted_against_before_words_unless_these_are_asked_for() {
    let axes = [
        ("/word", vec![json!("a"), json!("b"), json!("c")]),
        ("/number", vec![json!(1), json!(2)]),
    ];
    let study = study(&axes, 3, |values, _| {
        (values[1].as_f64().unwrap() / 4.0, Cell::Absent)
    });
    let numbers = drawn(&spec(curves("ratio")), &study);
    assert!(numbers.categories.is_empty());
    assert_eq!(numbers.curves, ["word = a", "word = b", "word = c"]);
    let asked = FigureSpec {
        x: "/word".into(),
        ..spec(curves("ratio"))
    };
    let words = drawn(&asked, &study);
    assert_eq!(words.categories, ["a", "b", "c"]);
    assert_eq!(words.curves, ["number = 1", "number = 2"]);
    // Beside each other, around the middle of their place.
    let of_place = |place: f64| {
        let points = words
            .points
            .iter()
            .filter(move |point| point.x.total_cmp(&place).is_eq());
        points.map(|point| point.at.0).collect::<Vec<f32>>()
    };
    let [first, second] = of_place(0.0)[..] else {
        panic!("two curves");
    };
    assert!(second - first > 4.0, "{first} {second}");
}

#[test]
fn what_needs_numbers_or_has_too_many_names_is_refused() {
    let trade = Content::TradeOff {
        x_metric: "cost".into(),
        metric: "ratio".into(),
    };
    let of_numbers = unfit(trade, &words_only());
    let many: Vec<Value> = (0..25).map(|i| json!(format!("word {i}"))).collect();
    let many = study(&[("/many", many)], 1, |_, _| (0.5, Cell::Absent));
    let crowded = unfit(curves("ratio"), &many);
    let column = Layout {
        width_in: Some(3.5),
        ..Layout::default()
    };
    let crowd: Vec<Value> = (0..24).map(|i| json!(format!("word {i}"))).collect();
    let crowd = study(&[("/many", crowd)], 1, |_, _| (0.5, Cell::Absent));
    let error = sheet(
        &spec(curves("ratio")),
        &crowd,
        About::named("tests"),
        column,
    );
    let narrow = error.unwrap_err().to_string();
    reads(
        UNFIT,
        "Axes of words that do not fit",
        &[
            ("where numbers are needed", &of_numbers),
            ("25 words", &crowded),
            ("24 words in a narrow column", &narrow),
        ],
    );
}

/// Twelve things over time, of which the last ones vary most, at three values of one axis and three of another.
fn many_things() -> SweepResults {
    const THINGS: Detail = Detail {
        name: "things",
        about: "",
        columns: &[
            Metric::new("time_s", ""),
            Metric::new("thing", ""),
            Metric::new("size", ""),
        ],
    };
    let pointers = ["/rate", "/policy"].map(AxisColumn::from);
    let mut study = SweepResults::new(pointers.to_vec(), &[Metric::new("m", "")], &[THINGS]);
    let points = (0..3).flat_map(|rate| ["a", "b", "c"].map(|policy| (rate, policy)));
    for (run, (rate, policy)) in (0..).zip(points) {
        let row = |time: u64, thing: u64| {
            vec![
                Cell::Count(time),
                Cell::Count(thing),
                Cell::Count(thing * time),
            ]
        };
        let rows = (0..4).flat_map(|time| (0..12).map(move |thing| row(time, thing)));
        study.add(
            (run, 0),
            &[json!(rate), json!(policy)],
            Ok(RunOutcome {
                metrics: vec![Cell::Count(1)],
                fingerprint: 0,
                details: vec![rows.collect()],
            }),
        );
    }
    study
}

#[test]
fn of_many_things_those_that_vary_most_have_curves_and_the_panels_can_be_read() {
    let content = Content::TimeSeries {
        detail: "things".into(),
        x: "time_s".into(),
        intervals: false,
        value: "size".into(),
        by: Some("thing".into()),
        beside: Vec::new(),
    };
    let sheet = drawn(&spec(content), &many_things());
    assert_eq!(sheet.panels, ["policy = a", "policy = b", "policy = c"]);
    let all = [
        "thing 6", "thing 7", "thing 8", "thing 9", "thing 10", "thing 11",
    ];
    assert_eq!(sheet.curves[..6], all);
    assert_eq!(sheet.curves[6..], ["mean of 6 others"]);
    let others = sheet.points.iter().filter(|point| point.curve == 6);
    let means: Vec<f64> = others.take(4).map(|point| point.mean).collect();
    assert_eq!(means, [0.0, 2.5, 5.0, 7.5]);
    reads(
        CAPTIONS,
        "Twelve things at three values of two axes",
        &[("the six that vary most", &sheet.caption)],
    );
}

#[test]
fn symbols_are_explained_in_the_caption() {
    let sheet = drawn(&spec(curves("ratio")), &usual());
    reads(
        CAPTIONS,
        "The caption below a picture",
        &[("curves", &sheet.caption)],
    );
}
