//! One metric against another, with a name at each mark.

use super::*;

const SYSTEM: &str = "/system/tiny/measured";

/// Two systems under two fits, which differ for the first of them only.
fn systems(fits: &[&str]) -> SweepResults {
    let axes = [
        (SYSTEM, vec![json!("alpha"), json!("beta")]),
        (
            "/system/tiny/fit",
            fits.iter().map(|fit| json!(fit)).collect(),
        ),
    ];
    study(&axes, 3, |values, replication| {
        let far = values[0] == "alpha" && values[1] == "narrow";
        let number = if far { 0.2 } else { 0.7 };
        (number, Cell::Real(number + 0.01 * replication as f64))
    })
}

fn scatter(x: &str, asked: bool) -> FigureSpec {
    let content = Content::Scatter {
        x_metric: "ratio".into(),
        metric: "cost".into(),
    };
    FigureSpec {
        x: x.into(),
        x_label: Some("availability".into()),
        asked,
        ..spec(content)
    }
}

fn words_of(study: &SweepResults) -> String {
    match draw(&scatter("/system/*/measured", false), study, "tests").unwrap() {
        Drawing::Picture(picture) => words(&picture),
        other => panic!("not drawn: {other:?}"),
    }
}

#[test]
fn marks_have_the_names_of_the_axis() {
    reads(
        CAPTIONS,
        "One metric against another",
        &[
            ("two systems", &words_of(&systems(&["wide"]))),
            (
                "two systems under two fits",
                &words_of(&systems(&["wide", "narrow"])),
            ),
        ],
    );
}

#[test]
fn without_the_axis_that_names_marks_there_is_no_figure() {
    let drawn = |asked| {
        draw(
            &scatter("/system/*/other", asked),
            &systems(&["wide"]),
            "tests",
        )
    };
    assert_eq!(drawn(false).unwrap(), Drawing::Absent);
    let Drawing::Unfit(why) = drawn(true).unwrap() else {
        panic!("drawn, or not told");
    };
    reads(
        UNFIT,
        "Marks that no axis names",
        &[("/system/*/other", &why)],
    );
}
