//! The samplers against `rand_distr`'s, fed by the same keyed draws, and against their moments.

use arigatoni::random::{RandomStreams, StreamId};
use rand_distr::{Distribution, Exp1, Poisson};

const PURPOSE: StreamId = StreamId(250);
const N: u32 = 20_000;

/// The Kolmogorov–Smirnov distance between two samples.
fn distance(mut a: Vec<f64>, mut b: Vec<f64>) -> f64 {
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    let share = |sorted: &[f64], x: f64| {
        sorted.partition_point(|&value| value <= x) as f64 / sorted.len() as f64
    };
    a.iter()
        .chain(&b)
        .map(|&x| (share(&a, x) - share(&b, x)).abs())
        .fold(0.0, f64::max)
}

/// Two samples of `N` from one distribution are farther apart once in a million.
fn limit() -> f64 {
    2.69 * f64::sqrt(2.0 / f64::from(N))
}

#[test]
fn exponentials_are_distributed_like_those_of_rand_distr() {
    let streams = RandomStreams::new(1, 0);
    let ours: Vec<f64> = (0..N).map(|i| streams.exponential(PURPOSE, 0, i)).collect();
    let theirs: Vec<f64> = Exp1
        .sample_iter(streams.stream(PURPOSE, 1))
        .take(N as usize)
        .collect();
    assert!(distance(ours, theirs) < limit());
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn poisson_counts_are_distributed_like_those_of_rand_distr() {
    for mean in [0.3, 4.0, 40.0, 1200.0] {
        let streams = RandomStreams::new(2, 0);
        let count = if mean > 100.0 { N / 10 } else { N };
        let ours: Vec<f64> = (0..count)
            .map(|i| f64::from(streams.poisson(PURPOSE, u64::from(i), mean)))
            .collect();
        let poisson = Poisson::new(mean).unwrap();
        let theirs: Vec<f64> = poisson
            .sample_iter(streams.stream(PURPOSE, 1 << 40))
            .take(N as usize)
            .collect();
        let allowed = 2.69 * f64::sqrt(1.0 / f64::from(count) + 1.0 / f64::from(N));
        assert!(distance(ours, theirs) < allowed, "mean {mean}");
    }
    assert_eq!(RandomStreams::new(2, 0).poisson(PURPOSE, 0, 0.0), 0);
}

/// Computed by an independent implementation in Python. These values are part of every fingerprint: a change of platform, library or sampler that moves
/// one shows here first.
#[test]
fn samplers_give_their_golden_values() {
    let streams = RandomStreams::new(42, 7);
    assert_eq!(streams.bits(PURPOSE, 3, 9), 0x22ba_2879_e355_75c6);
    assert_eq!(streams.unit(PURPOSE, 3, 9).to_bits(), 0x3fc1_5d14_3cf1_aab8);
    assert_eq!(
        streams.exponential(PURPOSE, 3, 9).to_bits(),
        0x3fc2_a8f3_dfcb_3777
    );
    assert_eq!(streams.below(PURPOSE, 3, 9, 1000), 135);
    assert_eq!(streams.poisson(PURPOSE, 3, 12.5), 14);
}
