//! Courses: curves against a column of a table of their own.

use super::*;

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
    let alone = words_of(time_series(None, &[]));
    assert!(
        alone.ends_with(
            "Curves: rate = 0, ρ = 0.02; rate = 0, ρ = 0.1; rate = 0.5, ρ = 0.02; \
             rate = 0.5, ρ = 0.1; rate = 1, ρ = 0.02; rate = 1, ρ = 0.1."
        ),
        "{alone}"
    );
    let beside = words_of(time_series(None, &[("level", "the level itself")]));
    assert!(
        beside.ends_with("rate = 1, ρ = 0.1; the level itself."),
        "{beside}"
    );
    let differs = words_of(time_series(None, &[("load", "the load")]));
    assert!(
        differs.ends_with("rate = 1, ρ = 0.1. Thin lines: the load."),
        "{differs}"
    );
    let both = [("load", "the load"), ("load", "the same")];
    let too_many = words_of(time_series(None, &both));
    assert!(
        too_many.contains("Not shown: the load, which differs between the curves."),
        "{too_many}"
    );
    let grouped = words_of(time_series(Some("level"), &[]));
    assert!(grouped.contains("Panels: rate = 0, ρ = 0.02"), "{grouped}");
    assert!(
        grouped.ends_with("Curves: level 0; level 1; level 2."),
        "{grouped}"
    );
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
    assert!(other(|detail, _| detail.push('x')).contains("no table `levelsx`"));
    assert!(other(|_, x| x.push('x')).contains("is `level` meant?"));
}
