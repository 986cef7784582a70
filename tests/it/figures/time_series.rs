//! Courses: curves against a column of a table of their own.

use super::*;
use crate::review::Page;

/// The load of each level within a run.
fn time_series(by: Option<&str>, beside: &[(&str, &str)]) -> Content {
    let own = |(column, label): &(&str, &str)| ((*column).to_owned(), (*label).to_owned());
    Content::TimeSeries {
        detail: "levels".into(),
        x: "level".into(),
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
