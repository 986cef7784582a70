//! Moments, intervals and quantiles against numbers computed by hand and published ones.

use arigatoni::measure::{Cell, Limit, Limits, Metric, RunOutcome};
use arigatoni::random::{RandomStreams, StreamId};
use arigatoni::results::{SweepResults, csv};
use arigatoni::statistics::{
    Comparison, Distribution, Estimate, Moments, Paired, SteadyState, batch_means, holm, mser5,
    nearest_rank, quantile, summary,
};
use rand_distr::{Distribution as _, Exp, Normal, Poisson};
use serde_json::json;

pub(crate) fn near(left: f64, right: f64, tolerance: f64) -> bool {
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
    assert_eq!((alike.sd, alike.ci95), (Some(0.0), None));
    assert_eq!((alike.varies(), one.varies()), (Some(false), None));
    let rounded = Estimate::of([0.1 + 0.2, 0.3, 0.3]);
    assert_eq!((rounded.varies(), rounded.ci95), (Some(false), None));
    let huge = Estimate::of([f64::MAX, -f64::MAX]);
    assert_eq!((huge.sd, huge.ci95), (None, None));
    let empty = Distribution::of(&[]);
    let [values @ .., count] = empty.cells();
    assert!(values.iter().all(|(_, cell)| *cell == Cell::Absent));
    assert_eq!(count, ("_n", Cell::Count(0)));
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
    let streams = RandomStreams::new(7, 0);
    let covered = (0..4000)
        .filter(|&sample| {
            let mut stream = streams.stream(StreamId(250), sample);
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
    let metrics = ["ratio", "never"].map(|name| Metric::new(name, ""));
    let mut study = SweepResults::new(vec!["/x".into()], &metrics, &[]);
    let ratios = [
        Cell::Real(1.0),
        Cell::Absent,
        Cell::Real(3.0),
        Cell::Count(5),
        Cell::Absent,
        Cell::Absent,
    ];
    for (run, ratio) in (0..).zip(ratios) {
        study.add(
            (run, run % 3),
            &[json!(run / 3)],
            Ok(RunOutcome {
                metrics: vec![ratio, Cell::Absent],
                fingerprint: 0,
                details: vec![],
            }),
        );
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

/// The means of five are 9, 1, 2, 1, 2. Their squared standard errors after each cut: 46/25 = 1.84,
/// 1/16 = 0.0625, (2/3)/9 = 0.074, 0.5/4 = 0.125. So the first five go.
#[test]
fn mser5_cuts_where_the_standard_error_is_least() {
    let series: Vec<f64> = [9.0, 1.0, 2.0, 1.0, 2.0]
        .iter()
        .flat_map(|&mean| [mean - 0.5, mean, mean + 0.5, mean, mean])
        .collect();
    assert_eq!(mser5(&series), Some(5));
    // What fills no batch of five counts as if it were not there.
    assert_eq!(mser5(&[&series[..], &[1e6; 4]].concat()), Some(5));
    assert_eq!(mser5(&[3.0; 40]), Some(0), "nothing to remove");
    // A series that only settles at its end tells nothing.
    let growing: Vec<f64> = (0..100).map(|i| f64::from(i.min(80))).collect();
    assert_eq!(mser5(&growing), None);
    assert_eq!(mser5(&[1.0; 9]), None, "one mean of five");
}

#[test]
fn batch_means_leave_out_the_beginning() {
    let series: Vec<f64> = (1..=14).map(f64::from).collect();
    assert_eq!(batch_means(&series, 3), [4.5, 8.5, 12.5]);
    assert!(batch_means(&series, 0).is_empty() && batch_means(&series, 15).is_empty());
    // 10 of warm-up, then 0 and 2 in turn: 20 batches of 4, all with the mean 1, hence no interval.
    let warm = [50.0; 10].into_iter();
    let steady: Vec<f64> = warm.chain((0..80).map(|i| f64::from(i % 2 * 2))).collect();
    let state = SteadyState::of(&steady);
    assert_eq!(
        (state.removed, state.batches, state.batch_size),
        (Some(10), 20, 4)
    );
    assert_eq!((state.mean, state.half_width), (Some(1.0), None));
    let none = SteadyState::of(&[]);
    assert_eq!(
        (none.removed, none.mean, none.half_width),
        (None, None, None)
    );
}

/// Holm's adjusted values of 0.01, 0.04, 0.03 and 0.005, as R's `p.adjust` gives them.
#[test]
fn holm_adjusts_as_r_does() {
    let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
    for (found, expected) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
        assert!(near(*found, expected, 1e-15), "{adjusted:?}");
    }
    assert!(holm(&[]).is_empty());
}

#[test]
fn differences_are_paired() {
    let pairs = [[1.0, 2.0], [5.0, 7.0], [9.0, 12.0]].map(|pair| pair.map(Some));
    let paired = Paired::of(&pairs, &Limit::default());
    assert_eq!((paired.difference, paired.first), (Some(2.0), Some(5.0)));
    // t = 2 / (1 / √3) with two degrees of freedom: p = 1 − t / √(2 + t²) = 0.074180.
    assert!(near(paired.p.unwrap(), 0.074_179_9, 1e-7));
    assert!(near(
        paired.ci95.unwrap()[0],
        2.0 - 4.302_652_730 / 3.0_f64.sqrt(),
        1e-8
    ));
    // All differences alike: one half for each replication but the first, or for each run but the
    // first if the values never vary; certain only in means over points.
    let constant = |pairs: &[[f64; 2]]| {
        Paired::of(
            &pairs.iter().map(|p| p.map(Some)).collect::<Vec<_>>(),
            &Limit::default(),
        )
        .p
    };
    assert_eq!(constant(&[[3.0, 4.0]; 3]), Some(0.031_25));
    assert_eq!(constant(&[[3.0, 4.0], [4.0, 5.0], [9.0, 10.0]]), Some(0.25));
    assert_eq!(constant(&[[3.0, 3.0]; 2]), Some(1.0));
    assert_eq!(constant(&[[3.0, 4.0]]), None);
    let means = [[3.0, 4.0], [4.0, 5.0], [9.0, 10.0]].map(|pair| pair.map(Some));
    assert_eq!(Paired::of_means(&means, &Limit::default()).p, Some(0.0));
    // Present in all of one and none of the other: 2 of the 70 ways to deal 4 values to 8 runs.
    let gone = Paired::of(&[[Some(1.0), None]; 4], &Limit::default());
    assert_eq!((gone.vanished, gone.difference), (4, None));
    assert!(near(gone.p.unwrap(), 2.0 / 70.0, 1e-15));
    assert_eq!(
        Paired::of(&[[Some(1.0), None], [None, None]], &Limit::default()).p,
        None
    );
}

/// A study of 12 points × 5 replications with metrics of many kinds: constant, normal with what
/// all points of a replication share, skewed, small whole numbers, rare, often absent.
pub(crate) fn noisy_study(seed: u64) -> SweepResults {
    let names = [
        "constant",
        "normal",
        "skewed",
        "whole",
        "rare",
        "sometimes",
        "ratio",
    ];
    let metrics = names.map(|name| Metric::new(name, ""));
    let mut study = SweepResults::new(vec!["/x".into()], &metrics, &[]);
    let (normal, skewed) = (Normal::new(0.0, 1.0).unwrap(), Exp::new(1.0).unwrap());
    let (whole, rare) = (Poisson::new(2.0).unwrap(), Poisson::new(0.05).unwrap());
    for run in 0..60 {
        let streams = RandomStreams::new(seed, (run % 5) as u32);
        let shared: f64 = normal.sample(&mut streams.stream(StreamId(251), 0));
        let mut stream = streams.stream(StreamId(252), run / 5);
        let value: f64 = normal.sample(&mut stream);
        let sometimes = value > 0.0;
        study.add(
            (run, run % 5),
            &[json!(run / 5)],
            Ok(RunOutcome {
                metrics: vec![
                    Cell::Count(7),
                    Cell::Real(10.0 + shared + value),
                    Cell::Real(skewed.sample(&mut stream)),
                    Cell::Count(whole.sample(&mut stream) as u64),
                    Cell::Count(rare.sample(&mut stream) as u64),
                    if sometimes {
                        Cell::Real(value)
                    } else {
                        Cell::Absent
                    },
                    Cell::ratio(whole.sample(&mut stream) as u64, 20),
                ],
                fingerprint: seed ^ run,
                details: vec![],
            }),
        );
    }
    study
}

/// 1,000 comparisons of a study with itself under another seed: with a rate of 5 %, at most 50
/// alarms may be expected; and a small change of one metric is found.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn false_alarms_are_as_rare_as_stated_and_changes_are_found() {
    let headline = ["normal".to_owned()];
    let limits = Limits::tolerance(0.001);
    let mut alarms = 0;
    for pair in 0..1000 {
        let (one, other) = (noisy_study(2 * pair), noisy_study(2 * pair + 1));
        let comparison = Comparison::of(&one, &other, &[], &headline, &limits).unwrap();
        alarms += u32::from(comparison.changed(0.05).next().is_some());
    }
    assert!(alarms <= 50, "{alarms} of 1000");
    let baseline = noisy_study(1);
    let mut moved = baseline.clone();
    let column = moved.runs.column("normal").unwrap();
    for (row, cells) in moved.runs.rows.iter_mut().enumerate() {
        let value = cells[column].number().unwrap();
        cells[column] = Cell::Real(value + 0.02 + 0.002 * (row % 5) as f64);
    }
    let comparison = Comparison::of(&baseline, &moved, &[], &headline, &limits).unwrap();
    assert!(
        comparison
            .changed(0.05)
            .any(|row| row.point.is_none() && row.metric == "normal")
    );
    assert!(comparison.changed(0.05).all(|row| row.metric == "normal"));
    let limits = Limits::tolerance(0.01);
    let comparison = Comparison::of(&baseline, &moved, &[], &headline, &limits).unwrap();
    assert_eq!(
        comparison.changed(0.05).next(),
        None,
        "within a tolerance of 1 %"
    );
}
