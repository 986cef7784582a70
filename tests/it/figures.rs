//! The figures of a study.

mod absent;
mod categories;
mod filtered;
mod looks;
mod paper;
mod scatter;
mod time_series;

use arigatoni::figures::{About, Drawing, Layout, Picture, Sheet, draw, sheet, sheets_alike};
use arigatoni::measure::{
    AxisColumn, AxisName, Cell, Content, Detail, FigureSpec, Metric, RunOutcome, Series, Source,
};
use arigatoni::results::SweepResults;
use arigatoni::statistics::summary;
use serde_json::{Value, json};

use crate::dots::decode;
use crate::review::reads;

/// The page of what figures say in words, each test with a section.
const CAPTIONS: &str = "figure-captions";
/// The page of what is said of figures that are not drawn.
const UNFIT: &str = "figures-not-drawn";

/// A PNG is for print, 300 dots an inch; a logical pixel is 1/96 inch.
const PRINT_SCALE: f32 = 300.0 / 96.0;

const METRICS: [&str; 8] = [
    "ratio", "s_mean", "s_min", "s_q1", "s_median", "s_q3", "s_max", "cost",
];
const DETAIL: Detail = Detail {
    name: "levels",
    about: "",
    columns: &[Metric::new("level", ""), Metric::new("load", "")],
};
const X: &str = "/system/tiny/off/rate";

/// A study over `axes` (pointer and values) in which `observe` says what a run gives: all but
/// `cost` is its number, and `cost` the cell.
fn study(
    axes: &[(&str, Vec<Value>)],
    replications: u64,
    observe: impl Fn(&[Value], u64) -> (f64, Cell),
) -> SweepResults {
    let metrics = METRICS.map(|name| Metric::new(name, ""));
    let pointers = axes.iter().map(|(pointer, _)| AxisColumn::from(*pointer));
    let mut study = SweepResults::new(pointers.collect(), &metrics, &[DETAIL]);
    let points: usize = axes.iter().map(|(_, values)| values.len()).product();
    for run in 0..points as u64 * replications {
        let (mut rest, replication) = ((run / replications) as usize, run % replications);
        let mut values: Vec<Value> = Vec::new();
        for (_, all) in axes.iter().rev() {
            values.insert(0, all[rest % all.len()].clone());
            rest /= all.len();
        }
        let (number, cost) = observe(&values, replication);
        let mut cells: Vec<Cell> = [0.0, 0.0, -0.2, -0.1, 0.0, 0.1, 0.2]
            .map(|shift| Cell::Real((number + shift).clamp(0.0, 1.0)))
            .to_vec();
        cells.push(cost);
        let level = |level| vec![Cell::Count(level), Cell::Real(number / (level + 1) as f64)];
        study.add(
            (run, replication),
            &values,
            Ok(RunOutcome {
                metrics: cells,
                fingerprint: run,
                details: vec![(0..3).map(level).collect()],
            }),
        );
    }
    study
}

/// Three values of x, two of a number, three replications.
fn usual() -> SweepResults {
    let axes = [
        (X, vec![json!(0), json!(0.5), json!(1)]),
        ("/system/tiny/density", vec![json!(0.02), json!(0.1)]),
    ];
    study(&axes, 3, |values, replication| {
        let [rate, density] = [0, 1].map(|i| values[i].as_f64().unwrap());
        let number = (1.0 - rate) * 0.8 + density + 0.01 * replication as f64;
        (number, Cell::Real(100.0 * rate + replication as f64))
    })
}

fn spec(content: Content) -> FigureSpec {
    let words = ["figure", "A figure of the tests", "ratio"];
    FigureSpec {
        axis_names: vec![
            AxisName::of_share("off/rate", "rate", "rate (%)"),
            AxisName::of("density", "ρ", "density ρ"),
        ]
        .into(),
        y_range: Some([0.0, 1.0]),
        ..FigureSpec::new(words, "/system/*/off/rate", content)
    }
}

/// Of two studies a curve that is the same in both lies at the same height, though the other ones do not.
#[test]
fn two_studies_side_by_side_have_one_scale() {
    let of = |factor: f64| {
        let axes = [
            (X, vec![json!(0), json!(0.5), json!(1)]),
            ("/system/tiny/density", vec![json!(1), json!(2)]),
        ];
        study(&axes, 3, |values, replication| {
            let factor = if values[1] == json!(2) { factor } else { 1.0 };
            (0.5, Cell::Real(factor * (10.0 + replication as f64)))
        })
    };
    let spec = FigureSpec {
        y_range: None,
        ..spec(curves("cost"))
    };
    let (small, large) = (of(1.5), of(40.0));
    let about = About::named("test");
    let alike = sheets_alike(
        [(&spec, &small, about), (&spec, &large, about)],
        Layout::default(),
    );
    let [one, other] = alike.unwrap().unwrap();
    let heights = |sheet: &Sheet, curve| -> Vec<(f32, f64)> {
        let points = sheet.points.iter().filter(|point| point.curve == curve);
        points.map(|point| (point.at.1, point.mean)).collect()
    };
    assert_eq!(heights(&one, 0), heights(&other, 0));
    assert_ne!(heights(&one, 1), heights(&other, 1));
    let Drawing::Picture(alone) = sheet(&spec, &small, about, Layout::default()).unwrap() else {
        panic!("it can be drawn");
    };
    assert_ne!(
        heights(&alone, 0),
        heights(&one, 0),
        "on a scale of its own"
    );
}

fn curves(metric: &str) -> Content {
    Content::Curves {
        metric: metric.into(),
    }
}

fn contents() -> [Content; 4] {
    let label = String::from;
    [
        curves("ratio"),
        Content::BoxPlot {
            prefix: "s".into(),
            over: "services".into(),
        },
        Content::Series {
            series: vec![
                Series {
                    label: label("mean"),
                    source: Source::Mean("ratio".into()),
                },
                Series {
                    label: label("over replications"),
                    source: Source::DeviationOverReplications("ratio".into()),
                },
            ],
        },
        Content::ByGroup {
            detail: "levels".into(),
            by: "level".into(),
            value: "load".into(),
        },
    ]
}

fn picture(content: Content, study: &SweepResults) -> Picture {
    match draw(&spec(content), study, "tests").unwrap() {
        Drawing::Picture(picture) => picture,
        other => panic!("not drawn: {other:?}"),
    }
}

fn unfit(content: Content, study: &SweepResults) -> String {
    match draw(&spec(content), study, "tests").unwrap() {
        Drawing::Unfit(why) => why,
        other => panic!("drawn, or not told: {other:?}"),
    }
}

/// What the picture says in words.
fn words(picture: &Picture) -> String {
    let document = roxmltree::Document::parse(&picture.svg).unwrap();
    let found = document.descendants().find(|n| n.has_tag_name("desc"));
    found.and_then(|node| node.text()).unwrap().to_owned()
}

/// The lines of the only curve of a figure, as the x of their points.
fn lines(picture: &Picture) -> Vec<usize> {
    let document = roxmltree::Document::parse(&picture.svg).unwrap();
    let is_curve = |node: &roxmltree::Node<'_, '_>| {
        node.attribute("stroke") == Some("#004488") && node.attribute("stroke-width") == Some("1.6")
    };
    let paths = document.descendants().filter(is_curve);
    paths
        .map(|node| node.attribute("d").unwrap().matches(['m', 'l']).count())
        .collect()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn every_figure_is_the_same_on_every_call_and_from_the_files() {
    let study = usual();
    let files = study.encode(&summary(&study));
    let levels = [("levels", &*files[2].1)];
    let read =
        SweepResults::decode(&files[0].1, &levels, &std::collections::BTreeMap::new()).unwrap();
    for content in contents() {
        let first = picture(content.clone(), &study);
        assert!(first == picture(content.clone(), &study), "{content:?}");
        assert!(first == picture(content.clone(), &read), "{content:?}");
        let document = roxmltree::Document::parse(&first.svg).unwrap();
        let mut names = document.descendants().filter(roxmltree::Node::is_element);
        assert!(names.all(|node| node.tag_name().name() != "text"));
        let side = |name| document.root_element().attribute(name).unwrap();
        let dots = |name| (side(name).parse::<f32>().unwrap() * PRINT_SCALE) as u32;
        let (width, height, _) = decode(&first.png);
        assert_eq!((width, height), (dots("width"), dots("height")));
    }
}

#[test]
fn a_figure_says_in_words_what_it_shows() {
    let [curves, spread, series, groups] = contents().map(|c| words(&picture(c, &usual())));
    reads(
        CAPTIONS,
        "Figures of every kind",
        &[
            ("curves", &curves),
            ("boxes", &spread),
            ("curves of several metrics", &series),
            ("a curve for each row of a group", &groups),
        ],
    );
}

#[test]
fn eight_panels_make_two_full_rows() {
    let axes = [
        (X, vec![json!(0), json!(1)]),
        ("/system/tiny/density", (0..8).map(|i| json!(i)).collect()),
    ];
    let eight = study(&axes, 1, |_, _| (0.5, Cell::Absent));
    let [_, spread, ..] = contents();
    let picture = picture(spread, &eight);
    let document = roxmltree::Document::parse(&picture.svg).unwrap();
    let side = |name| document.root_element().attribute(name).unwrap();
    let [width, height] = ["width", "height"].map(|name| side(name).parse::<f32>().unwrap());
    assert!(width > 1.5 * height, "two rows of four: {width} × {height}");
}

#[test]
fn a_pointer_is_no_label() {
    let mut spec = spec(curves("ratio"));
    (spec.y_range, spec.axis_names) = (None, Vec::new().into());
    let Drawing::Picture(picture) = draw(&spec, &usual(), "tests").unwrap() else {
        panic!("not drawn");
    };
    reads(
        CAPTIONS,
        "An axis that nobody has named",
        &[("curves", &words(&picture))],
    );
}

#[test]
fn a_missing_column_or_table_and_a_doubled_group_are_errors() {
    let mut study = usual();
    let error = |content, study: &SweepResults| {
        let drawn = draw(&spec(content), study, "tests");
        drawn.unwrap_err().to_string()
    };
    let column = error(curves("ratios"), &study);
    let [.., groups] = contents();
    study.details[0].1.rows[0][3] = Cell::Text("much".into());
    let number = error(groups.clone(), &study);
    study.details[0].1.rows[0][3] = Cell::Real(0.5);
    let doubled = study.details[0].1.rows[0].clone();
    study.details[0].1.rows.push(doubled);
    let group = error(groups.clone(), &study);
    study.details.clear();
    let table = error(groups, &study);
    reads(
        UNFIT,
        "A column, a table or a group that is not as it must be",
        &[
            ("a column that is not there", &column),
            ("a cell that is no number", &number),
            ("two rows for one place", &group),
            ("a table that is not there", &table),
        ],
    );
}

#[test]
fn other_axes_become_curves_or_panels_or_notes() {
    let densities: Vec<Value> = (1..=5).map(|i| json!(i)).collect();
    let search = || vec![json!("one"), json!("all")];
    let rates = || vec![json!(0), json!(1)];
    let observe = |_: &[Value], _| (0.5, Cell::Absent);
    let density = "/system/tiny/density";
    let axes = [(X, rates()), ("/search", search()), (density, densities)];
    let ten = words(&picture(curves("ratio"), &study(&axes, 1, observe)));
    let axes = [
        (X, rates()),
        ("/search", search()),
        (density, vec![json!(3)]),
    ];
    let few = words(&picture(curves("ratio"), &study(&axes, 1, observe)));

    // Without its own axis a figure is drawn against the first one of numbers.
    let axes = [("/search", search()), (density, rates())];
    let other = words(&picture(curves("ratio"), &study(&axes, 1, observe)));

    // A zip group: the second axis follows the first.
    let mut zipped = study(&[(X, rates()), (density, vec![json!(3)])], 1, observe);
    zipped.runs.rows[1][3] = Cell::Count(4);
    let trade = Content::TradeOff {
        x_metric: "s_mean".into(),
        metric: "ratio".into(),
    };
    // On this x axis is a metric.
    let traded = words(&picture(trade, &zipped));
    let zipped = words(&picture(curves("ratio"), &zipped));
    reads(
        CAPTIONS,
        "Axes besides that of the figure",
        &[
            ("two modes at five densities", &ten),
            ("two modes at one density", &few),
            ("two modes, and no axis of the figure's own", &other),
            ("an axis that follows the figure's own", &zipped),
            ("the same along a curve of metrics", &traded),
        ],
    );
}

#[test]
fn of_many_groups_the_first_are_shown_and_the_rest_is_noted() {
    let mut study = usual();
    for level in 3..30 {
        let row = [0, 0, level].map(Cell::Count);
        let load = [Cell::Real(0.1)];
        study.details[0]
            .1
            .rows
            .insert(0, row.into_iter().chain(load).collect());
    }
    let [.., groups] = contents();
    let words = words(&picture(groups, &study));
    reads(CAPTIONS, "Thirty groups", &[("curves", &words)]);
}

/// Two protocols that accept the same requests: neither curve may hide the other's markers.
#[test]
fn coinciding_curves_share_the_markers_and_are_named() {
    let rates = (0..6).map(|i| json!(i)).collect();
    let axes = [(X, rates), ("/mode", vec![json!("a"), json!("b")])];
    let study = study(&axes, 1, |_, _| (0.5, Cell::Absent));
    let picture = picture(curves("ratio"), &study);
    // Three of the six points each, and one in the legend.
    assert_eq!(picture.svg.matches("stroke=\"#ffffff\"").count(), 3 + 3 + 2);
    let apart = words(&self::picture(curves("ratio"), &usual()));
    reads(
        CAPTIONS,
        "Two curves that coincide, and two that do not",
        &[("coinciding", &words(&picture)), ("apart", &apart)],
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn no_numbers_or_names_make_the_figures_panic() {
    let words = [
        "",
        "\u{0}<&>",
        "a".repeat(500).leak(),
        "{\"a\":",
        "ρ\u{301} 名",
    ];
    let numbers = [0.0, -0.0, 1e-320, -1e97, 1e97, 5.0, 5.000_000_000_000_1];
    for (i, word) in words.into_iter().enumerate() {
        let rates = numbers.iter().skip(i).step_by(2).map(|&x| json!(x));
        let axes = [
            (X, rates.collect()),
            (word, vec![json!(word), json!([word])]),
        ];
        let study = study(&axes, 2, |values, replication| {
            let x = values[0].as_f64().unwrap();
            (0.5, Cell::Real(x * (1.0 + replication as f64)))
        });
        let mut spec = spec(curves("cost"));
        (spec.title, spec.y_range) = (word.into(), None);
        match draw(&spec, &study, word).unwrap() {
            Drawing::Picture(picture) => {
                roxmltree::Document::parse(&picture.svg).unwrap();
            }
            other => panic!("{other:?}"),
        }
    }
}
