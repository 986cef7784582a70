//! Moments, intervals and quantiles against numbers computed by hand and published ones.

use arigatoni::measure::{Cell, Metric};
use arigatoni::random::{Draws, Purpose};
use arigatoni::results::{Run, Study, csv};
use arigatoni::statistics::{Distribution, Estimate, Moments, nearest_rank, quantile, summary};
use rand_distr::{Distribution as _, Normal};
use serde_json::json;

fn near(left: f64, right: f64, tolerance: f64) -> bool {
    (left - right).abs() <= tolerance
}

#[test]
fn moments_of_a_known_sample() {
    let moments = Moments::of([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
    assert_eq!(moments.mean(), Some(5.0));
    // The squared distances sum to 32.
    assert!(near(moments.sd().unwrap(), (32.0_f64 / 7.0).sqrt(), 1e-15));
    let shifted = Moments::of([1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]);
    assert_eq!(shifted.sd(), Some(30.0_f64.sqrt()));
}

#[test]
fn what_cannot_be_computed_is_absent() {
    let none = Estimate::of([]);
    assert_eq!(
        (none.n, none.mean, none.sd, none.ci95),
        (0, None, None, None)
    );
    let one = Estimate::of([3.0]);
    assert_eq!(
        (one.n, one.mean, one.sd, one.ci95),
        (1, Some(3.0), None, None)
    );
    let alike = Estimate::of([0.1; 7]);
    assert_eq!((alike.sd, alike.ci95), (Some(0.0), Some([0.1, 0.1])));
    let huge = Estimate::of([f64::MAX, -f64::MAX]);
    assert_eq!((huge.sd, huge.ci95), (None, None));
    let empty = Distribution::of(&[]);
    assert_eq!(empty.cells()[..7], vec![Cell::Absent; 7]);
    assert_eq!(empty.cells()[7], Cell::Count(0));
    let single = Distribution::of(&[0.25]);
    assert_eq!(
        (single.sd, single.q1, single.max),
        (None, Some(0.25), Some(0.25))
    );
}

/// For the values 0 and 2 the half width is t · √2 / √2 = t; the quantiles are the published ones.
#[test]
fn intervals_use_students_t() {
    let [low, high] = Estimate::of([0.0, 2.0]).ci95.unwrap();
    assert!(near(high - 1.0, 12.706_204_736, 1e-8) && near(1.0 - low, 12.706_204_736, 1e-8));
    for (n, t) in [
        (5, 2.776_445_105),
        (20, 2.093_024_054),
        (1000, 1.962_341_461),
    ] {
        let sample: Vec<f64> = (0..n).map(f64::from).collect();
        let estimate = Estimate::of(sample);
        let [low, high] = estimate.ci95.unwrap();
        let in_errors = (high - low) / 2.0 / (estimate.sd.unwrap() / f64::from(n).sqrt());
        assert!(near(in_errors, t, 1e-8), "{n}: {in_errors}");
    }
}

/// Of the intervals from 4000 samples of five, 95 % hold the true mean (± 4 standard errors).
#[test]
fn intervals_cover_as_often_as_they_say() {
    let normal = Normal::new(3.0, 2.0).unwrap();
    let draws = Draws::new(7, 0);
    let covered = (0..4000)
        .filter(|&sample| {
            let mut stream = draws.stream(Purpose(250), sample);
            let values: Vec<f64> = (0..5).map(|_| normal.sample(&mut stream)).collect();
            let [low, high] = Estimate::of(values).ci95.unwrap();
            (low..=high).contains(&3.0)
        })
        .count();
    assert!((3745..=3855).contains(&covered), "{covered}");
}

#[test]
fn percentiles_are_by_nearest_rank() {
    let sorted = [15, 20, 35, 40, 50];
    let at = |percent| nearest_rank(&sorted, percent);
    assert_eq!([5, 30, 40, 50, 100].map(at), [15, 20, 20, 35, 50].map(Some));
    assert_eq!((at(0), at(101)), (Some(15), Some(50)));
    let hundred: Vec<u32> = (1..=100).collect();
    for percent in 1..=100 {
        assert_eq!(nearest_rank(&hundred, percent), Some(percent));
    }
    assert_eq!(nearest_rank::<u64>(&[], 50), None);
}

/// As R's `quantile(c(1, 2, 4, 8))` says: 1, 1.75, 3, 5, 8.
#[test]
fn quartiles_are_of_type_seven() {
    let sorted = [1.0, 2.0, 4.0, 8.0];
    let quartiles = [0.0, 0.25, 0.5, 0.75, 1.0].map(|p| quantile(&sorted, p));
    assert_eq!(quartiles, [1.0, 1.75, 3.0, 5.0, 8.0].map(Some));
    let spread = Distribution::of(&[8.0, 1.0, 4.0, 2.0]);
    assert_eq!(
        (spread.min, spread.q1, spread.median, spread.q3, spread.max),
        (Some(1.0), Some(1.75), Some(3.0), Some(5.0), Some(8.0))
    );
    assert_eq!((spread.mean, spread.n), (Some(3.75), 4));
    assert_eq!(quantile(&[], 0.5), None);
}

#[test]
fn a_summary_counts_only_the_runs_that_have_the_metric() {
    let metrics = ["ratio", "never"].map(|name| Metric { name, meaning: "" });
    let mut study = Study::new(vec!["/x".into()], &metrics, &[]);
    let ratios = [
        Cell::Real(1.0),
        Cell::Absent,
        Cell::Real(3.0),
        Cell::Count(5),
        Cell::Absent,
        Cell::Absent,
    ];
    for (run, ratio) in (0..).zip(ratios) {
        study.add(Run {
            run,
            replication: run % 3,
            values: vec![json!(run / 3)],
            metrics: vec![ratio, Cell::Absent],
            fingerprint: 0,
            details: vec![],
        });
    }
    let written = String::from_utf8(csv::encode(&summary(&study))).unwrap();
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines[0], "/x,metric,n,mean,sd,ci95_low,ci95_high");
    assert!(
        lines[1].starts_with("0,ratio,2,2,1.414213562373095"),
        "{written}"
    );
    assert_eq!(
        lines[2..],
        ["0,never,0,,,,", "1,ratio,1,5,,,", "1,never,0,,,,"]
    );
}
