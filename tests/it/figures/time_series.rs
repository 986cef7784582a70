//! Courses: curves against a column of a table of their own.

use arigatoni::measure::Period;

use super::*;
use crate::review::Page;

/// The load of each level within a run.
fn time_series(by: Option<&str>, beside: &[(&str, &str)]) -> Content {
    let own = |(column, label): &(&str, &str)| ((*column).to_owned(), (*label).to_owned());
    Content::TimeSeries {
        detail: "levels".into(),
        x: "level".into(),
        intervals: false,
        value: "load".into(),
        by: by.map(str::to_owned),
        beside: beside.iter().map(own).collect(),
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_course_is_plotted_against_a_column_of_its_own_table() {
    let study = usual();
    let words_of = |content| words(&picture(content, &study));
    let both = [("load", "the load"), ("load", "the same")];
    let mut page = Page::new("Courses against a column of their own table");
    for (what, by, beside) in [
        ("alone", None, &[][..]),
        (
            "beside what is the same at all points",
            None,
            &[("level", "the level itself")],
        ),
        (
            "beside what differs between the curves",
            None,
            &[("load", "the load")],
        ),
        ("beside two that differ", None, &both),
        ("a curve for each level", Some("level"), &[]),
    ] {
        page.entry(what, words_of(time_series(by, beside)));
    }
    page.check_section(CAPTIONS);
    let single = self::study(&[], 2, |_, _| (0.5, Cell::Absent));
    assert_eq!(lines(&picture(time_series(None, &[]), &single)), [3]);
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
        let Content::TimeSeries {
            mut detail,
            mut x,
            intervals,
            value,
            by,
            beside,
        } = time_series(None, &[])
        else {
            unreachable!()
        };
        change(&mut detail, &mut x);
        error(Content::TimeSeries {
            detail,
            x,
            intervals,
            value,
            by,
            beside,
        })
    };
    reads(
        UNFIT,
        "A course of a table or a column that is not there",
        &[
            ("the table", &other(|detail, _| detail.push('x'))),
            ("the column", &other(|_, x| x.push('x'))),
        ],
    );
}

/// Runs at the two values of an axis, two each: rows of what is in `begins` for a value, those of the second run without the
/// last.
fn intervals(begins: [&[f64]; 2]) -> SweepResults {
    const TIMES: Detail = Detail {
        name: "times",
        about: "",
        columns: &[Metric::new("time_s", ""), Metric::new("load", "")],
    };
    let mut study = SweepResults::new(vec!["/x".into()], &[Metric::new("m", "")], &[TIMES]);
    for run in 0..4_u64 {
        let begins = begins[run as usize / 2];
        let begins = &begins[..begins.len() - run as usize % 2];
        let row = |begin: &f64| vec![Cell::Real(*begin), Cell::Real(begin / 100.0)];
        let outcome = RunOutcome {
            metrics: vec![Cell::Count(1)],
            fingerprint: 0,
            details: vec![begins.iter().map(row).collect()],
        };
        study.add((run, run % 2), &[json!(run / 2)], Ok(outcome));
    }
    study
}

/// The figure of what is in `study` over time: its caption, and each curve's x.
fn over_time(
    intervals: bool,
    study: &SweepResults,
    periods: Vec<Period>,
) -> (Sheet, [Vec<f64>; 2]) {
    let content = Content::TimeSeries {
        detail: "times".into(),
        x: "time_s".into(),
        intervals,
        value: "load".into(),
        by: None,
        beside: vec![("load".into(), "the same".into())],
    };
    let spec = FigureSpec {
        periods,
        ..spec(content)
    };
    let Ok(Drawing::Picture(sheet)) = sheet(&spec, study, About::named("tests"), Layout::default())
    else {
        panic!("it can be drawn");
    };
    let of_curve = |curve| {
        let points = sheet.points.iter().filter(|point| point.curve == curve);
        points.map(|point| point.x).collect()
    };
    let places = [0, 1].map(of_curve);
    (sheet, places)
}

#[test]
fn what_is_about_an_interval_stands_at_its_middle() {
    let alike = intervals([&[0.0, 10.0, 20.0, 30.0], &[0.0, 10.0, 20.0]]);
    let (instants, at) = over_time(false, &alike, Vec::new());
    assert_eq!(at, [vec![0.0, 10.0, 20.0], vec![0.0, 10.0]]);
    let (tens, at) = over_time(true, &alike, Vec::new());
    assert_eq!(at, [vec![5.0, 15.0, 25.0], vec![5.0, 15.0]]);
    // A run of a single interval tells no length of its own.
    let unlike = intervals([&[0.0, 0.2, 0.4], &[0.0, 10.0]]);
    let (several, at) = over_time(true, &unlike, Vec::new());
    assert_eq!(at, [vec![0.1, 0.2 + 0.1], vec![5.0]]);
    let short = intervals([&[0.0, 4.0], &[0.0, 10.0, 20.0]]);
    let (_, at) = over_time(true, &short, Vec::new());
    assert_eq!(at, [vec![2.0], vec![5.0, 15.0]]);
    let longer = intervals([&[0.0, 2.0, 4.0], &[0.0, 10.0, 20.0]]);
    let (two, at) = over_time(true, &longer, Vec::new());
    assert_eq!(at, [vec![1.0, 3.0], vec![5.0, 15.0]]);
    reads(
        CAPTIONS,
        "Rows of instants and of intervals",
        &[
            ("instants", &instants.caption),
            ("intervals", &tens.caption),
            ("of runs with a single one as well", &several.caption),
            ("of two lengths", &two.caption),
        ],
    );
}

/// The bands end where the axis does.
#[test]
fn what_happens_for_some_time_is_a_grey_band() {
    let study = intervals([&[0.0, 10.0, 20.0, 30.0], &[0.0, 10.0, 20.0, 30.0]]);
    let period = |from_s, to_s, what: &str| Period {
        from_s,
        to_s,
        what: what.into(),
    };
    let shaded = |periods| {
        let (sheet, _) = over_time(true, &study, periods);
        (sheet.canvas.svg().matches("#f2f2f2").count(), sheet.caption)
    };
    assert_eq!(shaded(Vec::new()).0, 0);
    assert_eq!(shaded(vec![period(90.0, 95.0, "later")]).0, 0);
    let cut = period(10.0, 15.0, "domain T:0 is cut off");
    let (bands, caption) = shaded(vec![cut, period(20.5, f64::INFINITY, "units are down")]);
    assert_eq!(bands, 2);
    reads(
        CAPTIONS,
        "Something happens for some time",
        &[("two", &caption)],
    );
}
