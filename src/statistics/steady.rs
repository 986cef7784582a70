//! The steady state of a time series: warm-up removal by MSER-5, and the interval of the mean by
//! batch means.

use super::{Estimate, Moments};

/// How many observations MSER-5 averages before it looks.
const MSER_BATCH: usize = 5;
/// How many batches the interval is computed from: between 10 and 30, as Schmeiser advises
/// (*Batch size effects in the analysis of simulation output*, Operations Research 30(3), 1982).
const BATCHES: usize = 20;

/// How many observations of the beginning of `series` are warm-up, by MSER-5 (White, *An effective
/// truncation heuristic for bias reduction in simulation output*, Simulation 69(6), 1997): the cut
/// after which the means of five have the least squared standard error, at a multiple of five.
///
/// Absent if that cut lies beyond the middle, which says that the series is too short to tell, or
/// with fewer than two means.
pub fn mser5(series: &[f64]) -> Option<usize> {
    let means: Vec<f64> = series
        .chunks_exact(MSER_BATCH)
        .map(|batch| batch.iter().sum::<f64>() / MSER_BATCH as f64)
        .collect();
    if means.len() < 2 {
        return None;
    }
    let mut moments = Moments::default();
    let mut best = (f64::INFINITY, 0);
    for (cut, &mean) in means.iter().enumerate().rev() {
        moments.push(mean);
        let n = moments.n() as f64;
        let error = moments.squares() / (n * n);
        // Few means at the end agree by chance; of equal errors the earlier cut wastes less.
        if moments.n() >= 2 && error <= best.0 {
            best = (error, cut);
        }
    }
    (best.1 <= means.len() / 2).then_some(best.1 * MSER_BATCH)
}

/// The mean of a series in steady state, and how far it can be trusted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SteadyState {
    /// How many observations the series has.
    pub observations: usize,
    /// How many of its beginning were removed as warm-up; absent if that cannot be told, then
    /// none were.
    pub removed: Option<usize>,
    /// The mean of the batch means, so of all that was neither removed nor left over; absent
    /// without observations.
    pub mean: Option<f64>,
    /// The half width of its 95 % interval; absent with too few observations, and without variance.
    pub half_width: Option<f64>,
    /// How many batches there are.
    pub batches: usize,
    /// How many observations make a batch; those that fill none are left out at the beginning.
    pub batch_size: usize,
}

impl SteadyState {
    /// The steady state of `series`.
    pub fn of(series: &[f64]) -> Self {
        let removed = mser5(series);
        let steady = &series[removed.unwrap_or(0)..];
        let batches = BATCHES.min(steady.len());
        let batch_size = steady.len().checked_div(batches).unwrap_or(0);
        let means = batch_means(steady, batches);
        let estimate = Estimate::of(means);
        Self {
            observations: series.len(),
            removed,
            mean: estimate.mean,
            half_width: if batch_size >= 2 {
                estimate.half_width(0.95)
            } else {
                None
            },
            batches,
            batch_size,
        }
    }
}

/// The means of `batches` equally long batches of `series`, in order; what fills no batch is left
/// out at the beginning.
pub fn batch_means(series: &[f64], batches: usize) -> Vec<f64> {
    let Some(size) = series.len().checked_div(batches).filter(|&size| size > 0) else {
        return Vec::new();
    };
    let steady = &series[series.len() - batches * size..];
    steady
        .chunks_exact(size)
        .map(|batch| batch.iter().sum::<f64>() / size as f64)
        .collect()
}
