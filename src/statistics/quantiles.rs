//! Quantiles of sorted values.

/// The `percent`-th percentile of `sorted` (ascending) by nearest rank: the least value such that
/// `percent` % of the values are not above it. Absent without values. Percentages above 100 count
/// as 100; the 0th is the least value.
pub fn nearest_rank<T: Copy>(sorted: &[T], percent: u32) -> Option<T> {
    let n = sorted.len() as u128;
    let rank = (n * u128::from(percent.min(100))).div_ceil(100).max(1);
    sorted.get(rank as usize - 1).copied()
}

/// The quantile of `sorted` (ascending) at the share `p` in [0, 1], linear between values: type 7
/// of Hyndman and Fan (The American Statistician 50(4), 1996), the default of R. Absent without
/// values.
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = p.clamp(0.0, 1.0) * last as f64;
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let share = place - below as f64;
    Some(sorted[below] + share * (sorted[above] - sorted[below]))
}
