//! What figures show where numbers are few or absent.

use super::*;

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
    let words = words(&picture);
    assert!(
        words.starts_with("tests: means over 1 to 3 replications; bars: 95 %"),
        "{words}"
    );
    assert!(
        words.contains("No bar where fewer than 3 replications have a value."),
        "{words}"
    );
    // The only band stands alone, as a bar: nothing is filled but the legend's sample of it.
    assert!(picture.svg.matches("fill-opacity").count() <= 1);
}

#[test]
fn what_cannot_be_shown_is_said() {
    let half = |_: &[Value], _| (0.5, Cell::Absent);
    let rates = || vec![json!(0), json!(1)];
    let none = "there is no axis with at least two values";
    let no_axis = study(&[], 2, half);
    assert!(unfit(curves("ratio"), &no_axis).starts_with(none));
    let one_value = study(&[(X, vec![json!(0.5)])], 2, half);
    assert!(unfit(curves("ratio"), &one_value).starts_with(none));
    assert!(unfit(curves("cost"), &study(&[(X, rates())], 2, half)).starts_with("no run has"));
    let huge = study(&[(X, rates())], 2, |_, _| (0.5, Cell::Real(1e300)));
    assert!(unfit(curves("cost"), &huge).starts_with("its numbers are too large"));
    let many: Vec<Value> = (0..25).map(|i| json!(i)).collect();
    let many = study(&[(X, rates()), ("/many", many)], 1, half);
    assert!(unfit(curves("ratio"), &many).starts_with("there would be 25 curves"));
    let [_, spread, ..] = contents();
    assert!(unfit(spread, &many).starts_with("there would be 25 panels"));
}
