//! The figures of a study.

mod filtered;
mod looks;

use arigatoni::figures::canvas::PRINT_SCALE;
use arigatoni::figures::{Drawing, Picture, draw};
use arigatoni::measure::{
    AxisName, Cell, Content, Detail, Domain, FigureSpec, Metric, Series, Source,
};
use arigatoni::results::{Run, Study};
use arigatoni::statistics::summary;
use serde_json::{Value, json};

use crate::canvas::decode;

const METRICS: [&str; 8] = [
    "ratio", "s_mean", "s_min", "s_q1", "s_median", "s_q3", "s_max", "cost",
];
const DETAIL: Detail = Detail {
    name: "levels",
    columns: &["level", "load"],
};
const X: &str = "/system/tiny/off/rate";

/// A study over `axes` (pointer and values) in which `observe` says what a run gives: all but
/// `cost` is its number, and `cost` the cell.
fn study(
    axes: &[(&str, Vec<Value>)],
    replications: u64,
    observe: impl Fn(&[Value], u64) -> (f64, Cell),
) -> Study {
    let metrics = METRICS.map(|name| Metric::new(name, ""));
    let pointers = axes.iter().map(|(pointer, _)| (*pointer).to_owned());
    let mut study = Study::new(pointers.collect(), &metrics, &[DETAIL]);
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
        study.add(Run {
            run,
            replication,
            values,
            metrics: cells,
            fingerprint: run,
            details: vec![(0..3).map(level).collect()],
        });
    }
    study
}

/// Three values of x, two of a number, three replications.
fn usual() -> Study {
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
    FigureSpec {
        name: "figure".into(),
        title: "A figure of the tests".into(),
        y_label: "ratio".into(),
        x: "/system/*/off/rate".into(),
        x_label: None,
        x_required: false,
        asked: false,
        axis_names: vec![
            AxisName::of_share("off/rate", "rate", "rate (%)"),
            AxisName::of("density", "ρ", "density ρ"),
        ],
        content,
        y_range: Some([0.0, 1.0]),
        domain: Domain::NotNegative,
        credit: None,
    }
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
        Content::Spread {
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

fn picture(content: Content, study: &Study) -> Picture {
    match draw(&spec(content), study, "tests").unwrap() {
        Drawing::Picture(picture) => picture,
        Drawing::Unfit(why) | Drawing::Unasked(why) => panic!("not drawn: {why}"),
    }
}

fn unfit(content: Content, study: &Study) -> String {
    match draw(&spec(content), study, "tests").unwrap() {
        Drawing::Picture(_) | Drawing::Unasked(_) => panic!("drawn, or not told"),
        Drawing::Unfit(why) => why,
    }
}

/// What the picture says in words.
fn words(picture: &Picture) -> String {
    let document = roxmltree::Document::parse(&picture.svg).unwrap();
    let found = document.descendants().find(|n| n.has_tag_name("desc"));
    found.and_then(|node| node.text()).unwrap().to_owned()
}

#[test]
fn every_figure_is_the_same_on_every_call_and_from_the_files() {
    let study = usual();
    let files = study.encode(&summary(&study));
    let levels = [("levels", &*files[2].1)];
    let read = Study::decode(&files[0].1, &levels).unwrap();
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
    let band = "bands: 95 % confidence intervals of the mean (Student’s t).";
    assert_eq!(
        curves,
        format!(
            "tests: means over 3 replications; {band} \
             Across: rate (%). Upwards: ratio. Curves: ρ = 0.02; ρ = 0.1."
        )
    );
    assert_eq!(
        spread,
        format!(
            "tests: each number averaged over 3 replications; {band} Across: rate (%). Upwards: \
             ratio. Panels: ρ = 0.02; ρ = 0.1. Boxes: quartiles, median and extremes over services."
        )
    );
    assert!(series.contains("Without bands: over replications. Across"));
    assert!(series.ends_with("Curves: mean; over replications."));
    assert!(groups.ends_with("Curves: level = 0; level = 1; level = 2."));
}

/// The load of each level within a run.
fn course(by: Option<&str>, beside: &[(&str, &str)]) -> Content {
    let own = |(column, label): &(&str, &str)| ((*column).to_owned(), (*label).to_owned());
    Content::Course {
        detail: "levels".into(),
        x: "level".into(),
        value: "load".into(),
        by: by.map(str::to_owned),
        beside: beside.iter().map(own).collect(),
    }
}

#[test]
fn a_course_is_plotted_against_a_column_of_its_own_table() {
    let study = usual();
    let words_of = |content| words(&picture(content, &study));
    let alone = words_of(course(None, &[]));
    assert!(
        alone.ends_with(
            "Curves: rate = 0, ρ = 0.02; rate = 0, ρ = 0.1; rate = 0.5, ρ = 0.02; \
             rate = 0.5, ρ = 0.1; rate = 1, ρ = 0.02; rate = 1, ρ = 0.1."
        ),
        "{alone}"
    );
    let beside = words_of(course(None, &[("level", "the level itself")]));
    assert!(
        beside.ends_with("rate = 1, ρ = 0.1; the level itself."),
        "{beside}"
    );
    let differs = words_of(course(None, &[("load", "the load")]));
    assert!(
        differs.contains("Not shown: the load, which differs between the curves."),
        "{differs}"
    );
    let grouped = words_of(course(Some("level"), &[]));
    assert!(grouped.contains("Panels: rate = 0, ρ = 0.02"), "{grouped}");
    assert!(
        grouped.ends_with("Curves: level 0; level 1; level 2."),
        "{grouped}"
    );
    let single = self::study(&[], 2, |_, _| (0.5, Cell::Absent));
    assert_eq!(lines(&picture(course(None, &[]), &single)), [3]);
}

#[test]
fn a_course_without_its_table_or_columns_is_an_error() {
    let study = usual();
    let error = |content| {
        draw(&spec(content), &study, "tests")
            .unwrap_err()
            .to_string()
    };
    let other = |change: fn(&mut String, &mut String)| {
        let Content::Course {
            mut detail,
            mut x,
            value,
            by,
            beside,
        } = course(None, &[])
        else {
            unreachable!()
        };
        change(&mut detail, &mut x);
        error(Content::Course {
            detail,
            x,
            value,
            by,
            beside,
        })
    };
    assert!(other(|detail, _| detail.push('x')).contains("no table `levelsx`"));
    assert!(other(|_, x| x.push('x')).contains("is `level` meant?"));
}

#[test]
fn one_replication_has_no_bands_and_says_so() {
    let axes = [(X, vec![json!(0), json!(1)])];
    let single = study(&axes, 1, |_, _| (0.5, Cell::Absent));
    let [_, spread, series, _] = contents();
    let series = picture(series, &single);
    assert!(words(&series).starts_with(
        "tests: 1 replication, hence no confidence bands. Not shown, for lack of values: over \
         replications. Across"
    ));
    let translucent = |picture: &Picture| picture.svg.matches("fill-opacity").count();
    assert_eq!(translucent(&series), 0);
    // Two boxes and the one in the legend.
    assert_eq!(translucent(&picture(spread, &single)), 3);
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
fn an_absent_point_leaves_a_gap() {
    let axes = [(X, (0..7).map(|i| json!(f64::from(i) / 10.0)).collect())];
    let with_gaps = |absent: &'static [f64]| {
        study(&axes, 2, move |values, _| {
            let rate = values[0].as_f64().unwrap();
            let cost = if absent.contains(&rate) {
                Cell::Absent
            } else {
                Cell::Real(50.0 + rate)
            };
            (0.5, cost)
        })
    };
    let whole = picture(curves("cost"), &with_gaps(&[]));
    assert_eq!(lines(&whole), [7]);
    assert!(!words(&whole).contains("Gaps"));
    let broken = picture(curves("cost"), &with_gaps(&[0.2, 0.4]));
    assert_eq!(lines(&broken), [2, 2]);
    assert!(words(&broken).contains("Gaps: no run has a value there."));
    let markers = |picture: &Picture| picture.svg.matches("stroke=\"#ffffff\"").count();
    assert_eq!((markers(&whole), markers(&broken)), (7, 5));
}

/// Only so many of three replications have a cost at a rate: 3 at 0, 2 at 0.5, 1 at 1.
fn thinning() -> Study {
    let axes = [(X, vec![json!(0), json!(0.5), json!(1)])];
    study(&axes, 3, |values, replication| {
        let rate = values[0].as_f64().unwrap();
        let cost = if replication as f64 <= 2.0 - 2.0 * rate {
            Cell::Real(10.0 + 40.0 * replication as f64)
        } else {
            Cell::Absent
        };
        (0.5, cost)
    })
}

#[test]
fn the_caption_counts_the_values_and_two_have_no_band() {
    let picture = picture(curves("cost"), &thinning());
    let words = words(&picture);
    assert!(
        words.starts_with("tests: means over 1 to 3 replications; bands: 95 %"),
        "{words}"
    );
    assert!(
        words.contains("No band where fewer than 3 replications have a value."),
        "{words}"
    );
    // The only band stands alone, as a bar: nothing is filled but the legend's sample of it.
    assert!(picture.svg.matches("fill-opacity").count() <= 1);
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
    (spec.y_range, spec.axis_names) = (None, Vec::new());
    let Drawing::Picture(picture) = draw(&spec, &usual(), "tests").unwrap() else {
        panic!("not drawn");
    };
    assert!(words(&picture).contains("Across: rate. Upwards"));
}

#[test]
fn what_cannot_be_shown_is_said() {
    let half = |_: &[Value], _| (0.5, Cell::Absent);
    let rates = || vec![json!(0), json!(1)];
    let none = "no axis with at least two numbers";
    let no_axis = study(&[], 2, half);
    assert!(unfit(curves("ratio"), &no_axis).starts_with(none));
    let one_value = study(&[(X, vec![json!(0.5)])], 2, half);
    assert!(unfit(curves("ratio"), &one_value).starts_with(none));
    let only_words = study(&[("/x", vec![json!("a"), json!("b")])], 2, half);
    assert!(unfit(curves("ratio"), &only_words).starts_with(none));
    assert!(unfit(curves("cost"), &study(&[(X, rates())], 2, half)).starts_with("no run has"));
    let huge = study(&[(X, rates())], 2, |_, _| (0.5, Cell::Real(1e300)));
    assert!(unfit(curves("cost"), &huge).starts_with("its numbers are too large"));
    let many: Vec<Value> = (0..25).map(|i| json!(i)).collect();
    let many = study(&[(X, rates()), ("/many", many)], 1, half);
    assert!(unfit(curves("ratio"), &many).starts_with("it would have 25 curves"));
    let [_, spread, ..] = contents();
    assert!(unfit(spread, &many).starts_with("it would have 25 panels"));
}

#[test]
fn a_missing_column_or_table_and_a_doubled_group_are_errors() {
    let mut study = usual();
    let error = |content, study: &Study| {
        let drawn = draw(&spec(content), study, "tests");
        drawn.unwrap_err().to_string()
    };
    let message = error(curves("ratios"), &study);
    assert_eq!(
        message,
        "runs.csv: there is no column `ratios`\n  help: is `ratio` meant?"
    );
    let [.., groups] = contents();
    study.details[0].1.rows[0][3] = Cell::Text("much".into());
    let message = error(groups.clone(), &study);
    assert_eq!(message, "levels.csv: column `load`: `much` is not a number");
    study.details[0].1.rows[0][3] = Cell::Real(0.5);
    let doubled = study.details[0].1.rows[0].clone();
    study.details[0].1.rows.push(doubled);
    let message = error(groups.clone(), &study);
    assert_eq!(message, "levels.csv: run 0 has two rows with level = 0");
    study.details.clear();
    assert!(error(groups, &study).contains("no table `levels`"));
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
    assert!(ten.contains("Panels: search = one; search = all. Curves: ρ = 1; ρ = 2;"));
    let axes = [
        (X, rates()),
        ("/search", search()),
        (density, vec![json!(3)]),
    ];
    let few = words(&picture(curves("ratio"), &study(&axes, 1, observe)));
    assert!(few.contains("bands. ρ = 3. Coinciding"), "{few}");
    assert!(few.ends_with("Curves: search = one; search = all."));

    // Without its own axis a figure is drawn against the first one of numbers.
    let axes = [("/search", search()), (density, rates())];
    let other = words(&picture(curves("ratio"), &study(&axes, 1, observe)));
    assert!(other.contains("Across: density ρ. Upwards"), "{other}");

    // A zip group: the second axis follows the first.
    let mut zipped = study(&[(X, rates()), (density, vec![json!(3)])], 1, observe);
    zipped.runs.rows[1][3] = Cell::Count(4);
    let zipped = words(&picture(curves("ratio"), &zipped));
    assert!(zipped.contains("ρ varies along the x axis. Across"));
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
    assert!(words.contains("Not shown: 6 further values of level."));
    assert!(words.contains("Curves: level = 0;") && words.ends_with("level = 23."));
}

/// Two protocols that accept the same requests: neither curve may hide the other's markers.
#[test]
fn coinciding_curves_share_the_markers_and_are_named() {
    let rates = (0..6).map(|i| json!(i)).collect();
    let axes = [(X, rates), ("/mode", vec![json!("a"), json!("b")])];
    let study = study(&axes, 1, |_, _| (0.5, Cell::Absent));
    let picture = picture(curves("ratio"), &study);
    assert!(words(&picture).contains("Coinciding: mode = a and mode = b."));
    // Three of the six points each, and one in the legend.
    assert_eq!(picture.svg.matches("stroke=\"#ffffff\"").count(), 3 + 3 + 2);
    assert!(!words(&self::picture(curves("ratio"), &usual())).contains("Coinciding"));
}

#[test]
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
            Drawing::Unfit(why) | Drawing::Unasked(why) => panic!("{why}"),
        }
    }
}
