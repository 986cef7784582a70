//! Comparing two sets of runs, replication by replication.
//!
//! Where both sets have the same seed, their replications share random numbers, and the
//! differences vary far less than the values (Law, *Simulation Modeling and Analysis*, 11.2).

use super::{Estimate, Moments, t_upper};
use crate::measure::{Limit, Worse};

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
    /// The standard error of the mean difference; absent as the interval is.
    pub error: Option<f64>,
    /// How likely a difference that goes at least so far beyond the limit is if it does not go beyond
    /// (without a limit: if nothing has changed); absent if that cannot be told.
    pub p: Option<f64>,
    /// How likely a difference that keeps so far within the limit is if it goes to the limit; absent
    /// if that cannot be told.
    pub p_within: Option<f64>,
}

impl Paired {
    /// Compares `pairs`, one a replication, of one metric at one point.
    pub fn of(pairs: &[[Option<f64>; 2]], limit: &Limit) -> Self {
        Self::judged(pairs, false, limit)
    }

    /// Compares `pairs`, one a replication, of means over several points.
    pub fn of_means(pairs: &[[Option<f64>; 2]], limit: &Limit) -> Self {
        Self::judged(pairs, true, limit)
    }

    fn judged(pairs: &[[Option<f64>; 2]], means: bool, limit: &Limit) -> Self {
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
        let [p, p_within] = if whole.is_empty() {
            [p_of_presence(pairs.len() as u64, vanished, appeared), None]
        } else if is_spread(&differences) {
            p_of_limit(&whole, limit)
        } else {
            let excess = differences.mean.zip(first.mean());
            let beyond = excess.is_some_and(|(d, first)| limit.excess(d, first) > 0.0);
            p_of_one_number(&differences, means, steady, beyond)
        };
        let ci95 = differences.ci95.filter(|_| is_spread(&differences));
        let error = ci95
            .and(differences.sd)
            .map(|sd| sd / (differences.n as f64).sqrt());
        Self {
            n: differences.n,
            vanished,
            appeared,
            first: first.mean(),
            second: second.mean(),
            difference: differences.mean,
            spread: differences.sd.map(|sd| sd > 0.0),
            ci95,
            error,
            p,
            p_within,
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

/// Whether the differences are not all one number. Rounding makes differences of equal fractions
/// differ in their last digits.
fn is_spread(differences: &Estimate) -> bool {
    let spread = |(mean, sd): (f64, f64)| sd > 1e-9 * mean.abs();
    differences.mean.zip(differences.sd).is_some_and(spread)
}

/// Student's t on how far the differences go beyond the limit, replication by replication: the
/// tolerance is a share of the first value, which varies with it (so the means need not be known). In
/// either direction twice the less of both probabilities, which without a tolerance is the two-sided
/// test; that it is kept within, the greater of both (two one-sided tests: Schuirmann, Journal of
/// Pharmacokinetics and Biopharmaceutics 15(6), 1987).
fn p_of_limit(whole: &[[f64; 2]], limit: &Limit) -> [Option<f64>; 2] {
    let beyond = |sign: f64| {
        let excess = whole
            .iter()
            .map(|[a, b]| sign * (b - a) - limit.tolerance * a.abs());
        let excess = Estimate::of(excess);
        let (mean, sd, n) = (excess.mean?, excess.sd?, excess.n as f64);
        let t = if sd > 0.0 {
            mean / (sd / n.sqrt())
        } else {
            // On the limit exactly, or as far from it every time.
            mean.signum() * if mean == 0.0 { 0.0 } else { f64::MAX }
        };
        Some([t_upper(t, n - 1.0)?, t_upper(-t, n - 1.0)?])
    };
    let [p, within] = match limit.worse {
        Worse::Higher => return beyond(1.0).map_or([None; 2], |both| both.map(Some)),
        Worse::Lower => return beyond(-1.0).map_or([None; 2], |both| both.map(Some)),
        Worse::Either => match (beyond(1.0), beyond(-1.0)) {
            (Some(up), Some(down)) => [(2.0 * up[0].min(down[0])).min(1.0), up[1].max(down[1])],
            _ => return [None; 2],
        },
    };
    [Some(p), Some(within)]
}

/// Where all differences are one number, t says nothing: at one point that may be a coincidence of
/// whole numbers. Then only the sign counts (a half for each replication but the first), and if neither
/// set varies in itself, a half for each run but the first. In means over several points there are no
/// such coincidences.
fn p_of_one_number(
    differences: &Estimate,
    means: bool,
    steady: bool,
    beyond: bool,
) -> [Option<f64>; 2] {
    if differences.mean.is_none() || differences.sd.is_none() {
        return [None; 2];
    }
    let n = differences.n as f64;
    let p = match (beyond, means && differences.n >= 3, steady) {
        (false, ..) => 1.0,
        (true, true, _) => 0.0,
        (true, false, true) => libm::pow(0.5, 2.0 * n - 1.0),
        (true, false, false) => libm::pow(0.5, n - 1.0),
    };
    [Some(p), Some(if beyond { 1.0 } else { 0.0 })]
}

/// The p-value where all replications of one set have a value and none of the other has: of all ways to deal the
/// values to the two sets, two are as extreme (Fisher's exact test).
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
