//! Comparing two sets of runs, replication by replication.
//!
//! Where both sets have the same seed, their replications share random numbers, and the
//! differences vary far less than the values (Law, *Simulation Modeling and Analysis*, 11.2).

use super::{Estimate, Moments, t_two_sided};

/// A difference between two sets of values, paired by replication: the second minus the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paired {
    /// How many replications have a value in both.
    pub n: u64,
    /// In how many only the first has one.
    pub vanished: u64,
    /// In how many only the second has one.
    pub appeared: u64,
    /// The mean of the first; absent without pairs.
    pub first: Option<f64>,
    /// The mean of the second.
    pub second: Option<f64>,
    /// The mean difference.
    pub difference: Option<f64>,
    /// Whether the differences are not all one number; absent with fewer than two pairs.
    pub spread: Option<bool>,
    /// The ends of its 95 % interval; absent with fewer than two pairs, and where the differences are
    /// all one number.
    pub ci95: Option<[f64; 2]>,
    /// How likely a difference at least as large is if nothing has changed; absent if that cannot
    /// be told.
    pub p: Option<f64>,
}

impl Paired {
    /// Compares `pairs`, one a replication, of one metric at one point.
    pub fn of(pairs: &[[Option<f64>; 2]]) -> Self {
        Self::judged(pairs, false)
    }

    /// Compares `pairs`, one a replication, of means over several points.
    pub fn of_means(pairs: &[[Option<f64>; 2]]) -> Self {
        Self::judged(pairs, true)
    }

    fn judged(pairs: &[[Option<f64>; 2]], means: bool) -> Self {
        let whole: Vec<[f64; 2]> = pairs
            .iter()
            .filter_map(|[a, b]| Some([(*a)?, (*b)?]))
            .collect();
        let only = |i: usize| {
            let one = |pair: &&[Option<f64>; 2]| pair[i].is_some() && pair[1 - i].is_none();
            pairs.iter().filter(one).count() as u64
        };
        let of = |i: usize| Moments::of(whole.iter().map(|pair| pair[i]));
        let (first, second) = (of(0), of(1));
        let differences = Estimate::of(whole.iter().map(|[a, b]| b - a));
        let (vanished, appeared) = (only(0), only(1));
        let steady = first.sd() == Some(0.0) && second.sd() == Some(0.0);
        let p = if whole.is_empty() {
            p_of_presence(pairs.len() as u64, vanished, appeared)
        } else {
            p_of_difference(&differences, means, steady)
        };
        Self {
            n: differences.n,
            vanished,
            appeared,
            first: first.mean(),
            second: second.mean(),
            difference: differences.mean,
            spread: differences.sd.map(|sd| sd > 0.0),
            ci95: differences.ci95,
            p,
        }
    }

    /// Whether any pair differs.
    pub fn differs(&self) -> bool {
        let alike = self.n == 0 || self.difference == Some(0.0) && self.spread != Some(true);
        !alike || self.vanished + self.appeared > 0
    }

    /// The difference as a share of the first mean; absent if that is 0.
    pub fn relative(&self) -> Option<f64> {
        let relative = self.difference? / self.first?.abs();
        relative.is_finite().then_some(relative)
    }
}

/// Student's t on the differences. Where they are all the same number, t says nothing: at one
/// point that may be a coincidence of whole numbers. Then only the sign counts (a half for each
/// replication but the first), and if neither set varies in itself, a half for each run but the
/// first. In means over several points there are no such coincidences.
fn p_of_difference(differences: &Estimate, means: bool, steady: bool) -> Option<f64> {
    let (mean, sd, n) = (differences.mean?, differences.sd?, differences.n as f64);
    // Rounding makes differences of equal fractions differ in their last digits.
    if sd > 1e-9 * mean.abs() {
        return t_two_sided(mean / (sd / n.sqrt()), n - 1.0);
    }
    Some(match (mean == 0.0, means && differences.n >= 3, steady) {
        (true, ..) => 1.0,
        (false, true, _) => 0.0,
        (false, false, true) => libm::pow(0.5, 2.0 * n - 1.0),
        (false, false, false) => libm::pow(0.5, n - 1.0),
    })
}

/// That all replications of one set have a value and none of the other has: of all ways to deal
/// the values to the two sets, two are as extreme (Fisher's exact test).
fn p_of_presence(replications: u64, vanished: u64, appeared: u64) -> Option<f64> {
    let all = vanished == replications || appeared == replications;
    if !all || replications < 2 {
        return None;
    }
    let n = replications as f64;
    let ways = (1..=replications).fold(1.0, |ways, k| ways * (n + k as f64) / k as f64);
    Some((2.0 / ways).min(1.0))
}

/// Probabilities adjusted for being many, by Holm's procedure (Scandinavian Journal of Statistics
/// 6(2), 1979): rejecting what is at most α afterwards rejects no true hypothesis with probability
/// at least 1 − α, however they depend on each other.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut least = 0.0_f64;
    for (rank, &i) in order.iter().enumerate() {
        least = least.max(p[i] * (p.len() - rank) as f64).min(1.0);
        adjusted[i] = least;
    }
    adjusted
}
