//! What figures show where numbers are few or absent.

use super::*;

#[test]
fn one_replication_has_no_bands_and_says_so() {
    let axes = [(X, vec![json!(0), json!(1)])];
    let single = study(&axes, 1, |_, _| (0.5, Cell::Absent));
    let [_, spread, series, _] = contents();
    let series = picture(series, &single);
    reads(
        CAPTIONS,
        "One replication",
        &[("curves of several metrics", &words(&series))],
    );
    let translucent = |picture: &Picture| picture.svg.matches("fill-opacity").count();
    assert_eq!(translucent(&series), 0);
    // Two boxes and the one in the legend.
    assert_eq!(translucent(&picture(spread, &single)), 3);
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
    let broken = picture(curves("cost"), &with_gaps(&[0.2, 0.4]));
    assert_eq!(lines(&broken), [2, 2]);
    reads(
        CAPTIONS,
        "Seven points, of which some have no value",
        &[
            ("all have one", &words(&whole)),
            ("two have none", &words(&broken)),
        ],
    );
    let markers = |picture: &Picture| picture.svg.matches("stroke=\"#ffffff\"").count();
    assert_eq!((markers(&whole), markers(&broken)), (7, 5));
}

/// Only so many of three replications have a cost at a rate: 3 at 0, 2 at 0.5, 1 at 1.
fn thinning() -> SweepResults {
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
    reads(
        CAPTIONS,
        "Three, two and one value at the points",
        &[("curves", &words(&picture))],
    );
    // The only band stands alone, as a bar: nothing is filled but the legend's sample of it.
    assert!(picture.svg.matches("fill-opacity").count() <= 1);
}

#[test]
fn what_cannot_be_shown_is_said() {
    let half = |_: &[Value], _| (0.5, Cell::Absent);
    let rates = || vec![json!(0), json!(1)];
    let no_axis = study(&[], 2, half);
    let one_value = study(&[(X, vec![json!(0.5)])], 2, half);
    let no_value = study(&[(X, rates())], 2, half);
    let huge = study(&[(X, rates())], 2, |_, _| (0.5, Cell::Real(1e300)));
    let many: Vec<Value> = (0..25).map(|i| json!(i)).collect();
    let many = study(&[(X, rates()), ("/many", many)], 1, half);
    let [_, spread, ..] = contents();
    reads(
        UNFIT,
        "What cannot be shown",
        &[
            ("no axis", &unfit(curves("ratio"), &no_axis)),
            ("an axis of one value", &unfit(curves("ratio"), &one_value)),
            (
                "a metric without a value",
                &unfit(curves("cost"), &no_value),
            ),
            ("numbers of 1e300", &unfit(curves("cost"), &huge)),
            ("25 curves", &unfit(curves("ratio"), &many)),
            ("25 panels", &unfit(spread, &many)),
        ],
    );
}
